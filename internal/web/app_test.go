package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"frontdesk/internal/fault"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp has a clock, and workers that rest for ten seconds.
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).workerFunc"),
		goleak.IgnoreAnyFunction("time.Sleep"))
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type server struct {
	*App
	base, addr string
	log        *logBuffer
}

var testClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func serve(t *testing.T, cfg Config, routes func(*App, *fiber.App)) *server {
	t.Helper()
	s := &server{log: &logBuffer{}}
	app, err := New(slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), NewMetrics(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.App = app
	routes(app, app.Fiber())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	s.base = "http://" + s.addr
	served := make(chan error, 1)
	go func() { served <- app.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		select {
		case <-app.Stopping():
		default:
			if err := app.Stop(ctx); err != nil {
				t.Error(err)
			}
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *server) get(t *testing.T, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := testClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(raw)
}

func TestErrors_OneTableFromKindToStatus(t *testing.T) {
	t.Parallel()
	want := map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 400, fault.Unauthorized: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Conflict: 409,
		fault.TooLarge: 413, fault.Unsupported: 415, fault.RateLimited: 429, fault.Unavailable: 503, fault.Timeout: 504,
	}
	s := serve(t, Config{}, func(_ *App, r *fiber.App) {
		r.Get("/:kind", func(c *fiber.Ctx) error {
			n, err := c.ParamsInt("kind")
			if err != nil {
				return err
			}
			return fmt.Errorf("while testing: %w", fault.Wrap(errors.New("the cause, secret"), fault.Kind(n), "some_code", "Words for people."))
		})
	})
	for kind, status := range want {
		got, header, body := s.get(t, fmt.Sprintf("/%d", kind))
		var p Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		if got != status || p.Status != status || p.Code != "some_code" || p.Detail != "Words for people." || p.RequestID != header.Get("X-Request-Id") || p.Title == "" {
			t.Errorf("kind %d: %d %s", kind, got, body)
		}
		if header.Get("Content-Type") != "application/problem+json" || strings.Contains(body, "secret") {
			t.Errorf("kind %d: %s %s", kind, header.Get("Content-Type"), body)
		}
	}
	if !strings.Contains(s.log.String(), "the cause, secret") {
		t.Error("the cause of a 500 is not in the log")
	}
}

func TestErrors_AnErrorWithoutAKindTellsNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, Config{}, func(_ *App, r *fiber.App) {
		r.Get("/error", func(*fiber.Ctx) error { return errors.New("secret") })
		r.Get("/panic", func(*fiber.Ctx) error { panic("secret") })
		r.Get("/fiber", func(*fiber.Ctx) error { return fiber.NewError(418, "secret") })
	})
	for _, path := range []string{"/error", "/panic", "/fiber"} {
		status, _, body := s.get(t, path)
		if status != 500 || strings.Contains(body, "secret") || !strings.Contains(body, `"internal"`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// Fiber reuses a request's bytes: what a handler keeps has to be its own.
func TestFiber_WhatIsKeptStaysTheSame(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var kept []string
	s := serve(t, Config{}, func(_ *App, r *fiber.App) {
		r.Get("/keep", func(c *fiber.Ctx) error {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, c.Query("v"), c.Get("X-V"), RequestID(c))
			return nil
		})
	})
	hc := &http.Client{}
	defer hc.CloseIdleConnections()
	for i := range 4 {
		v := strings.Repeat(fmt.Sprint(i), 12)
		req, err := http.NewRequest("GET", s.base+"/keep?v="+v, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-V", v)
		req.Header.Set("X-Request-Id", v)
		resp, err := hc.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	for i, got := range kept {
		if got != strings.Repeat(fmt.Sprint(i/3), 12) {
			t.Errorf("kept %d became %q", i, got)
		}
	}
}

func TestLog_HasIdsAndCountsAndNoWords(t *testing.T) {
	t.Parallel()
	s := serve(t, Config{}, func(_ *App, r *fiber.App) {
		r.Get("/things/:id", func(c *fiber.Ctx) error {
			Note(c, "thing", 7)
			return c.SendString("a secret answer")
		})
	})
	s.get(t, "/things/secret?q=secret", "Authorization", "Bearer secret", "X-Request-Id", "0123456789")
	line := s.log.String()
	for _, part := range []string{`"request":"0123456789"`, `"route":"/things/:id"`, `"status":200`, `"thing":7`, `"took_us"`} {
		if !strings.Contains(line, part) {
			t.Errorf("no %s in %s", part, line)
		}
	}
	if strings.Contains(line, "secret") {
		t.Errorf("words are in the log: %s", line)
	}
}

func TestContext_HasADeadlineAndEndsWithTheApp(t *testing.T) {
	t.Parallel()
	entered, ended := make(chan struct{}), make(chan error, 1)
	s := serve(t, Config{RequestTimeout: time.Minute}, func(_ *App, r *fiber.App) {
		r.Get("/", func(c *fiber.Ctx) error {
			if _, ok := c.UserContext().Deadline(); !ok {
				return errors.New("no deadline")
			}
			close(entered)
			<-c.UserContext().Done()
			ended <- c.UserContext().Err()
			return nil
		})
	})
	go func() {
		resp, err := testClient.Get(s.base + "/")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a request that goes on: %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("its context: %v", err)
	}
}

func TestClientAddr_OnlyATrustedProxyIsBelieved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted   string
		forwarded string
		want      string
	}{
		"no proxy":                   {"", "6.6.6.6", "127.0.0.1"},
		"a proxy of ours":            {"127.0.0.0/8", "9.9.9.9", "9.9.9.9"},
		"what the client wrote":      {"127.0.0.0/8", "6.6.6.6, 9.9.9.9", "9.9.9.9"},
		"two proxies of ours":        {"127.0.0.0/8", "9.9.9.9, 127.0.0.7", "9.9.9.9"},
		"nonsense":                   {"127.0.0.0/8", "<script>", "127.0.0.1"},
		"nonsense, then a true one":  {"127.0.0.0/8", "<script>, 9.9.9.9", "9.9.9.9"},
		"nothing":                    {"127.0.0.0/8", "", "127.0.0.1"},
		"IPv6":                       {"127.0.0.0/8", "2001:db8::1", "2001:db8::1"},
		"IPv4 in an IPv6's clothing": {"127.0.0.0/8", "::ffff:9.9.9.9", "9.9.9.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cfg Config
			if c.trusted != "" {
				cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(c.trusted)}
			}
			s := serve(t, cfg, func(a *App, r *fiber.App) {
				r.Get("/", func(c *fiber.Ctx) error { return c.SendString(a.ClientAddr(c).String()) })
			})
			if _, _, got := s.get(t, "/", "X-Forwarded-For", c.forwarded); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestReadiness_SaysWhichPartIsAway(t *testing.T) {
	t.Parallel()
	var away [2]error
	var mu sync.Mutex
	set := func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		away[i] = err
	}
	check := func(i int) func(context.Context) error {
		return func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			return away[i]
		}
	}
	s := serve(t, Config{}, func(a *App, _ *fiber.App) {
		a.Health([]Part{{Name: "postgres", Needed: true, Check: check(0)}, {Name: "embedder", Check: check(1)}}, func(err error) string { return "public: " + err.Error() })
	})
	for _, c := range []struct {
		needed, other error
		status        int
		word          string
	}{
		{nil, nil, 200, `"ready"`},
		{nil, errors.New("slow"), 200, `"degraded"`},
		{errors.New("gone"), nil, 503, `"unready"`},
		{errors.New("gone"), errors.New("slow"), 503, `"unready"`},
	} {
		set(0, c.needed)
		set(1, c.other)
		status, _, body := s.get(t, "/readyz")
		if status != c.status || !strings.Contains(body, c.word) || c.other != nil && !strings.Contains(body, "public: slow") {
			t.Errorf("%v %v: %d %s", c.needed, c.other, status, body)
		}
	}
	admin := Admin(s.metrics)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = admin.Serve(ln) }()
	defer admin.Close()
	resp, err := testClient.Get("http://" + ln.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(raw), `frontdesk_degraded{part="embedder"} 1`) || !strings.Contains(string(raw), "frontdesk_http_request_seconds_bucket") {
		t.Errorf("%v %s", err, raw)
	}
	profile, err := testClient.Get("http://" + ln.Addr().String() + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer profile.Body.Close()
	if raw, err := io.ReadAll(profile.Body); err != nil || profile.StatusCode != 200 || !strings.Contains(string(raw), "goroutine profile:") {
		t.Errorf("profiles: %d %v", profile.StatusCode, err)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/goroutine"} {
		if status, _, _ := s.get(t, path); status != 404 {
			t.Errorf("%s is public: %d", path, status)
		}
	}
}

func TestListen_MovesOnlyWhereNobodyChose(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if ln, err := Listen(t.Context(), taken.Addr().String(), false); err == nil {
		_ = ln.Close()
		t.Error("a taken address was given")
	} else if !strings.Contains(err.Error(), "choose another") {
		t.Errorf("it does not say what to do: %v", err)
	}
	ln, err := Listen(t.Context(), taken.Addr().String(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if ln.Addr().String() == taken.Addr().String() {
		t.Error("the same port twice")
	}
	for _, bad := range []string{"x", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"} {
		if _, err := Listen(t.Context(), bad, true); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
