package triage

import (
	"hash/maphash"
	"strings"
	"sync"
)

// mostEarlier bounds how many earlier messages are remembered: some 100 kB.
const mostEarlier = 4096

// earlier remembers how earlier messages of conversations were read, which are
// looked at again with each that follows. It keeps hashes, no words. Two texts
// of one hash would cost one of them its mood: one in 10^15 pairs.
type earlier struct {
	seed maphash.Seed
	mu   sync.Mutex
	read map[uint64]past
	ring []uint64
	next int
}

// past is how an earlier message was read; nil: not yet.
type past struct {
	fails *bool
	mood  *float64
	plain *uint64
}

func newEarlier() *earlier {
	return &earlier{seed: maphash.MakeSeed(), read: map[uint64]past{}}
}

func (e *earlier) hash(s string) uint64 { return maphash.String(e.seed, s) }

// failed is whether a message says that an answer did not help.
func (e *earlier) failed(s string, read func() bool) bool {
	return once(e, s, func(p *past) **bool { return &p.fails }, read)
}

// mood is the mood of a message by itself.
func (e *earlier) mood(s string, read func() float64) float64 {
	return once(e, s, func(p *past) **float64 { return &p.mood }, read)
}

// plain is the hash of a message's words, by which those that say the same are
// told.
func (e *earlier) plain(s string) uint64 {
	return once(e, s, func(p *past) **uint64 { return &p.plain }, func() uint64 { return e.hash(plainly(s)) })
}

// plainly is a text as texts are compared.
func plainly(s string) string { return strings.Join(words(s), " ") }

// once is a field of what is remembered of a text, read where it is not yet.
func once[T any](e *earlier, s string, field func(*past) **T, read func() T) T {
	key := e.hash(s)
	known := e.get(key)
	if v := *field(&known); v != nil {
		return *v
	}
	v := read()
	e.set(key, func(p *past) { *field(p) = &v })
	return v
}

func (e *earlier) get(key uint64) past {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.read[key]
}

func (e *earlier) set(key uint64, change func(*past)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, known := e.read[key]
	change(&p)
	e.read[key] = p
	switch {
	case known:
	case len(e.ring) < mostEarlier:
		e.ring = append(e.ring, key)
	default:
		delete(e.read, e.ring[e.next])
		e.ring[e.next] = key
		e.next = (e.next + 1) % mostEarlier
	}
}
