package embed

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// It reads what the supervisor of the private embedder says, for as long
		// as that process lives, which is longer than one test program.
		goleak.IgnoreAnyFunction("frontdesk/internal/proc.(*Hold).spawn.func1"))
}

// bundle is a fake server and a client of it.
type bundle struct {
	server *fakemodel.Server
	client *Client
	log    *safeBuffer
}

// setup starts both; edit changes the client's settings. Probes are rare by
// default, so that a count of calls counts what the test made.
func setup(t *testing.T, fake fakemodel.Config, edit func(*Config)) bundle {
	t.Helper()
	s := fakemodel.New(t, fake)
	cfg := Config{
		BaseURL: s.URL, Model: s.Model(), QueryTimeout: 10 * time.Second,
		ProbeMin: time.Hour, ProbeMax: time.Hour,
	}
	if edit != nil {
		edit(&cfg)
	}
	log := &safeBuffer{}
	return bundle{server: s, client: client(t, log, cfg), log: log}
}

func client(t *testing.T, log *safeBuffer, cfg Config) *Client {
	t.Helper()
	c, err := New(Deps{Log: slog.New(slog.NewJSONHandler(log, nil))}, cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

func (b bundle) query(t *testing.T, text string) ([]float32, error) {
	t.Helper()
	vecs, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, []string{text})
	if err != nil {
		return nil, err
	}
	if len(vecs) != 1 {
		t.Fatalf("%d vectors for one text", len(vecs))
	}
	return vecs[0], nil
}

func (b bundle) mustQuery(t *testing.T, text string) []float32 {
	t.Helper()
	v, err := b.query(t, text)
	if err != nil {
		t.Fatalf("embed: %v", err)
	}
	return v
}

func wantCode(t *testing.T, err error, kind fault.Kind, code string) *fault.Error {
	t.Helper()
	e, ok := fault.As(err)
	if !ok {
		t.Fatalf("error %v has no kind, want %s", err, code)
	}
	if e.Kind != kind || e.Code != code {
		t.Fatalf("error %v of kind %d, want %s of kind %d", err, e.Kind, code, kind)
	}
	if e.Public == "" {
		t.Fatalf("error %v says nothing to people", err)
	}
	return e
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

func cosine(a, b []float32) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot
}
