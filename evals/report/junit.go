package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// junit is for build servers: what the gate fails for is a failure, and so is a
// case that is lost; one that failed before as well, and a new one, is skipped
// with the reason, so that a build is red for what changed alone. Without a
// baseline every case that fails is a failure.
func junit(d *data) ([]byte, error) {
	suites := map[string]*junitSuite{}
	for _, c := range d.Run.Cases {
		s := suites[c.Suite]
		if s == nil {
			s = &junitSuite{Name: c.Suite}
			suites[c.Suite] = s
		}
		s.add(d.junitCase(c.ID, c.Suite))
	}
	whole := junitSuite{Name: "gate"}
	verdict := junitCase{Name: "verdict", Class: "frontdesk.gate"}
	switch d.Result.Verdict.Exit() {
	case gate.ExitRegression:
		verdict.Failure = &junitMessage{Message: d.Result.Why, Type: string(d.Result.Verdict)}
	case gate.ExitBroken:
		m := &junitMessage{Message: d.Result.Why, Type: string(d.Result.Verdict)}
		for _, p := range d.Result.Problems {
			m.Text += p.What + ". " + p.Do + "\n"
		}
		verdict.Error = m
	}
	whole.add(verdict)
	all := junitSuites{Name: "frontdesk evals", Suites: []junitSuite{whole}}
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		all.Suites = append(all.Suites, *suites[name])
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (d *data) junitCase(id, suite string) junitCase {
	c := junitCase{Name: id, Class: "frontdesk." + suite}
	g, ok := d.grades[id]
	switch {
	case !ok:
		c.Error = &junitMessage{Message: "it has no grade", Type: "broken"}
	case g.Pass:
	case d.Result.Verdict == gate.NotCompared, d.change(id) == changeLost:
		c.Failure = &junitMessage{Message: firstFailure(g), Type: g.Severity, Text: d.failures(id)}
	case !d.compared:
		c.Skipped = &junitMessage{Message: "fails; the run was not compared: " + firstFailure(g)}
	case d.change(id) == changeNew:
		c.Skipped = &junitMessage{Message: "fails; it is new, and counts once a baseline has it: " + firstFailure(g)}
	default:
		c.Skipped = &junitMessage{Message: "fails, as it did when the baseline was accepted: " + firstFailure(g)}
	}
	return c
}

func firstFailure(g grade.Grade) string {
	f := g.Failed()
	if len(f) == 0 {
		return ""
	}
	return fmt.Sprintf("turn %d, %s: wanted %s, got %s", f[0].Turn, f[0].Kind, clip(f[0].Want, 200), clip(f[0].Got, 200))
}

func (d *data) failures(id string) string {
	var b strings.Builder
	for _, f := range d.grades[id].Failed() {
		fmt.Fprintf(&b, "turn %d, %s: wanted %s, got %s\n", f.Turn, f.Kind, clip(f.Want, 300), clip(f.Got, 300))
		if turns := d.cases[id].Turns; f.Turn >= 1 && f.Turn <= len(turns) {
			fmt.Fprintf(&b, "  customer: %s\n", clip(said(turns[f.Turn-1].Say, turns[f.Turn-1].Press), 300))
		}
		fmt.Fprintf(&b, "  reply: %s\n", answer(d.outputs[id], f.Turn-1))
	}
	return b.String()
}
