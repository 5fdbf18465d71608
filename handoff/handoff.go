package handoff

import (
	"encoding/json"
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

// Case is one handoff. A moment that is zero has not come.
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

	Priority Priority
	Product  string
	Language string
	Mood     float64 // -1 … 1; meant where Triaged
	Urgency  float64 // 0 … 1; likewise
	Triaged  bool
	Aside    bool // the customer keeps the wait and talks to the assistant meanwhile

	Agent     convo.ID // who has it; zero: nobody
	AgentName string
	// OfferedTo is asked until OfferedUntil whether they take it, in a queue that pushes.
	OfferedTo    convo.ID
	OfferedUntil time.Time

	ClaimedAt    time.Time
	FirstReplyAt time.Time
	// WaitsSince is when the customer began to wait: their first message that no
	// person has answered. Nothing that the service says moves it.
	WaitsSince   time.Time
	CustomerAt   time.Time // the customer's last message since it was opened
	AgentAt      time.Time // the agents' last one
	DueFirst     time.Time // for the next answer of a person; zero: nobody waits
	DueResolve   time.Time // zero: no target
	SnoozedUntil time.Time
	ClosedAt     time.Time

	Ended      Ended // how it ended
	Memo       string
	TopicFinal string // what it was about in the end, where the agent said so

	// LinkedTo is another case, and Link how: see Link.
	LinkedTo convo.ID
	Link     Link

	// Moves counts how often it was passed on since somebody last answered.
	Moves int

	// Version moves with every change of who has the case or where it stands
	// (queue, agent, state, sleep), not with what is said or noted, nor with its
	// place in the line. It is the fence of everything that was decided on an
	// older state.
	Version int64

	Packet    json.RawMessage // nil where it was not asked for
	PacketSeq int64           // last event the packet covers
	Problem   string          // one line, the customer's own words; empty: none was found
}

// Waits says whether a customer waits for a person's words, and since when.
func (c Case) Waits() bool { return c.State != Closed && !c.WaitsSince.IsZero() }

// Late says whether the answer is overdue at a moment.
func (c Case) Late(now time.Time) bool {
	return c.State != Closed && !c.DueFirst.IsZero() && now.After(c.DueFirst)
}

// Link is how a case belongs to the one it is linked to.
type Link string

const (
	NoLink Link = ""
	// Second: it is about the second matter of the same conversation. While the
	// first one is open that one has the customer; then this one does.
	Second Link = "second"
	After  Link = "after"  // it goes on about one that was closed for too long to be reopened
	Merged Link = "merged" // it was merged into the other one and is closed
)

// Ended is how a case ended.
type Ended string

const (
	Solved     Ended = "solved"
	Workaround Ended = "workaround"
	NotSolved  Ended = "not_solved"
	NoReply    Ended = "no_answer" // the customer fell silent
	Duplicate  Ended = "duplicate"
	Spam       Ended = "spam"
	Other      Ended = "other"
	Cancelled  Ended = "cancelled" // by the customer, who did not want to wait
	MergedInto Ended = "merged"
)

// ParseEnded reads what an agent can say at closing; empty means Solved.
func ParseEnded(s string) (Ended, error) {
	switch e := Ended(s); e {
	case "":
		return Solved, nil
	case Solved, Workaround, NotSolved, NoReply, Duplicate, Spam, Other:
		return e, nil
	default:
		return "", ErrEnded
	}
}

// Request asks for a person.
type Request struct {
	Key      convo.Key
	Visitor  convo.ID // zero: not checked (the caller knows the conversation)
	Queue    string   // where to wait when no route says; empty or "main": the site's default queue
	Reason   Reason
	Note     string
	Contact  string
	First    string // words of the site that come before the server's own: "Unplug it …"; empty: none
	Language string // that the wish was put in; empty: not known, then the conversation's
	Fallback string // language where the conversation has none either: the site's

	// Triage is what is known of the matter; nil: nothing yet. A case without it
	// waits in the default queue and is routed once more by Retriage.
	Triage *Triage
	// Second is the other matter, where the conversation is about two that go to
	// different desks; it becomes a case of its own, linked to the first.
	Second *Triage

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
	Position int    // place in the queue, 1: next; 0: not waiting any more
	Estimate string // honest words on how long it takes; empty: nothing is known to say it from
	Repeat   bool   // the case was there before
	Reopened bool   // it was closed, not long ago, and goes on
	// Refused says why no case was opened for a turn of the bot's: one of the
	// errors for customers. The customer was told, and the turn has its end.
	Refused error
	Second  *Case // of the second matter, where one was opened
	Events  []convo.Event
}

// Entry is a case in a queue's list.
type Entry struct {
	Case
	Site    string
	Visitor convo.ID
	Name    string // the visitor's, where an identity gave one
	Order   string // where it stands in the order of its list, for the cursor of the next page
}
