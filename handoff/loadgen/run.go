package loadgen

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Load is one run. Make it with New.
type Load struct {
	cfg    Config
	client *client
	ledger *Ledger
	times  *Times
	think  time.Duration // the mean of a customer's
	agents []*agent
}

// Progress is how a run goes.
type Progress struct {
	Doing string // playing, finishing, checking
	Left  time.Duration
	Talks int
	Cases int
	Wrong int
}

// New makes a run. Errors say which setting is wrong; ErrForeign where an
// address is not this machine's and Foreign does not allow it.
func New(cfg Config) (*Load, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	times := &Times{}
	return &Load{
		cfg: cfg, client: newClient(cfg.URLs, 2*(cfg.Customers+len(cfg.Logins))+8), ledger: newLedger(times), times: times,
		think: time.Duration(float64(cfg.Customers) / cfg.Rate * float64(time.Second)),
	}, nil
}

// Ledger is what the players were told.
func (l *Load) Ledger() *Ledger { return l.ledger }

// refusal counts an answer that is an error.
func (l *Load) refusal(what string, err error) {
	if r := refused(err); r != nil {
		l.ledger.count("refused: " + what + ": " + r.Code)
		if r.Status == 500 || r.Status == 400 && r.Code != "transfer_to_self" { // that one is how a transfer looks that was done already
			l.ledger.broken(BadAnswer, "%s: %v", what, err)
		}
	} else if err != nil {
		l.ledger.count("never answered: " + what)
	}
}

// Run plays, finishes and checks. The report is there also where an error says
// that it was cut short. Nobody else may change cases meanwhile: what is checked
// is the whole of what these players were told.
func (l *Load) Run(ctx context.Context) (Report, error) {
	defer l.client.close()
	began := time.Now()
	signing, stopSigning := context.WithTimeout(ctx, 2*time.Minute)
	err := l.enter(signing)
	stopSigning()
	if err != nil {
		return Report{}, err
	}
	entered := time.Now()
	streams, stopStreams := context.WithCancel(ctx)
	var reading sync.WaitGroup
	for _, a := range l.agents {
		reading.Go(func() { a.follow(streams) })
	}
	l.play(ctx)
	played := time.Since(entered)
	cut := ctx.Err() != nil
	if !cut {
		l.tell("checking", 0)
		checking, stop := context.WithTimeout(ctx, max(5*time.Minute, l.cfg.For/2))
		l.check(checking)
		cut = checking.Err() != nil
		stop()
	}
	stopStreams()
	reading.Wait()
	r := l.report(time.Since(began), played)
	if cut {
		return r, errors.New("it was cut short: not everything was checked")
	}
	return r, nil
}

// enter lets the agents in: a few at a time, since a password costs the service
// a twentieth of a second.
func (l *Load) enter(ctx context.Context) error {
	for i, login := range l.cfg.Logins {
		l.agents = append(l.agents, &agent{
			load: l, no: i, rng: rand.New(rand.NewPCG(l.cfg.Seed, uint64(i)|1<<32)), login: login, door: &door{c: l.client, at: i},
		})
	}
	var wg sync.WaitGroup
	errs := make([]error, len(l.agents))
	var next atomic.Int64
	for range min(8, len(l.agents)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(l.agents) {
					return
				}
				errs[i] = l.agents[i].sit(ctx)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// play lets everybody do what they do, and finish.
func (l *Load) play(ctx context.Context) {
	playing, stop := context.WithTimeout(ctx, l.cfg.For)
	defer stop()
	// What is begun late still has its patience, and a catching-up besides.
	patience, stopPatience := context.WithTimeout(ctx, l.cfg.For+3*l.cfg.Patience)
	defer stopPatience()
	var all sync.WaitGroup
	for i := range l.cfg.Customers {
		p := &customer{
			load: l, no: i, rng: rand.New(rand.NewPCG(l.cfg.Seed, uint64(i))), door: &door{c: l.client, at: i},
		}
		all.Go(func() { p.play(playing, patience) })
	}
	for _, a := range l.agents {
		all.Go(func() { a.play(playing, patience) })
	}
	done := make(chan struct{})
	go func() { defer close(done); all.Wait() }()
	end := time.Now().Add(l.cfg.For)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		doing := "playing"
		if playing.Err() != nil {
			doing = "finishing"
		}
		l.tell(doing, max(0, time.Until(end)))
	}
}

func (l *Load) tell(doing string, left time.Duration) {
	if l.cfg.Say == nil {
		return
	}
	l.ledger.mu.Lock()
	p := Progress{Doing: doing, Left: left.Round(time.Second), Talks: l.ledger.counts["talks"], Cases: len(l.ledger.cases)}
	for _, k := range kinds() {
		p.Wrong += l.ledger.counts[string(k)]
	}
	l.ledger.mu.Unlock()
	l.cfg.Say(p)
}

// root asks at the desk for what is checked: the first agent who works in every
// queue, else the first.
func (l *Load) root() *agent {
	for _, a := range l.agents {
		a.desk.mu.Lock()
		all := a.desk.scope == nil
		a.desk.mu.Unlock()
		if all {
			return a
		}
	}
	if len(l.agents) == 0 {
		return nil
	}
	return l.agents[0]
}

func (p Progress) String() string {
	return fmt.Sprintf("%s, %s left: %d talks, %d cases, %d things wrong", p.Doing, p.Left, p.Talks, p.Cases, p.Wrong)
}
