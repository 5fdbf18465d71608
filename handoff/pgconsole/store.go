package pgconsole

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// rowReader reads cases as lists show them: the desk's store.
type rowReader interface {
	Rows(ctx context.Context, site int32, ids []convo.ID) ([]handoff.Entry, error)
}

// Store is what the desk's page keeps. It is safe for concurrent use.
type Store struct {
	rowReader
	pool *pgxpool.Pool
}

var _ console.Store = (*Store)(nil)

// New makes a Store on a migrated database.
func New(pool *pgxpool.Pool, rows rowReader) (*Store, error) {
	if pool == nil || rows == nil {
		return nil, errors.New("pgconsole: a pool and a reader of rows are needed")
	}
	return &Store{rowReader: rows, pool: pool}, nil
}

var errShort = fault.New(fault.Conflict, "canned_taken", "There is another canned reply with this short name in this language.")

// wrap names the operation and gives a database error the kind that callers act
// on; our own errors keep theirs.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.ConstraintName {
		case "canned_replies_short":
			return fmt.Errorf("%s: %w", op, errShort)
		case "desk_drafts_site_id_case_id_fkey":
			return fmt.Errorf("%s: %w", op, handoff.ErrNoCase)
		case "desk_drafts_site_id_agent_id_fkey":
			return fmt.Errorf("%s: %w", op, handoff.ErrNoAgent)
		}
		if e.Code == "22021" || e.Code == "22P05" { // a NUL: Postgres keeps none
			return fmt.Errorf("%s: %w", op, handoff.ErrText)
		}
	}
	if pg.NotNow(err) {
		f := fault.Wrap(err, fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.")
		return fmt.Errorf("%s: %w", op, f.After(2*time.Second))
	}
	return fmt.Errorf("%s: %w", op, err)
}

const (
	selectDraft = `SELECT body, note, at FROM desk_drafts WHERE site_id = $1 AND agent_id = $2 AND case_id = $3`
	deleteDraft = `DELETE FROM desk_drafts WHERE site_id = $1 AND agent_id = $2 AND case_id = $3`
	putDraft    = `
INSERT INTO desk_drafts (site_id, agent_id, case_id, body, note, at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (site_id, agent_id, case_id) DO UPDATE SET body = excluded.body, note = excluded.note, at = excluded.at
WHERE desk_drafts.at <= excluded.at`

	selectCanned = `
SELECT canned_id, short, title, body, language, queues, by_name, at
FROM canned_replies
WHERE site_id = $1
ORDER BY lower(short), language`
	putCanned = `
INSERT INTO canned_replies (site_id, canned_id, short, title, body, language, queues, by_name, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (site_id, canned_id) DO UPDATE
SET short = excluded.short, title = excluded.title, body = excluded.body, language = excluded.language, queues = excluded.queues,
    by_name = excluded.by_name, at = excluded.at`
	deleteCanned = `DELETE FROM canned_replies WHERE site_id = $1 AND canned_id = $2`

	// putLook keeps the later end of a lease: two tabs of one agent renew it.
	putLook = `
INSERT INTO desk_looking AS l (site_id, case_id, agent_id, until, typing_until)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (site_id, case_id, agent_id) DO UPDATE
SET until = greatest(l.until, excluded.until), typing_until = coalesce(excluded.typing_until, l.typing_until)`
	selectLooking = `
SELECT l.case_id, l.agent_id, a.name, coalesce(l.typing_until > $3, false), a.role IN ('lead', 'admin')
FROM desk_looking l
JOIN agents a USING (site_id, agent_id)
WHERE l.site_id = $1 AND l.case_id = ANY ($2) AND l.until > $3 AND a.state = 'active'
ORDER BY l.case_id, a.name, l.agent_id`
	forgetLooks = `DELETE FROM desk_looking WHERE until < $1`
)

// Draft reads what somebody has begun to write; nothing: empty.
func (s *Store) Draft(ctx context.Context, a handoff.Actor, id convo.ID) (d console.Draft, err error) {
	err = s.pool.QueryRow(ctx, selectDraft, a.Site, a.Agent, id).Scan(&d.Text, &d.Note, &d.At)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return d, wrap("read a draft", err)
}

// PutDraft keeps one, the later of two; an empty one is forgotten.
func (s *Store) PutDraft(ctx context.Context, a handoff.Actor, id convo.ID, d console.Draft) error {
	var err error
	if d.Text == "" && d.Note == "" {
		_, err = s.pool.Exec(ctx, deleteDraft, a.Site, a.Agent, id)
	} else {
		_, err = s.pool.Exec(ctx, putDraft, a.Site, a.Agent, id, d.Text, d.Note, d.At)
	}
	return wrap("keep a draft", err)
}

// Canned lists a site's canned replies by their short names.
func (s *Store) Canned(ctx context.Context, site int32) ([]console.Canned, error) {
	rows, err := s.pool.Query(ctx, selectCanned, site)
	if err != nil {
		return nil, wrap("list canned replies", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r console.Canned, err error) {
		err = row.Scan(&r.ID, &r.Short, &r.Title, &r.Text, &r.Language, &r.Queues, &r.By, &r.At)
		return r, err
	})
	return list, wrap("list canned replies", err)
}

// PutCanned adds or changes one. Error: a conflict where another one of the
// same language has its short name.
func (s *Store) PutCanned(ctx context.Context, site int32, r console.Canned) error {
	if r.Queues == nil {
		r.Queues = []string{}
	}
	_, err := s.pool.Exec(ctx, putCanned, site, r.ID, r.Short, r.Title, r.Text, r.Language, r.Queues, r.By, r.At)
	return wrap("keep a canned reply", err)
}

// RemoveCanned removes one, where it is there.
func (s *Store) RemoveCanned(ctx context.Context, site int32, id convo.ID) error {
	_, err := s.pool.Exec(ctx, deleteCanned, site, id)
	return wrap("remove a canned reply", err)
}

// Look says that somebody has a case open until a moment, and types until
// another (zero: says nothing of it).
func (s *Store) Look(ctx context.Context, a handoff.Actor, id convo.ID, until, typing time.Time) error {
	var types *time.Time
	if !typing.IsZero() {
		types = &typing
	}
	_, err := s.pool.Exec(ctx, putLook, a.Site, id, a.Agent, until, types)
	return wrap("note who is looking", err)
}

// Looking lists who has these cases open at a moment.
func (s *Store) Looking(ctx context.Context, site int32, ids []convo.ID, at time.Time) (map[convo.ID][]console.Looker, error) {
	rows, err := s.pool.Query(ctx, selectLooking, site, ids, at)
	if err != nil {
		return nil, wrap("read who is looking", err)
	}
	out := map[convo.ID][]console.Looker{}
	var id convo.ID
	var l console.Looker
	_, err = pgx.ForEachRow(rows, []any{&id, &l.Agent, &l.Name, &l.Typing, &l.Leads}, func() error {
		out[id] = append(out[id], l)
		return nil
	})
	return out, wrap("read who is looking", err)
}

// ForgetLooks removes what ended before a moment.
func (s *Store) ForgetLooks(ctx context.Context, before time.Time) error {
	_, err := s.pool.Exec(ctx, forgetLooks, before)
	return wrap("forget who looked", err)
}
