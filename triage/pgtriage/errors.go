package pgtriage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// wrap wraps a database error once with the operation and gives it the kind
// that callers act on. Our own errors keep theirs.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s: %w", op, err)
	if _, ok := fault.As(err); ok || errors.Is(err, context.Canceled) {
		return wrapped
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(wrapped, fault.Timeout, "database_slow", "The database did not answer in time.")
	}
	if pg.NotNow(err) {
		return fault.Wrap(wrapped, fault.Unavailable, "database_away", "The database cannot be reached at present.").After(2 * time.Second)
	}
	return wrapped
}
