package pgpeople

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
)

const (
	selectPeople = `
SELECT a.agent_id, a.email, a.name, a.role, a.state = 'disabled', a.created_at, q.queues, p.hash IS NOT NULL,
       (SELECT count(*) FROM agent_sessions e
        WHERE e.site_id = a.site_id AND e.agent_id = a.agent_id AND e.ended_at IS NULL AND e.expires_at > now()),
       (SELECT max(e.seen_at) FROM agent_sessions e WHERE e.site_id = a.site_id AND e.agent_id = a.agent_id)
FROM agents a
LEFT JOIN agent_passwords p USING (site_id, agent_id)
LEFT JOIN agent_queues q USING (site_id, agent_id)
WHERE a.site_id = $1 AND `
	selectEverybody = selectPeople + `true ORDER BY lower(a.name), a.agent_id`
	selectPerson    = selectPeople + `a.agent_id = $2`
	selectPersonAt  = selectPeople + `a.email = $2`

	selectOtherAdmin = `
SELECT EXISTS (
    SELECT 1 FROM agents a JOIN agent_passwords p USING (site_id, agent_id)
    WHERE a.site_id = $1 AND a.agent_id <> $2 AND a.role = 'admin' AND a.state = 'active')`

	upsertQueues = `
INSERT INTO agent_queues (site_id, agent_id, queues)
SELECT site_id, agent_id, $3 FROM agents WHERE site_id = $1 AND agent_id = $2
ON CONFLICT (site_id, agent_id) DO UPDATE SET queues = EXCLUDED.queues`

	lockSiteAdmins = `SELECT pg_advisory_xact_lock(hashtext('frontdesk people_last_admin'), $1)`

	insertAgent = `
INSERT INTO agents (site_id, agent_id, email, name, role, languages, skills, capacity, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	// ensureAgent finds or makes the person of an address.
	ensureAgent = `
WITH made AS (
    INSERT INTO agents (site_id, agent_id, email, name, role, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT agents_email DO NOTHING
    RETURNING agent_id
)
SELECT agent_id FROM made
UNION ALL
SELECT agent_id FROM agents WHERE site_id = $1 AND email = $3`

	insertPassword = `
INSERT INTO agent_passwords (site_id, agent_id, hash, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (site_id, agent_id) DO NOTHING`

	upsertPassword = `
INSERT INTO agent_passwords (site_id, agent_id, hash, set_at, password_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (site_id, agent_id) DO UPDATE SET hash = EXCLUDED.hash, set_at = EXCLUDED.set_at, password_id = EXCLUDED.password_id`

	selectPassword = `SELECT password_id FROM agent_passwords WHERE site_id = $1 AND agent_id = $2 FOR NO KEY UPDATE`

	deletePassword = `DELETE FROM agent_passwords WHERE site_id = $1 AND agent_id = $2`
	deletePlaces   = `DELETE FROM login_places WHERE site_id = $1 AND agent_id = $2`

	voidResets = `
UPDATE agent_invitations SET revoked_at = $3
WHERE site_id = $1 AND agent_id = $2 AND used_at IS NULL AND revoked_at IS NULL`
)

// People lists everybody of a site, by name.
func (s *Store) People(ctx context.Context, site int32) ([]people.Person, error) {
	rows, err := s.pool.Query(ctx, selectEverybody, site)
	if err != nil {
		return nil, wrap("list people", err)
	}
	all, err := pgx.CollectRows(rows, scanPerson)
	return all, wrap("list people", err)
}

// Person reads one by id. Error: people.ErrNoPerson.
func (s *Store) Person(ctx context.Context, site int32, id convo.ID) (people.Person, error) {
	return s.person(ctx, selectPerson, site, id)
}

// PersonAt reads one by address. Error: people.ErrNoPerson.
func (s *Store) PersonAt(ctx context.Context, site int32, email string) (people.Person, error) {
	return s.person(ctx, selectPersonAt, site, email)
}

func (s *Store) person(ctx context.Context, sql string, site int32, by any) (people.Person, error) {
	rows, err := s.pool.Query(ctx, sql, site, by)
	if err != nil {
		return people.Person{}, wrap("read a person", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPerson)
	return p, wrap("read a person", instead(err, people.ErrNoPerson))
}

func scanPerson(row pgx.CollectableRow) (p people.Person, err error) {
	var seen *time.Time
	err = row.Scan(&p.ID, &p.Email, &p.Name, &p.Role, &p.Disabled, &p.CreatedAt, &p.Queues, &p.Password, &p.Sessions, &seen)
	p.SeenAt = momentOf(seen)
	return p, err
}

// OtherAdmin says whether somebody else can sign in and is an admin.
func (s *Store) OtherAdmin(ctx context.Context, site int32, but convo.ID) (other bool, err error) {
	err = s.pool.QueryRow(ctx, selectOtherAdmin, site, but).Scan(&other)
	return other, wrap("look for an admin", err)
}

// SetQueues says which queues a person works in; nil: all. Error: people.ErrNoPerson.
func (s *Store) SetQueues(ctx context.Context, site int32, id convo.ID, queues []string, e people.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, upsertQueues, site, id, queues)
		switch {
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return people.ErrNoPerson
		}
		return record(ctx, tx, site, e)
	})
	return wrap("set a person's queues", err)
}

// Ensure makes a person where there is none with the address, and gives them a
// password where they have none; with first, only where no admin of the site
// can sign in yet. Of two at once one makes it.
func (s *Store) Ensure(ctx context.Context, site int32, p people.Person, hash string, first bool, e people.Entry) (id convo.ID, made bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSiteAdmins, site); err != nil {
			return err
		}
		if first {
			var there bool
			if err := tx.QueryRow(ctx, selectOtherAdmin, site, convo.ID{}).Scan(&there); err != nil || there {
				return err
			}
		}
		if err := tx.QueryRow(ctx, ensureAgent, site, p.ID, p.Email, p.Name, string(p.Role), p.CreatedAt).Scan(&id); err != nil {
			return err
		}
		if first { // whoever has the address already becomes what was asked for
			if _, err := tx.Exec(ctx, `UPDATE agents SET role = $3, state = 'active' WHERE site_id = $1 AND agent_id = $2`, site, id, string(p.Role)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, deletePassword, site, id); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, endAll, site, id, nil, p.CreatedAt, string(people.WhyPassword)); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, insertPassword, site, id, hash, p.CreatedAt)
		if err != nil {
			return err
		}
		if made = tag.RowsAffected() == 1; !made {
			return nil
		}
		if p.Queues != nil {
			if _, err := tx.Exec(ctx, upsertQueues, site, id, p.Queues); err != nil {
				return err
			}
		}
		e.Person, e.Detail = id, map[string]string{"role": string(p.Role)}
		return record(ctx, tx, site, e)
	})
	return id, made, wrap("make a person", err)
}

// SetPassword sets a password or takes it away, ends the person's other
// sessions and voids the links to choose one. Error: people.ErrOldWrong.
func (s *Store) SetPassword(ctx context.Context, c people.PasswordChange) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockAgent, c.Site, c.Agent); err != nil {
			return err
		}
		if c.Checked != (convo.ID{}) {
			var is convo.ID
			if err := tx.QueryRow(ctx, selectPassword, c.Site, c.Agent).Scan(&is); err != nil || is != c.Checked {
				if err == nil {
					return people.ErrOldWrong // changed meanwhile
				}
				return instead(err, people.ErrOldWrong)
			}
		}
		return putPassword(ctx, tx, c)
	})
	return wrap("set a password", err)
}

func putPassword(ctx context.Context, tx pgx.Tx, c people.PasswordChange) error {
	batch := &pgx.Batch{}
	if c.Hash != "" {
		batch.Queue(upsertPassword, c.Site, c.Agent, c.Hash, c.At, c.ID)
	} else {
		batch.Queue(deletePassword, c.Site, c.Agent)
	}
	batch.Queue(endAll, c.Site, c.Agent, orNull(c.Keep), c.At, string(people.WhyPassword))
	batch.Queue(voidResets, c.Site, c.Agent, c.At)
	if c.Keep == (convo.ID{}) { // whoever had got in does not count as known any more
		batch.Queue(deletePlaces, c.Site, c.Agent)
	}
	queueEntry(batch, c.Site, c.Entry)
	return tx.SendBatch(ctx, batch).Close()
}

// addAgent makes the person of an invitation.
func addAgent(ctx context.Context, tx pgx.Tx, site int32, a people.Accepted) error {
	i := a.Invitation
	_, err := tx.Exec(ctx, insertAgent, site, i.Agent, i.Email, a.Name, string(i.Role), list(i.Languages), list(i.Skills), i.Capacity, a.Begun.Session.CreatedAt)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, upsertQueues, site, i.Agent, i.Queues)
	return err
}
