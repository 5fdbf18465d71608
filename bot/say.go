package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Say is one message of a customer.
type Say struct {
	Site        *Site
	Key         convo.Key
	Visitor     convo.ID
	ClientMsgID string
	Text        string        // may be empty where files go along
	Choice      *convo.Chosen // a choice that was pressed; Text is then its title
	Files       []convo.ID    // of this visitor's uploads, in their order
	Request     string        // id for the log and the trace
}

// Reply is what a turn came to.
type Reply struct {
	Turn     convo.ID
	Outcome  convo.Outcome
	Messages []convo.Message // what was said back: never the customer's own
	Events   []convo.Event   // the turn's events after the customer's message
}

// Turn is a recorded message on its way to its end. Run it, always: until then
// it holds one of the engine's places.
type Turn struct {
	ID  convo.ID
	Key convo.Key
	// Seq is the number of the customer's message in the conversation's log.
	Seq int64

	e       *Engine
	pressed *convo.Choice
	place   convo.ID // under which it is at work here; not ID for a repeat
	say     Say
	rec     Recorded
	started time.Time
	trace   Trace

	newest  string                        // words of a follow-up that takes earlier ones along
	earlier []string                      // those, oldest first
	decided *triage.Decision              // nil: not yet, or not at all
	early   *early                        // the search that was begun before the message was recorded
	looked  map[string]retrieval.Evidence // searches of this turn
	two     *twoMatters                   // of a message that seems to have two
	each    bool                          // each of them is answered by itself
}

// Say records a message. When it returns without an error the message is
// committed, and Run has to be called.
//
// Errors: ErrBlank, ErrTooLong, ErrText, ErrClientMsgID, ErrNoConversation,
// ErrNoChoice, files.ErrNoFile, ErrReused, ErrBusy, ErrStopping, and Unavailable without the database; then
// nothing is known to be recorded, and the same client_msg_id may be sent again.
func (e *Engine) Say(ctx context.Context, s Say) (*Turn, error) {
	text, err := s.words()
	if err != nil {
		return nil, err
	}
	if !validClientMsgID(s.ClientMsgID) {
		return nil, ErrClientMsgID
	}
	s.Text = "" // unmasked words go no further
	id := e.NewID()
	if err := e.begin(id); err != nil {
		return nil, err
	}
	started := e.Now()
	ctx, cancel := e.write(ctx)
	defer cancel()
	pressed, err := e.pressed(ctx, s)
	if err != nil {
		e.end(id)
		return nil, err
	}
	var begun *early
	if text != "" {
		begun = e.ahead(ctx, s, text)
	}
	rec, err := e.Store.Record(ctx, Record{
		Key: s.Key, Visitor: s.Visitor, Turn: id, ClientMsgID: s.ClientMsgID, Instance: e.cfg.Instance, Files: s.Files,
		Message: convo.Message{ID: e.NewID(), Turn: &id, ClientMsgID: s.ClientMsgID, Author: convo.Customer, Text: text, Choice: s.Choice, At: started.UTC()},
	})
	if err != nil {
		e.end(id)
		return nil, err
	}
	took := e.Now().Sub(started)
	e.Meter.Stage("record", took)
	e.Hub.Publish(s.Key, rec.Events)
	if rec.Merged != (convo.ID{}) {
		e.interrupt(rec.Merged)
	}
	switch {
	case rec.Open:
		e.theirs.drop(s.Key)
	case !rec.Repeat:
		e.theirs.add(s.Key)
	}
	t := &Turn{ID: rec.Turn, Key: s.Key, Seq: rec.Seq, place: id, e: e, say: s, rec: rec, pressed: pressed, early: begun, started: started}
	t.trace = Trace{Instance: e.cfg.Instance, Request: s.Request, Micros: TraceMicros{Record: took.Microseconds()}}
	return t, nil
}

// Repeated says that the message had been recorded before.
func (t *Turn) Repeated() bool { return t.rec.Repeat }

// Run sees the turn through to its end and returns it. It takes no context:
// a turn is bounded by the engine's budget and by nothing else, since its
// customer may have left and will come back.
//
// Errors: ErrUnfinished where another request runs this turn and did not end
// it in time; Unavailable without the database: the turn then stays open and
// the sweeper ends it.
func (t *Turn) Run() (r Reply, err error) {
	defer t.e.end(t.place)
	defer func() {
		// A panic ends the turn's run and nothing else: the sweeper then finds
		// it open and not at work, and ends it honestly.
		if p := recover(); p != nil {
			t.e.Log.Error("panic in a turn", "turn", t.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in a turn: %v", p)
		}
	}()
	if t.rec.Repeat {
		return t.e.await(t.Key, t.ID, t.rec.Seq)
	}
	if !t.rec.Open {
		t.e.Meter.TurnEnded(convo.Relayed, "", t.e.Now().Sub(t.started))
		return reply(t.ID, t.rec.Events)
	}
	return t.run()
}

// await waits for the end of a turn that somebody else runs.
func (e *Engine) await(key convo.Key, turn convo.ID, seq int64) (Reply, error) {
	ctx, cancel := context.WithTimeout(e.base, e.cfg.Budget+e.cfg.WriteTimeout)
	defer cancel()
	sub := e.Hub.Subscribe(key, seq)
	defer sub.Close()
	var events []convo.Event
	for {
		news, err := sub.Next(ctx)
		if err != nil {
			return Reply{}, errors.Join(ErrUnfinished, err)
		}
		for _, ev := range news {
			if ev.Turn != turn || ev.Seq == 0 {
				continue
			}
			events = append(events, ev)
			if ev.Kind.Terminal() {
				return reply(turn, events)
			}
		}
	}
}

// reply reads a turn's events back into a Reply.
func reply(turn convo.ID, events []convo.Event) (Reply, error) {
	r := Reply{Turn: turn}
	for _, ev := range events {
		if ev.Turn != turn {
			continue
		}
		if ev.Kind == convo.KindMessage {
			var m convo.Message
			if err := json.Unmarshal(ev.Body, &m); err != nil {
				return r, err
			}
			if m.Author == convo.Customer {
				continue
			}
			r.Messages = append(r.Messages, m)
		}
		r.Events = append(r.Events, ev)
	}
	r.Outcome, _ = TurnLog{Events: r.Events}.Outcome()
	return r, nil
}
