package convo

import (
	"encoding/json"
	"time"
)

// Owner is who answers the customer.
type Owner string

const (
	OwnerBot    Owner = "bot"
	OwnerQueue  Owner = "queue"
	OwnerAgent  Owner = "agent"
	OwnerNobody Owner = "nobody" // closed
)

// Author is who wrote a message.
type Author string

const (
	Customer Author = "customer"
	Bot      Author = "bot"
	Agent    Author = "agent"
	System   Author = "system" // the service's own fixed words
)

// Outcome is how a turn ended.
type Outcome string

const (
	Answer  Outcome = "answer"
	Clarify Outcome = "clarify"
	None    Outcome = "none"
	Queued  Outcome = "queued"  // handed to a queue
	Relayed Outcome = "relayed" // a person owns the conversation: passed on, the bot is silent
	Merged  Outcome = "merged"  // answered together with the next message
	Failed  Outcome = "error"   // a part failed; the customer was told
)

// EventKind is what happened.
type EventKind string

const (
	KindMessage  EventKind = "message"
	KindDelta    EventKind = "delta"  // passing: not stored, not numbered
	KindTyping   EventKind = "typing" // passing
	KindOwner    EventKind = "owner"
	KindDecision EventKind = "decision"
	KindDone     EventKind = "done"  // ends a turn
	KindError    EventKind = "error" // ends a turn too
)

// Terminal says whether an event of this kind ends its turn.
func (k EventKind) Terminal() bool { return k == KindDone || k == KindError }

// Citation is a quote with where it stands.
type Citation struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Quote   string `json:"quote"`
	// Where the quote stands, so that it can be opened and checked later.
	Generation int `json:"generation"`
	From       int `json:"from"` // bytes of the stored body of that generation
	To         int `json:"to"`
}

// Choice is one of several articles that may be meant.
type Choice struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	Quote   string `json:"quote"` // the line of it that answers best
}

// Message is what somebody said.
type Message struct {
	ID        string     `json:"id"`
	Author    Author     `json:"author"`
	Name      string     `json:"name,omitempty"` // of an agent
	Text      string     `json:"text"`           // of the bot: Markdown; of a customer: plain text
	Citations []Citation `json:"citations,omitempty"`
	Choices   []Choice   `json:"choices,omitempty"`
	At        time.Time  `json:"at"`
}

// Event is one numbered entry of a conversation's log, or a passing one (Seq 0).
type Event struct {
	Seq  int64
	Kind EventKind
	Turn string // empty where no turn caused it
	At   time.Time
	Body json.RawMessage // by kind: Message, OwnerChange, Decision, Done, Failure
}

// OwnerChange is the body of an owner event.
type OwnerChange struct {
	Owner     Owner  `json:"owner"`
	Queue     string `json:"queue,omitempty"`
	Name      string `json:"name,omitempty"` // of the agent
	Reference string `json:"reference,omitempty"`
	Position  *int   `json:"position,omitempty"`
	Estimate  string `json:"estimate,omitempty"`
}

// Decision is the body of a decision event: what the turn will do, and why.
type Decision struct {
	Action  string   `json:"action"` // answer, clarify, none, handoff
	Reason  string   `json:"reason,omitempty"`
	P       float64  `json:"answerable"` // calibrated
	Desk    string   `json:"desk,omitempty"`
	Topic   string   `json:"topic,omitempty"`
	Missing []string `json:"degraded,omitempty"`
}

// Done is the body of the event that ends a turn.
type Done struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
}

// Failure is the body of an error event.
type Failure struct {
	Code string `json:"code"`
	Text string `json:"text"`
}
