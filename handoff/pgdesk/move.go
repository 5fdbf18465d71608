package pgdesk

import (
	"context"
	"slices"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Transfer gives a case to a queue or a person: see handoff.Desk.
func (d *Desk) Transfer(ctx context.Context, a handoff.Actor, t handoff.Target, to handoff.TransferTo) (handoff.Case, error) {
	if (to.Queue == "") == (to.Agent == convo.ID{}) {
		return handoff.Case{}, wrap("transfer a case", handoff.ErrNowhere)
	}
	why, err := reasonOf(to.Why)
	if err != nil {
		return handoff.Case{}, wrap("transfer a case", err)
	}
	to.Why = why
	return d.change(ctx, "transfer a case", a, t, func(ctx context.Context, w *work) error {
		if err := w.mayMove(); err != nil {
			return err
		}
		if to.Queue != "" {
			return w.toQueue(ctx, to.Queue, to.Why)
		}
		return w.toAgent(ctx, to.Agent, to.Why)
	})
}

// mayMove refuses to pass on what is closed or another's, and what has been
// passed on too often.
func (w *work) mayMove() error {
	switch {
	case w.c.State == handoff.Closed:
		return handoff.ErrClosed
	case w.c.State == handoff.Claimed && w.c.Agent != w.actor.Agent && !w.actor.Leads():
		return handoff.Taken(w.c.AgentName)
	case w.c.Moves >= w.setup.Rules.Moves() && !w.actor.Leads():
		return handoff.ErrCircle
	}
	return nil
}

func (w *work) toQueue(ctx context.Context, queue, why string) error {
	q, ok := w.setup.Queue(queue)
	switch {
	case !ok:
		return handoff.ErrNoQueue
	case q.Queue == w.c.Queue && w.c.State == handoff.Waiting:
		return handoff.ErrSelf
	}
	served, err := w.served(ctx, q)
	if err != nil {
		return err
	}
	if !served {
		return handoff.ErrUnserved
	}
	body := handoff.EventBody{From: w.c.Queue, To: q.Queue, Why: why}
	if err := w.moveTo(ctx, q); err != nil {
		return err
	}
	w.log(handoff.CaseTransferred, body)
	return nil
}

// moveTo puts the case in a queue's line and tells the customer.
func (w *work) moveTo(ctx context.Context, q handoff.Queue) error {
	w.c.Moves++
	if q.Product != "" {
		w.c.Product = q.Product
	}
	if err := w.c.Drop(q.Queue, w.fresh(q)); err != nil {
		return err
	}
	if w.holds() {
		if err := w.line(ctx); err != nil {
			return err
		}
		w.system(w.d.Texts.Moved(w.c, w.langs()...))
	}
	w.pack = true
	w.promise(handoff.PromiseLadder, time.Time{})
	return nil
}

// langs are the languages the customer is spoken to in, best first.
func (w *work) langs() []string { return []string{w.st.Language, w.c.Language} }

// served says whether anybody can ever take a case of the queue.
func (w *work) served(ctx context.Context, q handoff.Queue) (bool, error) {
	if q.Closed {
		return false, nil
	}
	list, err := w.d.agentsOf(ctx, w.tx, w.key.Site, w.now)
	if err != nil {
		return false, err
	}
	scopes, err := w.d.scopes(ctx, w.tx, w.key.Site)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(g handoff.Agent) bool {
		return !g.Disabled && g.Role != handoff.RoleReadOnly && worksIn(scopes, g.ID, q.Queue)
	}), nil
}

func worksIn(scopes map[convo.ID][]string, agent convo.ID, queue string) bool {
	list, scoped := scopes[agent]
	return !scoped || slices.Contains(list, queue)
}

func (w *work) toAgent(ctx context.Context, id convo.ID, why string) error {
	g, err := w.agentToHold(ctx, id)
	switch {
	case err != nil:
		return err
	case w.c.Agent == id:
		return handoff.ErrSelf
	case g.Disabled, g.Role == handoff.RoleReadOnly:
		return handoff.ErrTheyFull
	case g.Status != handoff.Online || g.Load+w.queue().Weighs() > g.Capacity:
		if !w.actor.Leads() {
			return handoff.ErrTheyFull
		}
	}
	from, name := w.c.Agent, w.c.AgentName
	if err := w.c.Pass(g.ID, g.Name, w.now); err != nil {
		return err
	}
	w.c.Moves++
	if w.c.Link != handoff.Second {
		w.owner(convo.OwnerChange{Owner: convo.OwnerAgent, Name: g.Name})
	}
	w.log(handoff.CaseTransferred, handoff.EventBody{From: w.c.Queue, To: w.c.Queue, Agent: &g.ID, Name: g.Name, Why: why})
	if from != (convo.ID{}) && from != w.actor.Agent { // it was taken from somebody: their list changes too
		w.changes = append(w.changes, handoff.Change{Case: w.c.ID, Queue: w.c.Queue, Agent: from, Kind: handoff.CaseTransferred, At: w.now})
		w.logs[len(w.logs)-1].body.Text = name
	}
	w.pack = true
	return nil
}

// Escalate gives a case to those above: see handoff.Desk.
func (d *Desk) Escalate(ctx context.Context, a handoff.Actor, t handoff.Target, queue, why string) (handoff.Case, error) {
	why, err := reasonOf(why)
	if err != nil {
		return handoff.Case{}, wrap("escalate a case", err)
	}
	return d.change(ctx, "escalate a case", a, t, func(ctx context.Context, w *work) error {
		if w.c.State == handoff.Closed {
			return handoff.ErrClosed
		}
		if w.c.State == handoff.Claimed && w.c.Agent != a.Agent && !a.Leads() {
			return handoff.Taken(w.c.AgentName)
		}
		q, err := w.above(ctx, queue)
		if err != nil {
			return err
		}
		body := handoff.EventBody{From: w.c.Queue, To: q.Queue, Why: why}
		w.c.Priority = max(w.c.Priority, handoff.High)
		if err := w.moveTo(ctx, q); err != nil {
			return err
		}
		w.log(handoff.CaseEscalated, body)
		return nil
	})
}

// above is where an escalation goes: to the queue that is named, else up, past
// queues that nobody works in.
func (w *work) above(ctx context.Context, named string) (handoff.Queue, error) {
	q, ok := w.setup.Above(w.queue())
	if named != "" {
		if q, ok = w.setup.Queue(named); !ok {
			return q, handoff.ErrNoQueue
		}
	}
	for range w.setup.Queues {
		if !ok || q.Queue == w.c.Queue {
			return q, handoff.ErrNobodyUp
		}
		served, err := w.served(ctx, q)
		if err != nil || served {
			return q, err
		}
		next, more := w.setup.Above(q)
		if named != "" || !more {
			break
		}
		q = next
	}
	return q, handoff.ErrUnserved
}

// SetPriority moves a case in its line: see handoff.Desk.
func (d *Desk) SetPriority(ctx context.Context, a handoff.Actor, t handoff.Target, p handoff.Priority) (handoff.Case, error) {
	if p < handoff.Low || p > handoff.Urgent {
		return handoff.Case{}, wrap("set a priority", handoff.ErrPriority)
	}
	return d.change(ctx, "set a priority", a, t, func(_ context.Context, w *work) error {
		if w.c.State == handoff.Closed {
			return handoff.ErrClosed
		}
		if w.c.Priority == p {
			return nil
		}
		w.c.Priority = p
		if !w.c.DueFirst.IsZero() {
			w.c.DueFirst = w.fresh(w.queue())
		}
		w.log(handoff.CasePriority, handoff.EventBody{Priority: &p})
		return nil
	})
}

// Retriage routes a case that was opened unseen: see handoff.Desk.
func (d *Desk) Retriage(ctx context.Context, key convo.Key, t handoff.Triage) (c handoff.Case, done bool, err error) {
	var target handoff.Target
	err = d.Pool.QueryRow(ctx, `SELECT case_id FROM cases WHERE site_id = $1 AND conversation_id = $2 AND state = 'waiting' AND NOT triaged AND link <> 'second'`,
		key.Site, key.ID).Scan(&target.Case)
	if noRows(err) {
		return c, false, nil
	}
	if err != nil {
		return c, false, wrap("route a case again", err)
	}
	c, err = d.change(ctx, "route a case again", handoff.System(key.Site, "triage"), target, func(ctx context.Context, w *work) error {
		if w.c.Triaged || w.c.State != handoff.Waiting {
			return nil // somebody was quicker
		}
		done = true
		return w.reroute(ctx, t)
	})
	return c, done && err == nil, err
}

func (w *work) reroute(ctx context.Context, t handoff.Triage) error {
	var group string
	err := w.tx.QueryRow(ctx, `SELECT coalesce(attributes ->> 'group', '') FROM visitors WHERE site_id = $1 AND visitor_id = $2`, w.key.Site, w.st.Visitor).Scan(&group)
	if err != nil {
		return err
	}
	c := &w.c
	c.Desk, c.Topic, c.Product, c.Mood, c.Urgency, c.Triaged = t.Desk, t.Topic, t.Product, t.Mood, t.Urgency, true
	c.Language = firstOf(t.Language, c.Language)
	w.pack, w.triage = true, &t
	q, priority, line := w.setup.Route(w.matter(c.Reason, &t, group), c.Queue)
	if line == 0 && c.Queue != "" { // nothing says more than where it stands
		q, priority = w.queue(), c.Priority
	}
	body := handoff.EventBody{From: c.Queue, To: q.Queue, Route: line, Triage: &t}
	moved := q.Queue != c.Queue
	c.Priority = max(c.Priority, priority)
	if moved {
		if err := c.Drop(q.Queue, w.fresh(q)); err != nil {
			return err
		}
		if !c.Aside {
			if err := w.line(ctx); err != nil {
				return err
			}
		}
		w.promise(handoff.PromiseLadder, time.Time{})
	} else {
		c.DueFirst = w.fresh(q)
	}
	w.log(handoff.CaseRouted, body)
	return nil
}
