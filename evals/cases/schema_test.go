package cases_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"frontdesk/evals/cases"
)

func schema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(cases.Schema()))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("cases.json", doc); err != nil {
		tb.Fatal(err)
	}
	s, err := c.Compile("cases.json")
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// accepts holds a YAML file against the schema, as an editor does.
func accepts(tb testing.TB, s *jsonschema.Schema, data []byte) error {
	tb.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

func read(t *testing.T, data []byte) error {
	t.Helper()
	_, err := cases.Read(t.Context(), fstest.MapFS{"a.yaml": {Data: data}})
	return err
}

func TestSchema_AcceptsTheShippedCases(t *testing.T) {
	t.Parallel()
	s := schema(t)
	shop := os.DirFS("../suites/shop")
	n := 0
	err := fs.WalkDir(shop, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		n++
		data, err := fs.ReadFile(shop, name)
		if err != nil {
			return err
		}
		if err := accepts(t, s, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || n < 10 {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestExample_IsACase(t *testing.T) {
	t.Parallel()
	text := []byte(strings.NewReplacer("SUITE", "returns", "NAME", "mine").Replace(cases.Example()))
	if err := accepts(t, schema(t), text); err != nil {
		t.Error(err)
	}
	list, err := cases.Read(t.Context(), fstest.MapFS{"mine.yaml": {Data: text}})
	if err != nil || len(list) != 1 || list[0].Suite != "returns" || list[0].ID != "mine-001" {
		t.Errorf("%v %+v", err, list)
	}
	// What is only explained has to be right as well.
	all := regexp.MustCompile(`(?m)^( {10})# (\w+: )`).ReplaceAllString(string(text), "$1$2")
	all = strings.Replace(all, "missing: true ", "missing: false ", 1) // beside an answer it is a contradiction
	if !strings.Contains(all, "\n          queue: service") {
		t.Fatal("nothing was uncommented")
	}
	if err := accepts(t, schema(t), []byte(all)); err != nil {
		t.Error(err)
	}
	if err := read(t, []byte(all)); err != nil {
		t.Error(err)
	}
}

func TestSchema_RefusesWhatReadRefuses(t *testing.T) {
	t.Parallel()
	const head = "suite: s\ncases:\n"
	one := func(turn string) string { return head + "  - id: x\n    turns:\n      - " + turn + "\n" }
	s := schema(t)
	for name, data := range map[string]string{
		"an unknown field of a file":   "suit: s\n",
		"an unknown field of a case":   head + "  - id: x\n    trun: 1\n",
		"an unknown field of a turn":   one("{say: a, expcet: {missing: true}}"),
		"an unknown expectation":       one("{say: a, expect: {actoin: answer}}"),
		"no cases":                     "suite: s\n",
		"an empty list of cases":       "suite: s\ncases: []\n",
		"no id":                        head + "  - turns: [{say: a, expect: {missing: true}}]\n",
		"no turns":                     head + "  - id: x\n    turns: []\n",
		"too many turns":               head + "  - id: x\n    turns: [" + strings.Repeat("{say: a, expect: {missing: true}},", 51) + "]\n",
		"no expectation":               one("{say: a}"),
		"an empty expectation":         one("{say: a, expect: {}}"),
		"an expectation of no entries": one("{say: a, expect: {facts: []}}"),
		"missing that is not":          one("{say: a, expect: {missing: false}}"),
		"latency alone is none":        one("{say: a, expect: {latency: instant}}"),
		"a latency that there is not":  one("{say: a, expect: {missing: true, latency: slow}}"),
		"neither say nor press":        one("{expect: {missing: true}}"),
		"both say and press":           one("{say: a, press: human, expect: {missing: true}}"),
		"blanks and press":             one("{say: ' ', press: human, expect: {missing: true}}"),
		"a press that there is not":    one("{press: 'choice:0', expect: {missing: true}}"),
		"an action that there is not":  one("{say: a, expect: {action: reply}}"),
		"a desk that there is not":     one("{say: a, expect: {desk: [service, sales]}}"),
		"a reason that there is not":   one("{say: a, expect: {reason: bored}}"),
		"a handoff that there is not":  one("{say: a, expect: {handoff: 'by:0'}}"),
		"an empty entry":               one("{say: a, expect: {facts: ['']}}"),
		"a file's latency alone":       "latency: normal\n" + one("{say: a, expect: {missing: true}}"),
		"a file's latency, a slip":     "latency: {saying: normal}\n" + one("{say: a, expect: {missing: true}}"),
		"a file's latency, unknown":    "latency: {say: slow}\n" + one("{say: a, expect: {missing: true}}"),
		"no suite":                     "cases:\n  - id: x\n    turns: [{say: a, expect: {missing: true}}]\n",
		"an id with a blank":           head + "  - id: a b\n    turns: [{say: a, expect: {missing: true}}]\n",
		"a severity that there is not": head + "  - id: x\n    severity: awful\n    turns: [{say: a, expect: {missing: true}}]\n",
		"a list where a text belongs":  one("{say: [a], expect: {missing: true}}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := read(t, []byte(data)); err == nil {
				t.Error("Read takes it")
			}
			if err := accepts(t, s, []byte(data)); err == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

// beyond is what Read refuses for what one field says of another, or one case of
// another: no schema of a file can tell.
func beyond(err error) bool {
	for line := range strings.Lines(err.Error()) {
		ok := false
		for _, s := range []string{"with a turn of the case", "and forbids", "not among its articles", "must hand off", "must not hand off", "its only action is to answer", "is taken by"} {
			ok = ok || strings.Contains(line, s)
		}
		if !ok {
			return false
		}
	}
	return true
}

// Whatever is put together of what cases are made of: the schema takes what Read
// takes, and refuses what it refuses but for what is beyond it.
func TestSchema_AgreesWithRead(t *testing.T) {
	t.Parallel()
	s := schema(t)
	pick := func(t *rapid.T, label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	list := func(t *rapid.T, label string, of ...string) any {
		if rapid.Bool().Draw(t, label+" alone") {
			return pick(t, label, of...)
		}
		return rapid.SliceOfN(rapid.SampledFrom(of), 0, 3).Draw(t, label)
	}
	rapid.Check(t, func(rt *rapid.T) {
		some := func(m map[string]any, name string, value func() any) {
			if rapid.IntRange(0, 3).Draw(rt, name+"?") == 0 {
				m[name] = value()
			}
		}
		var all []any
		for range rapid.IntRange(0, 2).Draw(rt, "cases") {
			c := map[string]any{}
			if rapid.IntRange(0, 9).Draw(rt, "id?") > 0 {
				c["id"] = pick(rt, "id", "a", "b", "c", "d-1", "e f", "", "g/h")
			}
			some(c, "suite", func() any { return pick(rt, "suite", "s", "t") })
			some(c, "severity", func() any { return pick(rt, "severity", "low", "normal", "severe", "awful") })
			some(c, "tags", func() any { return []string{"x", ""} })
			some(c, "note", func() any { return 12 })
			turns := []any{}
			for range rapid.IntRange(0, 3).Draw(rt, "turns") {
				turn, e := map[string]any{}, map[string]any{}
				if rapid.IntRange(0, 4).Draw(rt, "says") > 0 {
					turn["say"] = pick(rt, "say", "hello", "12", "", " \t\n", "a\x00b", " a\nb ")
				}
				some(turn, "press", func() any {
					return pick(rt, "press", "human", "helped", "not_quite", "closed", "choice:1", "choice:02", "choice:+3", "choice:0", "choice:-1", "choice:x", "choice")
				})
				some(e, "action", func() any { return list(rt, "action", "answer", "handoff", "relay", "none", "reply", "") })
				some(e, "desk", func() any { return list(rt, "desk", "service", "none", "sales") })
				some(e, "topic", func() any { return list(rt, "topic", "returns", "") })
				some(e, "articles", func() any { return list(rt, "articles", "a", "b") })
				some(e, "top", func() any { return list(rt, "top", "a", "c") })
				some(e, "facts", func() any { return list(rt, "facts", "30 days", "x", "") })
				some(e, "forbid", func() any { return list(rt, "forbid", "30", "y") })
				some(e, "reason", func() any { return list(rt, "reason", "asked", "bored") })
				some(e, "queue", func() any { return list(rt, "queue", "service") })
				some(e, "packet", func() any {
					return rapid.SampledFrom([]map[string]any{{}, {"order": "1"}, {"order": 1}}).Draw(rt, "packet")
				})
				some(e, "missing", func() any { return rapid.Bool().Draw(rt, "missing") })
				some(e, "handoff", func() any { return pick(rt, "handoff", "must", "must_not", "by:1", "by:9", "by:0", "by:x", "soon") })
				some(e, "cost", func() any {
					return rapid.SampledFrom([]map[string]any{{}, {"searches": 0}, {"trips": 3}, {"searches": 1, "trips": -1}, {"trips": 1001}, {"trips": 1.5}, {"euros": 1}, {"trips": nil}}).Draw(rt, "cost")
				})
				some(e, "latency", func() any { return pick(rt, "latency", "instant", "slow") })
				if rapid.IntRange(0, 4).Draw(rt, "expects") > 0 {
					turn["expect"] = e
				}
				turns = append(turns, turn)
			}
			c["turns"] = turns
			all = append(all, c)
		}
		file := map[string]any{"cases": all}
		some(file, "suite", func() any { return "s" })
		data, err := yaml.Marshal(file)
		if err != nil {
			rt.Fatal(err)
		}
		wrong, odd := read(t, data), accepts(t, s, data)
		if wrong == nil && odd != nil {
			rt.Fatalf("Read takes what the schema does not: %v\n%s", odd, data)
		}
		if wrong != nil && odd == nil && !beyond(wrong) {
			rt.Fatalf("the schema takes what Read does not: %v\n%s", wrong, data)
		}
	})
}
