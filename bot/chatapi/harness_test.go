package chatapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// finder answers searches by script.
type finder struct {
	mu     sync.Mutex
	hold   chan struct{} // where set, searches wait for it (or their end)
	asked  []string
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
	dsnPool *pgxpool.Pool
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

func start(t testing.TB, o options) *bench {
	t.Helper()
	pool := o.dsnPool
	if pool == nil {
		pool = pgtest.New(t)
	}
	if o.now == nil {
		o.now = time.Now
	}
	b := &bench{pool: pool, finder: &finder{}, contract: newContract(t), log: &syncBuffer{}}
	log := slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	b.store, err = pgconvo.New(pool)
	must(err)
	b.bus, err = pgconvo.StartBus(t.Context(), pool, log)
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
	o.engine.Instance, o.engine.Threshold = b.bus.Instance(), .5
	b.engine, err = bot.New(bot.Deps{
		Store: b.store, Finder: b.finder, Desk: desk, Sites: sites, Hub: b.hub, Triage: phrases, Texts: texts,
		Log: log, Now: o.now, NewID: bot.NewID,
	}, o.engine)
	must(err)
	b.app, err = web.New(log, web.NewMetrics(), o.web)
	must(err)
	b.api, err = New(Deps{
		App: b.app, Engine: b.engine, Store: b.store, Desk: desk, Hub: b.hub, Sites: sites,
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
	t.Cleanup(b.stop)
	return b
}

// site makes a site and returns its number.
func (b *bench) site(t testing.TB, name, settings string) int32 {
	t.Helper()
	var id int32
	err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name, settings) VALUES ($1, $2) RETURNING site_id`, name, cmpOr(settings, "{}")).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) json(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
}

func (r response) code() string {
	var p web.Problem
	_ = json.Unmarshal(r.body, &p)
	return p.Code
}

// do sends a request whose body is marshalled unless it is a string; headers
// come in pairs.
func (b *bench) do(t testing.TB, method, path string, body any, headers ...string) response {
	t.Helper()
	r, err := b.try(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// client keeps no connection, so that each test's requests are its own.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

func (b *bench) try(ctx context.Context, method, path string, body any, headers ...string) (response, error) {
	req, err := b.request(ctx, method, path, body, headers...)
	if err != nil {
		return response{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return response{}, err
	}
	return response{resp.StatusCode, resp.Header, raw}, b.contract.check(method, path, resp, raw)
}

func (b *bench) request(ctx context.Context, method, path string, body any, headers ...string) (*http.Request, error) {
	var raw []byte
	switch v := body.(type) {
	case nil:
	case string:
		raw = []byte(v)
	default:
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req, nil
}

// visitor is a widget with its token and conversation.
type visitor struct {
	b     *bench
	token string
	id    string // of the conversation
	n     int
}

func (b *bench) visitor(t testing.TB, body any) *visitor {
	t.Helper()
	r := b.do(t, "POST", "/v1/conversations", body)
	if r.status != 201 {
		t.Fatalf("no conversation: %d %s", r.status, r.body)
	}
	var c conversationResponse
	r.json(t, &c)
	return &visitor{b: b, token: c.Token, id: c.Conversation.String()}
}

func (v *visitor) path(rest string) string { return "/v1/conversations/" + v.id + rest }

func (v *visitor) auth() []string { return []string{"Authorization", "Bearer " + v.token} }

func (v *visitor) do(t testing.TB, method, rest string, body any, headers ...string) response {
	t.Helper()
	return v.b.do(t, method, v.path(rest), body, append(v.auth(), headers...)...)
}

func (v *visitor) say(t testing.TB, text string) messageResponse {
	t.Helper()
	v.n++
	return v.sayAs(t, fmt.Sprintf("m%d", v.n), text)
}

func (v *visitor) sayAs(t testing.TB, id, text string) messageResponse {
	t.Helper()
	r := v.do(t, "POST", "/messages", messageRequest{id, text})
	if r.status != 200 {
		t.Fatalf("said %q: %d %s", text, r.status, r.body)
	}
	var m messageResponse
	r.json(t, &m)
	return m
}

// stream is an open event stream; frames are held against the description as
// they come.
type stream struct {
	t      testing.TB
	resp   *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
	events map[string]any
	c      *contract
	where  string
}

func (v *visitor) watch(t testing.TB, lastEventID string) *stream {
	t.Helper()
	var h []string
	if lastEventID != "" {
		h = []string{"Last-Event-ID", lastEventID}
	}
	return v.b.open(t, "GET", v.path("/events"), nil, append(v.auth(), h...)...)
}

func (b *bench) open(t testing.TB, method, path string, body any, headers ...string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	req, err := b.request(ctx, method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != 200 {
		raw, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	template, op, ok := b.contract.operation(method, path)
	if !ok {
		t.Fatalf("%s %s is not described", method, path)
	}
	media := op["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)["text/event-stream"].(map[string]any)
	return &stream{
		t: t, resp: resp, lines: bufio.NewScanner(resp.Body), cancel: cancel, c: b.contract,
		events: media["x-events"].(map[string]any),
		where:  "#/paths/" + escapePointer(template) + "/" + strings.ToLower(method) + "/responses/200/content/text~1event-stream/x-events/",
	}
}

// next returns the next event, leaving comments out; ok is false at the end.
func (s *stream) next() (f sseFrame, ok bool) {
	s.t.Helper()
	for {
		var block []string
		for s.lines.Scan() && s.lines.Text() != "" {
			block = append(block, s.lines.Text())
		}
		if len(block) == 0 && s.lines.Err() == nil {
			if !s.lines.Scan() {
				return f, false
			}
			block = append(block, s.lines.Text())
		}
		if s.lines.Err() != nil {
			return f, false
		}
		frames := parseFrames(strings.Join(block, "\n"))
		if len(frames) == 0 || frames[0].event == "" {
			continue
		}
		f = frames[0]
		if _, known := s.events[f.event]; !known {
			s.t.Errorf("event %q is not described", f.event)
		} else if err := s.c.checkBody(s.where+f.event, []byte(f.data), "event "+f.event); err != nil {
			s.t.Error(err)
		}
		return f, true
	}
}

// until reads events up to the first of a kind.
func (s *stream) until(kind convo.EventKind) []sseFrame {
	s.t.Helper()
	var got []sseFrame
	for {
		f, ok := s.next()
		if !ok {
			s.t.Fatalf("the stream ended before %s; it had %v", kind, got)
		}
		got = append(got, f)
		if f.event == string(kind) {
			return got
		}
	}
}

func (s *stream) close() {
	s.cancel()
	_ = s.resp.Body.Close()
}

// eventually polls until ok; the deadline is far beyond what a busy machine needs.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
