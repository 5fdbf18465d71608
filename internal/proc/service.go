package proc

import (
	"cmp"
	"context"
	"syscall"
	"time"
)

// Service is what the supervisor needs to know to run one child. Any program
// that stays in the foreground can be one.
type Service struct {
	Name string
	// Prepare runs before every start, with a way to tell waiting clients what
	// takes long. nil: nothing to prepare.
	Prepare func(ctx context.Context, note func(string)) error
	// Command is asked after Prepare, at every start.
	Command func() Command
	// Check says whether the child answers. It is asked often until the first
	// nil, then every CheckEvery.
	Check func(ctx context.Context) error
	// Endpoint is where clients reach the child; asked after Prepare.
	Endpoint func() string
	// Stops are sent in turn, each followed by its wait, until the child ends;
	// after the last it is killed.
	Stops []Stop
	// Orphan is sent to the child by the system when the supervisor dies (Linux).
	Orphan syscall.Signal
	// Idle runs the child behind everything else on the machine, from its first
	// good check on.
	Idle bool

	StartWait  time.Duration // until the first good check; default 60 s
	CheckEvery time.Duration // default 5 s
	CheckWait  time.Duration // one check's limit; default 5 s
	Failures   int           // bad checks in a row after which the child is replaced; default 3
	Backoff    Backoff
}

// Stop is one step of ending a child.
type Stop struct {
	Signal syscall.Signal
	Wait   time.Duration
}

// Command is a child's command line. Env is the whole environment.
type Command struct {
	Path string
	Args []string
	Env  []string
	Dir  string
}

// Backoff spaces the restarts: First, doubling up to Most, back to First after
// a run of at least Calm.
type Backoff struct {
	First time.Duration // default 200 ms
	Most  time.Duration // default 10 s
	Calm  time.Duration // default 30 s
}

func (s Service) withDefaults() Service {
	s.StartWait = cmp.Or(s.StartWait, 60*time.Second)
	s.CheckEvery = cmp.Or(s.CheckEvery, 5*time.Second)
	s.CheckWait = cmp.Or(s.CheckWait, 5*time.Second)
	s.Failures = cmp.Or(s.Failures, 3)
	s.Backoff.First = cmp.Or(s.Backoff.First, 200*time.Millisecond)
	s.Backoff.Most = cmp.Or(s.Backoff.Most, 10*time.Second)
	s.Backoff.Calm = cmp.Or(s.Backoff.Calm, 30*time.Second)
	s.Orphan = cmp.Or(s.Orphan, syscall.SIGKILL)
	if s.Prepare == nil {
		s.Prepare = func(context.Context, func(string)) error { return nil }
	}
	return s
}

// next is the pause after one of d that followed a run of lasted.
func (b Backoff) next(d, lasted time.Duration) time.Duration {
	if d == 0 || lasted >= b.Calm {
		return b.First
	}
	return min(2*d, b.Most)
}
