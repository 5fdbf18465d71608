package pgdesk

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

var errEmail = fault.New(fault.Conflict, "agent_email", "Somebody at this desk has that e-mail address already.")

const (
	// selectAgents reads people with what they hold now; $3 is who (NULL: all).
	selectAgents = `
SELECT g.agent_id, g.email, g.name, g.role, g.languages, g.skills, g.capacity, g.state, g.created_at,
  coalesce(h.load, 0), coalesce(h.cases, 0), CASE WHEN p.lease_until > $2 THEN p.status ELSE '' END, CASE WHEN p.lease_until > $2 THEN p.since END
FROM agents g
LEFT JOIN presence p USING (site_id, agent_id)
LEFT JOIN LATERAL (
    SELECT count(*) AS cases, sum(coalesce(q.weight, 1)) FILTER (
        WHERE l.snoozed_until IS NULL AND (l.customer_waits_since IS NOT NULL OR greatest(l.claimed_at, l.agent_at, l.customer_at) > $4)) AS load
    FROM cases l
    LEFT JOIN queues q ON q.site_id = l.site_id AND q.queue = l.queue
    WHERE l.site_id = g.site_id AND l.agent_id = g.agent_id AND l.state = 'claimed'
) h ON true
WHERE g.site_id = $1 AND ($3::uuid IS NULL OR g.agent_id = $3)
ORDER BY lower(g.name), g.agent_id`

	insertAgent = `
INSERT INTO agents (site_id, agent_id, email, name, role, languages, skills, capacity, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	updateAgent = `
UPDATE agents SET email = $3, name = $4, role = $5, languages = $6, skills = $7, capacity = $8, state = $9
WHERE site_id = $1 AND agent_id = $2`

	// renewLease keeps since where the status is the same and the gap was short:
	// a page that is loaded anew is no coming and going. Its last column is the
	// status before it, as its own snapshot has it; empty: away. Its commit does not
	// wait for the disk: a lease that a crash of the database takes away is renewed
	// by the next beat.
	renewLease = `
WITH hasty AS (
    SELECT set_config('synchronous_commit', 'off', true) AS off
), before AS (
    SELECT status FROM presence WHERE site_id = $1 AND agent_id = $2 AND lease_until > $3
), p AS (
    INSERT INTO presence AS p (site_id, agent_id, lease_until, status, since)
    SELECT $1, g.agent_id, $4, coalesce(NULLIF($5, ''), 'online'), $3
    FROM agents g, hasty
    WHERE g.site_id = $1 AND g.agent_id = $2 AND g.state = 'active' AND hasty.off = 'off'
    ON CONFLICT (site_id, agent_id) DO UPDATE
    SET lease_until = greatest(p.lease_until, EXCLUDED.lease_until),
        status = CASE WHEN $5 = '' THEN p.status ELSE EXCLUDED.status END,
        since = CASE WHEN ($5 = '' OR p.status = $5) AND p.lease_until > $3 - interval '60 s' THEN p.since ELSE $3 END
    RETURNING p.status, p.lease_until, p.since
)
SELECT p.status, p.lease_until, p.since, coalesce((SELECT status FROM before), '') FROM p`
	endLease      = `UPDATE presence SET lease_until = $3 WHERE site_id = $1 AND agent_id = $2 AND lease_until > $3`
	selectPresent = `
SELECT p.agent_id, g.name, p.status, p.lease_until, p.since
FROM presence p
JOIN agents g USING (site_id, agent_id)
WHERE p.site_id = $1 AND p.lease_until > $2 AND g.state = 'active'
ORDER BY lower(g.name), p.agent_id`

	// selectScopes leaves admins out: they work in every queue whatever their list
	// says.
	selectScopes = `
SELECT s.agent_id, s.queues
FROM agent_queues s
JOIN agents g USING (site_id, agent_id)
WHERE s.site_id = $1 AND s.queues IS NOT NULL AND g.role <> 'admin'`
	selectHeldBy = `SELECT case_id FROM cases WHERE site_id = $1 AND agent_id = $2 AND state = 'claimed' ORDER BY rank_at, case_id`
)

// agentsOf reads the people of a site, or those of these ids.
func (d *Desk) agentsOf(ctx context.Context, tx queryer, site int32, now time.Time, only ...convo.ID) ([]handoff.Agent, error) {
	var who *convo.ID
	if len(only) > 0 {
		who = &only[0]
	}
	rows, err := tx.Query(ctx, selectAgents, site, now, who, now.Add(-d.cfg.QuietAfter))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g handoff.Agent, err error) {
		var state string
		err = row.Scan(&g.ID, &g.Email, &g.Name, &g.Role, &g.Languages, &g.Skills, &g.Capacity, &state, &g.CreatedAt, &g.Load, &g.Cases, &g.Status, nullTime{&g.Since})
		g.Disabled = state == "disabled"
		return g, err
	})
}

// scopes are the queues people work in; somebody who is not in it works in all.
// The table is the people slice's: who works where decides who is offered what.
func (d *Desk) scopes(ctx context.Context, tx queryer, site int32) (map[convo.ID][]string, error) {
	rows, err := tx.Query(ctx, selectScopes, site)
	if err != nil {
		return nil, err
	}
	out := map[convo.ID][]string{}
	var who convo.ID
	var queues []string
	_, err = pgx.ForEachRow(rows, []any{&who, &queues}, func() error {
		out[who] = queues
		return nil
	})
	return out, err
}

// Agents lists the people of the desk: see handoff.Desk.
func (d *Desk) Agents(ctx context.Context, a handoff.Actor) ([]handoff.Agent, error) {
	list, err := d.agentsOf(ctx, d.Pool, a.Site, d.moment())
	return list, wrap("list the people of the desk", err)
}

func checkAgent(g *handoff.Agent) error {
	g.Email, g.Name = strings.ToLower(strings.TrimSpace(g.Email)), strings.TrimSpace(g.Name)
	if _, err := handoff.ParseRole(string(g.Role)); err != nil {
		return err
	}
	at := strings.LastIndexByte(g.Email, '@')
	switch {
	case at < 1 || at == len(g.Email)-1 || len(g.Email) > 254 || strings.ContainsAny(g.Email, " \t\r\n<>,;\x00"):
		return handoff.Bad("email", "that is no e-mail address")
	case g.Name == "" || len(g.Name) > 200 || strings.ContainsAny(g.Name, "\r\n\x00"):
		return handoff.Bad("name", "it has to be there, on one line, with at most 200 bytes: customers read it")
	case g.Capacity < 0 || g.Capacity > 1000:
		return handoff.Bad("capacity", "from 0 (takes nothing new) to 1000")
	}
	return nil
}

// refusedAgent says in words what the table of people refuses.
func refusedAgent(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && e.ConstraintName == "agents_email":
		return errEmail
	case ok && e.ConstraintName == "agents_last_admin":
		return handoff.ErrLastAdmin
	}
	return err
}

// AddAgent adds somebody: see handoff.Desk.
func (d *Desk) AddAgent(ctx context.Context, a handoff.Actor, g handoff.Agent) (handoff.Agent, error) {
	const op = "add somebody to the desk"
	if a.Role != handoff.RoleAdmin && a.Role != handoff.RoleSystem {
		return handoff.Agent{}, wrap(op, handoff.ErrForbidden)
	}
	if err := checkAgent(&g); err != nil {
		return handoff.Agent{}, wrap(op, err)
	}
	if g.ID == (convo.ID{}) {
		g.ID = d.NewID()
	}
	g.CreatedAt = d.moment()
	_, err := d.Pool.Exec(ctx, insertAgent, a.Site, g.ID, g.Email, g.Name, string(g.Role), list(g.Languages), list(g.Skills), g.Capacity, g.CreatedAt)
	return g, wrap(op, refusedAgent(err))
}

// SetAgent changes somebody: see handoff.Desk. The cases of one who may work no
// longer go back to their queues, one transaction each: where that is cut
// short, whoever keeps house finds the rest.
func (d *Desk) SetAgent(ctx context.Context, a handoff.Actor, g handoff.Agent) (handoff.Agent, error) {
	const op = "change somebody at the desk"
	if a.Role != handoff.RoleAdmin && a.Role != handoff.RoleSystem {
		return handoff.Agent{}, wrap(op, handoff.ErrForbidden)
	}
	if err := checkAgent(&g); err != nil {
		return handoff.Agent{}, wrap(op, err)
	}
	state := "active"
	if g.Disabled {
		state = "disabled"
	}
	tag, err := d.Pool.Exec(ctx, updateAgent, a.Site, g.ID, g.Email, g.Name, string(g.Role), list(g.Languages), list(g.Skills), g.Capacity, state)
	err = refusedAgent(err)
	if err == nil && tag.RowsAffected() == 0 {
		err = handoff.ErrNoAgent
	}
	if err != nil {
		return handoff.Agent{}, wrap(op, err)
	}
	if g.Disabled || g.Role == handoff.RoleReadOnly {
		if err := d.releaseAll(ctx, a.Site, g.ID, "works here no longer"); err != nil {
			return handoff.Agent{}, wrap(op, err)
		}
	}
	all, err := d.agentsOf(ctx, d.Pool, a.Site, d.moment(), g.ID)
	if err != nil || len(all) == 0 {
		return g, wrap(op, err)
	}
	return all[0], nil
}

func (d *Desk) releaseAll(ctx context.Context, site int32, agent convo.ID, why string) error {
	rows, err := d.Pool.Query(ctx, selectHeldBy, site, agent)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := d.giveBack(ctx, site, id, agent, why)
		if err != nil {
			return err
		}
	}
	return nil
}

// giveBack releases a case for somebody who cannot, if it is still theirs.
func (d *Desk) giveBack(ctx context.Context, site int32, id, agent convo.ID, why string) error {
	_, err := d.change(ctx, "release a case", handoff.System(site, "desk"), handoff.Target{Case: id}, func(ctx context.Context, w *work) error {
		if w.c.State != handoff.Claimed || w.c.Agent != agent {
			return nil
		}
		return w.release(ctx, why)
	})
	if errors.Is(err, handoff.ErrNoCase) {
		return nil
	}
	return err
}

// Beat renews a lease: see handoff.Desk.
func (d *Desk) Beat(ctx context.Context, a handoff.Actor, status handoff.Status) (handoff.Presence, error) {
	const op = "say that somebody is there"
	if status != "" {
		if _, err := handoff.ParseStatus(string(status)); err != nil {
			return handoff.Presence{}, wrap(op, err)
		}
	}
	now := d.moment()
	p := handoff.Presence{Agent: a.Agent, Name: a.Name}
	var before handoff.Status
	err := d.Pool.QueryRow(ctx, renewLease, a.Site, a.Agent, now, now.Add(handoff.Lease), string(status)).Scan(&p.Status, &p.Until, &p.Since, &before)
	if noRows(err) {
		err = handoff.ErrNoAgent
	}
	if err != nil {
		return p, wrap(op, err)
	}
	if before != p.Status { // most beats change nothing that anybody looks at
		err = d.note(ctx, a.Site, handoff.Change{Agent: a.Agent, Kind: handoff.ChangePresence, At: now})
	}
	return p, wrap(op, err)
}

// Leave ends a lease: see handoff.Desk.
func (d *Desk) Leave(ctx context.Context, a handoff.Actor) error {
	now := d.moment()
	tag, err := d.Pool.Exec(ctx, endLease, a.Site, a.Agent, now)
	if err == nil && tag.RowsAffected() > 0 {
		err = d.note(ctx, a.Site, handoff.Change{Agent: a.Agent, Kind: handoff.ChangePresence, At: now})
	}
	return wrap("say that somebody has gone", err)
}

// Present lists who is there: see handoff.Desk.
func (d *Desk) Present(ctx context.Context, site int32) ([]handoff.Presence, error) {
	rows, err := d.Pool.Query(ctx, selectPresent, site, d.moment())
	if err != nil {
		return nil, wrap("list who is there", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p handoff.Presence, err error) {
		err = row.Scan(&p.Agent, &p.Name, &p.Status, &p.Until, &p.Since)
		return p, err
	})
	return list, wrap("list who is there", err)
}

// note writes a change that belongs to no case.
func (d *Desk) note(ctx context.Context, site int32, c handoff.Change) error {
	batch := &pgx.Batch{}
	queueChanges(batch, site, c.At, []handoff.Change{c})
	if err := d.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	d.announce(site)
	return nil
}
