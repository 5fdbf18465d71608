package cases_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"frontdesk/evals/cases"
	"frontdesk/retrieval/sources"
)

func TestRead_BothFormats(t *testing.T) {
	t.Parallel()
	list, err := cases.Read(t.Context(), fstest.MapFS{
		"a/one.yaml": {Data: []byte("suite: answers\nwriter: x\ncases:\n  - id: a-1\n    turns:\n      - say: \"How long?\"\n        expect: {action: answer, facts: [\"30 days\"]}\n")},
		"b.jsonl":    {Data: []byte(`{"id":"b-1","suite":"own","severity":"severe","turns":[{"press":"choice:2","expect":{"handoff":"must"}}]}` + "\n\n")},
		"c.YML":      {Data: []byte("suite: more\ncases:\n  - {id: c-1, turns: [{say: x, expect: {missing: true}}]}\n")},
		"README.md":  {Data: []byte("not a case")},
		".git/x.yml": {Data: []byte("not: a case")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 || list[2].ID != "c-1" || list[0].ID != "a-1" || list[0].Suite != "answers" || list[0].Writer != "x" || list[0].Severity != cases.Normal || list[0].Line != 4 || !list[0].Turns[0].Expect.Action.Has("answer") {
		t.Errorf("%+v", list)
	}
	if n, ok := list[1].Turns[0].Choice(); !ok || n != 2 || list[1].File != "b.jsonl" || list[1].Line != 1 {
		t.Errorf("%+v", list[1])
	}
	if got := strings.Join(cases.Suites(list), " "); got != "answers more own" {
		t.Error(got)
	}
}

func TestRead_SaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	const head = "suite: s\ncases:\n"
	one := func(turn string) string { return head + "  - id: x\n    turns:\n      - " + turn + "\n" }
	for name, c := range map[string]struct{ file, data, want string }{
		"broken YAML":                 {"a.yaml", "suite: s\ncases: [\n\n", "a.yaml:3: broken YAML"},
		"a quote that is not closed":  {"a.yaml", one("{say: \"a, expect: {missing: true}}"), "stands in quotes"},
		"an unknown field of a file":  {"a.yaml", "# cases\nsuit: s\n", "a.yaml:2: broken YAML: field suit not found;"},
		"an unknown field of a case":  {"a.yaml", head + "  - id: x\n    trun: 1\n", "a.yaml:4: field trun not found; `frontdesk eval new`"},
		"an unknown expectation":      {"a.yaml", one("# a word\n        say: a\n\n        expect:\n          actoin: answer"), "a.yaml:9: field actoin not found"},
		"a list where a text belongs": {"a.yaml", one("say: [a, b]"), "a.yaml:5: cannot unmarshal"},
		"nothing but blanks is said":  {"a.yaml", one(`{say: " \t", expect: {missing: true}}`), "not only blanks"},
		"what no database keeps":      {"a.yaml", one(`{say: "a\0b", expect: {missing: true}}`), "no character 0"},
		"no cases":                    {"a.yaml", "suite: s\n", "has no cases"},
		"two documents":               {"a.yaml", one("{say: a, expect: {missing: true}}") + "---\nx: 1\n", "second document"},
		"no expectation":              {"a.yaml", one("{say: a}"), "expects nothing"},
		"latency alone is none":       {"a.yaml", one("{say: a, expect: {latency: instant}}"), "expects nothing"},
		"a cost below nothing":        {"a.yaml", one("{say: a, expect: {cost: {trips: -1}}}"), "a.yaml:3: case x: turn 1: cost is {searches: N, trips: N}, at least one"},
		"a cost of nothing":           {"a.yaml", one("{say: a, expect: {missing: true, cost: {}}}"), "cost is {searches: N, trips: N}"},
		"a cost in money":             {"a.yaml", one("{say: a, expect: {cost: {euros: 1}}}"), "field euros not found"},
		"neither say nor press":       {"a.yaml", one("{expect: {missing: true}}"), "either say or press"},
		"both say and press":          {"a.yaml", one("{say: a, press: human, expect: {missing: true}}"), "either say or press"},
		"a press that there is not":   {"a.yaml", one("{press: 'choice:0', expect: {missing: true}}"), "choice:N"},
		"an action that there is not": {"a.yaml", one("{say: a, expect: {action: reply}}"), `not "reply"`},
		"a desk that there is not":    {"a.yaml", one("{say: a, expect: {desk: [service, sales]}}"), `not "sales"`},
		"a reason that there is not":  {"a.yaml", one("{say: a, expect: {reason: bored}}"), `not "bored"`},
		"by a turn it has not":        {"a.yaml", one("{say: a, expect: {handoff: 'by:2'}}"), "by:2"},
		"wants and forbids":           {"a.yaml", one("{say: a, expect: {facts: ['30 days'], forbid: ['30']}}"), "forbids"},
		"must and another action":     {"a.yaml", one("{say: a, expect: {handoff: must, action: answer}}"), "must hand off"},
		"must not and only that":      {"a.yaml", one("{say: a, expect: {handoff: must_not, action: handoff}}"), "must not"},
		"missing and only answered":   {"a.yaml", one("{say: a, expect: {missing: true, action: answer}}"), "no answer"},
		"first and not among them":    {"a.yaml", one("{say: a, expect: {top: a, articles: b}}"), "not among its articles"},
		"an empty entry":              {"a.yaml", one("{say: a, expect: {facts: ['']}}"), "empty entry"},
		"no suite":                    {"a.yaml", "cases:\n  - id: x\n    turns: [{say: a, expect: {missing: true}}]\n", "needs a suite"},
		"an id with a blank":          {"a.yaml", head + "  - id: a b\n    turns: [{say: a, expect: {missing: true}}]\n", "needs an id"},
		"a severity that there is not": {
			"a.yaml", head + "  - id: x\n    severity: awful\n    turns: [{say: a, expect: {missing: true}}]\n", "severity",
		},
		"one id twice": {
			"a.yaml", head + "  - {id: x, turns: [{say: a, expect: {missing: true}}]}\n  - {id: x, turns: [{say: b, expect: {missing: true}}]}\n", "a.yaml:4: case x: this id is taken by a.yaml:3",
		},
		"a line cut in half":         {"a.jsonl", "{\"id\":\"x\",\"suite\":\"s\",\"tur", "a.jsonl:1: "},
		"an unknown field of a line": {"a.jsonl", `{"id":"x","suite":"s","turn":[]}`, `unknown field "turn"`},
		"two cases in a line": {
			"a.jsonl", `{"id":"x","suite":"s","turns":[{"say":"a","expect":{"missing":true}}]} {"id":"y","suite":"s","turns":[{"say":"b","expect":{"missing":true}}]}`, "a.jsonl:1: there is more behind the case",
		},
		"a field twice in a line": {
			"a.jsonl", "\n" + `{"id":"x","suite":"s","turns":[{"say":"a","expect":{"action":"answer"},"expect":{"missing":true}}]}`, `a.jsonl:2: the field "expect" stands there twice`,
		},
		"a tree of references": {
			"a.yaml", "suite: s\ncases: [&a {id: x, turns: [{say: a, expect: {facts: [" + strings.Repeat("b,", 100) + "]}}]}" + strings.Repeat(", *a", 20) + "]\n", "write it out",
		},
		"nothing to read": {"a.txt", "", "there are no cases"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cases.Read(t.Context(), fstest.MapFS{c.file: {Data: []byte(c.data)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestLint_FindsWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	knowledge := []cases.Article{{ID: "returns", Public: true, Text: "Within 30 days."}, {ID: "notes", Text: "For agents."}}
	turn := func(say string, e cases.Expect) []cases.Turn { return []cases.Turn{{Say: say, Expect: e}} }
	found := cases.Lint([]cases.Case{
		{ID: "fine", Turns: turn("How long?", cases.Expect{Articles: cases.List{"returns"}, Facts: cases.List{"30 days"}})},
		{ID: "gone", Turns: turn("x", cases.Expect{Articles: cases.List{"away"}})},
		{ID: "secret", Turns: turn("y", cases.Expect{Top: cases.List{"notes"}})},
		{ID: "fact", Turns: turn("z", cases.Expect{Articles: cases.List{"returns"}, Facts: cases.List{"31 days"}})},
		{ID: "again", Turns: turn("how LONG", cases.Expect{Missing: true})},
		{ID: "against", Turns: turn("how long!!", cases.Expect{Handoff: cases.Must, Top: cases.List{"other"}})},
		{ID: "free", Turns: turn("w", cases.Expect{Facts: cases.List{"anything"}})},
	}, append(knowledge, cases.Article{ID: "other", Public: true}))
	var got []string
	for _, f := range found {
		got = append(got, f.Case+": "+f.Text)
	}
	want := []string{"gone: turn 1: there is no", "secret: turn 1: article notes is for agents", "fact: turn 1: the fact", "again: says the same as fine", "against: says the same as fine"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q…", got[i], want[i])
		}
	}
}

func TestUnjudged_NamesTurnsOfWhichNothingMayBeJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		e    cases.Expect
		want bool
	}{
		"articles alone":             {cases.Expect{Articles: cases.List{"a"}, Facts: cases.List{"f"}}, true},
		"a packet alone":             {cases.Expect{Packet: map[string]string{"order": "1"}}, true},
		"articles and an action":     {cases.Expect{Articles: cases.List{"a"}, Action: cases.List{"answer"}}, false},
		"a packet and a handoff":     {cases.Expect{Packet: map[string]string{"order": "1"}, Handoff: cases.Must}, false},
		"what is judged in any case": {cases.Expect{Forbid: cases.List{"x"}}, false},
		"nothing is expected":        {cases.Expect{}, false},
	} {
		if got := c.e.Unjudged(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestShipped holds the repository's own cases against the demo shop.
func TestShipped(t *testing.T) {
	t.Parallel()
	list, err := cases.Read(t.Context(), os.DirFS("../suites/shop"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cases.Lint(list, shop(t.Context(), t)) {
		t.Error(f)
	}
}

func shop(ctx context.Context, t *testing.T) []cases.Article {
	t.Helper()
	found, err := sources.Walk(ctx, []string{filepath.Join("..", "shop", "knowledge")}, sources.Options{})
	if err != nil || len(found.Problems) > 0 {
		t.Fatal(err, found.Problems)
	}
	var out []cases.Article
	for _, a := range found.Articles {
		out = append(out, cases.Article{ID: a.ID, Public: a.Audience == 0, Text: a.Title + "\n" + a.Body})
	}
	return out
}

func FuzzRead(f *testing.F) {
	f.Add("a.yaml", "suite: s\ncases:\n  - {id: x, turns: [{say: a, expect: {missing: true}}]}\n")
	f.Add("a.jsonl", `{"id":"x","suite":"s","turns":[{"press":"human","expect":{"handoff":"must"}}]}`)
	f.Fuzz(func(t *testing.T, name, data string) {
		if name != "a.jsonl" {
			name = "a.yaml"
		}
		list, err := cases.Read(t.Context(), fstest.MapFS{name: {Data: []byte(data)}})
		if err == nil && len(list) == 0 {
			t.Error("neither cases nor an error")
		}
	})
}

// A file's classes of latency are those of every turn that has none of its own.
func TestRead_LatencyOfAFile(t *testing.T) {
	t.Parallel()
	const body = "cases:\n  - id: a\n    turns:\n      - {say: x, expect: {handoff: must_not}}\n      - {press: 'choice:1'}\n      - {press: human, expect: {handoff: must}}\n      - {say: y, expect: {latency: instant}}\n      - {press: closed}\n"
	read := func(head string) (list []cases.Case, err error) {
		return cases.Read(t.Context(), fstest.MapFS{"a.yaml": {Data: []byte("suite: s\n" + head + body)}})
	}
	list, err := read("latency: {say: normal, press: instant}\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, turn := range list[0].Turns {
		got = append(got, turn.Expect.Latency)
	}
	if want := []string{"normal", "normal", "instant", "instant", ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if list, err = read("latency: {press: instant}\n"); err != nil || list[0].Turns[0].Expect.Latency != "" || list[0].Turns[2].Expect.Latency != "instant" {
		t.Errorf("%v %+v", err, list)
	}
	for _, head := range []string{"latency: normal\n", "latency: {say: slow}\n", "latency: {saying: normal}\n", "latency: [normal]\n"} {
		if _, err := read(head); err == nil || !strings.Contains(err.Error(), "a.yaml:2: latency of a file is {say: normal, press: instant}") {
			t.Errorf("%q: %v", head, err)
		}
	}
}
