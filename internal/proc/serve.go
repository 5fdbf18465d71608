package proc

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

// hold is one client's connection.
type hold struct {
	Client
	mu    sync.Mutex
	queue []Event // what the client has not been told yet
	wake  chan struct{}
}

func (s *supervisor) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.log.Warn("accept", "error", err)
			time.Sleep(50 * time.Millisecond) // out of descriptors, say
			continue
		}
		go s.serve(conn)
	}
}

// serve is one client's connection from its request to its end.
func (s *supervisor) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(conn)
	line, err := in.ReadSlice('\n')
	if err != nil {
		return
	}
	enc := json.NewEncoder(conn)
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		_ = enc.Encode(reply{Refused: "not a request"})
		return
	}
	if req.Protocol != protocol {
		_ = enc.Encode(reply{Refused: fmt.Sprintf("another version of frontdesk (process %d) runs the parts of this home: end what uses it and try again", os.Getpid())})
		return
	}
	if req.Status {
		_ = enc.Encode(s.status())
		return
	}
	h := &hold{Client: Client{Name: req.Client, PID: req.PID, Want: req.Want}, wake: make(chan struct{}, 1)}
	if refusal := s.join(h); refusal != nil {
		_ = enc.Encode(refusal)
		return
	}
	defer s.leave(h)
	_ = conn.SetReadDeadline(time.Time{})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		// A client says nothing more; its end is the end of the hold.
		_, _ = in.ReadByte()
	}()
	for {
		select {
		case <-gone:
			return
		case <-s.done:
			_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
			_ = enc.Encode(reply{Closing: true})
			return
		case <-h.wake:
		}
		for _, e := range h.take() {
			_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if err := enc.Encode(reply{Event: &e}); err != nil {
				return
			}
		}
	}
}

// join registers a hold and wants its services.
func (s *supervisor) join(h *hold) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return &reply{Closing: true}
	}
	if refusal := s.know(h.Want); refusal != "" {
		if len(s.holds) == 0 {
			s.idle.Reset(s.cfg.Grace)
		}
		return &reply{Refused: refusal}
	}
	s.idle.Stop()
	s.holds[h] = struct{}{}
	for _, name := range h.Want {
		if t := s.timers[name]; t != nil {
			t.Stop()
		}
		h.push(s.last[name])
		s.runners[name].want(true)
	}
	s.log.Info("held", "client", h.Name, "client_pid", h.PID, "want", h.Want, "holds", len(s.holds))
	return nil
}

// know says why a service cannot be had; empty: all are known. The lock is held.
func (s *supervisor) know(names []string) string {
	for _, name := range names {
		if s.runners[name] != nil {
			continue
		}
		if err := s.learn(); err != nil {
			return err.Error()
		}
		if s.runners[name] == nil {
			return fmt.Sprintf("%s: %s", name, ErrNotSetUp)
		}
	}
	return ""
}

// leave ends a hold; what nobody wants any more stops after the grace.
func (s *supervisor) leave(h *hold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.holds, h)
	s.log.Info("let go", "client", h.Name, "client_pid", h.PID, "holds", len(s.holds))
	if s.closing {
		return
	}
	if len(s.holds) == 0 {
		s.idle.Reset(s.cfg.Grace)
	}
	for _, name := range h.Want {
		if s.wanted(name) {
			continue
		}
		s.timers[name] = time.AfterFunc(s.cfg.Grace, func() { s.stopIfIdle(name) })
	}
}

func (s *supervisor) wanted(name string) bool {
	for h := range s.holds {
		if slices.Contains(h.Want, name) {
			return true
		}
	}
	return false
}

func (s *supervisor) stopIfIdle(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wanted(name) {
		s.runners[name].want(false)
		// From here on it is not ready, though it may take a while to end.
		s.last[name] = Event{Part: name, State: StateStopped}
	}
}

func (s *supervisor) endIfIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.holds) == 0 && !s.closing {
		s.closing = true
		close(s.done)
	}
}

// broadcast passes a service's event to whoever holds it. What a service says
// that is no longer wanted is old: a new hold must not take it for its own.
func (s *supervisor) broadcast(wanted context.Context, e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wanted.Err() != nil && e.State != StateStopped {
		return
	}
	s.last[e.Part] = e
	for h := range s.holds {
		if slices.Contains(h.Want, e.Part) {
			h.push(e)
		}
	}
}

func (s *supervisor) status() reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return reply{Closing: true}
	}
	st := &Status{PID: os.Getpid(), Clients: []Client{}, Parts: []Event{}}
	for h := range s.holds {
		st.Clients = append(st.Clients, h.Client)
	}
	for _, e := range s.last {
		e.Endpoint = "" // it may hold a password, and a status is for people to read
		st.Parts = append(st.Parts, e)
	}
	slices.SortFunc(st.Parts, func(a, b Event) int { return cmp.Compare(a.Part, b.Part) })
	return reply{Status: st}
}

// push queues an event; only the latest of a part is of use to a slow client.
func (h *hold) push(e Event) {
	h.mu.Lock()
	h.queue = append(slices.DeleteFunc(h.queue, func(q Event) bool { return q.Part == e.Part }), e)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hold) take() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	q := h.queue
	h.queue = nil
	return q
}
