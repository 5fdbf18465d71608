package pgpeople

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
)

const (
	// selectAccount is one statement whether the address is known or not, so
	// that neither takes longer to find out.
	selectAccount = `
SELECT a.agent_id, a.email, a.name, a.role, a.state = 'disabled', a.created_at, q.queues, coalesce(p.hash, ''), p.password_id,
       EXISTS (SELECT 1 FROM login_places l WHERE l.site_id = a.site_id AND l.agent_id = a.agent_id AND l.place = $3)
FROM agents a
LEFT JOIN agent_passwords p USING (site_id, agent_id)
LEFT JOIN agent_queues q USING (site_id, agent_id)
WHERE a.site_id = $1 AND a.email = $2`

	selectWho = `
SELECT s.name, a.agent_id, a.email, a.name, a.role, a.created_at, q.queues,
       e.session_id, e.created_at, e.seen_at, e.expires_at, e.ends_at, e.address, e.user_agent
FROM agent_sessions e
JOIN agents a USING (site_id, agent_id)
JOIN sites s USING (site_id)
LEFT JOIN agent_queues q USING (site_id, agent_id)
WHERE e.site_id = $1 AND e.ended_at IS NULL AND a.state = 'active' AND `
	selectWhoHas = selectWho + `e.token_hash = $2`
	selectWhoIs  = selectWho + `e.session_id = $2`

	// lockAccount stands before every session that begins: behind a change of
	// the password and behind the person's end, whichever was first. Two logins
	// of one person stand in line as well, or each would wait for the other to
	// let go before it writes the new hash.
	lockAccount = `
SELECT 1
FROM agents a
JOIN agent_passwords p USING (site_id, agent_id)
WHERE a.site_id = $1 AND a.agent_id = $2 AND a.state = 'active' AND p.password_id = $3
FOR SHARE OF a
FOR NO KEY UPDATE OF p`

	updateHash = `UPDATE agent_passwords SET hash = $3 WHERE site_id = $1 AND agent_id = $2`

	endReplaced = `
UPDATE agent_sessions SET ended_at = $3, ended_why = 'replaced'
WHERE site_id = $1 AND token_hash = $2 AND ended_at IS NULL`

	insertSession = `
INSERT INTO agent_sessions (site_id, session_id, agent_id, token_hash, created_at, seen_at, expires_at, ends_at, address, user_agent)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)`

	endMany = `
UPDATE agent_sessions SET ended_at = $3, ended_why = 'many'
WHERE site_id = $1 AND session_id IN (
    SELECT session_id FROM agent_sessions
    WHERE site_id = $1 AND agent_id = $2 AND ended_at IS NULL AND expires_at > $3
    ORDER BY seen_at DESC, session_id DESC
    OFFSET $4)`

	upsertPlace = `
INSERT INTO login_places (site_id, agent_id, place, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (site_id, agent_id, place) DO UPDATE SET at = EXCLUDED.at`

	deleteTries = `DELETE FROM login_tries WHERE site_id = $1 AND key = ANY ($2)`

	slideSession = `
UPDATE agent_sessions SET seen_at = $3, expires_at = $4, address = $5, user_agent = $6
WHERE site_id = $1 AND session_id = $2 AND ended_at IS NULL AND seen_at < $3`

	selectSessions = `
SELECT session_id, agent_id, created_at, seen_at, expires_at, ends_at, address, user_agent, ended_at, ended_why
FROM agent_sessions
WHERE site_id = $1 AND agent_id = $2
ORDER BY ended_at IS NOT NULL, seen_at DESC, session_id
LIMIT $3`

	endOne = `
UPDATE agent_sessions SET ended_at = $4, ended_why = $5
WHERE site_id = $1 AND session_id = $2 AND ($3::uuid IS NULL OR agent_id = $3) AND ended_at IS NULL AND expires_at > $4
RETURNING agent_id`

	endAll = `
UPDATE agent_sessions SET ended_at = $4, ended_why = $5
WHERE site_id = $1 AND agent_id = $2 AND ($3::uuid IS NULL OR session_id <> $3) AND ended_at IS NULL AND expires_at > $4`

	lockAgent = `SELECT 1 FROM agents WHERE site_id = $1 AND agent_id = $2 FOR SHARE`
)

// Account reads what a try is checked against; zero where nobody has the address.
func (s *Store) Account(ctx context.Context, site int32, email string, place []byte) (acc people.Account, err error) {
	p := &acc.Person
	var password *convo.ID
	err = s.pool.QueryRow(ctx, selectAccount, site, email, place).
		Scan(&p.ID, &p.Email, &p.Name, &p.Role, &p.Disabled, &p.CreatedAt, &p.Queues, &acc.Hash, &password, &acc.Known)
	if instead(err, nil) == nil {
		p.Password, acc.Password = acc.Hash != "", orZero(password)
		return acc, nil
	}
	return people.Account{}, wrap("read an account", err)
}

// Begin makes a session, if the person is active and the password is still the
// one that was checked. Error: people.ErrLogin.
func (s *Store) Begin(ctx context.Context, b people.Begun) error {
	return wrap("begin a session", pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return begin(ctx, tx, b) }))
}

func begin(ctx context.Context, tx pgx.Tx, b people.Begun) error {
	var one int
	if err := tx.QueryRow(ctx, lockAccount, b.Site, b.Session.Agent, b.Checked).Scan(&one); err != nil {
		return instead(err, people.ErrLogin)
	}
	v, now := b.Session, b.Session.CreatedAt
	batch := &pgx.Batch{}
	if b.Rehash != "" {
		batch.Queue(updateHash, b.Site, v.Agent, b.Rehash)
	}
	if b.Replaces != nil {
		batch.Queue(endReplaced, b.Site, b.Replaces, now)
	}
	batch.Queue(insertSession, b.Site, v.ID, v.Agent, b.TokenHash, now, v.ExpiresAt, v.EndsAt, v.Address, v.UserAgent)
	batch.Queue(endMany, b.Site, v.Agent, now, b.Keep)
	batch.Queue(upsertPlace, b.Site, v.Agent, b.Place, now)
	batch.Queue(deleteTries, b.Site, b.Forget)
	queueEntry(batch, b.Site, b.Entry)
	return tx.SendBatch(ctx, batch).Close()
}

// WhoHas reads the session of a token with its person. Error: people.ErrOver.
func (s *Store) WhoHas(ctx context.Context, site int32, tokenHash []byte) (people.Who, error) {
	return s.who(ctx, selectWhoHas, site, tokenHash)
}

// WhoIs reads a session with its person. Error: people.ErrOver.
func (s *Store) WhoIs(ctx context.Context, site int32, session convo.ID) (people.Who, error) {
	return s.who(ctx, selectWhoIs, site, session)
}

func (s *Store) who(ctx context.Context, sql string, site int32, by any) (w people.Who, err error) {
	p, e := &w.Person, &w.Session
	err = s.pool.QueryRow(ctx, sql, site, by).Scan(&w.Site.Name, &p.ID, &p.Email, &p.Name, &p.Role, &p.CreatedAt, &p.Queues,
		&e.ID, &e.CreatedAt, &e.SeenAt, &e.ExpiresAt, &e.EndsAt, &e.Address, &e.UserAgent)
	if err != nil {
		return people.Who{}, wrap("read a session", instead(err, people.ErrOver))
	}
	w.Site.ID, e.Agent, p.Password = site, p.ID, true
	return w, nil
}

// Slide keeps a session's last use, unless it has ended.
func (s *Store) Slide(ctx context.Context, site int32, v people.Session) error {
	_, err := s.pool.Exec(ctx, slideSession, site, v.ID, v.SeenAt, v.ExpiresAt, v.Address, v.UserAgent)
	return wrap("keep a session", err)
}

// Sessions lists a person's sessions, live ones first.
func (s *Store) Sessions(ctx context.Context, site int32, agent convo.ID, limit int) ([]people.Session, error) {
	rows, err := s.pool.Query(ctx, selectSessions, site, agent, limit)
	if err != nil {
		return nil, wrap("list sessions", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v people.Session, err error) {
		var ended *time.Time
		err = row.Scan(&v.ID, &v.Agent, &v.CreatedAt, &v.SeenAt, &v.ExpiresAt, &v.EndsAt, &v.Address, &v.UserAgent, &ended, &v.EndedWhy)
		v.EndedAt = momentOf(ended)
		return v, err
	})
	return all, wrap("list sessions", err)
}

// End ends one live session, of one person (zero: anybody's). Error:
// people.ErrNoSession.
func (s *Store) End(ctx context.Context, site int32, session, agent convo.ID, why people.Why, e people.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, endOne, site, session, orNull(agent), e.At, string(why)).Scan(&e.Person)
		if err != nil {
			return instead(err, people.ErrNoSession)
		}
		return record(ctx, tx, site, e)
	})
	return wrap("end a session", err)
}

// EndAll ends a person's live sessions but one (zero: all).
func (s *Store) EndAll(ctx context.Context, site int32, agent, but convo.ID, why people.Why, e people.Entry) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockAgent, site, agent); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, endAll, site, agent, orNull(but), e.At, string(why))
		if err != nil {
			return err
		}
		if n = int(tag.RowsAffected()); n == 0 {
			return nil
		}
		return record(ctx, tx, site, e)
	})
	return n, wrap("end sessions", err)
}
