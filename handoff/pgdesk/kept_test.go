package pgdesk

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
)

func TestKept_OneReadsAndTheOthersHaveTheOld(t *testing.T) {
	t.Parallel()
	var k kept[int]
	begin := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	reads := 0
	read := func(value int, err error) func() (int, error) {
		return func() (int, error) { reads++; return value, err }
	}
	want := func(what string, at time.Duration, f func() (int, error), value int, fails bool) {
		t.Helper()
		if got, err := k.get(1, begin.Add(at), time.Second, f); got != value || (err != nil) != fails {
			t.Errorf("%s: %d, %v", what, got, err)
		}
	}
	want("the first", 0, read(1, nil), 1, false)
	want("soon after", time.Second-1, read(2, nil), 1, false)
	want("once it is over", time.Second, func() (int, error) {
		for range 100 {
			want("meanwhile", time.Second, read(3, nil), 1, false)
		}
		want("of a clock that was put back", -time.Second, read(4, nil), 4, false)
		return 5, nil
	}, 5, false)
	want("new", time.Second+1, read(6, nil), 5, false)
	want("a reading that fails", 3*time.Second, read(0, errors.New("away")), 0, true)
	want("after it", 3*time.Second, read(7, nil), 7, false)
	want("far too old, whoever reads", 4*time.Second, func() (int, error) {
		want("too old", 4*time.Second+staleFor*time.Second, read(8, nil), 8, false)
		return 9, nil
	}, 9, false)
	if got, err := k.get(2, begin, time.Second, read(10, nil)); got != 10 || err != nil {
		t.Errorf("another site: %d, %v", got, err)
	}
	if reads != 6 {
		t.Errorf("%d readings beside the two slow ones, want 6", reads)
	}
}

// counted counts how often waits are read.
type counted struct {
	pgx.Tx
	reads int
}

func (c *counted) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "case_ladders") {
		c.reads++
	}
	return c.Tx.Query(ctx, sql, args...)
}

// TestOutlook_ReadsTheWaitsOfAllQueuesOnce has presses in every queue of a site
// at the moment when what was read is too old.
func TestOutlook_ReadsTheWaitsOfAllQueuesOnce(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	queues, err := p.desk.Queues(t.Context(), handoff.System(p.site, "test"))
	if err != nil || len(queues) < 3 {
		t.Fatalf("%d queues, %v", len(queues), err)
	}
	for range 2 {
		err = pgx.BeginFunc(t.Context(), p.pool, func(tx pgx.Tx) error {
			c := &counted{Tx: tx}
			for _, q := range queues {
				if _, err := p.promises.Outlook(t.Context(), c, p.site, q, 1, "en", p.clock.now()); err != nil {
					return err
				}
			}
			if c.reads != 1 {
				t.Errorf("%d readings for %d queues", c.reads, len(queues))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		p.clock.pass(keepSamples)
		p.online(t, p.mara)
	}
}
