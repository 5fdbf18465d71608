package console

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestGathered_ManyWhoAskShareAReadingThatIsNew has a thousand pages hear of
// changes and ask: few readings answer all of them, and nobody is told what was
// so before they asked.
func TestGathered_ManyWhoAskShareAReadingThatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes, reads atomic.Int64
		g := newGathered(func(context.Context, int32) (int64, error) {
			reads.Add(1)
			seen := changes.Load() // what its snapshot has
			time.Sleep(15 * time.Millisecond)
			return seen, nil
		})
		begin := time.Now()
		var wg sync.WaitGroup
		for page := range 1000 {
			wg.Go(func() {
				time.Sleep(time.Duration(page) * time.Millisecond)
				known := changes.Add(1)
				got, err := g.get(t.Context(), 1)
				if err != nil || got < known {
					t.Errorf("page %d heard of change %d and was told of %d, %v", page, known, got, err)
				}
			})
		}
		wg.Wait()
		if most := int64(time.Since(begin)/countGap) + 2; reads.Load() > most {
			t.Errorf("%d readings within %s, want at most %d", reads.Load(), time.Since(begin), most)
		}
	})
}

func TestGathered_WhoAsksAloneWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGathered(func(_ context.Context, site int32) (int32, error) { return site, nil })
		for _, site := range []int32{1, 2} { // each site by itself
			begin := time.Now()
			if got, err := g.get(t.Context(), site); got != site || err != nil || time.Since(begin) != 0 {
				t.Errorf("site %d, %v, after %s", got, err, time.Since(begin))
			}
		}
	})
}

// TestGathered_WhoGoesTakesNobodyAlong has the one whose turn it is to read go,
// and a reading fail: the others have theirs, and the next one is new.
func TestGathered_WhoGoesTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("away")
		var fails atomic.Bool
		g := newGathered(func(ctx context.Context, _ int32) (string, error) {
			time.Sleep(time.Second)
			if fails.Load() {
				return "", away
			}
			return "read", ctx.Err()
		})
		gone, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = g.get(gone, 1) })
		time.Sleep(time.Millisecond)
		leave()
		for range 3 {
			wg.Go(func() {
				if got, err := g.get(t.Context(), 1); got != "read" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		wg.Wait()
		fails.Store(true)
		if _, err := g.get(t.Context(), 1); !errors.Is(err, away) {
			t.Errorf("%v, want %v", err, away)
		}
		fails.Store(false)
		if got, err := g.get(t.Context(), 1); got != "read" || err != nil {
			t.Errorf("%q, %v after one that failed", got, err)
		}
	})
}
