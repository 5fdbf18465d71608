package pgdesk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"frontdesk/handoff"
)

// maxChanges is how many changes one read gives; whoever is farther behind
// loads everything anew, which is cheaper by then.
const maxChanges = 2000

const (
	// selectNow begins a reader: a snapshot, and about the newest change that it
	// sees. One that is a little older only gives a change again.
	selectNow = `
SELECT pg_current_snapshot()::text, coalesce((SELECT max(n.change_id) FROM (
    SELECT change_id FROM desk_changes WHERE site_id = $1 ORDER BY xid DESC, change_id DESC LIMIT 200) n), 0)`

	// changesOf puts the snapshot before what it sees: a statement has one
	// snapshot, so that both are of the same without a transaction around them.
	// Each process reads this for every change, and a transaction costs three more
	// trips. What is joined keeps its order: there is one row on the left.
	changesOf = `
SELECT s.snapshot, u.case_id, u.queue, u.from_queue, u.agent_id, u.kind, u.at, u.change_id
FROM (SELECT pg_current_snapshot()::text AS snapshot) s
LEFT JOIN LATERAL (`

	// reused is how far below a snapshot's oldest transaction a number may be given
	// out again after a crash: more than are begun in the fifth of a second for
	// which what was rolled back may stand in no file.
	reused = 500
)

// Changes reads what changed since a cursor: see handoff.Desk.
//
// The cursor is the time and the snapshot of the last read. What that snapshot
// could not see, and this one can, is new: however late a transaction commits
// that wrote early, it is in exactly one read. The number of the newest change
// is there for what no snapshot knows of: see selectUnseen.
func (d *Desk) Changes(ctx context.Context, site int32, cursor string) (out handoff.Changes, err error) {
	const op = "read the desk's changes"
	at, ok := readCursor(cursor)
	if cursor != "" && !ok {
		return out, wrap(op, handoff.ErrCursor)
	}
	next := place{since: d.moment(), newest: at.newest}
	if cursor == "" {
		err = d.Pool.QueryRow(ctx, selectNow, site).Scan(&next.snapshot, &next.newest)
	} else {
		out.List, err = d.unseen(ctx, site, at, &next)
	}
	if err != nil {
		return handoff.Changes{}, wrap(op, err)
	}
	out.Cursor = next.String()
	// A little sooner than they are removed: the clocks of two machines differ.
	if len(out.List) > maxChanges || cursor != "" && next.since.Sub(at.since) > d.cfg.KeepChanges*9/10 {
		out.List, out.Reset = nil, true
	}
	return out, nil
}

// unseen reads what a reader has not seen, and moves on where it is.
func (d *Desk) unseen(ctx context.Context, site int32, at place, next *place) (list []handoff.Change, err error) {
	rows, err := d.Pool.Query(ctx, changesOf+d.sql.unseen+") u ON true", site, at.snapshot, maxChanges+1, at.newest, at.from())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c handoff.Change
		var queue, from, kind *string // all of them null: nothing is new
		var when *time.Time
		var n *int64
		if err := rows.Scan(&next.snapshot, nullID{&c.Case}, &queue, &from, nullID{&c.Agent}, &kind, &when, &n); err != nil {
			return nil, err
		}
		if kind != nil && queue != nil && from != nil && when != nil && n != nil {
			c.Queue, c.From, c.Kind, c.At = *queue, *from, handoff.CaseEventKind(*kind), *when
			next.newest = max(next.newest, *n)
			list = append(list, c)
		}
	}
	return list, rows.Err()
}

// place is where a reader is.
type place struct {
	since    time.Time
	newest   int64 // number of the newest change that was read
	snapshot string
	oldest   uint64 // the snapshot's oldest transaction
}

func (p place) String() string {
	return strconv.FormatInt(p.since.UnixMilli(), 10) + "." + strconv.FormatInt(p.newest, 10) + "." + p.snapshot
}

// from is the transaction from which on changes are looked at.
func (p place) from() string {
	if p.oldest <= reused {
		return "1"
	}
	return strconv.FormatUint(p.oldest-reused, 10)
}

// readCursor takes "1790000000000.17.795:799:795,797" apart; the number in its
// middle came later, and where it is missing a change may come again. Postgres
// itself refuses a snapshot that is none; only its characters are looked at here.
func readCursor(s string) (p place, ok bool) {
	ms, rest, ok := strings.Cut(s, ".")
	if newest, snapshot, has := strings.Cut(rest, "."); has {
		n, err := strconv.ParseUint(newest, 10, 63)
		if err != nil {
			return place{}, false
		}
		p.newest, rest = int64(n), snapshot
	}
	n, err := strconv.ParseInt(ms, 10, 64)
	parts := strings.Split(rest, ":")
	if !ok || err != nil || len(parts) != 3 || len(rest) > 64<<10 {
		return place{}, false
	}
	lo, errLo := strconv.ParseUint(parts[0], 10, 63)
	hi, errHi := strconv.ParseUint(parts[1], 10, 63)
	if errLo != nil || errHi != nil || lo == 0 || hi < lo {
		return place{}, false
	}
	if parts[2] != "" {
		last := lo
		for i, x := range strings.Split(parts[2], ",") {
			v, err := strconv.ParseUint(x, 10, 63)
			if err != nil || v < lo || v >= hi || i > 0 && v <= last {
				return place{}, false
			}
			last = v
		}
	}
	p.since, p.snapshot, p.oldest = time.UnixMilli(n), rest, lo
	return p, true
}
