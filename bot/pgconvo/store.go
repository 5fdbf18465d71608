package pgconvo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Store keeps conversations. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	sql  statements
	// grace is how old an open turn has to be before it can be abandoned: its
	// instance may have lost its listening connection for a moment.
	grace time.Duration
}

// New makes a Store on a migrated database.
func New(pool *pgxpool.Pool) (*Store, error) {
	if pool == nil {
		return nil, errors.New("pgconvo: a pool is needed")
	}
	return &Store{pool: pool, sql: defaultStatements(), grace: 2 * time.Second}, nil
}

var errAway = fault.New(fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.").After(2 * time.Second)

// wrap names the operation and sorts out errors that mean "not now": the
// server away, or no answer in time.
func wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case pg.Away(err), strings.Contains(err.Error(), "closed pool"), errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", op, fault.Wrap(err, errAway.Kind, errAway.Code, errAway.Public).After(errAway.RetryAfter))
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "57014" || e.Code == "40P01" || e.Code == "55P03") {
		// a statement cut off by its time limit, a deadlock, a lock not had: all pass
		return fmt.Errorf("%s: %w", op, fault.Wrap(err, errAway.Kind, errAway.Code, errAway.Public).After(errAway.RetryAfter))
	}
	return fmt.Errorf("%s: %w", op, err)
}

func unique(err error, constraint string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505" && e.ConstraintName == constraint
}

func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
