package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/evals/runner"
)

// jumping is the clock of a machine that is set while it runs: with every few looks
// at it a year back, right again, and a year ahead.
func jumping() func() time.Time {
	const looks = 5
	var n atomic.Int64
	return func() time.Time {
		years := []int{0, -1, 0, 1}[n.Add(1)/looks%4]
		return time.Now().Round(0).AddDate(years, 0, 0) // what is set has no monotonic part
	}
}

// A clock that jumps in mid-run changes no reply, no verdict and no report, and
// nothing took less than no time.
func TestEvalRun_ClockThatJumps(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	baselines, steady, jumps := filepath.Join(k.folder, "baselines"), filepath.Join(k.folder, "steady"), filepath.Join(k.folder, "jumps")
	k.run(0, "", "eval", "run", "--knowledge", articles, "--cases", suites, "--out", steady, "--baseline", "none")
	k.run(0, "", "eval", "accept", steady, "--as", "default", "--reason", "all read", "--baselines", baselines)
	k.run(0, "", "eval", "rescore", steady, "--baselines", baselines)

	var out, errs bytes.Buffer
	a := &app{getenv: func(name string) string { return k.env[name] }, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, clock: jumping()}
	root := newRootCommand(a)
	root.SetArgs([]string{"eval", "run", "--knowledge", articles, "--cases", suites, "--out", jumps, "--baselines", baselines})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &errs)
	}
	contains(t, "stdout", out.String(), "of 3 cases 0 newly fail and 0 newly pass", "Pass")
	if text := errs.String(); strings.Contains(text, " -") || strings.Contains(text, "8760h") {
		t.Errorf("a time that is none:\n%s", text)
	}
	for _, name := range []string{"outputs.jsonl", "grades.jsonl", "report.html", "report.md", "junit.xml", "results.jsonl", "verdict.json"} {
		if readText(t, filepath.Join(steady, name)) != readText(t, filepath.Join(jumps, name)) {
			t.Errorf("%s is another one", name)
		}
	}
	run, err := runner.Read(jumps)
	if err != nil {
		t.Fatal(err)
	}
	times := runner.TimesOf(run.Timings)
	if times.All.Turns != 6 || times.All.Max > float64(time.Hour.Milliseconds()) {
		t.Errorf("%+v", times.All)
	}
	for _, x := range run.Timings {
		for i, ms := range x.Millis {
			if ms < 0 {
				t.Errorf("%s turn %d took %v ms", x.Case, i+1, ms)
			}
		}
	}
}
