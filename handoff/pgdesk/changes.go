package pgdesk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
)

// maxChanges is how many changes one read gives; whoever is farther behind
// loads everything anew, which is cheaper by then.
const maxChanges = 2000

const selectSnapshot = `SELECT pg_current_snapshot()::text`

// Changes reads what changed since a cursor: see handoff.Desk.
//
// The cursor is the time and the snapshot of the last read. What that snapshot
// could not see, and this one can, is new: however late a transaction commits
// that wrote early, it is in exactly one read. Both reads are of one snapshot.
func (d *Desk) Changes(ctx context.Context, site int32, cursor string) (out handoff.Changes, err error) {
	const op = "read the desk's changes"
	since, snapshot, ok := readCursor(cursor)
	if cursor != "" && !ok {
		return out, wrap(op, handoff.ErrCursor)
	}
	now := d.moment()
	err = pgx.BeginTxFunc(ctx, d.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(selectSnapshot)
		if cursor != "" {
			batch.Queue(d.sql.unseen, site, snapshot, maxChanges+1)
		}
		results := tx.SendBatch(ctx, batch)
		defer func() { _ = results.Close() }() // the reads below say what went wrong
		var current string
		if err := results.QueryRow().Scan(&current); err != nil {
			return err
		}
		out.Cursor = strconv.FormatInt(now.UnixMilli(), 10) + "." + current
		if cursor == "" {
			return nil
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		out.List, err = pgx.CollectRows(rows, scanChange)
		return err
	})
	if err != nil {
		return handoff.Changes{}, wrap(op, err)
	}
	// A little sooner than they are removed: the clocks of two machines differ.
	if len(out.List) > maxChanges || cursor != "" && now.Sub(since) > d.cfg.KeepChanges*9/10 {
		out.List, out.Reset = nil, true
	}
	return out, nil
}

func scanChange(row pgx.CollectableRow) (c handoff.Change, err error) {
	err = row.Scan(nullID{&c.Case}, &c.Queue, &c.From, nullID{&c.Agent}, &c.Kind, &c.At)
	return c, err
}

// readCursor takes "1790000000000.795:799:795,797" apart. Postgres itself
// refuses a snapshot that is none; only its characters are looked at here.
func readCursor(s string) (since time.Time, snapshot string, ok bool) {
	ms, snapshot, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(ms, 10, 64)
	parts := strings.Split(snapshot, ":")
	if !ok || err != nil || len(parts) != 3 || len(snapshot) > 64<<10 {
		return since, "", false
	}
	lo, errLo := strconv.ParseUint(parts[0], 10, 63)
	hi, errHi := strconv.ParseUint(parts[1], 10, 63)
	if errLo != nil || errHi != nil || lo == 0 || hi < lo {
		return since, "", false
	}
	if parts[2] != "" {
		last := lo
		for i, x := range strings.Split(parts[2], ",") {
			v, err := strconv.ParseUint(x, 10, 63)
			if err != nil || v < lo || v >= hi || i > 0 && v <= last {
				return since, "", false
			}
			last = v
		}
	}
	return time.UnixMilli(n), snapshot, true
}
