package console_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/people"
	"frontdesk/handoff/pgconsole"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/web"
)

// bench is the desk's whole HTTP on a real database and a real listener. Who
// asks is named in a header: sessions are tested where they are.
type bench struct {
	t     *testing.T
	pool  *pgxpool.Pool
	desk  *pgdesk.Desk
	convs *pgconvo.Store
	hub   *bot.Hub
	files *files.Service
	base  string
	site  int32
	who   map[string]handoff.Actor
}

const agentHeader = "X-Agent"

// named lets in whoever a header names.
type named struct{ b *bench }

func (n named) Mount(fiber.Router) {}

func (n named) Require(c *fiber.Ctx) error {
	a, ok := n.b.who[c.Get(agentHeader)]
	if !ok {
		return people.ErrSignedOut
	}
	console.KeepActor(c, a)
	return c.Next()
}

func (n named) Again(c *fiber.Ctx) func(context.Context) (handoff.Actor, error) {
	name := strings.Clone(c.Get(agentHeader))
	return func(context.Context) (handoff.Actor, error) { return n.b.who[name], nil }
}

type hubOf struct {
	*bot.Hub
	reads *bot.Reads
}

func (h hubOf) Watch(key convo.Key, after int64) console.Watcher { return h.Subscribe(key, after) }
func (h hubOf) Typing(key convo.Key)                             { h.PublishTyping(key, convo.Agent) }

func (h hubOf) Marks(ctx context.Context, key convo.Key) []convo.Event {
	return h.reads.Events(ctx, key)
}

func (h hubOf) Read(ctx context.Context, key convo.Key, up int64) error {
	return h.reads.Mark(ctx, key, convo.Read{By: convo.Agent, Up: up})
}

// shelf is the knowledge: one article for everybody and one for agents.
type shelf struct{}

func (shelf) Passages(_ context.Context, _ int32, text, _, _ string, _ int) ([]console.Passage, error) {
	if strings.Contains(text, "away") {
		return nil, fault.New(fault.Unavailable, "search_away", "The search is away.")
	}
	return []console.Passage{{Article: "returns", Title: "Returns", Text: "30 days"}, {Article: "secret", Title: "Goodwill", Text: "up to 20 %", Internal: true}}, nil
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, pool: pgtest.New(t), who: map[string]handoff.Actor{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	texts, err := handoff.LoadTexts()
	must(err)
	b.convs, err = pgconvo.New(b.pool)
	must(err)
	b.hub = bot.NewHub(b.convs, nil)
	b.desk, err = pgdesk.New(b.pool, b.convs, b.hub, texts, time.Now, bot.NewID)
	must(err)
	store, err := pgconsole.New(b.pool, b.desk)
	must(err)
	app, err := web.New(log, nil, web.Config{})
	must(err)
	b.files, err = files.New(files.Deps{Store: b.convs, Log: log, Now: time.Now, NewID: bot.NewID}, files.Config{})
	must(err)
	c, err := console.New(console.Deps{
		Files: b.files, App: app, Guard: named{b}, Desk: b.desk, Store: store, Finder: shelf{}, Hub: hubOf{b.hub, bot.NewReads(b.convs, b.hub, time.Now)},
		Shop: func(context.Context, int32) string { return "Kettlewick" }, Log: log, Now: time.Now, NewID: bot.NewID,
	}, console.Config{Beat: 200 * time.Millisecond, Poll: 50 * time.Millisecond, LookPoll: 50 * time.Millisecond})
	must(err)
	c.Mount()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	b.base = "http://" + ln.Addr().String() + "/desk/api/v1"
	ctx, cancel := context.WithCancel(context.Background())
	ran, served := make(chan struct{}), make(chan error, 1)
	go func() { defer close(ran); c.Run(ctx) }()
	go func() { served <- app.Serve(ln) }()
	t.Cleanup(func() {
		stop, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		c.Close()
		b.hub.Close()
		_ = app.Stop(stop)
		cancel()
		<-ran
		<-served
	})
	must(b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ('shop') RETURNING site_id`).Scan(&b.site))
	root := handoff.System(b.site, "test")
	for _, p := range []struct {
		name   string
		role   handoff.Role
		queues []string
	}{
		{"mara", handoff.RoleAgent, []string{"service", "support"}},
		{"omar", handoff.RoleAgent, []string{"sales"}},
		{"lea", handoff.RoleLead, nil},
		{"rita", handoff.RoleReadOnly, nil},
	} {
		g, err := b.desk.AddAgent(t.Context(), root, handoff.Agent{Email: p.name + "@shop.example", Name: p.name, Role: p.role, Capacity: 5})
		must(err)
		b.who[p.name] = handoff.Actor{Site: b.site, Agent: g.ID, Name: p.name, Role: p.role, Queues: p.queues}
	}
	return b
}

// visit is a conversation of a customer with a case.
type visit struct {
	key     convo.Key
	visitor convo.ID
	opened  handoff.Opened
}

func (b *bench) visit(queue, note string) visit {
	b.t.Helper()
	v := visit{key: convo.Key{Site: b.site, ID: bot.NewID()}, visitor: bot.NewID()}
	if _, err := b.convs.Open(b.t.Context(), bot.Opening{Site: b.site, Conversation: v.key.ID, Visitor: v.visitor, At: time.Now()}); err != nil {
		b.t.Fatal(err)
	}
	return b.ask(v, queue, note)
}

func (b *bench) ask(v visit, queue, note string) visit {
	b.t.Helper()
	var err error
	v.opened, err = b.desk.Open(b.t.Context(), handoff.Request{Key: v.key, Visitor: v.visitor, Queue: queue, Reason: handoff.Asked, Note: note})
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (v visit) id() string { return v.opened.Case.ID.String() }

type answer struct {
	status int
	body   string
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

func (b *bench) do(as, method, path string, body any) answer {
	b.t.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, r)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set(agentHeader, as)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // a test's call to its own server
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, string(raw)}
}

// told is an event of a stream.
type told struct {
	event string
	data  string
}

// stream opens one; its events come over the channel until the test ends.
func (b *bench) stream(as, query string) <-chan told {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/stream?"+query, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set(agentHeader, as)
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo,bodyclose // a test's call to its own server; closed by the cleanup
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("stream: %d", resp.StatusCode)
	}
	out := make(chan told, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var e told
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				e.event = value
			case name == "data":
				e.data = value
			case lines.Text() == "" && e.event != "":
				out <- e
				e = told{}
			}
		}
	}()
	b.t.Cleanup(func() {
		cancel()
		resp.Body.Close()
		<-ended
	})
	b.await(out, "hello", "")
	return out
}

// await is the next event of a kind that holds some words.
func (b *bench) await(events <-chan told, kind, holds string) told {
	b.t.Helper()
	limit := time.After(15 * time.Second)
	for {
		select {
		case e := <-events:
			if e.event == kind && strings.Contains(e.data, holds) {
				return e
			}
		case <-limit:
			b.t.Fatalf("no %q with %q came", kind, holds)
		}
	}
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}
