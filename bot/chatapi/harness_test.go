package chatapi

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/files"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// builtIn is triage as it is built in, with no knowledge.
func builtIn(tb testing.TB) *triage.Engine {
	tb.Helper()
	phrases, err := triage.NewReader()
	if err != nil {
		tb.Fatal(err)
	}
	readers, err := triage.NewReaders()
	if err != nil {
		tb.Fatal(err)
	}
	engine, err := triage.New(triage.Deps{Reader: phrases, Readers: readers}, triage.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return engine
}

// finder answers searches by script.
type finder struct {
	mu     sync.Mutex
	hold   chan struct{} // where set, searches wait for it (or their end)
	asked  []string
	early  []string // what was to be embedded ahead
	answer func(q retrieval.Query) (retrieval.Evidence, error)
}

func (f *finder) Search(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	f.mu.Lock()
	f.asked = append(f.asked, q.Text)
	hold, answer := f.hold, f.answer
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return retrieval.Evidence{}, ctx.Err()
		}
	}
	if answer != nil {
		return answer(q)
	}
	return found(.9), nil
}

func (f *finder) Ahead(_ context.Context, q retrieval.Query) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.early = append(f.early, q.Text)
}

func (f *finder) set(hold chan struct{}, answer func(retrieval.Query) (retrieval.Evidence, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hold, f.answer = hold, answer
}

func (f *finder) questions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

const quote = "You can send anything back within **45 days**.\n\n1. Open *Orders*.\n2. Print the label."

func found(p float64) retrieval.Evidence {
	return retrieval.Evidence{
		Generation: 3, P: p, Lang: "en", Models: []string{"test/3"},
		Hits: []retrieval.Hit{{Passage: retrieval.Passage{
			ArticleID: "returns-policy", Title: "Returns and refunds", URL: "/help/returns-policy", Desk: "service", Topic: "refunds",
			Lang: "en", From: 10, To: 10 + len(quote), Text: quote,
		}, Score: 1}},
	}
}

type options struct {
	cfg     Config
	web     web.Config
	engine  bot.Config
	files   files.Config
	dsnPool *pgxpool.Pool
	decider *triage.Engine // nil: by what a search finds alone
	now     func() time.Time
}

// bench is one instance of the service on a real database, with a scripted
// search and a client that holds every response against the description.
type bench struct {
	pool     *pgxpool.Pool
	store    *pgconvo.Store
	engine   *bot.Engine
	hub      *bot.Hub
	bus      *pgconvo.Bus
	app      *web.App
	api      *API
	finder   *finder
	contract *contract
	base     string
	log      *syncBuffer
	stop     func()
}

// syncBuffer is a log that tests can read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func start(tb testing.TB, o options) *bench {
	tb.Helper()
	pool := o.dsnPool
	if pool == nil {
		pool = pgtest.New(tb)
	}
	if o.now == nil {
		o.now = time.Now
	}
	b := &bench{pool: pool, finder: &finder{}, contract: newContract(tb), log: &syncBuffer{}}
	log := slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	var err error
	b.store, err = pgconvo.New(pool)
	must(err)
	b.bus, err = pgconvo.StartBus(tb.Context(), pool, log)
	must(err)
	b.hub = bot.NewHub(b.store, b.bus)
	words, err := handoff.LoadTexts()
	must(err)
	desk, err := pgdesk.New(pool, b.store, b.hub, words, o.now, bot.NewID)
	must(err)
	phrases, err := triage.NewReader()
	must(err)
	texts, err := bot.LoadTexts()
	must(err)
	sites := bot.NewSites(b.store, o.now, time.Millisecond)
	o.engine.Instance = b.bus.Instance()
	deps := bot.Deps{
		Store: b.store, Finder: b.finder, Ahead: b.finder.Ahead, Desk: desk, Sites: sites, Hub: b.hub, Triage: phrases, Texts: texts,
		Calibration: bot.FixedThresholds{Sure: .5, Maybe: .3}, Terms: fields, Log: log, Now: o.now, NewID: bot.NewID,
	}
	if o.decider != nil {
		deps.Decider = o.decider
	}
	b.engine, err = bot.New(deps, o.engine)
	must(err)
	b.app, err = web.New(log, web.NewMetrics(), o.web)
	must(err)
	sent, err := files.New(files.Deps{Store: b.store, Log: log, Now: o.now, NewID: bot.NewID}, o.files)
	must(err)
	b.api, err = New(Deps{
		Files: sent,
		App:   b.app, Engine: b.engine, Store: b.store, Desk: desk, Hub: b.hub, Sites: sites,
		Secret: []byte("a secret of at least thirty-two bytes"), Log: log, Now: o.now, NewID: bot.NewID,
	}, o.cfg)
	must(err)
	b.app.Health([]web.Part{{Name: "postgres", Needed: true, Check: b.store.Check}}, func(err error) string { return "away" })
	b.api.Mount()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	b.base = "http://" + ln.Addr().String()

	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { b.hub.Run(ctx) })
	wg.Go(func() { b.bus.Run(ctx, b.hub) })
	wg.Go(func() { b.engine.Sweep(ctx) })
	wg.Go(func() { _ = b.app.Serve(ln) })
	var once sync.Once
	b.stop = func() {
		once.Do(func() {
			sctx, done := context.WithTimeout(context.Background(), 10*time.Second)
			defer done()
			b.finder.set(nil, nil)
			b.hub.Close()
			_ = b.app.Stop(sctx)
			b.engine.Stop(sctx)
			cancel()
			wg.Wait()
		})
	}
	tb.Cleanup(b.stop)
	return b
}

// fields are a text's words: near enough to the product's terms.
func fields(text, _ string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// site makes a site and returns its number.
func (b *bench) site(tb testing.TB, name, settings string) int32 {
	tb.Helper()
	var id int32
	err := b.pool.QueryRow(tb.Context(), `INSERT INTO sites (name, settings) VALUES ($1, $2) RETURNING site_id`, name, cmpOr(settings, "{}")).Scan(&id)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}
