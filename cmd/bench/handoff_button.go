package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// sights joins what was pressed with what a stream of its queue showed.
type sights struct {
	mu      sync.Mutex
	pressed map[string]time.Time
	shown   map[string]time.Time
	lat     *latencies
}

func newSights() *sights {
	return &sights{pressed: map[string]time.Time{}, shown: map[string]time.Time{}, lat: newLatencies()}
}

// press says when a case was asked for; the answer may come after the stream.
func (s *sights) press(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pressed[id] = at
	s.join(id)
}

func (s *sights) show(id string) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.shown[id]; again {
		return
	}
	s.shown[id] = now
	s.join(id)
}

func (s *sights) join(id string) {
	at, ok := s.pressed[id]
	shown, ok2 := s.shown[id]
	if ok && ok2 {
		s.lat.add(shown.Sub(at))
	}
}

// whole waits until so many were seen, and begins to count anew with the next
// press: what was seen is in lat until then.
func (s *sights) whole(ctx context.Context, n int) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		s.mu.Lock()
		seen := int(s.lat.count())
		s.mu.Unlock()
		if seen >= n {
			return nil
		}
		if time.Now().After(deadline) || !sleepFor(ctx, 10*time.Millisecond) {
			return fmt.Errorf("%d of %d cases were shown on no stream of their queue", n-seen, n)
		}
	}
}

// press has customers press, so many a second, and times the answers.
func press(ctx context.Context, hc *http.Client, people []*customer, rate int, seen *sights) (*latencies, error) {
	answered := newLatencies()
	var mu sync.Mutex
	var failed error
	seen.mu.Lock()
	seen.lat = newLatencies()
	seen.mu.Unlock()
	paced(ctx, len(people), float64(rate), func(i int, due time.Time) {
		c := people[i]
		c.http = hc
		var out struct {
			Case string `json:"case"`
		}
		err := c.post(ctx, "/v1/conversations/"+c.conversation+"/human", map[string]string{"reason": "asked"}, &out)
		took := time.Since(due)
		seen.press(out.Case, due)
		mu.Lock()
		defer mu.Unlock()
		answered.add(took)
		if err != nil {
			failed = err
		}
	})
	return answered, failed
}

// rowIDs are the ids of the cases in the data of a changes event.
func rowIDs(data []byte, f func(id string)) {
	mark := []byte(`"row":{"id":"`)
	for {
		i := bytes.Index(data, mark)
		if i < 0 || len(data) < i+len(mark)+36 {
			return
		}
		f(string(data[i+len(mark) : i+len(mark)+36]))
		data = data[i+len(mark)+36:]
	}
}

// openTalks begins conversations of visitors of their own, over HTTP.
func openTalks(ctx context.Context, srv servers, n int) ([]*customer, error) {
	hc := newHTTPClient(64)
	list := make([]*customer, n)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for k := range errs {
		wg.Go(func() {
			for i := k; i < n && errs[k] == nil; i += len(errs) {
				list[i], errs[k] = startAt(ctx, hc, srv.base(i/deskQueues), deskSite) // not always where the agents of its queue are
			}
		})
	}
	wg.Wait()
	return list, errors.Join(errs...)
}

// agentMemory connects all agents to one process, which has worked before so that
// what is read once is read.
func (b *bench) agentMemory(ctx context.Context, s *section, w *deskWorld) error {
	srv, err := b.prog.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	one := servers{srv}
	defer one.stop() //nolint:errcheck // the figures are in
	people, err := openTalks(ctx, one, 500)
	if err != nil {
		return err
	}
	hc := newHTTPClient(64)
	if _, err := press(ctx, hc, people, 60, newSights()); err != nil {
		return err
	}
	hc.CloseIdleConnections()
	before, err := one.resident()
	if err != nil {
		return err
	}
	streams := newDeskStreams(ctx)
	defer streams.close()
	for _, a := range w.agents {
		if err := streams.sit(a, srv.base, "", nil); err != nil {
			return err
		}
	}
	if !sleepFor(ctx, 20*time.Second) { // what connecting cost is over, and every presence was renewed once
		return ctx.Err()
	}
	after, err := one.resident()
	if err != nil {
		return err
	}
	each := (after - before) / int64(len(w.agents))
	s.judge(fmt.Sprintf("each of %d agents connected to one process, resident", len(w.agents)), "≤ 50 KB", fmt.Sprintf("%.1f KB", float64(each)/1024), each <= 50<<10)
	return nil
}

// button has customers press at a steady rate while all agents are connected,
// and sees when a stream of the queue shows the case: one stream of each queue
// is looked at, the others are read.
func (b *bench) button(ctx context.Context, s *section, w *deskWorld) error {
	srv, err := b.serveDesk(ctx)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	n, warm := b.times(b.o.deskRate*20), 600
	progress("opening %d conversations", n+warm)
	people, err := openTalks(ctx, srv, n+warm)
	if err != nil {
		return err
	}
	if err := errors.Join(w.group(ctx, people), w.settle(ctx)); err != nil {
		return err
	}
	progress("connecting %d agents", len(w.agents))
	streams := newDeskStreams(ctx)
	defer streams.close()
	seen := newSights()
	for i, a := range w.agents {
		var heard func(event, data []byte)
		if i < deskQueues { // the first of each queue
			heard = func(event, data []byte) {
				if string(event) == "changes" {
					rowIDs(data, seen.show)
				}
			}
		}
		// Each queue has agents at both processes.
		if err := streams.sit(a, srv.base(i/deskQueues+i), "", heard); err != nil {
			return err
		}
	}
	if !sleepFor(ctx, 15*time.Second) { // what connecting cost is over, and every presence was renewed once
		return ctx.Err()
	}
	idle, err := w.newMeter(ctx, srv)
	if err != nil || !sleepFor(ctx, 10*time.Second) {
		return errors.Join(err, ctx.Err())
	}
	cost, err := idle.each(ctx, 10)
	if err != nil {
		return err
	}
	s.note(fmt.Sprintf("%d agents connected, nothing happens: a second of it", len(w.agents)), cost)

	hc := newHTTPClient(256)
	defer hc.CloseIdleConnections()
	// Every connection of each process plans its statements anew a few times.
	if _, err := press(ctx, hc, people[n:], min(60, b.o.deskRate), seen); err != nil {
		return err
	}
	if err := errors.Join(seen.whole(ctx, warm), w.settle(ctx)); err != nil {
		return err
	}
	progress("%d handoffs at %d a second", n, b.o.deskRate)
	m, err := w.newMeter(ctx, srv)
	if err != nil {
		return err
	}
	begin := time.Now()
	answered, err := press(ctx, hc, people[:n], b.o.deskRate, seen)
	if err != nil {
		return err
	}
	rate := float64(n) / time.Since(begin).Seconds()
	if err := seen.whole(ctx, n); err != nil {
		return err
	}
	if cost, err = m.each(ctx, n); err != nil {
		return err
	}
	s.note(fmt.Sprintf("%d agents over %d queues, handoffs at %d a second: the button's own answer", len(w.agents), deskQueues, b.o.deskRate), fmt.Sprintf("%s · %.0f a second", answered, rate))
	p50, p99 := seen.lat.at(50), seen.lat.at(99)
	s.judge("… the case visible on the stream of an agent of its queue", "p50 ≤ 10 ms, p99 ≤ 50 ms", seen.lat.String(), p50 <= 10*time.Millisecond && p99 <= 50*time.Millisecond)
	s.note("… processor time a handoff, with all that is streamed of it", cost)
	if n := streams.broken.Load(); n > 0 {
		return fmt.Errorf("%d streams broke", n)
	}
	return nil
}

// sleepFor is false where ctx ended first.
func sleepFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
