package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// gateHome is a folder with cases, a run of them, and a place for baselines.
type gateHome struct {
	t               *testing.T
	dir             string
	cases, run, out string
}

func newGateHome(t *testing.T) gateHome {
	t.Helper()
	dir := t.TempDir()
	return gateHome{t: t, dir: dir, cases: filepath.Join(dir, "cases"), run: filepath.Join(dir, "run"), out: filepath.Join(dir, "baselines")}
}

func (h gateHome) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// play writes a run of n cases of which the named ones fail.
func (h gateHome) play(n int, fails ...int) {
	h.t.Helper()
	var text strings.Builder
	text.WriteString("suite: returns\ncases:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {id: r-%03d, turns: [{say: \"question %d\", expect: {action: answer}}]}\n", i, i)
	}
	h.write("cases/returns.yaml", text.String())
	list, err := cases.Read(h.t.Context(), os.DirFS(h.cases))
	if err != nil {
		h.t.Fatal(err)
	}
	f := runner.Folder{Cases: list}
	for i, c := range list {
		action := "answer"
		if slices.Contains(fails, i) {
			action = "none"
		}
		f.Outputs = append(f.Outputs, grade.Output{Case: c.ID, Suite: c.Suite, Replies: []grade.Reply{{Action: action, Text: "so it is"}}})
	}
	if f.Grades, err = runner.Grade(list, f.Outputs); err != nil {
		h.t.Fatal(err)
	}
	if f.Meta, err = runner.NewMeta("default", map[string]string{"knowledge": "k"}, list); err != nil {
		h.t.Fatal(err)
	}
	if err := runner.Write(h.run, f); err != nil {
		h.t.Fatal(err)
	}
}

func (h gateHome) command(want int, args ...string) (out string) {
	h.t.Helper()
	status, stdout, stderr := cli(h.t, map[string]string{"FRONTDESK_HOME": h.dir, "USER": "ada"}, "", append([]string{"eval"}, args...)...)
	if status != want {
		h.t.Errorf("%v: exit %d, want %d\n%s%s", args, status, want, stdout, stderr)
	}
	return stdout + stderr
}

func (h gateHome) rescore(want int, more ...string) string {
	h.t.Helper()
	return h.command(want, append([]string{"rescore", h.run, "--baselines", h.out}, more...)...)
}

func TestEvalGate_AcceptThenJudge(t *testing.T) {
	t.Parallel()
	h := newGateHome(t)
	h.play(60)
	contains(t, "without a baseline", h.rescore(0), "Not compared", "returns", "60 cases graded again in ")
	contains(t, "a named one that is not there", h.rescore(1, "--baseline", "default"), "there is no baseline", "eval accept")
	contains(t, "without a reason", h.command(1, "accept", h.run, "--as", "default", "--baselines", h.out), "--reason")
	contains(t, "accepted", h.command(0, "accept", h.run, "--as", "default", "--reason", "all read", "--baselines", h.out), "60 cases, accepted by ada")
	contains(t, "the same again", h.rescore(0), "Pass: no case changed")
	h.play(60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	contains(t, "worse", h.rescore(2), "Fail: suite returns is worse by 20.0 points", "newly failing:", "r-001", "report.html")
	h.play(60, 1)
	contains(t, "one", h.rescore(0), "no more than chance")
	contains(t, "one, strictly", h.rescore(2, "--strict"), "Fail: ")
	h.play(59)
	contains(t, "a case is gone", h.rescore(1), "Broken: 1 case of baseline default not run", "to do: put them back")
	contains(t, "accepted without it", h.command(0, "accept", h.run, "--as", "default", "--reason", "r-059 was wrong", "--baselines", h.out), "59 cases")
	contains(t, "and then", h.rescore(0), "Pass: no case changed")
	for _, name := range []string{"report.html", "report.md", "junit.xml", "results.jsonl", "verdict.json"} {
		if !exists(filepath.Join(h.run, name)) {
			t.Errorf("no %s", name)
		}
	}
}

func TestEvalGate_WhatIsExpectedChanges(t *testing.T) {
	t.Parallel()
	h := newGateHome(t)
	h.play(60, 1)
	h.command(0, "accept", h.run, "--as", "default", "--reason", "all read", "--baselines", h.out)
	text, err := os.ReadFile(filepath.Join(h.cases, "returns.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	h.write("cases/returns.yaml", strings.ReplaceAll(string(text), "action: answer", "action: [answer, none]"))
	contains(t, "the run alone", h.rescore(1, "--cases", h.cases), "Not comparable: what is expected is something else", "rescore --as default")
	contains(t, "the baseline", h.command(0, "rescore", "--as", "default", "--cases", h.cases, "--baselines", h.out, "--reason", "a no is right too"), "60 of 60 cases pass", "60 cases graded again in ")
	contains(t, "both", h.rescore(0, "--cases", h.cases), "Pass: no case changed; 60 of 60")
	h.write("cases/returns.yaml", strings.ReplaceAll(string(text), "question 7", "another question"))
	contains(t, "what is asked", h.rescore(1, "--cases", h.cases), "case r-007 asks something else", "eval run")
}

func TestEvalGate_WhatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newGateHome(t)
	h.play(12)
	h.command(0, "accept", h.run, "--as", "default", "--reason", "all read", "--baselines", h.out)
	h.write("baselines/default.json", `{"format": 9}`)
	contains(t, "another version", h.rescore(1), "default.json", "format 1", "accept a run again")
	contains(t, "accepting over it", h.command(1, "accept", h.run, "--as", "default", "--reason", "all read", "--baselines", h.out), "format 1")
	h.write("run/grades.jsonl", `{"case":`)
	contains(t, "half a run", h.rescore(1), "grades.jsonl:1: ", "run it again")
	contains(t, "no run", h.command(1, "accept", h.dir, "--as", "other", "--reason", "all read", "--baselines", h.out), "is no run")
	contains(t, "a path as a name", h.command(1, "accept", h.run, "--as", "../x", "--reason", "all read", "--baselines", h.out), "no name for a baseline")
}

func TestEvalNewAndLint(t *testing.T) {
	t.Parallel()
	h := newGateHome(t)
	file := filepath.Join(h.dir, "mine", "delivery.yaml")
	contains(t, "new", h.command(0, "new", file), "delivery.yaml", "schema.json")
	contains(t, "again", h.command(1, "new", file), "is there already")
	contains(t, "of another kind", h.command(1, "new", file+".txt"), ".yaml or .yml")
	contains(t, "a second one", h.command(0, "new", filepath.Join(h.dir, "mine", "more.yml"), "--suite", "delivery"), "more.yml")
	contains(t, "the two say the same", h.command(1, "lint", filepath.Dir(file)), "more.yml:11: case more-001: says the same as delivery-001", "not looked for")
	contains(t, "one file", h.command(0, "lint", file), "1 case of 1 suite, nothing found")
	h.write("knowledge/returns.md", "---\nid: returns\ntitle: Sending back\n---\n\nWithin 30 days.\n")
	facts := h.write("facts.yaml", "suite: s\ncases:\n  - id: a\n    turns: [{say: x, expect: {articles: returns, facts: ['31 days']}}]\n  - id: b\n    turns: [{say: y, expect: {top: away}}]\n")
	out := h.command(1, "lint", facts, "--knowledge", filepath.Join(h.dir, "knowledge"))
	contains(t, "held against the knowledge", out, facts+`:3: case a: turn 1: the fact "31 days" stands in none`, facts+":5: case b: turn 1: there is no article away", "2 findings in 2 cases")
	broken := h.write("broken.yaml", "suite: s\ncases:\n  - id: a\n    turns: [{say: x, expect: {actoin: answer}}]\n")
	contains(t, "broken", h.command(1, "lint", broken, facts), broken+":4: ", "field actoin not found")
	h.write("both/one.yaml", "suite: s\ncases:\n  - id: a\n    turns: [{say: x, expect: {missing: true}}]\n  - id: a\n    turns: [{say: y, expect: {missing: true}}]\n")
	both := filepath.Join(h.dir, "both")
	contains(t, "one id twice in a folder", h.command(1, "lint", both), filepath.Join(both, "one.yaml")+":5: case a: this id is taken by "+filepath.Join(both, "one.yaml")+":3")
	contains(t, "one id in two paths", h.command(1, "lint", facts, facts), "this id is taken by "+facts+":3")
	contains(t, "nothing there", h.command(1, "lint", filepath.Join(h.dir, "away")), "away: there is nothing")
}
