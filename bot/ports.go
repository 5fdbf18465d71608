package bot

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/retrieval"
)

// Record is a customer's message on its way into the log.
type Record struct {
	Key         convo.Key
	Visitor     convo.ID
	Turn        convo.ID
	ClientMsgID string
	Message     convo.Message // its text is cleaned and masked already
	Files       []convo.ID    // that go with it, of this visitor's uploads
	Instance    int32         // who will run the turn
}

// Recorded is what became of it.
type Recorded struct {
	Turn   convo.ID // the turn of this client_msg_id: Record.Turn unless Repeat
	Repeat bool     // it was recorded before; nothing was written now
	Seq    int64    // of the customer's message
	// Events are what this call committed, for the hub.
	Events []convo.Event

	// Of a turn that is to be run; Open is false for one that a person owns.
	Open     bool
	Fence    int64    // owner's version
	Input    string   // all that is to be answered
	Merged   convo.ID // the unfinished turn that this message ended; zero: none
	Language string   // the conversation's so far
	Settled  int64    // the last event that a closed case has settled; 0: no case was closed
	// Past is what was said before in the conversation, newest first, at most
	// PastMessages, and none that a closed case has settled; a first turn has none.
	Past []convo.Message
	// About is the title of the article that the conversation was begun from;
	// empty: none, or it is none for visitors.
	About string
}

// End is how a turn is to end.
type End struct {
	Key      convo.Key
	Turn     convo.ID
	Fence    int64 // 0: whoever owns the conversation (for ends that say nothing in the bot's name)
	Outcome  convo.Outcome
	Language string // kept with the conversation; empty: unchanged
	Events   []convo.Draft
	Trace    json.RawMessage
	Started  time.Time
	At       time.Time
}

// OpenTurn is a turn that nobody seems to run.
type OpenTurn struct {
	Key      convo.Key
	Turn     convo.ID
	Owner    convo.Owner
	Fence    int64
	Language string
	Started  time.Time
}

// TurnLog is what the database knows of one turn.
type TurnLog struct {
	Owner  convo.Owner
	Open   bool
	Events []convo.Event // of this turn, in order
}

// Outcome is how the turn ended; ok is false while it has not.
func (l TurnLog) Outcome() (o convo.Outcome, ok bool) {
	for _, e := range l.Events {
		switch e.Kind {
		case convo.KindDone:
			var d convo.Done
			if json.Unmarshal(e.Body, &d) == nil {
				return d.Outcome, true
			}
		case convo.KindError:
			return convo.Failed, true
		}
	}
	return "", false
}

// store keeps conversations; pgconvo.Store is the one implementation. Every
// error it returns carries a fault kind; Unavailable means that nothing is
// known about whether the write happened.
type store interface {
	// Record commits a message. Errors: ErrNoConversation (none, or not this
	// visitor's), ErrReused, files.ErrNoFile.
	Record(ctx context.Context, r Record) (Recorded, error)
	// Finish commits a turn's end; ErrFenced where the turn is open no longer
	// or the fence does not hold.
	Finish(ctx context.Context, e End) ([]convo.Event, error)
	// Turn reads one turn's log; ErrNoConversation where it is gone.
	Turn(ctx context.Context, key convo.Key, turn convo.ID) (TurnLog, error)
	// Abandoned lists open turns older than two seconds whose instance is dead,
	// or is the one given: that one knows which of its turns are at work.
	Abandoned(ctx context.Context, instance int32, limit int) ([]OpenTurn, error)
	// Choices reads what a message of the bot's offered; ErrNoChoice where this
	// visitor's conversation has no such message, or it offered nothing.
	Choices(ctx context.Context, key convo.Key, visitor, message convo.ID) ([]convo.Choice, error)
	// Settled reads the cases of a conversation that people closed, the last one
	// first, at most five.
	Settled(ctx context.Context, key convo.Key) ([]Settled, error)
	// Sections reads a public article as it is published now, in its order;
	// none where there is no such article.
	Sections(ctx context.Context, site int32, article string) (generation int, sections []retrieval.Passage, err error)
}

// calibration turns the share of quotes that may be wrong into thresholds: sure
// is the probability from which the first passage is quoted, maybe that of one
// of the first three answering from which they are offered. The ranking's
// calibration is one, FixedThresholds another.
type calibration interface {
	Thresholds(risk float64) (sure, maybe float64)
}

// desk takes a conversation over for people; handoff.Desk is the one
// implementation.
type desk interface {
	Open(ctx context.Context, r handoff.Request) (handoff.Opened, error)
	// Returns says whether a conversation's last case was closed because its customer
	// said nothing, not so long ago that it does not go on.
	Returns(ctx context.Context, key convo.Key) (bool, error)
}

// Meter is told what happened, for metrics; all methods are quick and safe
// for concurrent use.
type Meter interface {
	TurnEnded(outcome convo.Outcome, reason string, took time.Duration)
	Stage(name string, took time.Duration) // record, search, finish
	Degraded(part string, away bool)
	Swept(n int)
}

type noMeter struct{}

func (noMeter) TurnEnded(convo.Outcome, string, time.Duration) {}
func (noMeter) Stage(string, time.Duration)                    {}
func (noMeter) Degraded(string, bool)                          {}
func (noMeter) Swept(int)                                      {}
