package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/retrieval/embed/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted is an encoder whose runs a test can hold up and look at.
type scripted struct {
	started chan string   // where set: gets the text of each run
	release chan struct{} // where set: a run ends when it can receive, or with its context
	deaf    bool          // a held run does not look at its context
	depths  int           // what DepthDims says
	result  func(text string) (local.Vectors, error)

	mu    sync.Mutex
	texts []string
	kinds []local.Kind
}

func (e *scripted) Dims() int      { return 3 }
func (e *scripted) TokenDims() int { return 2 }
func (e *scripted) DepthDims() int { return e.depths }
func (e *scripted) MaxTokens() int { return 512 }

func (e *scripted) Encode(ctx context.Context, kind local.Kind, text string, tokens bool) (local.Vectors, error) {
	e.mu.Lock()
	e.texts, e.kinds = append(e.texts, text), append(e.kinds, kind)
	e.mu.Unlock()
	if e.started != nil {
		e.started <- text
	}
	if e.release != nil {
		done := ctx.Done()
		if e.deaf {
			done = nil
		}
		select {
		case <-e.release:
		case <-done:
			return local.Vectors{}, ctx.Err()
		}
	}
	if e.result != nil {
		return e.result(text)
	}
	v := local.Vectors{Pooled: []float32{0.6, 0, 0.8}, TokenDims: 2}
	if tokens {
		v.TokenIDs, v.Places, v.Tokens = []int32{101, 102}, []int32{0, 1}, []float32{0.25, -1, 1e-7, float32(len(text))}
	}
	return v, nil
}

func (e *scripted) seen() (texts []string, kinds []local.Kind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.texts...), append([]local.Kind(nil), e.kinds...)
}

// bundle is a running server and its only model, "m".
type bundle struct {
	*Server
	url     string
	encoder *scripted
	log     *safeBuffer
	client  *http.Client
	stop    func() error // ends Serve and returns what it returned; may be called again
}

func setup(t *testing.T, e *scripted, cfg Config, edit func(*Deps)) bundle {
	t.Helper()
	log := &safeBuffer{}
	deps := Deps{Models: map[string]local.Encoder{"m": e}, Log: slog.New(slog.NewJSONHandler(log, nil))}
	if edit != nil {
		edit(&deps)
	}
	s, err := New(deps, cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	stop := sync.OnceValue(func() error { cancel(); return <-served })
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		if err := stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return bundle{Server: s, url: "http://" + l.Addr().String(), encoder: e, log: log, client: client, stop: stop}
}

// answered is an HTTP answer, read to its end.
type answered struct {
	status int
	header http.Header
	body   string
}

func (b bundle) do(ctx context.Context, method, path string, body io.Reader, header http.Header) (answered, error) {
	req, err := http.NewRequestWithContext(ctx, method, b.url+path, body)
	if err != nil {
		return answered{}, err
	}
	maps.Copy(req.Header, header)
	resp, err := b.client.Do(req)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return answered{resp.StatusCode, resp.Header, string(raw)}, err
}

func (b bundle) post(t *testing.T, body string) answered {
	t.Helper()
	a, err := b.do(t.Context(), http.MethodPost, "/v1/embeddings", strings.NewReader(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// later makes a call and tells its answer in its own time.
func (b bundle) later(ctx context.Context, kind local.Kind, texts ...string) <-chan answered {
	body, err := json.Marshal(map[string]any{"model": "m", "input": texts, "input_type": kind})
	if err != nil {
		panic(err)
	}
	out := make(chan answered, 1)
	go func() {
		a, err := b.do(ctx, http.MethodPost, "/v1/embeddings", bytes.NewReader(body), nil)
		if err != nil {
			a.status = -1
		}
		out <- a
	}()
	return out
}

func (b bundle) waiting(kind local.Kind) int {
	b.queue.mu.Lock()
	defer b.queue.mu.Unlock()
	return len(b.queue.wait[kind])
}

// until polls for what another goroutine brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func wantProblem(t *testing.T, a answered, status int, code string) {
	t.Helper()
	var p struct {
		Error struct {
			Message, Type, Code string
			Param               *string
		}
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%d %.200s: %v", a.status, a.body, err)
	}
	if a.status != status || p.Error.Code != code || p.Error.Message == "" || p.Error.Type == "" {
		t.Fatalf("%d %s, want %d %s", a.status, a.body, status, code)
	}
	if a.header.Get("Content-Type") != "application/json" {
		t.Errorf("media type %q", a.header.Get("Content-Type"))
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
