package proc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ErrRunning says that another supervisor has the home and is well.
var ErrRunning = errors.New("a supervisor is running")

// SupervisorConfig tunes a supervisor; zero values are the product's.
type SupervisorConfig struct {
	Grace    time.Duration // between the last hold's end and a service's; default 1 s
	Patience time.Duration // for the first hold after the start; default 15 s
	LogBytes int64         // one log file's cap; default 5 MiB, and one more is kept
}

func (c SupervisorConfig) withDefaults() SupervisorConfig {
	c.Grace = cmp.Or(c.Grace, time.Second)
	c.Patience = cmp.Or(c.Patience, 15*time.Second)
	c.LogBytes = cmp.Or(c.LogBytes, logBytes)
	return c
}

// ServicesFunc makes the home's services; socketDir is a private folder for
// their Unix sockets. A service that is not set up is left out.
type ServicesFunc func(h *Home, socketDir string) ([]Service, error)

// supervisor owns the services of one home.
type supervisor struct {
	cfg      SupervisorConfig
	log      *slog.Logger
	logDir   string
	services func() ([]Service, error) // asked again when a client wants one that is not known

	running context.Context // the services' life, which ends after the clients were told
	loops   sync.WaitGroup

	mu      sync.Mutex
	runners map[string]*runner
	last    map[string]Event // each service's latest event
	holds   map[*hold]struct{}
	closing bool
	idle    *time.Timer // ends the supervisor when it fires
	timers  map[string]*time.Timer
	done    chan struct{} // closed when the supervisor should go
}

// Supervise runs the home's supervisor until nobody holds it any more. It
// returns ErrRunning at once where another does that already. Called by the
// user who runs the parts.
func Supervise(ctx context.Context, h *Home, services ServicesFunc, cfg SupervisorConfig) error {
	cfg = cfg.withDefaults()
	lock, err := superviseLock(ctx, h)
	if err != nil {
		return err
	}
	defer lock.release()
	logFile, err := openRotating(filepath.Join(h.logDir(), "supervisor.log"), cfg.LogBytes)
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }()
	log := slog.New(slog.NewJSONHandler(logFile, nil)).With("pid", os.Getpid())
	dir, err := h.socketDir(ctx)
	if err != nil {
		return err
	}
	if dir != h.runDir() {
		defer func() { _ = os.Remove(dir) }() // when nothing is left in it
	}
	running, stopAll := context.WithCancel(context.Background())
	defer stopAll()
	s := &supervisor{
		cfg: cfg, log: log, logDir: h.logDir(),
		services: func() ([]Service, error) { return services(h, dir) },
		running:  running,
		runners:  map[string]*runner{}, last: map[string]Event{},
		holds: map[*hold]struct{}{}, timers: map[string]*time.Timer{}, done: make(chan struct{}),
	}
	err = s.run(ctx, h, dir)
	stopAll()
	s.loops.Wait()
	_ = os.Remove(h.meetPath())
	log.Info("supervisor ended")
	return err
}

// superviseLock takes the lock a supervisor keeps for life. One that is closing
// is waited for; one that is well is left to it.
func superviseLock(ctx context.Context, h *Home) (*fileLock, error) {
	path := filepath.Join(h.runDir(), "supervisor.lock")
	deadline := time.Now().Add(2 * time.Minute)
	for {
		l, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		if _, err := h.Status(ctx); err == nil {
			return nil, ErrRunning
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the supervisor of %s neither answers nor ends; see %s", h.Dir, h.logDir())
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// run serves clients until nobody is left or ctx ends.
func (s *supervisor) run(ctx context.Context, h *Home, dir string) error {
	socket := filepath.Join(dir, "supervisor")
	_ = os.Remove(socket) // a killed supervisor's; we hold the lock
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = listener.Close() }()
	s.mu.Lock()
	err = s.learn()
	s.idle = time.AfterFunc(s.cfg.Patience, s.endIfIdle)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	b, err := json.Marshal(rendezvous{PID: os.Getpid(), Socket: socket})
	if err != nil {
		return fmt.Errorf("say where the supervisor is: %w", err)
	}
	if err := writeWhole(h.meetPath(), b, 0o600); err != nil {
		return fmt.Errorf("say where the supervisor is: %w", err)
	}
	s.log.Info("supervisor started", "services", len(s.runners))
	go s.accept(listener)
	select {
	case <-ctx.Done():
		s.end()
	case <-s.done:
	}
	return nil
}

// learn adds the services that are set up and not known yet; the lock is held.
func (s *supervisor) learn() error {
	list, err := s.services()
	if err != nil {
		return err
	}
	for _, svc := range list {
		if s.runners[svc.Name] != nil {
			continue
		}
		out, err := openRotating(filepath.Join(s.logDir, svc.Name+".log"), s.cfg.LogBytes)
		if err != nil {
			return err
		}
		r := newRunner(svc, s.log, out, s.broadcast)
		s.runners[svc.Name] = r
		s.last[svc.Name] = Event{Part: svc.Name, State: StateStopped}
		s.loops.Go(func() {
			defer func() { _ = out.Close() }()
			r.loop(s.running)
		})
	}
	return nil
}

// end makes the supervisor go, once.
func (s *supervisor) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.closing = true
		close(s.done)
	}
}
