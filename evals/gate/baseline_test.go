package gate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestBaseline_IsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		b := accepted(t, runOf(t, drawRows(rt)))
		b.Accepted[0].Reason = rapid.StringMatching(`[a-z <>&"\\é日]{4,40}`).Draw(rt, "reason")
		n++
		in := filepath.Join(dir, fmt.Sprint(n))
		if err := gate.WriteBaseline(in, *b); err != nil {
			rt.Fatal(err)
		}
		got, err := gate.ReadBaseline(in, "default")
		if err != nil {
			rt.Fatal(err)
		}
		b.Answers = got.Answers
		for _, list := range [][]gate.Kept{b.Cases, got.Cases} {
			for i := range list {
				list[i].Tags = slices.Clip(append([]string{}, list[i].Tags...)) // none and an empty list are one
			}
		}
		if !reflect.DeepEqual(got, *b) {
			rt.Fatalf("%+v\n%+v", got, *b)
		}
	})
}

func TestBaseline_TwiceTheSameBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var first [2][]byte
	for i := range 2 {
		if err := gate.WriteBaseline(dir, *accepted(t, runOf(t, world(50)))); err != nil {
			t.Fatal(err)
		}
		for k, name := range []string{"default.json", "default.answers.jsonl.gz"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || i > 0 && !bytes.Equal(data, first[k]) {
				t.Errorf("%s: %v", name, err)
			}
			first[k] = data
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("%v", left)
	}
	if !bytes.Contains(first[0], []byte("\n{\"case\":\"c-0007\"")) {
		t.Error("a case is not a line")
	}
}

func TestReadBaseline_SaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	sub := func(old, new string) func([]byte) []byte {
		return func(data []byte) []byte {
			if !bytes.Contains(data, []byte(old)) {
				panic("not in the file: " + old)
			}
			return bytes.Replace(data, []byte(old), []byte(new), 1)
		}
	}
	for name, c := range map[string]struct {
		file   string // "": default.json
		change func([]byte) []byte
		want   []string
	}{
		"of another version":   {"", sub(`"format": 1`, `"format": 7`), []string{"format 1", "accept a run again"}},
		"no baseline at all":   {"", func([]byte) []byte { return []byte("[1,2]\n") }, []string{"default.json:1: ", "version control"}},
		"empty":                {"", func([]byte) []byte { return nil }, []string{"default.json:1: it ends too early"}},
		"half":                 {"", func(data []byte) []byte { half, _, _ := bytes.Cut(data, []byte(`"c-0003"`)); return half }, []string{"ends too early", "version control"}},
		"half a line":          {"", sub(`"suite":"suite-3"`, `"suite":`), []string{"default.json:", "invalid character"}},
		"two ids":              {"", sub(`"case":"c-0003"`, `"case":"c-0002"`), []string{"case c-0002 is in line"}},
		"an unknown field":     {"", sub(`"suite":"suite-3"`, `"suits":"suite-3"`), []string{`unknown field "suits"`}},
		"an unknown top field": {"", sub(`"name":`, `"mane":`), []string{`unknown field "mane"`}},
		"a field twice":        {"", sub(`"name": "default",`, `"name": "default", "name": "other",`), []string{"stands here twice"}},
		"without an id":        {"", sub(`"case":"c-0003",`, ``), []string{"needs its id"}},
		"more held than were":  {"", sub(`"action":[1,1]`, `"action":[2,1]`), []string{"2 of 1 checks of action"}},
		"of another name":      {"", sub(`"name": "default"`, `"name": "other"`), []string{`the baseline "other"`}},
		"no cases":             {"", func(data []byte) []byte { return []byte(`{"format":1,"name":"default"}`) }, []string{"has no cases"}},
		"more after its end":   {"", func(data []byte) []byte { return append(data, '{') }, []string{"more after its end"}},
		"half the answers":     {"default.answers.jsonl.gz", func(data []byte) []byte { return data[:len(data)/2] }, []string{"default.answers.jsonl.gz", "version control"}},
		"other answers":        {"", sub(`"answers_sha256": "`, `"answers_sha256": "0`), []string{"answers of another baseline"}},
		"no answers at all":    {"default.answers.jsonl.gz", func([]byte) []byte { return []byte("no gzip") }, []string{"default.answers.jsonl.gz: ", "version control"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := gate.WriteBaseline(dir, *accepted(t, runOf(t, world(8)))); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "default.json")
			if c.file != "" {
				path = filepath.Join(dir, c.file)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.change(data), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err = gate.ReadBaseline(dir, "default")
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
			}
		})
	}
}

func TestReadBaseline_LinesAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := gate.WriteBaseline(dir, *accepted(t, runOf(t, world(8)))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "default.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte(`"c-0005"`))
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	for _, broken := range []string{`"c-0004"`, `"c-0005`, `5`} {
		bad := slices.Concat(data[:at], []byte(broken), data[at+len(`"c-0005"`):])
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := gate.ReadBaseline(dir, "default"); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("default.json:%d: ", line)) {
			t.Errorf("%v, want line %d", err, line)
		}
	}
}

func TestReadBaseline_WithoutAnyOrWithoutAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := gate.ReadBaseline(dir, "default"); !errors.Is(err, gate.ErrNoBaseline) || !strings.Contains(err.Error(), "eval accept") {
		t.Error(err)
	}
	for _, name := range []string{"", "../x", "a/b", ".x", "-x", "A", strings.Repeat("a", 65)} {
		if _, err := gate.ReadBaseline(dir, name); err == nil || errors.Is(err, gate.ErrNoBaseline) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := gate.WriteBaseline(dir, *accepted(t, runOf(t, world(8)))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "default.answers.jsonl.gz")); err != nil {
		t.Fatal(err)
	}
	b, err := gate.ReadBaseline(dir, "default")
	if err != nil || b.Outputs != nil {
		t.Error(err)
	}
	if _, err := gate.RescoreBaseline(b, nil, gate.Acceptance{By: "ada", Reason: "why not"}, noon); err == nil || !strings.Contains(err.Error(), "not kept") {
		t.Error(err)
	}
}

func TestAccept_NeedsAReasonAndAWholeRun(t *testing.T) {
	t.Parallel()
	run := runOf(t, world(40))
	by := gate.Acceptance{By: "ada", Reason: "all read"}
	if _, err := gate.Accept(run, nil, "default", gate.Acceptance{By: "ada", Reason: " x "}, noon); !errors.Is(err, gate.ErrNoReason) {
		t.Error(err)
	}
	if _, err := gate.Accept(run, nil, "default", gate.Acceptance{Reason: "all read"}, noon); err == nil {
		t.Error("by nobody")
	}
	if _, err := gate.Accept(run, nil, "../../etc", by, noon); err == nil {
		t.Error("a path as a name")
	}
	broken := run
	broken.Grades = nil
	if _, err := gate.Accept(broken, nil, "default", by, noon); err == nil || !strings.Contains(err.Error(), "broken run") {
		t.Error(err)
	}
	old := run
	old.Meta.Grader = 0
	if _, err := gate.Accept(old, nil, "default", by, noon); err == nil || !strings.Contains(err.Error(), "rescore") {
		t.Error(err)
	}
	rows := world(40)
	rows[1].severity = cases.Severe
	first := accepted(t, runOf(t, rows))
	rows[1].fails, rows[0].fails = true, false
	second, err := gate.Accept(runOf(t, rows), first, "default", by, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := gate.Acceptance{At: "2026-11-22T13:00:00Z", By: "ada", Reason: "all read", Lost: 1, Gained: 1, Severe: []string{"c-0001"}}
	if len(second.Accepted) != 2 || !reflect.DeepEqual(second.Accepted[1], want) || len(first.Accepted) != 1 {
		t.Errorf("%+v", second.Accepted)
	}
}

func TestAccept_OfSomeSuitesIsNoBaselineOfAll(t *testing.T) {
	t.Parallel()
	rows := world(80)
	all := accepted(t, runOf(t, rows))
	run := runOf(t, slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.suite != "suite-2" }))
	run.Meta.Named = []string{"suite-2"}
	by := gate.Acceptance{By: "ada", Reason: "all read"}
	if _, err := gate.Accept(run, all, "default", by, noon); err == nil || !strings.Contains(err.Error(), "the suite suite-0, too: run all of them") {
		t.Error(err)
	}
	alone, err := gate.Accept(run, nil, "two", by, noon)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := gate.Accept(run, &alone, "two", by, noon); err != nil || again.Accepted[1].Gone != 0 {
		t.Errorf("a baseline of that suite alone: %v %+v", err, again.Accepted)
	}
	fewer, err := gate.Accept(runOf(t, rows[:70]), all, "default", by, noon)
	if err != nil || fewer.Accepted[1].Gone != 10 {
		t.Errorf("%v %+v", err, fewer.Accepted)
	}
}

func TestRescore_KeepsWhoAnsweredAndWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	run := runOf(t, world(8))
	run.Meta.Program, run.Meta.Named = "v1", []string{"suite-1"}
	again, err := gate.Rescore(run, run.Cases)
	if err != nil || again.Meta.Program != "v1" || !slices.Equal(again.Meta.Named, run.Meta.Named) {
		t.Errorf("%v %+v", err, again.Meta)
	}
}

func TestRescore_GradesWhatWasAskedByWhatIsExpectedNow(t *testing.T) {
	t.Parallel()
	run := runOf(t, world(40))
	base := *accepted(t, run)
	now := slices.Clone(run.Cases)
	for i := range now {
		now[i].Turns = slices.Clone(now[i].Turns)
		now[i].Turns[0].Expect = cases.Expect{Action: cases.List{"answer", "none"}}
	}
	again, err := gate.Rescore(run, now)
	if err != nil {
		t.Fatal(err)
	}
	by := gate.Acceptance{By: "ada", Reason: "a no is right too"}
	rebased, err := gate.RescoreBaseline(base, append(slices.Clone(now), row{id: "new-1", suite: "suite-1"}.asCase()), by, noon)
	if err != nil {
		t.Fatal(err)
	}
	if r := gate.Judge(again, &rebased, gate.Config{Draws: -1}); len(r.Flips) > 0 || r.Failing > 0 || r.Verdict.Exit() != 0 {
		t.Errorf("%s %s", r.Verdict, r.Why)
	}
	if len(rebased.Accepted) != 2 || !rebased.Accepted[1].Graded || rebased.Accepted[0].Graded {
		t.Errorf("%+v", rebased.Accepted)
	}
	for name, c := range map[string]struct {
		change func([]cases.Case) []cases.Case
		want   string
	}{
		"asks something else": {func(l []cases.Case) []cases.Case { l[2].Turns = []cases.Turn{{Say: "x"}}; return l }, "c-0002 asks something else"},
		"was not played": {func(l []cases.Case) []cases.Case {
			return append(l, row{id: "new-1", suite: "suite-1"}.asCase())
		}, "new-1 was not played"},
		"is not there any more": {func(l []cases.Case) []cases.Case { return l[1:] }, "c-0000 was played and is not there"},
	} {
		if _, err := gate.Rescore(run, c.change(slices.Clone(now))); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "eval run") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := gate.Rescore(run, append(slices.Clone(now), row{id: "o-1", suite: "other"}.asCase())); err != nil || len(got.Grades) != 40 {
		t.Errorf("a suite that was not run: %v", err)
	}
}

func FuzzReadBaseline(f *testing.F) {
	dir := f.TempDir()
	if err := gate.WriteBaseline(dir, *accepted(f, runOf(f, world(3)))); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "default.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(`{"format":1,"name":"default","cases":[{"case":"a","suite":"s","asked":"1","expects":"2"}]}`))
	f.Add([]byte(`{"format":1,"cases":[{}]}{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "default.json"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		b, err := gate.ReadBaseline(dir, "default")
		if err != nil {
			if !strings.Contains(err.Error(), "default.json") {
				t.Errorf("%v names no file", err)
			}
			return
		}
		if len(b.Cases) == 0 {
			t.Error("a baseline without cases")
		}
		// What was read can be judged against and written again.
		gate.Judge(runOf(t, world(3)), &b, gate.Config{Draws: -1})
		if err := gate.WriteBaseline(dir, b); err != nil {
			t.Error(err)
		}
		if _, err := gate.ReadBaseline(dir, "default"); err != nil {
			t.Error(err)
		}
	})
}

func FuzzReadAnswers(f *testing.F) {
	f.Add([]byte(`{"case":"a","replies":[{"action":"answer"}]}` + "\n"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := gate.WriteBaseline(dir, *accepted(t, runOf(t, world(3)))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "default.answers.jsonl.gz"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := gate.ReadBaseline(dir, "default"); err == nil {
			t.Error("these are not its answers")
		}
	})
}

// Ten thousand answers, read and graded again, have to take less than ten
// seconds.
func BenchmarkRescore(b *testing.B) {
	run := runOf(b, world(10_000))
	for i := range run.Outputs { // as long as answers are
		run.Outputs[i].Replies = append(run.Outputs[i].Replies, grade.Reply{Action: "answer", Text: strings.Repeat("A sentence of an answer. ", 40), Hits: slices.Repeat([]string{"an-article"}, 10)})
	}
	for b.Loop() {
		if _, err := gate.Rescore(run, run.Cases); err != nil {
			b.Fatal(err)
		}
	}
}
