package faults

import (
	"reflect"
	"slices"

	"frontdesk/evals/grade"
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

// Reaches says whether a case can come out otherwise for the fault, by what came of
// it without: what is put around the desk, packets and routes alone does nothing
// where nobody got the conversation. Where that cannot be told the case is reached.
func (f Fault) Reaches(clean grade.Output) bool {
	s := f.Make()
	if s.Desk == nil && s.Packer == nil && s.Append == nil && s.Routes == nil {
		return true
	}
	s.Desk, s.Packer, s.Append, s.Routes = nil, nil, nil, nil
	if !reflect.ValueOf(s).IsZero() {
		return true
	}
	return slices.ContainsFunc(clean.Replies, func(r grade.Reply) bool { return r.Action == "handoff" || r.Action == "relay" })
}

// All lists the faults, those of the unseen authors first.
func All() []Fault { return slices.Concat(unseen(), unseen2(), ours()) }

// Suites by what a fault can touch: what customers ask, how the answer is cut,
// whether there is one, what a message is, what goes on over several turns, what
// people get, what must never be shown, and what a reply may ask for.

func asked() []string    { return []string{"retrieval", "answers", "languages", "triage", "conversation"} }
func phrased() []string  { return []string{"retrieval", "languages"} } // of asked: where every question has to be encoded once more
func quoted() []string   { return []string{"answers", "conversation"} }
func answered() []string { return []string{"answers", "abstain", "languages"} }
func told() []string     { return []string{"triage", "answers", "abstain"} }
func talked() []string   { return []string{"conversation", "handoff"} }
func handed() []string   { return []string{"handoff", "safety", "triage"} }
func guarded() []string  { return []string{"safety", "handoff", "answers"} }
func costed() []string   { return []string{"latency"} }
