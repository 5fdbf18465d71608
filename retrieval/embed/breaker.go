package embed

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"frontdesk/internal/fault"
)

// breaker keeps callers away from a server that fails. It opens after some
// failures in a row; from then on a probe of its own, in the background, finds
// out when the server is back, so that no customer has to wait for that.
type breaker struct {
	after    int
	min, max time.Duration
	probe    func(context.Context) *failure
	turned   func(open bool, cause *fault.Error, lasted time.Duration)
	now      func() time.Time

	stop context.CancelFunc
	ctx  context.Context
	wg   sync.WaitGroup

	mu     sync.Mutex
	epoch  int // moves whenever the breaker opens or closes
	failed int // in a row
	open   bool
	since  time.Time
	next   time.Time // of the next probe
	cause  *fault.Error
	moved  chan struct{} // closed when the epoch moves
}

func newBreaker(after int, lo, hi time.Duration) *breaker {
	ctx, stop := context.WithCancel(context.Background())
	return &breaker{
		after: after, min: lo, max: hi, now: time.Now,
		ctx: ctx, stop: stop, moved: make(chan struct{}),
	}
}

// close ends the probe and waits for it.
func (b *breaker) close() {
	b.stop()
	b.wg.Wait()
}

// enter returns the epoch a call belongs to, or why there should be none, with
// a channel that is closed when that changes.
func (b *breaker) enter() (epoch int, moved <-chan struct{}, refused *failure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return 0, b.moved, fail(fault.Unavailable, CodeClosed, "The program is stopping.")
	}
	if !b.open {
		return b.epoch, b.moved, nil
	}
	f := fail(fault.Unavailable, CodePaused,
		"The embeddings server failed several times in a row and is being tried in the background. "+b.cause.Public)
	f.err.Err = b.cause
	f.err.RetryAfter = max(b.next.Sub(b.now()), b.min)
	return b.epoch, b.moved, f
}

// leave takes note of how a call ended. What began before the breaker last
// turned says nothing about now.
func (b *breaker) leave(epoch int, f *failure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if epoch != b.epoch || b.open || b.ctx.Err() != nil {
		return
	}
	if f == nil {
		b.failed = 0
		return
	}
	if !f.trips {
		return
	}
	if b.failed++; b.failed < b.after {
		return
	}
	b.turn(true, f.err)
	b.wg.Go(b.recover)
}

// turn opens or closes; the caller holds the lock.
func (b *breaker) turn(open bool, cause *fault.Error) {
	lasted := time.Duration(0)
	if !open {
		lasted = b.now().Sub(b.since)
	}
	b.open, b.cause, b.since, b.failed = open, cause, b.now(), 0
	b.epoch++
	close(b.moved)
	b.moved = make(chan struct{})
	if b.turned != nil {
		b.turned(open, cause, lasted)
	}
}

// recover probes until the server answers as it should.
func (b *breaker) recover() {
	for wait := b.min; ; wait = min(2*wait, b.max) {
		pause := jitter(wait)
		b.mu.Lock()
		b.next = b.now().Add(pause)
		b.mu.Unlock()
		if !sleep(b.ctx, pause) {
			return
		}
		f := b.probe(b.ctx)
		b.mu.Lock()
		if f == nil {
			b.turn(false, nil)
			b.mu.Unlock()
			return
		}
		b.cause = f.err
		b.mu.Unlock()
	}
}

// state is a snapshot.
func (b *breaker) state() (open bool, since time.Time, cause *fault.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, b.since, b.cause
}

// jitter spreads a pause over its upper half, so that many who failed together
// do not come back together.
func jitter(d time.Duration) time.Duration {
	if d <= 1 {
		return d
	}
	return d/2 + rand.N(d/2)
}

// sleep is false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
