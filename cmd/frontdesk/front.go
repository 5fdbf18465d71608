package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/files"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

// front is everything that answers customers, put together: what serve offers
// over HTTP and ask drives from the terminal.
type front struct {
	parts *parts
	store *store
	convs *pgconvo.Store
	bus   *pgconvo.Bus
	hub   *bot.Hub
	desk  *pgdesk.Desk
	// promises writes down what the desk promises for later; serve keeps it.
	promises *pgdesk.Promises
	news     *pgdesk.Notifier // of the desk, to other processes and from them
	sites    *bot.Sites
	finder   *retrieval.Searcher
	engine   *bot.Engine
	deps     bot.Deps       // of the engine
	files    *files.Service // of a process that serves
	triage   *triage.Sites
	decide   *triage.Engine

	cancel context.CancelFunc
	work   sync.WaitGroup
}

// frontConfig is what serve and ask want differently.
type frontConfig struct {
	need          need
	awaitEmbedder bool // begin when the private embedder is ready, or will not be
	pool          pg.PoolConfig
	embedBudget   time.Duration // 0: the search's own
	maxTurns      int           // 0: the engine's own
	models        *keptModels   // nil: the parts' own
	budget        time.Duration // of a turn and of each of its writes; 0: the engine's own
	meter         bot.Meter
}

// openFront brings the parts up and starts what works in the background.
// Close it.
func (a *app) openFront(ctx context.Context, cfg frontConfig) (f *front, err error) {
	f = &front{}
	defer func() {
		if err != nil {
			f.Close(ctx)
		}
	}()
	if f.parts, err = a.acquire(ctx, cfg.need); err != nil {
		return f, err
	}
	if cfg.awaitEmbedder {
		if err = a.awaitEmbedder(ctx, f.parts); err != nil {
			return f, err
		}
	}
	if f.store, err = openStore(ctx, f.parts, cfg.pool); err != nil {
		return f, err
	}
	if f.convs, err = pgconvo.New(f.store.pool); err != nil {
		return f, err
	}
	if f.bus, err = pgconvo.StartBus(ctx, f.store.pool, a.log); err != nil {
		return f, plain(err)
	}
	f.hub = bot.NewHub(f.convs, f.bus)
	f.sites = bot.NewSites(f.convs, a.now, 0)
	if err := f.openDesk(ctx, a); err != nil {
		return f, err
	}
	return f, f.start(a, cfg)
}

func (f *front) start(a *app, cfg frontConfig) error {
	embedder, more, err := f.embedders(a, cfg)
	if err != nil {
		return err
	}
	f.finder, err = a.newSearcher(f.store, embedder, more, retrieval.SearchConfig{EmbedBudget: cfg.embedBudget})
	if err != nil {
		return err
	}
	phrases, err := triage.NewReader()
	if err != nil {
		return err
	}
	decider, settled, err := a.newTriageEngine(phrases, f.store, embedder, more)
	if err != nil {
		return err
	}
	f.triage, f.decide = settled, decider
	texts, err := bot.LoadTexts()
	if err != nil {
		return err
	}
	f.deps = bot.Deps{
		Store: f.convs, Finder: f.finder, Ahead: f.finder.Ahead, Desk: f.desk, Sites: f.sites, Hub: f.hub, Triage: phrases, Decider: decider, Texts: texts,
		Calibration: calibrationOf(f.finder), Terms: words.Terms,
		Meter: cfg.meter, Log: a.log, Now: a.now, NewID: bot.NewID,
	}
	f.engine, err = bot.New(f.deps, bot.Config{
		Instance: f.bus.Instance(), MaxTurns: cfg.maxTurns, Budget: cfg.budget, WriteTimeout: cfg.budget, Early: max(1, runtime.NumCPU()/2),
	})
	if err != nil {
		return err
	}
	// Its own context: what works in the background goes on until the turns are
	// over, also after the command was told to stop.
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.work.Go(func() { f.hub.Run(ctx) })
	f.work.Go(func() { f.bus.Run(ctx, f.hub) })
	f.work.Go(func() { f.engine.Sweep(ctx) })
	if cfg.models == nil { // these keep what they are asked, and nobody waits for them
		f.work.Go(func() { f.watchEmbedder(ctx, embedder) })
	}
	return nil
}

// embedders are what questions are embedded by.
func (f *front) embedders(a *app, cfg frontConfig) (retrieval.Embedder, []retrieval.Space, error) {
	if cfg.models != nil {
		return cfg.models.first, cfg.models.more, nil
	}
	return a.queryEmbedder(f.parts)
}

// watchEmbedder keeps readiness true while nobody asks: where no search has
// gone with the embedder for a while, a probe of a few words finds out. One in
// five seconds is half a hundredth of a core for the private embedder.
func (f *front) watchEmbedder(ctx context.Context, e retrieval.Embedder) {
	const quiet = 5 * time.Second
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if f.engine.Degraded() || time.Since(f.engine.HeardEmbedder()) > quiet {
			pctx, cancel := context.WithTimeout(ctx, time.Second)
			// Never the same words twice: they would come from memory.
			_, err := e.Embed(pctx, retrieval.EmbedQuery, []string{"ready at " + time.Now().Format(time.RFC3339Nano)})
			cancel()
			if ctx.Err() != nil {
				return
			}
			f.engine.NoteEmbedder(err != nil)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close ends everything in the one order that loses nothing: watchers first,
// then the turns, then what works in the background, then the pool and the parts.
func (f *front) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if f.hub != nil {
		f.hub.Close()
	}
	if f.engine != nil {
		f.engine.Stop(ctx)
	}
	if f.cancel != nil {
		f.cancel()
		f.work.Wait()
	}
	if f.triage != nil {
		f.triage.Close()
	}
	if f.bus != nil {
		_ = f.bus.Close(ctx) // a row too many is removed by whoever keeps house
	}
	if f.store != nil {
		f.store.pool.Close()
	}
	if f.parts != nil {
		f.parts.Close()
	}
}

// site finds a site and says what to do where there is none.
func (f *front) site(ctx context.Context, name string) (*bot.Site, error) {
	s, err := f.sites.ByName(ctx, name)
	if errors.Is(err, bot.ErrNoSite) {
		return nil, fmt.Errorf("there is no site %q: make one with frontdesk ingest --site %s PATH, or list them with frontdesk site list", name, name)
	}
	return s, err
}
