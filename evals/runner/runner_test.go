package runner_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// played answers with its own name and fails at a case.
type played struct{ name, failsAt string }

func (p played) Play(_ context.Context, c cases.Case) (grade.Output, []runner.Took, error) {
	if c.ID == p.failsAt {
		return grade.Output{}, nil, errors.New("the database went away")
	}
	return grade.Output{Replies: []grade.Reply{{Action: "answer", Text: p.name}}}, []runner.Took{{Time: 1500 * time.Microsecond, Cost: runner.Cost{Searches: 1}}}, nil
}

func some(n int) []cases.Case {
	var list []cases.Case
	for i := range n {
		list = append(list, cases.Case{ID: fmt.Sprintf("c-%d", i), Suite: "s", File: "a.yaml", Line: i + 3, Turns: []cases.Turn{{Say: "x", Expect: cases.Expect{Action: cases.List{"answer"}}}}})
	}
	return list
}

func TestRun_DealsByPlaceAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	last := 0
	got, err := runner.Run(t.Context(), []runner.Player{played{name: "a"}, played{name: "b"}}, some(7), func(n int) { last = max(last, n) })
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range got.Outputs {
		if o.Case != fmt.Sprintf("c-%d", i) || o.Replies[0].Text != string("ab"[i%2]) || got.Timings[i].Millis[0] != 1.5 {
			t.Errorf("%d: %+v %+v", i, o, got.Timings[i])
		}
	}
	if last != 7 {
		t.Errorf("%d told", last)
	}
}

func TestRun_EndsWithTheCaseThatFails(t *testing.T) {
	t.Parallel()
	_, err := runner.Run(t.Context(), []runner.Player{played{failsAt: "c-3"}}, some(5), nil)
	if err == nil || !strings.Contains(err.Error(), "case c-3 (a.yaml:6): the database went away") {
		t.Error(err)
	}
	if _, err := runner.Run(t.Context(), []runner.Player{played{}}, nil, nil); err == nil {
		t.Error("no cases and no error")
	}
}

func folder(t *testing.T, n int) runner.Folder {
	t.Helper()
	list := some(n)
	got, err := runner.Run(t.Context(), []runner.Player{played{name: "<a & b>"}}, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	grades, err := runner.Grade(list, got.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := runner.NewMeta("default", map[string]string{"ranking": "1"}, list)
	if err != nil {
		t.Fatal(err)
	}
	return runner.Folder{Meta: meta, Cases: list, Outputs: got.Outputs, Grades: grades, Timings: got.Timings}
}

func TestFolder_IsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "runs", "one")
	f := folder(t, 3)
	for range 2 { // a second one takes the first one's place
		if err := runner.Write(dir, f); err != nil {
			t.Fatal(err)
		}
	}
	got, err := runner.Read(dir)
	if err != nil || fmt.Sprint(got.Outputs, got.Grades, got.Timings, got.Meta) != fmt.Sprint(f.Outputs, f.Grades, f.Timings, f.Meta) {
		t.Errorf("%v\n%+v\n%+v", err, got, f)
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
}

func TestFolder_OneThatWasCutShortIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cut  func(dir string) error
		want string
	}{
		"without its description": {func(dir string) error { return os.Remove(filepath.Join(dir, "meta.json")) }, "no run"},
		"half a description":      {func(dir string) error { return os.Truncate(filepath.Join(dir, "meta.json"), 20) }, "run it again"},
		"without its times":       {func(dir string) error { return os.Remove(filepath.Join(dir, "timing.json")) }, "timing.json is not there: a run has all its files; run it again"},
		"half a line":             {func(dir string) error { return os.Truncate(filepath.Join(dir, "outputs.jsonl"), 20) }, "outputs.jsonl:1: "},
		"without its last lines":  {func(dir string) error { return os.Truncate(filepath.Join(dir, "outputs.jsonl"), 0) }, "cut short"},
		"of another format": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "meta.json"), []byte(`{"format":9}`), 0o644)
		}, "format 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "run")
			if err := errors.Join(runner.Write(dir, folder(t, 3)), c.cut(dir)); err != nil {
				t.Fatal(err)
			}
			if _, err := runner.Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestGrade_OfACaseThatWasNotPlayed(t *testing.T) {
	t.Parallel()
	if _, err := runner.Grade(some(2), nil); err == nil || !strings.Contains(err.Error(), "c-0 was not played") {
		t.Error(err)
	}
}

// What a run would take the place of is a run: nobody's cases or home go because
// of a slip in --out.
func TestWrite_TakesThePlaceOfARunAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there map[string]string
		want  string // in the error; empty: there is none
	}{
		"nothing":               {nil, ""},
		"a run":                 {map[string]string{"meta.json": "{}", "report.html": "x", "stages.jsonl": "x", "selftest.md": "x"}, ""},
		"a team's cases":        {map[string]string{"cases/returns.yaml": "suite: x"}, "holds cases"},
		"a run and a letter":    {map[string]string{"meta.json": "{}", "notes.txt": "mine"}, "holds notes.txt"},
		"a folder like a file":  {map[string]string{"meta.json/x": "mine"}, "holds meta.json"},
		"a repository":          {map[string]string{".git/HEAD": "ref"}, "holds .git"},
		"reports of no run":     {map[string]string{"report.html": "x"}, ""},
		"something of some way": {map[string]string{"run.tar.gz": "x"}, "--out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out")
			for file, text := range c.there {
				path := filepath.Join(dir, file)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			err := runner.Write(dir, folder(t, 2))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, runner.ErrNotARun) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			for file, text := range c.there {
				if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != text {
					t.Errorf("%s is gone: %v", file, err)
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runner.Write(file, folder(t, 2)); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Error(err)
	}
}

func TestTimesOf_SaysHowFastAndForWhom(t *testing.T) {
	t.Parallel()
	list := some(3)
	list[0].Turns[0].Expect.Latency = cases.Instant
	list[1].Turns[0].Expect.Latency = cases.NormalTime
	list[2].Turns = append(list[2].Turns, cases.Turn{Say: "y", Expect: cases.Expect{Latency: cases.Instant}}) // never reached
	got, err := runner.Run(t.Context(), []runner.Player{played{}}, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	got.Timings[1].Millis[0] = 1280
	got.Timings[1].Classes[0].Within = false
	times := runner.TimesOf(got.Timings)
	if want := (runner.Spread{Turns: 3, P50: 1.5, P95: 1280, Max: 1280}); times.All != want {
		t.Errorf("%+v", times.All)
	}
	if len(times.Classes) != 2 || times.Classes[0].Class != cases.Instant || times.Classes[0].Turns != 1 || times.Classes[0].Allowed != 100 || len(times.Classes[0].Late) != 0 {
		t.Errorf("%+v", times.Classes)
	}
	if never := times.Classes[0].Never; len(never) != 1 || never[0] != (runner.LateTurn{Case: "c-2", Turn: 2}) {
		t.Errorf("a turn that was not reached: %+v", never)
	}
	if late := times.Classes[1].Late; len(late) != 1 || late[0] != (runner.LateTurn{Case: "c-1", Turn: 1, Millis: 1280}) {
		t.Errorf("a turn that was slow: %+v", late)
	}
	if s := times.Suites; len(s) != 1 || s[0].Suite != "s" || s[0].Cases != 3 || s[0].Cost != (runner.Cost{Searches: 3}) || len(s[0].Dearest) != 3 || s[0].Slowest[0] != (runner.LateTurn{Case: "c-1", Turn: 1, Millis: 1280}) {
		t.Errorf("%+v", s)
	}
	if empty := runner.TimesOf(nil); empty.All != (runner.Spread{}) || len(empty.Suites) > 0 {
		t.Errorf("%+v", empty)
	}
}

// The times end with what they come to, and are read again without it.
func TestFolder_TimesEndWithTheirSum(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	f := folder(t, 3)
	if err := runner.Write(dir, f); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "timing.json"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[3], `{"summary":{"all":{"turns":3,"p50":1.5`) || !strings.Contains(lines[0], `"cost":[{"searches":1}]`) {
		t.Errorf("%s", text)
	}
	if got, err := runner.Read(dir); err != nil || len(got.Timings) != 3 {
		t.Errorf("%v %+v", err, got.Timings)
	}
}
