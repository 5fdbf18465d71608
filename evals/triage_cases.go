package evals

import (
	"slices"

	"frontdesk/triage"
)

// TriageCase is a corpus message as triage is judged by it.
func (m Message) TriageCase(business string, d triage.Decision) TriageCase {
	c := TriageCase{
		Business: business, ID: m.ID, Language: m.Language, Desk: triage.Desk(m.Desk), Topic: m.Topic, Product: m.Product, Decision: d,
	}
	own := m.Expect == ExpectAccount
	c.Account = &own
	switch m.Expect {
	case ExpectAnswer, ExpectAmbiguous, ExpectAccount:
		c.Scope = InScope
		c.Articles = slices.Concat(m.Gold, m.Also, m.Between)
	case ExpectNotCovered, ExpectNone:
		c.Scope = OutOfScope
	}
	return c
}

// ByBusiness groups cases, in the order they come.
func ByBusiness(list []TriageCase) (names []string, by map[string][]TriageCase) {
	by = map[string][]TriageCase{}
	for _, c := range list {
		if by[c.Business] == nil {
			names = append(names, c.Business)
		}
		by[c.Business] = append(by[c.Business], c)
	}
	return names, by
}
