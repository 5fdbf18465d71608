package pgdesk

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// selectHeads is which queues' lines have somebody in them, whose head is due
// first.
const selectHeads = `
SELECT q.queue
FROM unnest($2::text[]) AS q (queue), LATERAL (
    SELECT c.rank_at, c.case_id
    FROM cases c
    WHERE c.site_id = $1 AND c.queue = q.queue AND c.state = 'waiting'
    ORDER BY c.rank_at, c.case_id
    LIMIT 1
) AS h
ORDER BY h.rank_at, h.case_id`

const selectHolder = `SELECT ` + caseColumns + caseFrom + ` WHERE c.site_id = $1 AND c.case_id = $2`

// Claim takes a case: see handoff.Desk.
func (d *Desk) Claim(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error) {
	const op = "claim a case"
	if !a.Works() || a.Agent == (convo.ID{}) {
		return handoff.Case{}, wrap(op, handoff.ErrForbidden)
	}
	c, holder, err := d.claimTogether(ctx, a, t)
	if !noRows(err) {
		return c, wrap(op, err)
	}
	// Most often somebody was quicker, and looking is enough to say who.
	if holder.ID == (convo.ID{}) {
		err = d.Pool.QueryRow(ctx, selectHolder, a.Site, t.Case).Scan(caseTargets(&holder)...)
	} else {
		err = nil
	}
	switch {
	case noRows(err) || err == nil && !a.SeesCase(holder):
		return handoff.Case{}, wrap(op, handoff.ErrNoCase)
	case err != nil:
		return handoff.Case{}, wrap(op, err)
	case holder.State == handoff.Claimed && holder.Agent != a.Agent:
		return handoff.Case{}, wrap(op, handoff.Taken(holder.AgentName))
	}
	return d.claimSlowly(ctx, a, t)
}

// claimSlowly is every other case, and what says why not.
func (d *Desk) claimSlowly(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error) {
	return d.change(ctx, "claim a case", a, t, func(ctx context.Context, w *work) error {
		if err := w.room(ctx); err != nil {
			return err
		}
		return w.take()
	})
}

// take gives the case to the actor.
func (w *work) take() error {
	fresh, err := w.c.Take(w.actor.Agent, w.actor.Name, w.actor.Leads(), w.now)
	if err != nil || !fresh {
		return err
	}
	if w.c.Link != handoff.Second && w.st.Owner != convo.OwnerAgent {
		w.owner(convo.OwnerChange{Owner: convo.OwnerAgent, Name: w.actor.Name})
	}
	w.log(handoff.CaseClaimed, handoff.EventBody{To: w.c.Queue})
	return nil
}

// room refuses an agent who is disabled or holds as much as they can; a lead
// may hold more.
func (w *work) room(ctx context.Context) error {
	if w.c.State != handoff.Waiting { // it is theirs already, or somebody else's: that is said instead
		return nil
	}
	g, err := w.agentToHold(ctx, w.actor.Agent)
	switch {
	case errors.Is(err, handoff.ErrNoAgent):
		return handoff.ErrForbidden
	case err != nil:
		return err
	case g.Disabled, g.Role == handoff.RoleReadOnly:
		return handoff.ErrForbidden
	case w.actor.Leads():
		return nil
	case g.Load+w.queue().Weighs() > g.Capacity:
		return handoff.Full(g, w.queue())
	}
	return nil
}

// agentToHold reads somebody who is to hold one more, and keeps whoever else
// would give them one waiting until this transaction ends: see lockAgents.
func (w *work) agentToHold(ctx context.Context, id convo.ID) (handoff.Agent, error) {
	if !w.actor.Leads() {
		if _, err := w.tx.Exec(ctx, w.d.sql.lockAgents, w.key.Site, []convo.ID{id}); err != nil {
			return handoff.Agent{}, err
		}
	}
	return w.agent(ctx, id)
}

// agent reads somebody with what they hold now.
func (w *work) agent(ctx context.Context, id convo.ID) (handoff.Agent, error) {
	list, err := w.d.agentsOf(ctx, w.tx, w.key.Site, w.now, id)
	if err != nil {
		return handoff.Agent{}, err
	}
	if len(list) == 0 {
		return handoff.Agent{}, handoff.ErrNoAgent
	}
	return list[0], nil
}

// ClaimNext takes the case that is due first: see handoff.Desk.
func (d *Desk) ClaimNext(ctx context.Context, a handoff.Actor, queues ...string) (handoff.Case, bool, error) {
	const op = "claim the next case"
	if !a.Works() || a.Agent == (convo.ID{}) {
		return handoff.Case{}, false, wrap(op, handoff.ErrForbidden)
	}
	queues, err := d.queuesOf(ctx, a, queues)
	if err != nil {
		return handoff.Case{}, false, wrap(op, err)
	}
	if len(queues) != 1 {
		rows, err := d.Pool.Query(ctx, selectHeads, a.Site, queues)
		if err == nil {
			queues, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err != nil {
			return handoff.Case{}, false, wrap(op, err)
		}
	}
	for _, q := range queues {
		first := a
		first.Queues = []string{q}
		got, err := d.claimRows(ctx, d.sql.claimNext, []*claimAsk{{actor: first}})
		if err != nil && !errors.Is(err, errNotItsCase) {
			return handoff.Case{}, false, wrap(op, err)
		}
		for _, c := range got {
			return c, true, nil
		}
	}
	return d.claimLeft(ctx, a, queues)
}

// selectFirst is who waits first in these lines.
const selectFirst = `
SELECT c.case_id
FROM cases c
WHERE c.site_id = $1 AND c.queue = ANY ($2) AND c.state = 'waiting' AND c.link <> 'second'
  AND (c.offered_to IS NULL OR c.offered_to = $3 OR c.offered_until <= $4)
ORDER BY c.rank_at, c.case_id
LIMIT 3`

// claimLeft tries what claimNext passed over, one by one: what somebody was just
// changing. An agent who has no room is told so by it.
func (d *Desk) claimLeft(ctx context.Context, a handoff.Actor, queues []string) (handoff.Case, bool, error) {
	rows, err := d.Pool.Query(ctx, selectFirst, a.Site, queues, a.Agent, d.moment())
	if err != nil {
		return handoff.Case{}, false, wrap("claim the next case", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		return handoff.Case{}, false, wrap("claim the next case", err)
	}
	for _, id := range ids {
		c, err := d.Claim(ctx, a, handoff.Target{Case: id})
		switch {
		case err == nil:
			return c, true, nil
		case errors.Is(err, handoff.ErrTaken), errors.Is(err, handoff.ErrClosed), errors.Is(err, handoff.ErrOffered), errors.Is(err, handoff.ErrNoCase):
			continue // somebody was quicker
		default:
			return c, false, err
		}
	}
	return handoff.Case{}, false, nil
}

// queuesOf are the queues an actor works in, of those asked for; none asked
// for: all of them.
func (d *Desk) queuesOf(ctx context.Context, a handoff.Actor, asked []string) ([]string, error) {
	if len(asked) == 0 && a.Queues != nil {
		return a.Queues, nil
	}
	if len(asked) == 0 {
		s, err := d.readOnly(ctx, a.Site)
		if err != nil {
			return nil, err
		}
		for _, q := range s.Queues {
			asked = append(asked, q.Queue)
		}
		return asked, nil
	}
	for _, q := range asked {
		if !a.Sees(q) {
			return nil, handoff.ErrNoQueue
		}
	}
	return asked, nil
}

// Release gives a case back: see handoff.Desk.
func (d *Desk) Release(ctx context.Context, a handoff.Actor, t handoff.Target, why string) (handoff.Case, error) {
	why, err := reasonOf(why)
	if err != nil {
		return handoff.Case{}, wrap("release a case", err)
	}
	return d.change(ctx, "release a case", a, t, func(ctx context.Context, w *work) error {
		if w.c.State == handoff.Waiting {
			return handoff.ErrNotHeld
		}
		if err := w.c.Held(a); err != nil {
			return err
		}
		return w.release(ctx, why)
	})
}

func (w *work) release(ctx context.Context, why string) error {
	from, name := w.c.Agent, w.c.AgentName
	q := w.queue()
	if q.Closed { // it takes nothing new: to the default queue instead
		q = w.setup.Default()
	}
	due := w.c.DueFirst
	if due.IsZero() || q.Queue != w.c.Queue {
		due = w.fresh(q)
	}
	if err := w.c.Drop(q.Queue, due); err != nil {
		return err
	}
	if err := w.line(ctx); err != nil {
		return err
	}
	w.log(handoff.CaseReleased, handoff.EventBody{To: q.Queue, Agent: &from, Name: name, Why: why})
	w.promise(handoff.PromiseLadder, time.Time{})
	return nil
}
