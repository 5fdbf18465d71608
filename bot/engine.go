package bot

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Deps are what an Engine works with.
type Deps struct {
	Store  store
	Finder retrieval.Finder
	Ahead  AheadFunc // nil: nothing is embedded before it is recorded
	Desk   desk
	Sites  *Sites
	Hub    *Hub
	Triage *triage.Reader
	// Decider says what messages are; nil: by the votes of what a search finds,
	// for sites that settled nothing.
	Decider decider
	Texts   *Texts
	// Calibration gives a site's risk its thresholds.
	Calibration calibration
	Terms       retrieval.TermsFunc // compares words with choices
	Lines       LineFunc            // nil: LinesByWords of Terms
	Meter       Meter               // nil: none
	Log         *slog.Logger
	Now         func() time.Time
	NewID       func() convo.ID // version 7
}

// Config says how an Engine behaves.
type Config struct {
	// Instance is this process's number in the table of instances.
	Instance int32
	// Budget is how long a turn may take after its message is recorded; 0: 10 s.
	Budget time.Duration
	// WriteTimeout is how long one write to the database may take; 0: 3 s. It
	// is not part of the budget: an end has to be written also when the search
	// used the budget up.
	WriteTimeout time.Duration
	// MaxTurns is how many turns run at a time; beyond it callers are told to
	// come back in a second. 0: 256, far more than two cores finish in a second
	// of search, and so few that their waiting fits into the budget.
	MaxTurns int
	// Early is at how many turns at work, its own among them, a turn's search may
	// begin before its message is recorded. A search that nobody wants then costs
	// a trip to the database, which is free only where the machine waits for work.
	// 0: none does.
	Early int
}

func (c Config) withDefaults() Config {
	c.Budget = cmp.Or(c.Budget, 10*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 3*time.Second)
	c.MaxTurns = cmp.Or(c.MaxTurns, 256)
	return c
}

// Engine runs turns.
type Engine struct {
	Deps
	cfg Config

	base   context.Context // of every turn: not of the request that asked
	cancel context.CancelFunc
	slots  chan struct{}

	mu      sync.Mutex
	running map[convo.ID]context.CancelFunc
	stopped bool
	turns   sync.WaitGroup
	theirs  keySet // conversations that people own, as far as this process saw

	degraded atomic.Bool  // the last search, or probe, went without the embedder
	heard    atomic.Int64 // when one last went with it, Unix nanoseconds
}

// New makes an Engine; Stop it when done.
func New(d Deps, cfg Config) (*Engine, error) {
	if d.Store == nil || d.Finder == nil || d.Desk == nil || d.Sites == nil || d.Hub == nil || d.Triage == nil || d.Texts == nil ||
		d.Calibration == nil || d.Terms == nil || d.Log == nil || d.Now == nil || d.NewID == nil {
		return nil, errors.New("bot: every dependency but Ahead, Decider, Lines and Meter is needed")
	}
	if d.Lines == nil {
		d.Lines = LinesByWords(d.Terms)
	}
	if d.Meter == nil {
		d.Meter = noMeter{}
	}
	if d.Decider == nil {
		engine, err := triage.New(triage.Deps{Reader: d.Triage}, triage.Config{})
		if err != nil {
			return nil, err
		}
		d.Decider = engine
	}
	cfg = cfg.withDefaults()
	base, cancel := context.WithCancel(context.Background())
	return &Engine{
		Deps: d, cfg: cfg,
		base: base, cancel: cancel,
		slots:   make(chan struct{}, cfg.MaxTurns),
		running: map[convo.ID]context.CancelFunc{},
	}, nil
}

// NewID makes an id of version 7 from the clock.
func NewID() convo.ID {
	id, err := uuid.NewV7()
	if err != nil { // crypto/rand does not fail: it ends the process
		return uuid.New()
	}
	return id
}

// Degraded says whether searches go without the embedder now.
func (e *Engine) Degraded() bool { return e.degraded.Load() }

// HeardEmbedder is when a search, or a probe, last went with the embedder.
func (e *Engine) HeardEmbedder() time.Time { return time.Unix(0, e.heard.Load()) }

// NoteEmbedder records whether the embedder is away, from a search or from a
// probe by whoever watches it.
func (e *Engine) NoteEmbedder(away bool) {
	if !away {
		e.heard.Store(e.Now().UnixNano())
	}
	if e.degraded.Swap(away) != away {
		e.Log.Warn("the embedder's state changed", "away", away)
		e.Meter.Degraded("embedder", away)
	}
}

// Running is how many turns run now.
func (e *Engine) Running() int { return len(e.slots) }

// Stop refuses new turns, waits for the running ones until ctx ends, then
// cancels what is left; those turns still get their end (an error that offers
// a person) written before Stop returns.
func (e *Engine) Stop(ctx context.Context) {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	done := make(chan struct{})
	go func() {
		e.turns.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		e.cancel()
		<-done // bounded by WriteTimeout
	}
	e.cancel()
}

// begin takes a place for a turn, before it is recorded: from then on the
// sweeper knows that it is at work here. end gives the place back.
func (e *Engine) begin(turn convo.ID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return ErrStopping
	}
	select {
	case e.slots <- struct{}{}:
		e.turns.Add(1)
		e.running[turn] = nil
		return nil
	default:
		return ErrBusy
	}
}

func (e *Engine) end(turn convo.ID) {
	e.mu.Lock()
	delete(e.running, turn)
	e.mu.Unlock()
	<-e.slots
	e.turns.Done()
}

// enter makes the context of a turn and lets others cancel it by its id.
func (e *Engine) enter(turn convo.ID) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(e.base, e.cfg.Budget)
	e.mu.Lock()
	e.running[turn] = cancel
	e.mu.Unlock()
	return ctx, cancel
}

// interrupt cancels a turn that runs here and has lost its reason to.
func (e *Engine) interrupt(turn convo.ID) {
	e.mu.Lock()
	cancel := e.running[turn]
	e.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// runsHere says whether this process is at work on a turn.
func (e *Engine) runsHere(turn convo.ID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.running[turn]
	return ok
}

// write is the context of one write to the database: bounded, and cut short
// neither by a client that leaves nor by a turn that used up its budget.
func (e *Engine) write(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), e.cfg.WriteTimeout)
}
