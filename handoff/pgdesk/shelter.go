package pgdesk

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// sheltered runs f so that what fails in it leaves the transaction whole: behind
// a savepoint, which is made when f asks the database for something. Most often
// what f wants to know is in memory, and a savepoint costs two trips.
func sheltered(ctx context.Context, tx pgx.Tx, f func(tx pgx.Tx) error) error {
	l := &lazyPoint{Tx: tx}
	err := f(l)
	switch {
	case l.failed != nil:
		return l.failed
	case l.inner == nil:
		return err
	case err == nil:
		return l.inner.Commit(ctx)
	}
	return errors.Join(err, l.inner.Rollback(ctx))
}

// lazyPoint is a transaction within one, begun with the first query.
type lazyPoint struct {
	pgx.Tx
	inner  pgx.Tx
	failed error // the savepoint could not be made
}

func (l *lazyPoint) begun(ctx context.Context) pgx.Tx {
	if l.inner == nil && l.failed == nil {
		l.inner, l.failed = l.Begin(ctx)
	}
	if l.failed != nil {
		return l.Tx // whose connection says the same again
	}
	return l.inner
}

func (l *lazyPoint) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return l.begun(ctx).Query(ctx, sql, args...)
}

func (l *lazyPoint) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return l.begun(ctx).QueryRow(ctx, sql, args...)
}

func (l *lazyPoint) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return l.begun(ctx).SendBatch(ctx, b)
}
