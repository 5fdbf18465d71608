package pgpeople

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Store keeps people in Postgres. It is safe for concurrent use.
type Store struct{ pool *pgxpool.Pool }

// New makes a Store.
func New(pool *pgxpool.Pool) (*Store, error) {
	if pool == nil {
		return nil, errors.New("pgpeople: a pool is needed")
	}
	return &Store{pool: pool}, nil
}

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
		case "agents_email", "agent_invitations_open":
			return fmt.Errorf("%s: %w", op, people.ErrEmailTaken)
		case "agents_last_admin":
			return fmt.Errorf("%s: %w", op, people.ErrLastAdmin)
		}
	}
	if pg.NotNow(err) {
		f := fault.Wrap(err, fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.")
		return fmt.Errorf("%s: %w", op, f.After(2*time.Second))
	}
	return fmt.Errorf("%s: %w", op, err)
}

// instead turns "no rows" into one of our errors.
func instead(err, absent error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return absent
	}
	return err
}

// orNull is nil for a zero id.
func orNull(id convo.ID) *convo.ID {
	if id == (convo.ID{}) {
		return nil
	}
	return &id
}

func orZero(id *convo.ID) convo.ID {
	if id == nil {
		return convo.ID{}
	}
	return *id
}

func momentOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// list is never null in the database.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

const (
	selectSite = `
SELECT site_id, name
FROM sites
WHERE name = $1 OR $1 = '' AND (is_default OR (SELECT count(*) FROM (SELECT 1 FROM sites LIMIT 2) two) = 1)
ORDER BY is_default DESC
LIMIT 1`

	selectElsewhere = `
SELECT EXISTS (SELECT 1 FROM sites s WHERE s.site_id <> $1 AND EXISTS (SELECT 1 FROM agent_passwords p WHERE p.site_id = s.site_id)),
  EXISTS (SELECT 1 FROM agent_passwords p WHERE p.site_id = $1)`

	selectQueues = `SELECT queue FROM queues WHERE site_id = $1 ORDER BY queue`

	// takeTry is people.Rule.Take in one statement: whoever comes second waits
	// for the first one's row and counts on from there.
	takeTry = `
INSERT INTO login_tries AS t (site_id, key, full_at)
VALUES ($1, $2, $3::timestamptz + $4::interval)
ON CONFLICT (site_id, key) DO UPDATE
SET full_at = greatest(t.full_at, $3::timestamptz) + $4::interval
WHERE greatest(t.full_at, $3::timestamptz) + $4::interval <= $3::timestamptz + $5::interval
RETURNING full_at`

	selectTry = `SELECT full_at FROM login_tries WHERE site_id = $1 AND key = $2`
)

// SiteNamed finds a site; an empty name means the default or only one.
func (s *Store) SiteNamed(ctx context.Context, name string) (site people.Site, err error) {
	err = s.pool.QueryRow(ctx, selectSite, name).Scan(&site.ID, &site.Name)
	return site, wrap("find a site", instead(err, people.ErrNoSite))
}

// Elsewhere says whether anybody has a password at another site than this one,
// and whether anybody has one here.
func (s *Store) Elsewhere(ctx context.Context, site int32) (elsewhere, here bool, err error) {
	err = s.pool.QueryRow(ctx, selectElsewhere, site).Scan(&elsewhere, &here)
	return elsewhere, here, wrap("look for other sites", err)
}

// Queues lists the site's queues by their short names.
func (s *Store) Queues(ctx context.Context, site int32) ([]string, error) {
	rows, err := s.pool.Query(ctx, selectQueues, site)
	if err != nil {
		return nil, wrap("list queues", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return names, wrap("list queues", err)
}

// Take counts a try; wait is 0 where it is allowed.
func (s *Store) Take(ctx context.Context, site int32, key []byte, r people.Rule, now time.Time) (wait time.Duration, err error) {
	var fullAt time.Time
	err = s.pool.QueryRow(ctx, takeTry, site, key, now, r.Every, r.Span()).Scan(&fullAt)
	if err == nil {
		return 0, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, wrap("count a try", err)
	}
	if err := s.pool.QueryRow(ctx, selectTry, site, key).Scan(&fullAt); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, wrap("count a try", err)
	}
	_, wait = r.Take(fullAt, now)
	return max(wait, time.Second), nil // what was refused is refused, also where the row is gone by now
}
