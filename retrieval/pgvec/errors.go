package pgvec

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
)

// classify wraps a database error once with the operation, and gives it the
// kind that callers act on. Our own errors keep theirs.
func classify(op string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s: %w", op, err)
	if _, ok := fault.As(err); ok || errors.Is(err, context.Canceled) {
		return wrapped
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s: %w", op, retrieval.ErrNoSite)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(wrapped, fault.Timeout, "database_slow", "The database did not answer in time.")
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return fromServer(wrapped, pe)
	}
	var ne net.Error
	var ce *pgconn.ConnectError
	if errors.As(err, &ne) || errors.As(err, &ce) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") {
		return unavailable(wrapped)
	}
	return wrapped
}

func fromServer(err error, pe *pgconn.PgError) error {
	switch {
	case pe.Code == "57014": // query_canceled, by statement_timeout too
		return fault.Wrap(err, fault.Timeout, "database_slow", "The database did not answer in time.")
	case pg.Disk(pe):
		return fault.Wrap(err, fault.Unavailable, "disk_full", "The database's disk is full or failing. Make room and try again; nothing that was published is lost.")
	case strings.HasPrefix(pe.Code, "08") || strings.HasPrefix(pe.Code, "57P") || strings.HasPrefix(pe.Code, "53"):
		return unavailable(err)
	case pe.Code == "25006": // read_only_sql_transaction
		return fault.Wrap(err, fault.Unavailable, "database_read_only", "The database takes no writes at present.")
	}
	return err
}

func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "database_away", "The database cannot be reached at present.").After(2 * time.Second)
}
