package web

import (
	"cmp"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"frontdesk/internal/fault"
)

// Rate is a token bucket: Burst at once, PerSecond in the long run. A zero
// PerSecond means no limit.
type Rate struct {
	PerSecond float64
	Burst     float64
}

const limitShards = 32

// Limiter holds a bucket for each key it has seen lately. Buckets that are
// full again are forgotten; beyond MaxKeys the fullest of a few are, which can
// only be generous, so that nobody fills the memory by inventing keys.
type Limiter struct {
	rate    Rate
	now     func() time.Time
	perSlot int
	seed    maphash.Seed
	slots   [limitShards]limitSlot
}

type limitSlot struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// NewLimiter makes a Limiter of at most maxKeys keys (0: 100,000, about 15 MB).
func NewLimiter(rate Rate, maxKeys int, now func() time.Time) *Limiter {
	l := &Limiter{rate: rate, now: now, seed: maphash.MakeSeed()}
	l.rate.Burst = cmp.Or(rate.Burst, math.Max(1, rate.PerSecond))
	l.perSlot = max(1, cmp.Or(maxKeys, 100_000)/limitShards)
	for i := range l.slots {
		l.slots[i].buckets = map[string]bucket{}
	}
	return l
}

// Allow takes one token of key's bucket; the error is RateLimited and says
// when the next one will be there.
func (l *Limiter) Allow(key string) error {
	if l == nil || l.rate.PerSecond <= 0 {
		return nil
	}
	now := l.now()
	slot := &l.slots[maphash.String(l.seed, key)%limitShards]
	slot.mu.Lock()
	defer slot.mu.Unlock()
	b, known := slot.buckets[key]
	if !known {
		if len(slot.buckets) >= l.perSlot {
			l.evict(slot, now)
		}
		b = bucket{tokens: l.rate.Burst, at: now}
	}
	b.tokens = l.filled(b, now)
	b.at = now
	if b.tokens < 1 {
		slot.buckets[key] = b
		wait := time.Duration((1 - b.tokens) / l.rate.PerSecond * float64(time.Second))
		return fault.New(fault.RateLimited, "rate_limited", "That was too much at once. Please wait a moment and try again.").After(wait)
	}
	b.tokens--
	slot.buckets[key] = b
	return nil
}

func (l *Limiter) filled(b bucket, now time.Time) float64 {
	return math.Min(l.rate.Burst, b.tokens+now.Sub(b.at).Seconds()*l.rate.PerSecond)
}

// evict forgets every bucket that is full again, and, where none is, the
// fullest of sixteen taken at random (a map's order).
func (l *Limiter) evict(slot *limitSlot, now time.Time) {
	seen, best, bestTokens := 0, "", -1.0
	for k, b := range slot.buckets {
		t := l.filled(b, now)
		if t >= l.rate.Burst {
			delete(slot.buckets, k)
			continue
		}
		if seen++; seen <= 16 && t > bestTokens {
			best, bestTokens = k, t
		}
	}
	if len(slot.buckets) >= l.perSlot {
		delete(slot.buckets, best)
	}
}

// Keys is how many buckets are held.
func (l *Limiter) Keys() int {
	n := 0
	for i := range l.slots {
		l.slots[i].mu.Lock()
		n += len(l.slots[i].buckets)
		l.slots[i].mu.Unlock()
	}
	return n
}

// Counter limits how many of something a key holds at a time.
type Counter struct {
	max  int
	mu   sync.Mutex
	held map[string]int
}

// NewCounter makes a Counter; max 0 means no limit.
func NewCounter(max int) *Counter { return &Counter{max: max, held: map[string]int{}} }

// Take takes one; release gives it back and may be called more than once. The
// error is RateLimited.
func (n *Counter) Take(key string) (release func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.max > 0 && n.held[key] >= n.max {
		return nil, fault.New(fault.RateLimited, "too_many_streams", "Too many streams are open for this visitor. Close one and try again.").After(5 * time.Second)
	}
	n.held[key]++
	var once sync.Once
	return func() {
		once.Do(func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			if n.held[key]--; n.held[key] <= 0 {
				delete(n.held, key)
			}
		})
	}, nil
}
