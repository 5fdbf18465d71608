package pgconvo

import (
	"errors"
	"fmt"
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
	grace  time.Duration
	lately *lately
}

// New makes a Store on a migrated database.
func New(pool *pgxpool.Pool) (*Store, error) {
	if pool == nil {
		return nil, errors.New("pgconvo: a pool is needed")
	}
	return &Store{pool: pool, sql: defaultStatements(), grace: 2 * time.Second, lately: newLately()}, nil
}

var errAway = fault.New(fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.").After(2 * time.Second)

// wrap names the operation; errors that mean "not now" say so.
func wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case pg.NotNow(err):
		return fmt.Errorf("%s: %w", op, fault.Wrap(err, errAway.Kind, errAway.Code, errAway.Public).After(errAway.RetryAfter))
	default:
		return fmt.Errorf("%s: %w", op, err)
	}
}

func unique(err error, constraint string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505" && e.ConstraintName == constraint
}

func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
