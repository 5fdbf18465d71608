package console

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"frontdesk/handoff"
)

// countGap is the least between two readings of the same counts of a site. They
// cost with the people and the cases of a desk, and after a change every page
// that shows them asks anew: what is asked meanwhile is read together.
const countGap = 100 * time.Millisecond

var errNotRead = errors.New("it could not be read")

// gathered reads something of a site once for all who ask at about the same time.
// What somebody gets was read after they asked, never before: a page that asks
// because of a change sees it.
type gathered[T any] struct {
	read func(ctx context.Context, site int32) (T, error)

	mu    sync.Mutex
	sites map[int32]*gathering[T]
}

// gathering is one site's.
type gathering[T any] struct {
	turn chan struct{} // taken while it is read, and for the gap before
	last time.Time     // when it was read last; whose turn it is has it
	next *round[T]     // whoever asks now is of it; guarded by gathered.mu
}

// round is one reading and those who wait for it.
type round[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func newGathered[T any](read func(ctx context.Context, site int32) (T, error)) *gathered[T] {
	return &gathered[T]{read: read, sites: map[int32]*gathering[T]{}}
}

// get waits for the next reading. The first who asks reads for the others, and
// goes on when they themselves have gone. What is returned belongs to all: it must
// not be changed.
func (g *gathered[T]) get(ctx context.Context, site int32) (T, error) {
	g.mu.Lock()
	s := g.sites[site]
	if s == nil {
		s = &gathering[T]{turn: make(chan struct{}, 1)}
		g.sites[site] = s
	}
	r := s.next
	first := r == nil
	if first {
		r = &round[T]{done: make(chan struct{})}
		s.next = r
	}
	g.mu.Unlock()
	if first {
		g.lead(ctx, site, s, r)
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (g *gathered[T]) lead(ctx context.Context, site int32, s *gathering[T], r *round[T]) {
	defer close(r.done)
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if rest := countGap - time.Since(s.last); rest > 0 {
		time.Sleep(rest)
	}
	g.mu.Lock()
	s.next = nil // whoever asks from here on may know of more than this reads
	g.mu.Unlock()
	s.last = time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
	defer cancel()
	r.err = errNotRead // where the reading panics
	r.value, r.err = g.read(ctx, site)
}

// newCounts are the queues with what goes on in them, and the people, of whole
// sites: who may know of what is decided for each who asks.
func newCounts(d desk) (queues *gathered[[]handoff.QueueState], people *gathered[[]handoff.Agent]) {
	queues = newGathered(func(ctx context.Context, site int32) ([]handoff.QueueState, error) {
		return d.Wall(ctx, handoff.System(site, "desk"))
	})
	people = newGathered(func(ctx context.Context, site int32) ([]handoff.Agent, error) {
		return d.Agents(ctx, handoff.System(site, "desk"))
	})
	return queues, people
}

// wallOf is the queues as somebody may know them.
func (c *Console) wallOf(ctx context.Context, a handoff.Actor) ([]handoff.QueueState, error) {
	all, err := c.queues.get(ctx, a.Site)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(slices.Clone(all), func(q handoff.QueueState) bool { return !a.Sees(q.Queue.Queue) })
	for i := range list {
		list[i].Queue = without(a, list[i].Queue)
	}
	return list, nil
}

// peopleOf is the people of the desk as somebody may know them.
func (c *Console) peopleOf(ctx context.Context, a handoff.Actor) ([]colleague, error) {
	all, err := c.people.get(ctx, a.Site)
	if err != nil {
		return nil, err
	}
	return colleagues(a, all), nil
}
