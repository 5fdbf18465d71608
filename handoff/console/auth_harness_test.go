package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/handoff/pgdesk"
	"frontdesk/handoff/pgpeople"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/web"
)

// authBench is the routes of Auth, and two of a case behind them, on a real
// database and a real listener.
type authBench struct {
	pool   *pgxpool.Pool
	desk   *pgdesk.Desk
	convs  *pgconvo.Store
	people *people.People
	auth   *Auth
	base   string
	site   int32
	log    *authLog
	mu     sync.Mutex
	at     time.Time
}

// authLog can be read while it is written.
type authLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *authLog) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }

func (l *authLog) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func (b *authBench) now() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.at }

func (b *authBench) add(d time.Duration) { b.mu.Lock(); defer b.mu.Unlock(); b.at = b.at.Add(d) }

const authPassword = "plum orbit kettle"

func startAuth(t *testing.T, cfg people.Config, ac AuthConfig) *authBench {
	t.Helper()
	b := &authBench{pool: pgtest.New(t), at: time.Now().UTC().Truncate(time.Millisecond), log: &authLog{}}
	log := slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	texts, err := handoff.LoadTexts()
	must(err)
	b.convs, err = pgconvo.New(b.pool)
	must(err)
	b.desk, err = pgdesk.New(b.pool, b.convs, nil, texts, b.now, bot.NewID)
	must(err)
	store, err := pgpeople.New(b.pool)
	must(err)
	hasher, err := people.NewHasher(people.Params{MemoryKiB: 64, Passes: 1}, rand.Reader)
	must(err)
	b.people, err = people.New(people.Deps{Store: store, Hasher: hasher, Roster: b.desk, Log: log, Now: b.now, NewID: bot.NewID, Random: rand.Reader}, cfg)
	must(err)
	proxy := netip.MustParsePrefix("127.0.0.0/8") // X-Forwarded-For gives tests their addresses
	app, err := web.New(log, nil, web.Config{TrustedProxies: []netip.Prefix{proxy}})
	must(err)
	b.auth, err = NewAuth(app, b.people, ac)
	must(err)
	api := app.Fiber().Group("/desk/api/v1", apiHeaders)
	b.auth.Mount(api)
	in := api.Group("", b.auth.Require)
	in.Get("/cases/:id", func(c *fiber.Ctx) error {
		id, err := uuid.Parse(c.Params("id"))
		if err != nil {
			return handoff.ErrNoCase
		}
		found, err := b.desk.Get(c.UserContext(), actorOf(c), id)
		if err != nil {
			return err
		}
		return c.JSON(fiber.Map{"reference": found.Reference, "note": found.Note})
	})
	in.Get("/conversations/:id", func(c *fiber.Ctx) error {
		if !actorOf(c).SeesAlone() {
			return handoff.ErrNoConversation
		}
		return c.JSON(fiber.Map{})
	})
	in.Put("/settings/queues/:queue", func(c *fiber.Ctx) error {
		if err := people.Allow(actorOf(c), people.SettingsChange); err != nil {
			return err
		}
		return c.SendStatus(204)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	b.base = "http://" + ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- app.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = app.Stop(ctx)
		<-done
	})
	must(b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ('shop') RETURNING site_id`).Scan(&b.site))
	for _, q := range []string{"support", "sales"} {
		_, err = b.pool.Exec(t.Context(), `INSERT INTO queues (site_id, queue, name) VALUES ($1, $2, $2)`, b.site, q)
		must(err)
	}
	return b
}

// join makes somebody by the way of an invitation.
func (b *authBench) join(t *testing.T, email string, role handoff.Role, queues []string) convo.ID {
	t.Helper()
	_, token, err := b.people.Invite(t.Context(), handoff.System(b.site, "test"), people.Guest{Email: email, Name: "Mara", Role: role, Queues: queues})
	if err != nil {
		t.Fatal(err)
	}
	who, _, err := b.people.Accept(t.Context(), people.Acceptance{Token: token.Reveal(), Password: authPassword, Where: people.Where{Place: "test", Loopback: true}})
	if err != nil {
		t.Fatal(err)
	}
	return who.Person.ID
}

// openCase opens one in a queue, with a note of the customer's.
func (b *authBench) openCase(t *testing.T, queue, note string) convo.ID {
	t.Helper()
	key, visitor := convo.Key{Site: b.site, ID: bot.NewID()}, bot.NewID()
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: b.site, Conversation: key.ID, Visitor: visitor, At: b.now()}); err != nil {
		t.Fatal(err)
	}
	o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: queue, Reason: handoff.Asked, Note: note})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE cases SET queue = $2 WHERE case_id = $1`, o.Case.ID, queue); err != nil {
		t.Fatal(err)
	}
	return o.Case.ID
}

// browser keeps cookies as one does, and says where it comes from.
type browser struct {
	b    *authBench
	http *http.Client
	head map[string]string
}

func (b *authBench) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{b: b, http: client, head: map[string]string{"Sec-Fetch-Site": "same-origin", "User-Agent": "a browser"}}
}

type authAnswer struct {
	status int
	head   http.Header
	body   string
}

func (a authAnswer) code() string {
	var p web.Problem
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

func (w *browser) do(t *testing.T, method, path string, body any, head ...string) authAnswer {
	t.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.b.base+"/desk/api/v1"+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range w.head {
		req.Header.Set(k, v)
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
		if head[i+1] == "" {
			req.Header.Del(head[i])
		}
	}
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 400 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("%s %s: %d without a problem: %s", method, path, resp.StatusCode, raw)
	}
	return authAnswer{resp.StatusCode, resp.Header, string(raw)}
}

func (w *browser) login(t *testing.T, email, password string, head ...string) authAnswer {
	t.Helper()
	return w.do(t, "POST", "/login", map[string]string{"email": email, "password": password}, head...)
}

func (b *authBench) signedIn(t *testing.T, email string) *browser {
	t.Helper()
	w := b.browser(t)
	if r := w.login(t, email, authPassword); r.status != 200 {
		t.Fatalf("login: %d %s", r.status, r.body)
	}
	return w
}

// cookie is the session's, as the browser holds it.
func (w *browser) cookie(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(w.b.base + "/desk/api/v1/me")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(w.http.Jar.Cookies(u), func(c *http.Cookie) bool { return c.Name == cookiePlain })
	if i < 0 {
		return ""
	}
	return w.http.Jar.Cookies(u)[i].Value
}
