package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// Input is what is shown.
type Input struct {
	Run      runner.Folder
	Result   gate.Result
	Baseline *gate.Baseline // what Result was held against; nil: nothing was
	Stages   []Stage        // where failing cases were lost, as far as somebody found out
	Tables   []Table        // more to show, after everything else
}

// Stage is where a case was lost.
type Stage struct {
	Case  string `json:"case"`
	Stage string `json:"stage"`         // knowledge, retrieval, ranking …
	Why   string `json:"why,omitempty"` // in a sentence
}

// Names of the files.
const (
	PageFile     = "report.html"
	MarkdownFile = "report.md"
	JUnitFile    = "junit.xml"
	ResultsFile  = "results.jsonl"
	VerdictFile  = "verdict.json"
	TimingPage   = "timing.html" // the only one that differs between two runs of the same
)

// Write writes all reports into a run's folder.
func Write(folder string, in Input) error {
	d := newData(in)
	for _, f := range []struct {
		name string
		make func(*data) ([]byte, error)
	}{{PageFile, page}, {MarkdownFile, markdown}, {JUnitFile, junit}, {ResultsFile, results}, {VerdictFile, verdict}, {TimingPage, timing}} {
		text, err := f.make(d)
		if err == nil {
			err = replace(filepath.Join(folder, f.name), text)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

// WritePage writes the page alone: for what is counted, and is no run that a gate
// could judge.
func WritePage(folder string, in Input) error {
	text, err := page(newData(in))
	if err == nil {
		err = replace(filepath.Join(folder, PageFile), text)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", PageFile, err)
	}
	return nil
}

func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// data is the input, by case.
type data struct {
	Input
	cases   map[string]cases.Case
	outputs map[string]grade.Output
	grades  map[string]grade.Grade
	before  map[string]grade.Output // of the baseline
	was     map[string]*gate.Kept
	stages  map[string]Stage
	// compared says that lost and gained mean something.
	compared bool
}

func newData(in Input) *data {
	d := &data{
		Input: in, cases: map[string]cases.Case{}, outputs: map[string]grade.Output{}, grades: map[string]grade.Grade{},
		before: map[string]grade.Output{}, was: map[string]*gate.Kept{}, stages: map[string]Stage{},
		compared: in.Baseline != nil && in.Result.All.Verdict != "",
	}
	for _, c := range in.Run.Cases {
		d.cases[c.ID] = c
	}
	for _, o := range in.Run.Outputs {
		d.outputs[o.Case] = o
	}
	for _, g := range in.Run.Grades {
		d.grades[g.Case] = g
	}
	for _, s := range in.Stages {
		d.stages[s.Case] = s
	}
	if in.Baseline != nil {
		for _, o := range in.Baseline.Outputs {
			d.before[o.Case] = o
		}
		for i := range in.Baseline.Cases {
			d.was[in.Baseline.Cases[i].Case] = &in.Baseline.Cases[i]
		}
	}
	return d
}

// What became of a case against the baseline.
const (
	changeLost   = "lost"
	changeGained = "gained"
	changeNew    = "new"
)

// change of a case; empty: none, or nothing was compared.
func (d *data) change(id string) string {
	if !d.compared {
		return ""
	}
	was, ok := d.was[id]
	switch is := d.grades[id].Pass; {
	case !ok:
		return changeNew
	case was.Pass && !is:
		return changeLost
	case is && !was.Pass:
		return changeGained
	}
	return ""
}

// result is a case in results.jsonl.
type result struct {
	Case     string        `json:"case"`
	Suite    string        `json:"suite"`
	Severity string        `json:"severity"`
	Pass     bool          `json:"pass"`
	Change   string        `json:"change,omitempty"` // lost, gained or new
	Stage    string        `json:"stage,omitempty"`
	Failed   []grade.Check `json:"failed,omitempty"`
}

func results(d *data) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, c := range d.Run.Cases {
		g := d.grades[c.ID]
		if err := e.Encode(result{
			Case: c.ID, Suite: c.Suite, Severity: c.Severity, Pass: g.Pass, Change: d.change(c.ID),
			Stage: d.stages[c.ID].Stage, Failed: g.Failed(),
		}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func verdict(d *data) ([]byte, error) {
	v := struct {
		Exit int         `json:"exit"`
		Run  runner.Meta `json:"run"`
		gate.Result
	}{d.Result.Exit(), d.Run.Meta, d.Result}
	v.Run.Articles = nil // they stand in meta.json, and what changed of them below
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
