package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"frontdesk/bot/convo"
)

// Subscription is one watcher's place in a conversation's log. Next gives it
// every event once, in order, whatever the hub carried, lost or doubled: what
// follows the cursor is delivered, what does not is read from the database.
type Subscription struct {
	hub  *Hub
	key  convo.Key
	wake chan struct{}
	slot int

	mu      sync.Mutex
	pending []convo.Event
	cursor  int64 // last event delivered
	behind  bool  // the database may hold more than cursor
	beaten  bool
}

func (s *Subscription) push(events []convo.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending)+len(events) > pendingMax {
		s.pending, s.behind = nil, true
	} else {
		s.pending = append(s.pending, events...)
	}
	s.signal()
}

func (s *Subscription) hint(seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.knownLocked() {
		s.behind = true
		s.signal()
	}
}

func (s *Subscription) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beaten = true
	s.signal()
}

func (s *Subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Subscription) known() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.knownLocked()
}

// knownLocked is the last event that is delivered or waits here without a gap.
func (s *Subscription) knownLocked() int64 {
	known := s.cursor
	for _, e := range s.pending {
		if e.Seq == known+1 {
			known = e.Seq
		}
	}
	return known
}

// Next returns the events after the last ones returned; it waits until there
// are some. An empty result without an error is a beat: nothing happened for a
// while, and the reader should show its client that it is there.
//
// Errors: ErrClosed when the hub closes (what was committed before is delivered
// first where the database still answers), ctx's error when ctx ends. A
// database that is away is not an error: Next beats until it is back.
func (s *Subscription) Next(ctx context.Context) ([]convo.Event, error) {
	for {
		events, beat, behind := s.take()
		if behind {
			read, ok := s.catchUp(ctx)
			if ok && len(read) == 0 && !beat {
				continue // nothing new there; what passed meanwhile may wait here
			}
			events = read
		}
		if len(events) > 0 {
			return events, nil
		}
		select {
		case <-s.hub.closed:
			return nil, ErrClosed
		default:
		}
		if beat {
			return nil, nil
		}
		select {
		case <-s.wake:
		case <-s.hub.closed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what waits and follows the cursor without a gap.
func (s *Subscription) take() (events []convo.Event, beat, behind bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	beat, s.beaten = s.beaten, false
	if s.behind {
		s.behind = false
		s.pending = slices.DeleteFunc(s.pending, func(e convo.Event) bool { return e.Seq > 0 })
		if len(s.pending) == 0 {
			s.pending = nil // an idle subscription holds no buffer
		}
		return nil, beat, true
	}
	for _, e := range s.pending {
		switch {
		case e.Seq == 0:
			events = append(events, e)
		case e.Seq == s.cursor+1:
			events = append(events, e)
			s.cursor = e.Seq
		case e.Seq > s.cursor+1: // something between was not carried: read it
			s.pending = nil
			s.behind = true
			s.signal()
			return events, beat, false
		}
	}
	s.pending = nil
	return events, beat, false
}

// catchUp reads a page from the database. A read that fails leaves the
// subscription behind; the poller or the next event wakes it again.
func (s *Subscription) catchUp(ctx context.Context) (events []convo.Event, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	s.mu.Lock()
	after := s.cursor
	s.mu.Unlock()
	events, err := s.hub.store.Events(ctx, s.key, after, pageSize)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.behind = true
		return nil, false
	}
	if len(events) > 0 {
		s.cursor = events[len(events)-1].Seq
	}
	if len(events) == pageSize {
		s.behind = true
		s.signal()
	}
	return append(s.noticesLocked(), events...), true
}

// noticesLocked takes what is in no log (somebody types) and was told before any
// event that waits here: it comes before what was read meanwhile, or somebody
// would seem to type who has sent it already.
func (s *Subscription) noticesLocked() []convo.Event {
	n := slices.IndexFunc(s.pending, func(e convo.Event) bool { return e.Seq > 0 })
	if n < 0 {
		n = len(s.pending)
	}
	out := slices.Clone(s.pending[:n])
	if s.pending = s.pending[n:]; len(s.pending) == 0 {
		s.pending = nil
	}
	return out
}

// Close ends the subscription.
func (s *Subscription) Close() { s.hub.unsubscribe(s) }
