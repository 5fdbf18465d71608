package handoff

import (
	"time"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// Reason is why a conversation goes to people.
type Reason string

const (
	Asked           Reason = "asked"
	Angry           Reason = "angry"
	RepeatedFailure Reason = "repeated_failure"
	NoAnswer        Reason = "no_answer"
	Sensitive       Reason = "sensitive"
	Identity        Reason = "identity"
	Policy          Reason = "policy"
	Both            Reason = "both"
	Failure         Reason = "failure"
)

// ParseReason reads a reason; empty means Asked.
func ParseReason(s string) (Reason, error) {
	switch r := Reason(s); r {
	case "":
		return Asked, nil
	case Asked, Angry, RepeatedFailure, NoAnswer, Sensitive, Identity, Policy, Both, Failure:
		return r, nil
	default:
		return "", fault.New(fault.Invalid, "handoff_reason", "The reason is not one we know. Leave it out, or use one of those in the API's description.")
	}
}

// State is where a case stands.
type State string

const (
	Waiting State = "waiting"
	Claimed State = "claimed"
	Closed  State = "closed"
)

// Case is one handoff.
type Case struct {
	ID           convo.ID
	Reference    string // "K7QM-4T3P"
	Conversation convo.Key
	Queue        string
	Reason       Reason
	Desk         string // service, support, both or none, as far as triage told; empty: it did not
	Topic        string // likewise
	State        State
	Note         string // what the customer wrote when asking
	Contact      string // how to reach them later, in their words
	OpenedAt     time.Time
}

// Request asks for a person.
type Request struct {
	Key      convo.Key
	Visitor  convo.ID // zero: not checked (the caller knows the conversation)
	Queue    string
	Reason   Reason
	Note     string
	Contact  string
	First    string // words of the site that come before the server's own: "Unplug it …"; empty: none
	Language string // that the wish was put in; empty: not known, then the conversation's
	Fallback string // language where the conversation has none either: the site's

	// Turn is the bot's turn that ends with this handoff, where one does; Fence
	// is the owner's version it began under. Such a handoff is refused (as
	// fenced) where the turn is open no longer or the owner has changed.
	Turn     convo.ID
	Fence    int64
	Decision convo.Decision // shown as an event when Turn is set
	Trace    []byte         // the turn's trace, JSON
	Started  time.Time      // of the turn
}

// Opened is what came of it.
type Opened struct {
	Case     Case
	Position int  // place in the queue, 1: next; 0: not waiting any more
	Repeat   bool // the case was there before
	Events   []convo.Event
}

// Entry is a case in a queue's list.
type Entry struct {
	Case
	Site    string
	Visitor convo.ID
	Name    string // the visitor's, where an identity gave one
}
