package pgdesk

import (
	"context"
	"encoding/json"
	"strings"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	maxWhy     = 400
	maxArticle = 300 // bytes of an article's id
)

// TakeOver gives a case that somebody has to a lead: see handoff.Desk. It is
// under the lock that a reply takes: one that is under way was said before, or is
// refused because the case is another's.
func (d *Desk) TakeOver(ctx context.Context, a handoff.Actor, t handoff.Target, why string) (handoff.Case, error) {
	const op = "take a case over"
	if !a.Leads() || a.Agent == (convo.ID{}) {
		return handoff.Case{}, wrap(op, handoff.ErrForbidden)
	}
	why, err := storedText(why, maxWhy)
	if err != nil {
		return handoff.Case{}, wrap(op, handoff.ErrWhy)
	}
	return d.change(ctx, op, a, t, func(ctx context.Context, w *work) error {
		switch {
		case w.c.State == handoff.Closed:
			return handoff.ErrClosed
		case w.c.State != handoff.Claimed:
			return handoff.ErrNotHeld
		}
		if _, err := w.agentToHold(ctx, a.Agent); err != nil { // an actor who was removed meanwhile
			return err
		}
		from, name := w.c.Agent, w.c.AgentName
		if err := w.c.Pass(a.Agent, a.Name, w.now); err != nil {
			return err
		}
		if w.c.Link != handoff.Second {
			w.owner(convo.OwnerChange{Owner: convo.OwnerAgent, Name: a.Name})
		}
		w.log(handoff.CaseTakenOver, handoff.EventBody{Agent: &from, Name: name, Why: why})
		w.changes = append(w.changes, handoff.Change{Case: w.c.ID, Queue: w.c.Queue, Agent: from, Kind: handoff.CaseTakenOver, At: w.now})
		w.pack = true
		return nil
	})
}

// Whisper says something that only leads and one agent see: see handoff.Desk.
func (d *Desk) Whisper(ctx context.Context, a handoff.Actor, t handoff.Target, text string) (out handoff.CaseEvent, err error) {
	text, err = storedText(text, maxText)
	if err != nil {
		return out, wrap("whisper", err)
	}
	_, err = d.change(ctx, "whisper", a, t, func(_ context.Context, w *work) error {
		if w.c.State != handoff.Claimed {
			return handoff.ErrNotHeld
		}
		body := handoff.EventBody{Text: text}
		switch {
		case w.c.Agent == a.Agent: // back, to leads: nobody else is named
		case a.Leads():
			agent := w.c.Agent
			body.Agent, body.Name = &agent, w.c.AgentName
		default:
			return handoff.ErrForbidden
		}
		out, err = w.noted(handoff.CaseWhispered, body)
		if body.Agent == nil { // whoever has it is not who it is for
			w.changes[len(w.changes)-1].Agent = convo.ID{}
		}
		return err
	})
	return out, err
}

// Unused notes that a suggestion was turned down: see handoff.Desk.
func (d *Desk) Unused(ctx context.Context, a handoff.Actor, t handoff.Target, s handoff.Suggestion) (out handoff.CaseEvent, err error) {
	s.Article, s.Why = strings.TrimSpace(s.Article), strings.TrimSpace(s.Why)
	if s.Article, err = storedText(s.Article, maxArticle); err != nil {
		return out, wrap("turn a suggestion down", err)
	}
	if s.Why != "" {
		if s.Why, err = storedText(s.Why, maxWhy); err != nil {
			return out, wrap("turn a suggestion down", err)
		}
	}
	_, err = d.change(ctx, "turn a suggestion down", a, t, func(_ context.Context, w *work) error {
		if err := w.c.Held(a); err != nil {
			return err
		}
		out, err = w.noted(handoff.CaseUnused, handoff.EventBody{Article: s.Article, Why: s.Why})
		return err
	})
	return out, err
}

// noted adds a line to the log and gives it as it will stand there.
func (w *work) noted(kind handoff.CaseEventKind, body handoff.EventBody) (handoff.CaseEvent, error) {
	w.log(kind, body)
	raw, err := json.Marshal(body)
	return handoff.CaseEvent{
		Case: w.c.ID, N: w.lastN + int64(len(w.logs)), Kind: kind, Agent: w.actor.Agent, Actor: w.actor.Name, Body: raw, At: w.now,
	}, err
}
