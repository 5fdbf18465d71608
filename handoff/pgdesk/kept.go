package pgdesk

import (
	"sync"
	"time"
)

// staleFor is for how many times of its keeping something old still serves while
// somebody reads it anew.
const staleFor = 10

// kept is what was read of sites and serves for a while. When that is over one
// reads it anew, and whoever asks meanwhile has the old: presses come together, and
// to read it for each of them would be what they all wait for.
type kept[T any] struct {
	mu sync.Mutex
	of map[int32]*shelved[T]
}

type shelved[T any] struct {
	value T
	read  time.Time // zero: never
	busy  bool      // somebody reads it
}

// get gives what is kept of a site, or reads it. The error is the reading's.
func (k *kept[T]) get(site int32, at time.Time, keep time.Duration, read func() (T, error)) (T, error) {
	k.mu.Lock()
	if k.of == nil {
		k.of = map[int32]*shelved[T]{}
	}
	s := k.of[site]
	if s == nil {
		s = &shelved[T]{}
		k.of[site] = s
	}
	age := at.Sub(s.read)
	if !s.read.IsZero() && age >= 0 && (age < keep || s.busy && age < staleFor*keep) {
		defer k.mu.Unlock()
		return s.value, nil
	}
	s.busy = true
	k.mu.Unlock()
	done := false
	var value T
	var err error
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		s.busy = false
		if done && err == nil {
			s.value, s.read = value, at
		}
	}()
	value, err = read()
	done = true
	return value, err
}

// last is what was read last of a site, however long ago.
func (k *kept[T]) last(site int32) (value T, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.of[site]
	if s == nil || s.read.IsZero() {
		return value, false
	}
	return s.value, true
}
