package faults

import (
	"slices"

	"frontdesk/evals/stages"
)

// Fault is one change of one part.
type Fault struct {
	Name   string
	Author string // Unseen, Unseen2 or Ours
	Stage  stages.Stage
	Told   string   // the author's own words for the stage
	What   string   // what is done
	Notice string   // what a customer or an agent notices
	Suites []string // that are played, where there are any of them
	Make   func() stages.Seams
}

// Authors.
const (
	Unseen  = "unseen"   // specified by somebody who had not seen the suites
	Unseen2 = "unseen 2" // by somebody else who had not, after cases were written for those
	Ours    = "ours"
)

// All lists the faults, those of the unseen authors first.
func All() []Fault { return slices.Concat(unseen(), unseen2(), ours()) }

// Suites by what a fault can touch: what customers ask, how the answer is cut,
// whether there is one, what a message is, what goes on over several turns, what
// people get, and what must never be shown.

func asked() []string    { return []string{"retrieval", "answers", "languages", "triage", "conversation"} }
func quoted() []string   { return []string{"answers", "conversation"} }
func answered() []string { return []string{"answers", "abstain", "languages"} }
func told() []string     { return []string{"triage", "answers", "abstain"} }
func talked() []string   { return []string{"conversation", "handoff"} }
func handed() []string   { return []string{"handoff", "safety", "triage"} }
func guarded() []string  { return []string{"safety", "handoff", "answers"} }
