package report_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
)

// A suite of 100,000 cases is accepted, read back, graded again, judged and shown
// as any other, and its page and comment are no larger than a small one's.
func TestWrite_OfAHundredThousandCases(t *testing.T) {
	t.Parallel()
	const n = 100_000
	list := make([]cases.Case, n)
	for i := range list {
		list[i] = cases.Case{
			ID: fmt.Sprintf("case-%06d", i), Suite: fmt.Sprintf("suite-%02d", i%40), Severity: cases.Normal, Lang: "en",
			Turns: []cases.Turn{{Say: fmt.Sprintf("question %d", i), Expect: cases.Expect{Action: cases.List{"answer"}, Articles: cases.List{fmt.Sprintf("article-%03d", i%300)}}}},
		}
	}
	dir := t.TempDir()
	b, err := gate.Accept(played(t, list, 1, 0), nil, "default", gate.Acceptance{By: "ada", Reason: "read by two of us"}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	b.Outputs = b.Outputs[:1000] // to pack those of all would take longer than all the rest
	if err := gate.WriteBaseline(dir, b); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "run")
	if err := runner.Write(folder, played(t, list, 2, 0.03)); err != nil {
		t.Fatal(err)
	}
	run, err := runner.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if run, err = gate.Rescore(run, run.Cases); err != nil {
		t.Fatal(err)
	}
	if b, err = gate.ReadBaseline(dir, "default"); err != nil {
		t.Fatal(err)
	}
	in := report.Input{Run: run, Baseline: &b, Result: gate.Judge(run, &b, gate.Config{})}
	if in.Result.Verdict != gate.Regression || in.Result.All.Cases != n {
		t.Errorf("%s: %s", in.Result.Verdict, in.Result.Why)
	}
	files := write(t, in)
	checkPage(t, files[report.PageFile], in)
	checkMarkdown(t, string(files[report.MarkdownFile]), in)
	checkJUnit(t, files[report.JUnitFile], in)
	checkLines(t, files, in)
	if !bytes.Contains(files[report.PageFile], []byte("more in results.jsonl")) {
		t.Error("the page does not say what it leaves out")
	}
}
