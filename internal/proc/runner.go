package proc

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// States of a service, as clients are told.
const (
	StateStopped  = "stopped"
	StateStarting = "starting"
	StateReady    = "ready"
	StateFailed   = "failed" // it will be tried again
)

// Event tells a client how a service is.
type Event struct {
	Part     string `json:"part"`
	State    string `json:"state"`
	Note     string `json:"note,omitempty"`     // what takes long, for people
	Endpoint string `json:"endpoint,omitempty"` // from starting on
	Error    string `json:"error,omitempty"`
	Failures int    `json:"failures,omitempty"` // starts in a row that came to nothing
	PID      int    `json:"pid,omitempty"`
}

// runner keeps one service running while it is wanted.
type runner struct {
	service Service
	log     *slog.Logger
	out     io.Writer // the child's log
	// tell is called in order, without the lock; the context is that of the
	// wanting the event belongs to.
	tell func(context.Context, Event)

	failures int    // starts in a row that came to nothing; of loop alone
	problem  string // the last one's, likewise

	mu     sync.Mutex
	cancel context.CancelFunc // ends the present wanting; nil: not wanted
	wanted context.Context    // replaced with every wanting
	kick   chan struct{}
}

func newRunner(s Service, log *slog.Logger, out io.Writer, tell func(context.Context, Event)) *runner {
	return &runner{
		service: s.withDefaults(), log: log.With("part", s.Name), out: out, tell: tell,
		kick: make(chan struct{}, 1),
	}
}

// want switches the service on or off; it returns at once.
func (r *runner) want(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case on && r.cancel == nil:
		r.wanted, r.cancel = context.WithCancel(context.Background())
		select {
		case r.kick <- struct{}{}:
		default:
		}
	case !on && r.cancel != nil:
		r.cancel()
		r.wanted, r.cancel = nil, nil
	}
}

func (r *runner) current() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wanted
}

// loop runs until ctx ends; then the child has been stopped.
func (r *runner) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.kick:
		}
		wanted := r.current()
		if wanted == nil {
			continue
		}
		both, cancel := context.WithCancel(wanted)
		stop := context.AfterFunc(ctx, cancel)
		r.keep(both)
		stop()
		cancel()
	}
}

// keep starts the child again and again until ctx ends.
func (r *runner) keep(ctx context.Context) {
	var pause time.Duration
	r.failures, r.problem = 0, ""
	for {
		began := time.Now()
		wasReady, err := r.once(ctx)
		if ctx.Err() != nil {
			r.tell(ctx, Event{Part: r.service.Name, State: StateStopped})
			return
		}
		lasted := time.Since(began)
		if wasReady {
			r.failures = 0
		}
		r.failures++
		r.problem = err.Error()
		pause = r.service.Backoff.next(pause, lasted)
		// Several installations on one machine must not start in step.
		wait := pause + rand.N(pause/4+1)
		r.log.Warn("part is away", "error", err, "failures", r.failures, "again_in", wait)
		r.tell(ctx, Event{Part: r.service.Name, State: StateFailed, Error: r.problem, Failures: r.failures})
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			r.tell(ctx, Event{Part: r.service.Name, State: StateStopped})
			return
		case <-t.C:
		}
	}
}

// once is one run of the child: from preparing it to its end.
func (r *runner) once(ctx context.Context) (wasReady bool, err error) {
	s := r.service
	// A client is told only the latest: so it also says what went before.
	starting := Event{Part: s.Name, State: StateStarting, Error: r.problem, Failures: r.failures}
	r.tell(ctx, starting)
	note := func(text string) {
		e := starting
		e.Note = text
		r.tell(ctx, e)
	}
	if err := s.Prepare(ctx, note); err != nil {
		return false, fmt.Errorf("prepare %s: %w", s.Name, err)
	}
	starting.Endpoint = s.Endpoint()
	r.tell(ctx, starting)
	began := time.Now()
	c, err := startChild(s, r.out)
	if err != nil {
		return false, err
	}
	r.log.Info("part started", "child", c.pid)
	defer func() {
		c.stop(s.Stops)
		r.log.Info("part stopped", "child", c.pid)
	}()
	if err := r.awaitReady(ctx, c); err != nil {
		return false, err
	}
	if s.Idle {
		// Only now: on a busy machine, coming up behind everything else could
		// take minutes.
		if err := lowestPriority(c.pid); err != nil {
			return false, err
		}
	}
	r.log.Info("part is ready", "child", c.pid, "took", time.Since(began))
	r.tell(ctx, Event{Part: s.Name, State: StateReady, Endpoint: s.Endpoint(), PID: c.pid})
	return true, r.watch(ctx, c)
}

// awaitReady asks until the child answers for the first time.
func (r *runner) awaitReady(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, r.service.StartWait)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = r.check(ctx); last == nil {
			return nil
		}
		select {
		case <-c.done:
			return c.ended()
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer within %s: %w", r.service.Name, r.service.StartWait, last)
		case <-tick.C:
		}
	}
}

// watch returns when the child ends, stops answering, or is no longer wanted.
func (r *runner) watch(ctx context.Context, c *child) error {
	tick := time.NewTicker(r.service.CheckEvery)
	defer tick.Stop()
	bad := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.done:
			return c.ended()
		case <-tick.C:
		}
		if err := r.check(ctx); err != nil && ctx.Err() == nil {
			if bad++; bad >= r.service.Failures {
				return fmt.Errorf("%s stopped answering: %w", r.service.Name, err)
			}
			r.log.Warn("check failed", "error", err, "in_a_row", bad)
			continue
		}
		bad = 0
	}
}

func (r *runner) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.service.CheckWait)
	defer cancel()
	return r.service.Check(ctx)
}
