package proc

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// HoldConfig says what a client needs of the supervisor.
type HoldConfig struct {
	Client string   // who holds, for the log and for people: "frontdesk serve"
	Want   []string // services that must be ready before Acquire returns
	Soon   []string // services that need only have an address by then
	// Supervisor makes the command that runs the home's supervisor (RunSupervisor).
	Supervisor func() (*exec.Cmd, error)
	// Tell is called with every event, in order; may be nil.
	Tell func(Event)
	// Tries is how many starts in a row a wanted service may fail before
	// Acquire gives up; default 4.
	Tries int
}

// Hold keeps services running for as long as it is open. When the supervisor
// dies the hold finds or starts another by itself.
type Hold struct {
	home *Home
	cfg  HoldConfig

	ctx    context.Context // the hold's own life
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	last     map[string]Event
	changed  chan struct{} // closed and replaced with every event
	acquired bool          // from then on nothing is given up
	fatal    error
}

// Acquire starts or finds the home's supervisor and returns when the wanted
// services are ready.
func Acquire(ctx context.Context, home *Home, cfg HoldConfig) (*Hold, error) {
	if cfg.Tries == 0 {
		cfg.Tries = 4
	}
	h := &Hold{home: home, cfg: cfg, last: map[string]Event{}, changed: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	h.wg.Go(h.loop)
	if err := h.await(ctx); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// Close lets the services go. It returns when nothing of the hold runs any more.
func (h *Hold) Close() {
	h.cancel()
	h.wg.Wait()
}

// Endpoint is a service's present address; after a restart it may be another.
func (h *Hold) Endpoint(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[name].Endpoint
}

// State is a service's latest event.
func (h *Hold) State(name string) Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[name]
}

// await returns when all that was asked for is there.
func (h *Hold) await(ctx context.Context) error {
	for {
		h.mu.Lock()
		changed, err := h.changed, h.fatal
		missing := h.missing()
		h.acquired = err == nil && missing.Part == ""
		h.mu.Unlock()
		switch {
		case err != nil:
			return err
		case missing.Part == "":
			return nil
		case missing.Failures >= h.cfg.Tries:
			return fmt.Errorf("%s does not start: %s (see %s)", missing.Part, missing.Error, filepath.Join(h.home.logDir(), missing.Part+".log"))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", missing.Part, ctx.Err())
		case <-changed:
		}
	}
}

// missing is an event of a service that is not there yet; the caller holds the lock.
func (h *Hold) missing() Event {
	for _, name := range h.cfg.Want {
		if e := h.last[name]; e.State != StateReady {
			e.Part = name
			return e
		}
	}
	for _, name := range h.cfg.Soon {
		if e := h.last[name]; e.Endpoint == "" {
			return Event{Part: name}
		}
	}
	return Event{}
}

// loop keeps a connection to a supervisor until the hold is closed. The pause
// grows only while no supervisor is reached.
func (h *Hold) loop() {
	const first, most = 10 * time.Millisecond, 2 * time.Second
	pause := first
	for h.ctx.Err() == nil {
		held, err := h.connect()
		if err != nil && h.giveUp(err) {
			return
		}
		if held {
			pause = first
		}
		select {
		case <-h.ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, most)
	}
}

// giveUp says whether an error ends the hold. Once the services have been
// there, what went wrong may come right again (no process could be started,
// say), and the hold goes on trying.
func (h *Hold) giveUp(err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.acquired {
		for name, e := range h.last {
			e.State, e.Error = StateFailed, err.Error()
			h.last[name] = e
		}
		return false
	}
	h.fatal = err
	close(h.changed)
	h.changed = make(chan struct{})
	return true
}

// connect holds one connection from its beginning to its end, starting a
// supervisor where there is none. held: the supervisor took the hold. Only what
// trying again cannot help is an error.
func (h *Hold) connect() (held bool, err error) {
	conn, err := h.home.dial(h.ctx)
	if err != nil {
		if err := h.spawn(); err != nil {
			return false, err
		}
		if conn, err = h.home.dial(h.ctx); err != nil {
			return false, nil // it is going already; there will be another
		}
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(h.ctx, func() { _ = conn.Close() })
	defer stop()
	want := slices.Concat(h.cfg.Want, h.cfg.Soon)
	req := request{Protocol: protocol, Client: h.cfg.Client, PID: os.Getpid(), Want: want}
	if err := json.NewEncoder(conn).Encode(req); err != nil {
		return false, nil
	}
	defer h.lost()
	dec := json.NewDecoder(bufio.NewReader(conn))
	for {
		var r reply
		if err := dec.Decode(&r); err != nil {
			return held, nil // it went; there will be another
		}
		switch {
		case r.Refused != "":
			return held, errors.New(r.Refused)
		case r.Closing:
			return held, nil
		case r.Event != nil:
			held = true
			h.note(*r.Event)
		}
	}
}

// lost marks the services as away while there is no supervisor; their
// addresses mostly stay.
func (h *Hold) lost() {
	if h.ctx.Err() != nil {
		return // let go, not lost
	}
	h.mu.Lock()
	var lost []Event
	for name, e := range h.last {
		e.State, e.Note, e.Error, e.PID = StateFailed, "", "the supervisor went away", 0
		h.last[name] = e
		lost = append(lost, e)
	}
	h.mu.Unlock()
	for _, e := range lost {
		h.tell(e)
	}
}

func (h *Hold) tell(e Event) {
	if h.cfg.Tell != nil {
		h.cfg.Tell(e)
	}
}

// note remembers an event. An address once known stays until another is told.
// It is told before it counts, so that Acquire does not return ahead of it.
func (h *Hold) note(e Event) {
	h.tell(e)
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Endpoint == "" && e.State != StateStopped {
		e.Endpoint = h.last[e.Part].Endpoint
	}
	h.last[e.Part] = e
	close(h.changed)
	h.changed = make(chan struct{})
}

// spawn starts a supervisor and waits until it can be reached or has ended:
// one that finds another at work ends at once and well.
func (h *Hold) spawn() error {
	cmd, err := h.cfg.Supervisor()
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	var said tailBuffer
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	ownSession(cmd)
	cmd.Dir = "/"
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		// Its end is awaited by nobody when this process ends first.
		buf := make([]byte, 4<<10)
		for {
			n, err := pipe.Read(buf)
			_, _ = said.Write(buf[:n])
			if err != nil {
				break
			}
		}
		ended <- cmd.Wait()
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return nil
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("the supervisor did not start: %w: %s", err, strings.TrimSpace(said.String()))
			}
			return nil
		case <-tick.C:
			if _, err := h.home.Status(h.ctx); err == nil {
				return nil
			}
		}
	}
}

// errNoSupervisor says that nobody answers for the home.
var errNoSupervisor = errors.New("no supervisor is running")

// dial reaches the home's supervisor, or errNoSupervisor.
func (h *Home) dial(ctx context.Context) (net.Conn, error) {
	b, err := os.ReadFile(h.meetPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoSupervisor
	}
	if err != nil {
		return nil, fmt.Errorf("find the supervisor: %w", err)
	}
	var meet rendezvous
	if err := json.Unmarshal(b, &meet); err != nil {
		return nil, errNoSupervisor
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "unix", meet.Socket)
	if err != nil {
		return nil, errNoSupervisor
	}
	return conn, nil
}

// Status asks the home's supervisor how it is; an error where none answers or
// it is about to go.
func (h *Home) Status(ctx context.Context) (Status, error) {
	conn, err := h.dial(ctx)
	if err != nil {
		return Status{}, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if err := json.NewEncoder(conn).Encode(request{Protocol: protocol, Status: true}); err != nil {
		return Status{}, errNoSupervisor
	}
	var r reply
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		return Status{}, errNoSupervisor
	}
	if r.Refused != "" {
		return Status{}, errors.New(r.Refused)
	}
	if r.Status == nil {
		return Status{}, errNoSupervisor
	}
	return *r.Status, nil
}
