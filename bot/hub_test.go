package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
)

// memoryLog is a log that hubs read, away at times.
type memoryLog struct {
	mu     sync.Mutex
	events []convo.Event
	away   bool
	reads  int
	slow   func() // what happens while a read is under way
}

func (l *memoryLog) commit(n int) []convo.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	var now []convo.Event
	for range n {
		e := convo.Event{Seq: int64(len(l.events)) + 1, Kind: convo.KindMessage}
		l.events, now = append(l.events, e), append(now, e)
	}
	return now
}

func (l *memoryLog) Events(_ context.Context, _ convo.Key, after int64, limit int) ([]convo.Event, error) {
	if l.slow != nil {
		l.slow()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if l.away {
		return nil, errors.New("away")
	}
	rest := l.events[min(int(after), len(l.events)):]
	return append([]convo.Event(nil), rest[:min(limit, len(rest))]...), nil
}

func (l *memoryLog) set(away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = away
}

// Whatever a hub is told, late, twice, in pieces or not at all, a reader gets
// every event once and in order.
func TestSubscription_EveryEventOnceAndInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		log := &memoryLog{}
		hub := NewHub(log, nil)
		key := convo.Key{Site: 1, ID: NewID()}
		log.commit(rapid.IntRange(0, 5).Draw(rt, "before"))
		after := int64(rapid.IntRange(0, len(log.events)).Draw(rt, "from"))
		sub := hub.Subscribe(key, after)
		defer sub.Close()
		var got []int64
		var late [][]convo.Event
		read := func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			events, err := sub.Next(ctx)
			if err != nil {
				rt.Fatal(err)
			}
			for _, e := range events {
				if e.Seq > 0 {
					got = append(got, e.Seq)
				}
			}
		}
		for _, do := range rapid.SliceOfN(rapid.IntRange(0, 6), 1, 40).Draw(rt, "steps") {
			switch do {
			case 0, 1: // told at once
				hub.Publish(key, log.commit(1+do*2))
			case 2: // told later, out of order
				late = append(late, log.commit(2))
			case 3:
				if len(late) > 0 {
					hub.Publish(key, late[len(late)-1])
					late = late[:len(late)-1]
				}
			case 4: // only hinted
				hub.Hint(key, log.commit(1)[0].Seq)
			case 5: // a burst that no reader keeps up with
				for range 3 * pendingMax / 2 {
					hub.Publish(key, log.commit(1))
				}
			case 6:
				hub.PassTyping(key, convo.Agent)
				read()
			}
		}
		hub.Hint(key, int64(len(log.events)))
		for len(got) < len(log.events)-int(after) {
			read()
		}
		for i, seq := range got {
			if seq != after+int64(i)+1 {
				rt.Fatalf("from %d: %v", after, got)
			}
		}
	})
}

// Somebody types and sends while a slow read is under way: the reader hears it in
// that order, and not of typing that is over.
func TestSubscription_WhatWasToldBeforeComesBeforeWhatIsRead(t *testing.T) {
	t.Parallel()
	log := &memoryLog{}
	hub := NewHub(log, nil)
	key := convo.Key{Site: 1, ID: NewID()}
	sub := hub.Subscribe(key, 0)
	defer sub.Close()
	log.slow = func() {
		log.slow = nil
		hub.PassTyping(key, convo.Customer)
		hub.Publish(key, log.commit(2))
		hub.PassTyping(key, convo.Agent)
	}
	var got []int64
	for len(got) < 4 {
		events, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			got = append(got, e.Seq)
		}
	}
	if !slices.Equal(got, []int64{0, 1, 2, 0}) {
		t.Errorf("got %v", got)
	}
}

func TestSubscription_WaitsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	log := &memoryLog{away: true}
	hub := NewHub(log, nil)
	key := convo.Key{Site: 1, ID: NewID()}
	sub := hub.Subscribe(key, 0)
	defer sub.Close()
	log.commit(3)
	sub.beat()
	if events, err := sub.Next(t.Context()); err != nil || len(events) != 0 {
		t.Fatalf("a beat: %v, %v", events, err)
	}
	log.set(false)
	hub.Hint(key, 3)
	if events, err := sub.Next(t.Context()); err != nil || len(events) != 3 {
		t.Errorf("%v, %v", events, err)
	}
}

func TestSubscription_ACloseGivesWhatIsThereAndEnds(t *testing.T) {
	t.Parallel()
	log := &memoryLog{}
	hub := NewHub(log, nil)
	key := convo.Key{Site: 1, ID: NewID()}
	sub := hub.Subscribe(key, 0)
	hub.Publish(key, log.commit(2))
	hub.Close()
	if events, err := sub.Next(t.Context()); err != nil || len(events) != 2 {
		t.Errorf("%v, %v", events, err)
	}
	if _, err := sub.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	sub.Close()
	if n := len(hub.Watched()); n != 0 {
		t.Errorf("%d conversations are still watched", n)
	}
}

func TestHub_AnIdleReaderCostsNoReads(t *testing.T) {
	t.Parallel()
	log := &memoryLog{}
	hub := NewHub(log, nil)
	key := convo.Key{Site: 1, ID: NewID()}
	sub := hub.Subscribe(key, 0)
	defer sub.Close()
	for range 20 {
		hub.Publish(key, log.commit(1))
		if _, err := sub.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if log.reads != 1 {
		t.Errorf("%d reads for events that were all carried", log.reads)
	}
}

type fakeSites struct {
	mu    sync.Mutex
	sites []Site
	err   error
	reads int
}

func (f *fakeSites) Sites(context.Context) ([]Site, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.sites, f.err
}

func TestSites_OldOnesBeatNone(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	f := &fakeSites{sites: []Site{{ID: 1, Name: "one", Settings: Settings{Origins: []string{"HTTPS://One.example/"}}}}}
	s := NewSites(f, func() time.Time { return now }, time.Second)
	site, err := s.ByName(t.Context(), "")
	if err != nil || site.Name != "one" {
		t.Fatalf("the only site: %v, %v", site, err)
	}
	f.err = fmt.Errorf("away")
	now = now.Add(time.Minute)
	if site, err := s.ByID(t.Context(), 1); err != nil || site.Name != "one" {
		t.Errorf("while the database is away: %v, %v", site, err)
	}
	if !s.OriginKnown(t.Context(), "https://one.example") || s.OriginKnown(t.Context(), "https://two.example") {
		t.Error("origins")
	}
	f.err = nil
	f.sites = append(f.sites, Site{ID: 2, Name: "two"})
	if site, err := s.ByName(t.Context(), "two"); err != nil || site.ID != 2 {
		t.Errorf("a site made just now: %v, %v", site, err)
	}
	if _, err := s.ByName(t.Context(), ""); !errors.Is(err, ErrNoSite) {
		t.Errorf("the default of two without one: %v", err)
	}
}
