package bot

import (
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Action is what a plan does.
type Action string

const (
	ActAnswer  Action = "answer"
	ActNone    Action = "none"
	ActHandoff Action = "handoff"
)

// Reasons of actions that are not a handoff's.
const (
	ReasonSmalltalk = "smalltalk"
	ReasonNoAnswer  = "no_answer"
	ReasonAsked     = "asked"
)

// Policy is what a site does when, as data.
type Policy struct {
	// Threshold is the calibrated probability from which the first passage is
	// quoted.
	Threshold float64
	// Asked is what an explicit wish for a person does.
	Asked Action
}

// DefaultPolicy is the policy of a site that set nothing. The threshold comes
// from the calibration of the evidence (frontdesk train evidence), never from
// taste.
func DefaultPolicy(calibrated float64) Policy {
	return Policy{Threshold: calibrated, Asked: ActHandoff}
}

// For is the policy of a site.
func (p Policy) For(s Settings) Policy {
	if s.Threshold != nil {
		p.Threshold = *s.Threshold
	}
	return p
}

// Plan is what a turn is about to do.
type Plan struct {
	Action Action
	Reason string
	Hit    *retrieval.Hit // what is quoted
	Small  triage.Small   // kind of small talk
	P      float64
}

// BeforeSearch decides what needs no search: a wish for a person and small
// talk. ok is false for everything else.
func (p Policy) BeforeSearch(s triage.Signals) (plan Plan, ok bool) {
	switch {
	case s.WantsPerson && p.Asked == ActHandoff:
		return Plan{Action: ActHandoff, Reason: ReasonAsked}, true
	case s.Small != triage.NoSmall:
		return Plan{Action: ActAnswer, Reason: ReasonSmalltalk, Small: s.Small}, true
	default:
		return Plan{}, false
	}
}

// AfterSearch decides by the evidence.
func (p Policy) AfterSearch(e retrieval.Evidence) Plan {
	if len(e.Hits) > 0 && e.P >= p.Threshold && e.Hits[0].Text != "" {
		return Plan{Action: ActAnswer, Hit: &e.Hits[0], P: e.P}
	}
	return Plan{Action: ActNone, Reason: ReasonNoAnswer, P: e.P}
}
