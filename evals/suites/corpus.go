package suites

import (
	"slices"

	"frontdesk/evals"
	"frontdesk/evals/cases"
)

// Names of the corpus' suites.
const (
	Retrieval = "corpus-retrieval"
	Answers   = "corpus-answers"
	Abstain   = "corpus-abstain"
	Triage    = "corpus-triage"
)

// Names lists them in the order of reports.
func Names() []string { return []string{Retrieval, Answers, Abstain, Triage} }

// Talk is a conversation to be played, with the cases that judge it.
type Talk struct {
	Play  cases.Case // expects nothing; its id is the message's
	Cases []cases.Case
}

// OfMessage makes a talk of a message. The cases are none where its label says
// nothing that a suite asks.
func OfMessage(business string, m evals.Message) Talk {
	t := Talk{Play: cases.Case{ID: m.ID, Suite: "corpus", Severity: cases.Normal, Source: "corpus " + business, Writer: "corpus", Lang: m.Language}}
	for _, h := range m.History {
		if h.Role == "customer" { // what was replied then is what the product replies now
			t.Play.Turns = append(t.Play.Turns, cases.Turn{Say: h.Text})
		}
	}
	t.Play.Turns = append(t.Play.Turns, cases.Turn{Say: m.Text})
	for _, s := range []struct {
		name   string
		expect cases.Expect
	}{{Retrieval, retrieval(m)}, {Answers, answers(m)}, {Abstain, abstain(m)}, {Triage, triage(m)}} {
		if s.expect.Empty() {
			continue
		}
		c := t.Play
		c.ID, c.Suite = m.ID+"/"+s.name[len("corpus-"):], s.name
		c.Tags = append([]string{business}, m.Kind...)
		c.Turns = slices.Clone(t.Play.Turns)
		c.Turns[len(c.Turns)-1].Expect = s.expect
		t.Cases = append(t.Cases, c)
	}
	return t
}

func right(m evals.Message) cases.List { return append(slices.Clone(m.Gold), m.Also...) }

func retrieval(m evals.Message) cases.Expect {
	switch m.Expect {
	case evals.ExpectAnswer:
		return cases.Expect{Action: cases.List{"answer", "clarify"}, Articles: right(m)}
	case evals.ExpectAmbiguous:
		return cases.Expect{Action: cases.List{"answer", "clarify"}, Articles: m.Between}
	default:
		return cases.Expect{}
	}
}

// answers wants the right article first, with its facts where it is quoted.
func answers(m evals.Message) cases.Expect {
	if m.Expect != evals.ExpectAnswer {
		return cases.Expect{}
	}
	return cases.Expect{Action: cases.List{"answer"}, Articles: right(m), Facts: m.Facts}
}

func abstain(m evals.Message) cases.Expect {
	switch {
	case m.Expect == evals.ExpectNotCovered, m.Expect == evals.ExpectNone, m.Expect == evals.ExpectAccount && len(right(m)) == 0:
		return cases.Expect{Missing: true}
	default:
		return cases.Expect{}
	}
}

func triage(m evals.Message) cases.Expect { return cases.Expect{Desk: cases.List{m.Desk}} }
