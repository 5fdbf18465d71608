package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/hours"
)

const (
	deleteRoutes = `DELETE FROM routes WHERE site_id = $1`
	deleteQueue  = `DELETE FROM queues WHERE site_id = $1 AND queue = $2`
	updateRules  = `UPDATE desk_sites SET rules = $2 WHERE site_id = $1`
	selectOpenOf = `SELECT case_id FROM cases WHERE site_id = $1 AND queue = $2 AND state <> 'closed' ORDER BY rank_at, case_id LIMIT 500`
	// selectPastFrom reads a case with the queue that the routes gave it: when it
	// was opened or, where triage came later, with triage. Whoever moved it since
	// says nothing about the routes.
	selectPastFrom = `
SELECT ` + caseColumns + `, coalesce(v.attributes ->> 'group', ''), coalesce(r.queue, c.queue)` + caseFrom + `
LEFT JOIN LATERAL (
    SELECT e.body ->> 'to' AS queue
    FROM case_events e
    WHERE e.site_id = c.site_id AND e.case_id = c.case_id AND e.kind IN ('opened', 'routed') AND e.body ->> 'to' <> ''
    ORDER BY e.n DESC
    LIMIT 1
) r ON true
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
JOIN visitors v ON v.site_id = k.site_id AND v.visitor_id = k.visitor_id
WHERE c.site_id = $1
ORDER BY c.opened_at DESC, c.case_id DESC
LIMIT $2`

	selectBlocked = `
SELECT b.visitor_id, v.name, b.by_name, b.why, b.at, b.until
FROM blocked_visitors b
JOIN visitors v USING (site_id, visitor_id)
WHERE b.site_id = $1 AND (b.until IS NULL OR b.until > $2)
ORDER BY b.at DESC
LIMIT 1000`
	upsertBlock = `
INSERT INTO blocked_visitors (site_id, visitor_id, by_name, why, at, until) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (site_id, visitor_id) DO UPDATE SET by_name = EXCLUDED.by_name, why = EXCLUDED.why, at = EXCLUDED.at, until = EXCLUDED.until`

	selectWall = `
SELECT queue, count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'claimed'), count(*) FILTER (WHERE rank_at < $2),
  min(customer_waits_since) FILTER (WHERE state = 'waiting')
FROM cases
WHERE site_id = $1 AND closed_at IS NULL
GROUP BY queue`
)

// readOnly reads a site's settings outside any other transaction.
func (d *Desk) readOnly(ctx context.Context, site int32) (s *siteSetup, err error) {
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		s, err = d.setupOf(ctx, tx, site, "")
		return err
	})
	return s, err
}

// changeSetup changes a site's settings under the lock of its one row.
func (d *Desk) changeSetup(ctx context.Context, op string, a handoff.Actor, f func(ctx context.Context, tx pgx.Tx, s *siteSetup) error) error {
	if !a.Leads() {
		return wrap(op, handoff.ErrForbidden)
	}
	now := d.moment()
	err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		if _, err := d.setupOf(ctx, tx, a.Site, ""); err != nil { // makes it where it is not
			return err
		}
		if _, err := tx.Exec(ctx, bumpSetup, a.Site); err != nil {
			return err
		}
		s, err := readSetup(ctx, tx, a.Site)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, s); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		queueChanges(batch, a.Site, now, []handoff.Change{{Kind: handoff.ChangeSettings, At: now}})
		return tx.SendBatch(ctx, batch).Close()
	})
	if err == nil {
		d.announce(a.Site)
	}
	return wrap(op, err)
}

// Queues lists a site's queues: see handoff.Desk.
func (d *Desk) Queues(ctx context.Context, a handoff.Actor) ([]handoff.Queue, error) {
	s, err := d.readOnly(ctx, a.Site)
	if err != nil {
		return nil, wrap("list queues", err)
	}
	return slices.Clone(s.Queues), nil
}

// SetQueue adds or changes a queue: see handoff.Desk.
func (d *Desk) SetQueue(ctx context.Context, a handoff.Actor, q handoff.Queue) error {
	if q.Distribution == "" {
		q.Distribution = handoff.ByClaim
	}
	return d.changeSetup(ctx, "change a queue", a, func(ctx context.Context, tx pgx.Tx, s *siteSetup) error {
		next := s.Setup
		next.Queues = slices.Clone(s.Queues)
		if i := slices.IndexFunc(next.Queues, func(o handoff.Queue) bool { return o.Queue == q.Queue }); i >= 0 {
			next.Queues[i] = q
		} else {
			next.Queues = append(next.Queues, q)
		}
		if err := next.Check(); err != nil {
			return err
		}
		if err := checkNotify(q.Notify); err != nil {
			return err
		}
		if _, err := hours.Parse(q.Hours); err != nil {
			return handoff.Bad("queue "+q.Queue, err.Error())
		}
		if q.Closed && q.Queue == next.Rules.DefaultQueue {
			return handoff.Bad("closed", "the default queue takes whatever no route is for: make another one the default first")
		}
		_, err := tx.Exec(ctx, upsertQueue+updateQueueTail, queueArgs(a.Site, q)...)
		return err
	})
}

// RemoveQueue removes a queue and moves its open cases: see handoff.Desk. The
// queue is closed first, so that nothing comes in while they move.
func (d *Desk) RemoveQueue(ctx context.Context, a handoff.Actor, queue, into string) error {
	const op = "remove a queue"
	s, err := d.readOnly(ctx, a.Site)
	if err != nil {
		return wrap(op, err)
	}
	q, ok := s.Queue(queue)
	to, there := s.Queue(into)
	switch {
	case !ok || into != "" && !there:
		return wrap(op, handoff.ErrNoQueue)
	case queue == into || queue == s.Rules.DefaultQueue:
		return wrap(op, handoff.Bad("queue", "the default queue cannot go, and cases move to another one"))
	case slices.ContainsFunc(s.Routes, func(r handoff.Route) bool { return r.Queue == queue }):
		return wrap(op, handoff.Bad("queue", "routes lead to it: change those first"))
	case slices.ContainsFunc(s.Queues, func(o handoff.Queue) bool { return slices.Contains(o.Overflow, queue) }):
		return wrap(op, handoff.Bad("queue", "another queue flows over into it: change that first"))
	}
	if !there {
		to = s.Default()
	}
	if to.Closed {
		return wrap(op, handoff.Bad("into", "that queue takes nothing new"))
	}
	q.Closed = true
	if err := d.SetQueue(ctx, a, q); err != nil {
		return err
	}
	for {
		rows, err := d.Pool.Query(ctx, selectOpenOf, a.Site, queue)
		if err != nil {
			return wrap(op, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
		if err != nil {
			return wrap(op, err)
		}
		for _, id := range ids {
			if err := d.moveOver(ctx, a.Site, id, queue, to); err != nil {
				return wrap(op, err)
			}
		}
		if len(ids) == 0 {
			break
		}
	}
	return d.changeSetup(ctx, op, a, func(ctx context.Context, tx pgx.Tx, _ *siteSetup) error {
		_, err := tx.Exec(ctx, deleteQueue, a.Site, queue)
		return err
	})
}

// moveOver takes an open case to another queue, with whoever has it.
func (d *Desk) moveOver(ctx context.Context, site int32, id convo.ID, from string, to handoff.Queue) error {
	_, err := d.change(ctx, "move a case", handoff.System(site, "settings"), handoff.Target{Case: id}, func(ctx context.Context, w *work) error {
		if w.c.Queue != from || w.c.State == handoff.Closed {
			return nil
		}
		body := handoff.EventBody{From: from, To: to.Queue, Why: "the queue was removed"}
		if w.c.State == handoff.Claimed {
			w.c.Queue = to.Queue
			w.c.Version++
			w.log(handoff.CaseTransferred, body)
			return nil
		}
		if err := w.c.Drop(to.Queue, w.fresh(to)); err != nil {
			return err
		}
		if !w.c.Aside {
			if err := w.line(ctx); err != nil {
				return err
			}
		}
		w.log(handoff.CaseTransferred, body)
		w.promise(handoff.PromiseLadder, time.Time{})
		return nil
	})
	return err
}

// Routes is the routing table: see handoff.Desk.
func (d *Desk) Routes(ctx context.Context, a handoff.Actor) ([]handoff.Route, error) {
	s, err := d.readOnly(ctx, a.Site)
	if err != nil {
		return nil, wrap("read the routes", err)
	}
	return slices.Clone(s.Routes), nil
}

// SetRoutes replaces the routing table: see handoff.Desk.
func (d *Desk) SetRoutes(ctx context.Context, a handoff.Actor, routes []handoff.Route) error {
	return d.changeSetup(ctx, "change the routes", a, func(ctx context.Context, tx pgx.Tx, s *siteSetup) error {
		next := s.Setup
		next.Routes = routes
		if err := next.Check(); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(deleteRoutes, a.Site)
		for i, r := range routes {
			args, err := routeArgs(a.Site, i+1, r)
			if err != nil {
				return err
			}
			batch.Queue(insertRoute, args...)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

// DryRun holds routes against past cases: see handoff.Desk.
func (d *Desk) DryRun(ctx context.Context, a handoff.Actor, routes []handoff.Route, limit int) ([]handoff.DryRun, error) {
	const op = "try the routes"
	s, err := d.readOnly(ctx, a.Site)
	if err != nil {
		return nil, wrap(op, err)
	}
	table := s.Setup
	if routes != nil {
		table.Routes = routes
		if err := table.Check(); err != nil {
			return nil, wrap(op, err)
		}
	}
	rows, err := d.Pool.Query(ctx, selectPastFrom, a.Site, min(max(limit, 1), 5000))
	if err != nil {
		return nil, wrap(op, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (handoff.DryRun, error) {
		var c handoff.Case
		var group, routed string
		if err := row.Scan(append(caseTargets(&c), &group, &routed)...); err != nil {
			return handoff.DryRun{}, err
		}
		m := handoff.Matter{
			Triage: handoff.Triage{Desk: c.Desk, Topic: c.Topic, Product: c.Product, Language: c.Language, Mood: c.Mood, Urgency: c.Urgency},
			Reason: c.Reason, Group: group, Triaged: c.Triaged, At: c.OpenedAt.In(s.zone),
			Open: func(queue string) bool { q, _ := s.Queue(queue); return d.open(q, c.OpenedAt) },
		}
		q, p, line := table.Route(m, "")
		run := handoff.DryRun{Reference: c.Reference, Case: c.ID, OpenedAt: c.OpenedAt, Was: routed, Would: q.Queue, Priority: p, Route: line}
		if !a.SeesCase(c) {
			run.Case = convo.ID{}
		}
		return run, nil
	})
	return slices.DeleteFunc(out, func(r handoff.DryRun) bool { return zero(r.Case) }), wrap(op, err)
}

// Rules are the site's limits: see handoff.Desk.
func (d *Desk) Rules(ctx context.Context, a handoff.Actor) (handoff.Rules, error) {
	s, err := d.readOnly(ctx, a.Site)
	if err != nil {
		return handoff.Rules{}, wrap("read the rules", err)
	}
	return s.Rules, nil
}

// SetRules changes them: see handoff.Desk.
func (d *Desk) SetRules(ctx context.Context, a handoff.Actor, r handoff.Rules) error {
	return d.changeSetup(ctx, "change the rules", a, func(ctx context.Context, tx pgx.Tx, s *siteSetup) error {
		next := s.Setup
		next.Rules = r
		if err := next.Check(); err != nil {
			return err
		}
		if q, _ := next.Queue(r.DefaultQueue); q.Closed {
			return handoff.Bad("default_queue", "that queue is closed")
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, updateRules, a.Site, raw)
		return err
	})
}

// Block keeps a visitor from people: see handoff.Desk.
func (d *Desk) Block(ctx context.Context, a handoff.Actor, visitor convo.ID, until time.Time, why string) error {
	const op = "block a visitor"
	if !a.Leads() {
		return wrap(op, handoff.ErrForbidden)
	}
	why, err := reasonOf(why)
	if err != nil {
		return wrap(op, err)
	}
	var there bool
	err = d.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM visitors WHERE site_id = $1 AND visitor_id = $2)`, a.Site, visitor).Scan(&there)
	if err == nil && !there {
		err = handoff.ErrNoConversation
	}
	if err == nil {
		_, err = d.Pool.Exec(ctx, upsertBlock, a.Site, visitor, a.Name, why, d.moment(), orNull(until))
	}
	return wrap(op, err)
}

// Unblock lets them again: see handoff.Desk.
func (d *Desk) Unblock(ctx context.Context, a handoff.Actor, visitor convo.ID) error {
	if !a.Leads() {
		return wrap("unblock a visitor", handoff.ErrForbidden)
	}
	_, err := d.Pool.Exec(ctx, `DELETE FROM blocked_visitors WHERE site_id = $1 AND visitor_id = $2`, a.Site, visitor)
	return wrap("unblock a visitor", err)
}

// Blocked lists who is kept: see handoff.Desk.
func (d *Desk) Blocked(ctx context.Context, a handoff.Actor) ([]handoff.Block, error) {
	if !a.Leads() {
		return nil, wrap("list blocked visitors", handoff.ErrForbidden)
	}
	rows, err := d.Pool.Query(ctx, selectBlocked, a.Site, d.moment())
	if err != nil {
		return nil, wrap("list blocked visitors", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (b handoff.Block, err error) {
		err = row.Scan(&b.Visitor, &b.Name, &b.By, &b.Why, &b.At, nullTime{&b.Until})
		return b, err
	})
	return list, wrap("list blocked visitors", err)
}

// Wall is every queue with what goes on in it: see handoff.Desk.
func (d *Desk) Wall(ctx context.Context, a handoff.Actor) ([]handoff.QueueState, error) {
	const op = "read the wall"
	var out []handoff.QueueState
	now := d.moment()
	err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		s, err := d.setupOf(ctx, tx, a.Site, "")
		if err != nil {
			return err
		}
		agents, err := d.agentsOf(ctx, tx, a.Site, now)
		if err != nil {
			return err
		}
		scopes, err := d.scopes(ctx, tx, a.Site)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectWall, a.Site, now)
		if err != nil {
			return err
		}
		counts := map[string]handoff.QueueState{}
		var q handoff.QueueState
		_, err = pgx.ForEachRow(rows, []any{&q.Queue.Queue, &q.Waiting, &q.Claimed, &q.Late, nullTime{&q.Oldest}}, func() error {
			counts[q.Queue.Queue] = q
			return nil
		})
		if err != nil {
			return err
		}
		for _, setting := range s.Queues {
			if !a.Sees(setting.Queue) {
				continue
			}
			state := counts[setting.Queue]
			state.Queue = setting
			for _, g := range agents {
				if g.Status != "" && !g.Disabled && g.Role != handoff.RoleReadOnly && worksIn(scopes, g.ID, setting.Queue) {
					state.Online++
					state.Free += g.Free()
				}
			}
			out = append(out, state)
		}
		return nil
	})
	return out, wrap(op, err)
}
