package convo

import (
	"encoding/json"
	"time"
)

// EventKind is what happened.
type EventKind string

const (
	KindMessage  EventKind = "message"
	KindDelta    EventKind = "delta"  // passing: not stored, not numbered
	KindTyping   EventKind = "typing" // passing
	KindRead     EventKind = "read"   // passing; how far somebody has read is stored beside the log
	KindOwner    EventKind = "owner"
	KindDecision EventKind = "decision"
	KindDone     EventKind = "done"  // ends a turn
	KindError    EventKind = "error" // ends a turn too
)

// Terminal says whether an event of this kind ends its turn.
func (k EventKind) Terminal() bool { return k == KindDone || k == KindError }

// Event is one numbered entry of a conversation's log, or a passing one (Seq 0).
type Event struct {
	Seq  int64
	Kind EventKind
	Turn ID // zero where no turn caused it
	At   time.Time
	Body json.RawMessage // by kind: Message, Typing, Read, OwnerChange, Decision, Done, Failure
}

// Draft is an event not yet numbered: what a writer asks the store to append.
type Draft struct {
	Kind EventKind
	Turn ID // zero where no turn causes it
	Body any
}

// Typing is the body of a typing event.
type Typing struct {
	Author Author `json:"author"`
}

// Read is the body of a read event: a side has had everything up to an event in
// front of it.
type Read struct {
	By Author `json:"by"` // Customer or Agent
	Up int64  `json:"up"` // number of the last event that was seen
}

// OwnerChange is the body of an owner event.
type OwnerChange struct {
	Owner     Owner  `json:"owner"`
	Queue     string `json:"queue,omitempty"`
	Name      string `json:"name,omitempty"` // of the agent
	Case      *ID    `json:"case,omitempty"`
	Reference string `json:"reference,omitempty"`
	Position  *int   `json:"position,omitempty"` // 1: next
	Estimate  string `json:"estimate,omitempty"`
}

// Decision is the body of a decision event: what the turn will do, and why.
type Decision struct {
	Turn    ID       `json:"turn"`
	Action  string   `json:"action"` // answer, clarify, none, handoff
	Reason  string   `json:"reason,omitempty"`
	P       float64  `json:"answerable"` // calibrated probability that the first passage answers
	Desk    string   `json:"desk,omitempty"`
	Topic   string   `json:"topic,omitempty"`
	Missing []string `json:"degraded,omitempty"` // parts that took no part
}

// Done is the body of the event that ends a turn.
type Done struct {
	Turn    ID      `json:"turn"`
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
}

// Failure is the body of an error event, which ends a turn too.
type Failure struct {
	Turn ID     `json:"turn"`
	Code string `json:"code"`
	Text string `json:"text"`
}

// Append is what a slice other than the bot's writes into a conversation, in a
// transaction of its own that holds the conversation's lock.
type Append struct {
	Owner    Owner  // the new owner; empty: unchanged
	Queue    string // with a new owner
	Language string // empty: unchanged
	Events   []Draft
	At       time.Time
	// Settles says that what was said so far, these events included, is done
	// with: a case was closed. The bot counts anew from here.
	Settles bool

	// EndTurn is the open turn that ends with this; zero: none does.
	EndTurn ID
	Outcome Outcome
	Started time.Time
	Trace   json.RawMessage
}
