package fakemodel

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// maxRecorded bounds the calls kept by Requests; counting goes on beyond it.
const maxRecorded = 10_000

// Config says what the server answers while no fault is scripted.
type Config struct {
	// Model is the one name that GET /models lists and answers carry.
	// Empty: "fake-embedding".
	Model string
	// Dims is the width of made vectors. 0: 384. A request's own
	// `dimensions` goes before it.
	Dims int
	// Vectors are answered as they are to a text found here.
	Vectors map[string][]float32
	// Hashed makes unrelated vectors of whole texts; otherwise texts that
	// share words get vectors near each other.
	Hashed bool
	// Latency is waited before each healthy answer. 0: none.
	Latency time.Duration
	// Serial answers one call at a time, as small embedding servers do.
	Serial bool
	// Chunked leaves Content-Length away.
	Chunked bool
	// List, where given, answers GET /models with a status and a body.
	List func() (status int, body string)
	// Forget keeps no record of the calls, for long benchmarks.
	Forget bool
}

// Request is what one call asked for.
type Request struct {
	Model      string
	Input      []string
	InputType  string
	Encoding   string // float or base64
	Dimensions int
	Key        string // the bearer token
}

// Server is a running model server.
type Server struct {
	// URL is the base URL, with /v1.
	URL string
	// Addr is host:port.
	Addr string

	cfg    Config
	http   *http.Server
	done   chan struct{} // closed by Close: ends what hangs
	serial sync.Mutex

	calls          atomic.Int64
	inFlight, peak atomic.Int64
	texts          atomic.Int64
	unknown        atomic.Int64

	mu       sync.Mutex
	script   []Fault
	always   Fault
	requests []Request
	changed  chan struct{} // closed and replaced at every call
	made     map[string]string
}

// New starts a server that ends with the test.
func New(tb testing.TB, cfg Config) *Server {
	tb.Helper()
	s, err := Start(cfg)
	if err != nil {
		tb.Fatalf("fakemodel: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server on a free port of the loopback; the caller closes it.
func Start(cfg Config) (*Server, error) {
	cfg.Model = cmp.Or(cfg.Model, "fake-embedding")
	cfg.Dims = cmp.Or(cfg.Dims, 384)
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{
		URL:     "http://" + l.Addr().String() + "/v1",
		Addr:    l.Addr().String(),
		cfg:     cfg,
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		made:    make(map[string]string),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/embeddings", s.embeddings)
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok"}`) })
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(l) }()
	return s, nil
}

// Close ends the server and every call it is still answering.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	s.mu.Unlock()
	_ = s.http.Close()
}

// Calls counts the calls for embeddings that came in, faulty ones included.
func (s *Server) Calls() int { return int(s.calls.Load()) }

// Peak is the most calls that were being answered at a time.
func (s *Server) Peak() int { return int(s.peak.Load()) }

// Texts counts the texts those calls held.
func (s *Server) Texts() int { return int(s.texts.Load()) }

// Unknown counts the texts that were not found in Config.Vectors.
func (s *Server) Unknown() int { return int(s.unknown.Load()) }

// Requests returns the recorded calls, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Inputs returns every text of the recorded calls, oldest first.
func (s *Server) Inputs() []string {
	var all []string
	for _, r := range s.Requests() {
		all = append(all, r.Input...)
	}
	return all
}

// WaitCalls waits until at least n calls have come in.
func (s *Server) WaitCalls(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if s.Calls() >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("fakemodel: %d of %d calls: %w", s.Calls(), n, ctx.Err())
		}
	}
}

// Script gives the faults of the next calls, in order; nil is a healthy one.
func (s *Server) Script(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, faults...)
}

// Always gives every call beyond the script this fault, until Heal.
func (s *Server) Always(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = f
}

// Heal forgets every scripted fault.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.always = nil, nil
}

// next records a call and returns its fault.
func (s *Server) next(r Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peak.Store(max(s.peak.Load(), s.inFlight.Add(1))) // under the lock
	s.calls.Add(1)
	s.texts.Add(int64(len(r.Input)))
	if !s.cfg.Forget && len(s.requests) < maxRecorded {
		s.requests = append(s.requests, r)
	}
	close(s.changed)
	s.changed = make(chan struct{})
	if len(s.script) > 0 {
		f := s.script[0]
		s.script = s.script[1:]
		return f
	}
	return s.always
}

type wireRequest struct {
	Model      string          `json:"model"`
	Input      json.RawMessage `json:"input"`
	InputType  string          `json:"input_type"`
	Encoding   string          `json:"encoding_format"`
	Dimensions int             `json:"dimensions"`
}

func readRequest(r *http.Request) (Request, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return Request{}, err
	}
	var w wireRequest
	if err := json.Unmarshal(raw, &w); err != nil {
		return Request{}, err
	}
	q := Request{
		Model: w.Model, InputType: w.InputType, Encoding: cmp.Or(w.Encoding, "float"),
		Dimensions: w.Dimensions, Key: bearer(r.Header.Get("Authorization")),
	}
	if json.Unmarshal(w.Input, &q.Input) == nil {
		return q, nil
	}
	var one string
	if err := json.Unmarshal(w.Input, &one); err != nil {
		return Request{}, errors.New("input is neither a text nor a list of texts")
	}
	q.Input = []string{one}
	return q, nil
}

func bearer(h string) string {
	const p = "Bearer "
	if len(h) > len(p) && h[:len(p)] == p {
		return h[len(p):]
	}
	return ""
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if s.cfg.List != nil {
		status, body := s.cfg.List()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"object": "list",
		"data":   []map[string]string{{"id": s.cfg.Model, "object": "model", "owned_by": "fakemodel"}},
	})
}

// Model is the name the server gives its model.
func (s *Server) Model() string { return s.cfg.Model }
