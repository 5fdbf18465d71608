package pgconvo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// world is a database with two instances of the service.
type world struct {
	t    testing.TB
	pool *pgxpool.Pool
	sql  statements
	site *bot.Site
	inst [2]*instance
	gate *gate
}

// gate lets searches wait until the plan releases them.
type gate struct {
	mu sync.Mutex
	ch chan struct{}
}

func (g *gate) Search(ctx context.Context, _ retrieval.Query) (retrieval.Evidence, error) {
	g.mu.Lock()
	ch := g.ch
	g.mu.Unlock()
	select {
	case <-ch:
	case <-ctx.Done():
		return retrieval.Evidence{}, ctx.Err()
	}
	return retrieval.Evidence{Generation: 1, P: .9, Hits: []retrieval.Hit{{Passage: retrieval.Passage{ArticleID: "a", Title: "A", Text: "quoted"}}}}, nil
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.ch)
	g.ch = make(chan struct{})
}

// instance is one process: its own engine, bus and hub. It dies hard: from one
// moment on nothing it does reaches the database.
type instance struct {
	*Store
	dead   atomic.Bool
	bus    *Bus
	hub    *bot.Hub
	engine *bot.Engine
	desk   *pgdesk.Desk
	cancel context.CancelFunc
	work   sync.WaitGroup
}

var errDead = errors.New("this process is dead")

func (i *instance) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	if i.dead.Load() {
		return bot.Recorded{}, errDead
	}
	return i.Store.Record(ctx, r)
}

func (i *instance) Finish(ctx context.Context, e bot.End) ([]convo.Event, error) {
	if i.dead.Load() {
		return nil, errDead
	}
	return i.Store.Finish(ctx, e)
}

func (i *instance) Turn(ctx context.Context, key convo.Key, turn convo.ID) (bot.TurnLog, error) {
	if i.dead.Load() {
		return bot.TurnLog{}, errDead
	}
	return i.Store.Turn(ctx, key, turn)
}

func (w *world) start() *instance {
	w.t.Helper()
	s, err := New(w.pool)
	if err != nil {
		w.t.Fatal(err)
	}
	s.sql, s.grace = w.sql, 0
	i := &instance{Store: s}
	log := slog.New(slog.DiscardHandler)
	if i.bus, err = StartBus(context.Background(), w.pool, log); err != nil {
		w.t.Fatal(err)
	}
	i.hub = bot.NewHub(s, i.bus)
	words, err := handoff.LoadTexts()
	if err != nil {
		w.t.Fatal(err)
	}
	if i.desk, err = pgdesk.New(w.pool, s, i.hub, words, time.Now, bot.NewID); err != nil {
		w.t.Fatal(err)
	}
	phrases, err := triage.NewReader()
	if err != nil {
		w.t.Fatal(err)
	}
	texts, err := bot.LoadTexts()
	if err != nil {
		w.t.Fatal(err)
	}
	i.engine, err = bot.New(bot.Deps{
		Store: i, Finder: w.gate, Desk: i.desk, Sites: bot.NewSites(s, time.Now, time.Minute), Hub: i.hub,
		Triage: phrases, Texts: texts, Calibration: bot.FixedThresholds{Sure: .5, Maybe: .3}, Terms: func(text, _ string) []string { return strings.Fields(text) },
		Log: log, Now: time.Now, NewID: bot.NewID,
	}, bot.Config{Instance: i.bus.Instance()})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	i.work.Go(func() { i.bus.Run(ctx, i.hub) })
	return i
}

// kill ends an instance as kill -9 does: what is under way is not finished,
// and its connection, and so its lock, is gone.
func (i *instance) kill() {
	i.dead.Store(true)
	i.cancel()
	i.hub.Close()
	i.work.Wait()
}

func newWorld(tb testing.TB, change func(*statements), ddl string) *world {
	tb.Helper()
	w := &world{t: tb, pool: pgtest.New(tb), sql: defaultStatements(), gate: &gate{ch: make(chan struct{})}}
	if change != nil {
		change(&w.sql)
	}
	if ddl != "" {
		if _, err := w.pool.Exec(tb.Context(), ddl); err != nil {
			tb.Fatal(err)
		}
	}
	s, err := New(w.pool)
	if err != nil {
		tb.Fatal(err)
	}
	settings, err := bot.ParseSettings(nil)
	if err != nil {
		tb.Fatal(err)
	}
	w.site = &bot.Site{ID: retrieval.SiteID(newSite(tb, s, "shop")), Name: "shop", Settings: settings}
	w.inst = [2]*instance{w.start(), w.start()}
	tb.Cleanup(func() {
		w.gate.release()
		for _, i := range w.inst {
			i.kill()
		}
	})
	return w
}

// watcher reads along through a hub that carries nothing but hints.
type watcher struct {
	sub    *bot.Subscription
	cancel context.CancelFunc
	done   chan struct{}
	hub    *bot.Hub
	key    convo.Key
	mu     sync.Mutex
	seqs   []int64
}

func watch(hub *bot.Hub, key convo.Key) *watcher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{sub: hub.Subscribe(key, 0), cancel: cancel, done: make(chan struct{}), hub: hub, key: key}
	go func() {
		defer close(w.done)
		for {
			hub.Hint(key, 1<<40) // as often as can be: a read at every moment
			events, err := w.sub.Next(ctx)
			if err != nil {
				return
			}
			w.mu.Lock()
			for _, e := range events {
				w.seqs = append(w.seqs, e.Seq)
			}
			w.mu.Unlock()
		}
	}()
	return w
}

func (w *watcher) stop() {
	w.cancel()
	<-w.done
	w.sub.Close()
}

// matches waits until the watcher has read as far as the log goes.
func (w *watcher) matches(events []convo.Event) error {
	want := make([]int64, len(events))
	for i, e := range events {
		want[i] = e.Seq
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		w.hub.Hint(w.key, 1<<40)
		w.mu.Lock()
		seen := slices.Clone(w.seqs)
		w.mu.Unlock()
		if slices.Equal(seen, want) {
			return nil
		}
		if len(seen) > len(want) || time.Now().After(deadline) || !slices.Equal(seen, want[:len(seen)]) {
			return fmt.Errorf("a watcher saw %v of %d events", seen, len(want))
		}
		time.Sleep(time.Millisecond)
	}
}
