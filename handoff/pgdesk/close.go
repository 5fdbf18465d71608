package pgdesk

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// maxMemo is a sentence or two: what is longer is a note.
const maxMemo = 1000

const (
	selectSecond = `SELECT ` + caseColumns + `, c.last_n` + caseFrom + `
WHERE c.site_id = $1 AND c.conversation_id = $2 AND c.state <> 'closed' AND c.link = 'second'
ORDER BY c.opened_at, c.case_id
LIMIT 1
FOR UPDATE OF c`
	selectOtherOpen = `SELECT coalesce(a.name, '')` + caseFrom + `
WHERE c.site_id = $1 AND c.conversation_id = $2 AND c.state <> 'closed' AND c.link <> 'second' AND c.case_id <> $3`
)

// Close ends a case: see handoff.Desk.
func (d *Desk) Close(ctx context.Context, a handoff.Actor, t handoff.Target, wrapUp handoff.WrapUp) (handoff.Case, error) {
	how, err := handoff.ParseEnded(string(wrapUp.Ended))
	if err != nil {
		return handoff.Case{}, wrap("close a case", err)
	}
	memo, topic, product := strings.TrimSpace(wrapUp.Memo), strings.TrimSpace(wrapUp.Topic), strings.TrimSpace(wrapUp.Product)
	if memo != "" {
		if memo, err = storedText(memo, maxMemo); err != nil {
			return handoff.Case{}, wrap("close a case", handoff.ErrMemo)
		}
	}
	if topic != "" {
		if topic, err = storedText(topic, 200); err != nil {
			return handoff.Case{}, wrap("close a case", handoff.ErrMemo)
		}
	}
	if product != "" {
		if product, err = storedText(product, 200); err != nil {
			return handoff.Case{}, wrap("close a case", handoff.ErrMemo)
		}
	}
	return d.change(ctx, "close a case", a, t, func(ctx context.Context, w *work) error {
		if w.c.State == handoff.Claimed {
			if err := w.c.Held(a); err != nil {
				return err
			}
		}
		if err := w.close(ctx, how, topic, memo); err != nil || product == "" || product == w.c.Product {
			return err
		}
		w.c.Product = product
		w.logs[len(w.logs)-1].body.Product = product
		return nil
	})
}

// close ends the case and gives the conversation on: to the case of its second
// matter where one is open, else to the assistant.
func (w *work) close(ctx context.Context, how handoff.Ended, topic, memo string) error {
	held, name := w.holds(), firstOf(w.c.AgentName, w.actor.Name)
	if err := w.c.End(how, w.now); err != nil {
		return err
	}
	w.c.TopicFinal, w.c.Memo = topic, memo
	w.pack = true
	body := handoff.EventBody{Ended: how, Topic: topic, Memo: memo}
	if w.c.Agent != (convo.ID{}) {
		agent := w.c.Agent
		body.Agent, body.Name = &agent, w.c.AgentName
	}
	next := false
	if w.c.Link != handoff.Second {
		var err error
		if next, err = w.next(ctx, held); err != nil {
			return err
		}
	}
	if held && !next {
		w.owner(convo.OwnerChange{Owner: convo.OwnerBot})
		w.say.Settles = true
	}
	text, lang := w.d.Texts.ClosedBy(w.c, name, held && !next && w.queue().Reopen() > 0, w.langs()...)
	if how != handoff.Spam && how != handoff.MergedInto {
		w.system(text, lang)
	}
	w.log(handoff.CaseClosed, body)
	if how == handoff.Solved || how == handoff.Workaround || how == handoff.NotSolved || how == handoff.Other {
		w.promise(handoff.PromiseRating, time.Time{})
	}
	return nil
}

// next makes the case of the conversation's second matter, where one is open,
// the one that has the customer.
func (w *work) next(ctx context.Context, held bool) (bool, error) {
	s := &work{d: w.d, tx: w.tx, now: w.now, actor: w.actor, setup: w.setup, key: w.key, st: w.st}
	err := w.tx.QueryRow(ctx, selectSecond, w.key.Site, w.key.ID).Scan(append(caseTargets(&s.c), &s.lastN)...)
	if noRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	// This case first: the database allows one case at a time to have the customer.
	if err := w.flush(ctx); err != nil {
		return false, err
	}
	s.old = s.c
	s.c.Link = handoff.After
	s.c.Version++
	s.changed(handoff.CaseRouted)
	if err := s.save(ctx); err != nil {
		return false, err
	}
	if !held {
		return true, nil
	}
	// The owner's event is of the next case, said in this one's turn.
	o := convo.OwnerChange{Owner: convo.OwnerAgent, Name: s.c.AgentName, Case: &s.c.ID, Reference: s.c.Reference}
	w.say.Owner = convo.OwnerAgent
	if s.c.State == handoff.Waiting {
		position, outlook, err := s.outlook(ctx)
		if err != nil {
			return false, err
		}
		w.say.Owner, w.say.Queue = convo.OwnerQueue, s.c.Queue
		o = convo.OwnerChange{Owner: convo.OwnerQueue, Queue: s.c.Queue, Case: &s.c.ID, Reference: s.c.Reference, Position: &position, Estimate: outlook.Estimate}
	}
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindOwner, Body: o})
	return true, nil
}

// Reopen takes a closed case up again: see handoff.Desk.
func (d *Desk) Reopen(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error) {
	return d.change(ctx, "reopen a case", a, t, func(ctx context.Context, w *work) error {
		if w.c.State != handoff.Closed {
			return handoff.ErrOpen
		}
		var name string
		err := w.tx.QueryRow(ctx, selectOtherOpen, w.key.Site, w.key.ID, w.c.ID).Scan(&name)
		if err == nil {
			return handoff.Taken(name)
		}
		if !noRows(err) {
			return err
		}
		q := w.queue()
		if err := w.c.Resume(w.d.due(q, w.now, w.c.Priority.Within(q.FirstReply())), w.now); err != nil {
			return err
		}
		w.pack = true
		w.log(handoff.CaseReopened, handoff.EventBody{To: w.c.Queue})
		text, lang := w.d.Texts.Reopened(w.c, 0, handoff.Outlook{}, w.langs()...)
		if a.Agent != (convo.ID{}) {
			if err := w.room(ctx); err != nil {
				return err
			}
			w.c.WaitsSince, w.c.DueFirst = time.Time{}, time.Time{} // the agent wants something of the customer
			if err := w.c.Pass(a.Agent, a.Name, w.now); err != nil {
				return err
			}
			w.owner(convo.OwnerChange{Owner: convo.OwnerAgent, Name: a.Name})
			w.system(text, lang)
			return nil
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		position, outlook, err := w.outlook(ctx)
		if err != nil {
			return err
		}
		w.owner(convo.OwnerChange{Owner: convo.OwnerQueue, Position: &position, Estimate: outlook.Estimate})
		w.system(text, lang)
		w.promise(handoff.PromiseLadder, time.Time{})
		return nil
	})
}

// Merge closes a case into another of the same customer: see handoff.Desk. Both
// conversations are locked, always in the order of their ids.
func (d *Desk) Merge(ctx context.Context, a handoff.Actor, t handoff.Target, into convo.ID) (handoff.Case, error) {
	const op = "merge cases"
	if !a.Works() {
		return handoff.Case{}, wrap(op, handoff.ErrForbidden)
	}
	if t.Case == into {
		return handoff.Case{}, wrap(op, handoff.ErrMerge)
	}
	now := d.moment()
	w, target := &work{d: d, actor: a, now: now}, &work{d: d, actor: a, now: now}
	err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		w.tx, target.tx = tx, tx
		first, second := w, target
		ids := map[*work]handoff.Target{w: t, target: {Case: into}}
		var here, there convo.ID
		for id, to := range map[convo.ID]*convo.ID{t.Case: &here, into: &there} {
			if err := tx.QueryRow(ctx, selectConversationOf, a.Site, id).Scan(to); noRows(err) {
				return handoff.ErrNoCase
			} else if err != nil {
				return err
			}
		}
		if strings.Compare(there.String(), here.String()) < 0 {
			first, second = target, w
		}
		if err := first.begin(ctx, ids[first]); err != nil {
			return err
		}
		if err := second.begin(ctx, ids[second]); err != nil {
			return err
		}
		return w.mergeInto(ctx, target)
	})
	if err != nil {
		return handoff.Case{}, wrap(op, err)
	}
	d.told(w.key, w.events)
	return target.c, nil
}

// adopt takes over what is owed to the customer of a case that goes on in this one:
// the answer that they wait for, since they began to, and where to send it.
func (w *work) adopt(from handoff.Case) {
	c := &w.c
	if c.Contact == "" && from.Contact != "" {
		c.Contact = from.Contact
		w.promise(PromiseContact, time.Time{})
	}
	c.Priority = max(c.Priority, from.Priority)
	if from.CustomerAt.After(c.CustomerAt) {
		c.CustomerAt = from.CustomerAt
	}
	if from.Waits() && (c.WaitsSince.IsZero() || from.WaitsSince.Before(c.WaitsSince)) {
		c.WaitsSince = from.WaitsSince
		if c.State == handoff.Waiting {
			w.promise(handoff.PromiseLadder, time.Time{})
		}
	}
	if c.Waits() {
		c.DueFirst = w.fresh(w.queue())
	}
}

func (w *work) mergeInto(ctx context.Context, target *work) error {
	switch {
	case w.st.Visitor != target.st.Visitor, w.c.State == handoff.Closed, target.c.State == handoff.Closed,
		w.key == target.key && w.c.Link != handoff.Second: // the second goes into the first, not the other way
		return handoff.ErrMerge
	case w.c.State == handoff.Claimed && w.c.Agent != w.actor.Agent && !w.actor.Leads():
		return handoff.Taken(w.c.AgentName)
	}
	owed := w.c
	if err := w.close(ctx, handoff.MergedInto, "", ""); err != nil {
		return err
	}
	w.c.LinkedTo, w.c.Link = target.c.ID, handoff.Merged
	w.logs, w.changes = nil, nil
	w.log(handoff.CaseMerged, handoff.EventBody{Case: &target.c.ID})
	if w.key != target.key {
		w.system(w.d.Texts.MergedInto(target.c, w.langs()...))
	}
	if err := w.save(ctx); err != nil {
		return err
	}
	target.pack = true
	target.adopt(owed)
	target.log(handoff.CaseMerged, handoff.EventBody{Case: &w.c.ID})
	return target.save(ctx)
}
