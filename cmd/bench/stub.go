package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// stubModel is the name the stub goes by: one that is known to mark the sides
// of a search by prefixes, so that the stub can tell questions from passages.
const stubModel = "multilingual-e5-small"

// stub speaks the embeddings API in front of the real embedder. A question
// whose vector it has is answered at once; anything else is passed on. It
// keeps count of when the real embedder was busy.
type stub struct {
	url  string
	real string // base URL of the real embedder, with /v1
	http *http.Server
	out  *http.Client

	mu      sync.Mutex
	vectors map[string][]byte // question → its vector, as base64 of little-endian floats
	busy    busyTime
}

// busyTime adds up the time in which at least one call was under way.
type busyTime struct {
	inFlight    int
	since       time.Time
	total       time.Duration
	first, last time.Time
}

func (b *busyTime) enter(now time.Time) {
	if b.first.IsZero() {
		b.first = now
	}
	if b.inFlight == 0 {
		b.since = now
	}
	b.inFlight++
}

func (b *busyTime) leave(now time.Time) {
	b.inFlight--
	if b.inFlight == 0 {
		b.total += now.Sub(b.since)
	}
	b.last = now
}

func startStub(ctx context.Context, real string) (*stub, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("stub embedder: %w", err)
	}
	s := &stub{
		url:     "http://" + ln.Addr().String() + "/v1",
		real:    real,
		out:     &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}},
		vectors: map[string][]byte{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/embeddings", s.embeddings)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(ln) }()
	return s, nil
}

func (s *stub) close() { _ = s.http.Close() }

type embedRequest struct {
	Input     any    `json:"input"`
	Model     string `json:"model"`
	Encoding  string `json:"encoding_format,omitempty"`
	InputType string `json:"input_type,omitempty"`
}

func (r embedRequest) texts() []string {
	switch in := r.Input.(type) {
	case string:
		return []string{in}
	case []any:
		out := make([]string, 0, len(in))
		for _, t := range in {
			out = append(out, fmt.Sprint(t))
		}
		return out
	}
	return nil
}

func (s *stub) embeddings(w http.ResponseWriter, r *http.Request) {
	var req embedRequest
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&req); err != nil {
		http.Error(w, `{"error":{"message":"bad JSON"}}`, http.StatusBadRequest)
		return
	}
	texts := req.texts()
	data := make([][]byte, len(texts))
	for i, t := range texts {
		kind := "passage"
		if q, ok := strings.CutPrefix(t, "query: "); ok {
			kind, t = "query", q
			t, _, _ = strings.Cut(t, " "+questionMark)
		} else {
			t = strings.TrimPrefix(t, "passage: ")
		}
		v, err := s.vector(r.Context(), kind, t)
		if err != nil {
			http.Error(w, `{"error":{"message":"the real embedder failed"}}`, http.StatusBadGateway)
			return
		}
		data[i] = v
	}
	w.Header().Set("Content-Type", "application/json")
	// Written by hand: a stub that is measured along should cost next to nothing.
	var b bytes.Buffer
	b.WriteString(`{"object":"list","model":"` + stubModel + `","data":[`)
	for i, v := range data {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"object":"embedding","index":%d,"embedding":`, i)
		if req.Encoding == "base64" {
			b.WriteByte('"')
			b.Write(v)
			b.WriteByte('"')
		} else {
			writeFloats(&b, v)
		}
		b.WriteByte('}')
	}
	b.WriteString(`],"usage":{"prompt_tokens":1,"total_tokens":1}}`)
	_, _ = w.Write(b.Bytes())
}

func writeFloats(b *bytes.Buffer, v []byte) {
	raw, err := base64.StdEncoding.DecodeString(string(v))
	if err != nil {
		b.WriteString("[]")
		return
	}
	b.WriteByte('[')
	for i := 0; i+4 <= len(raw); i += 4 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(b, math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
	}
	b.WriteByte(']')
}

// vector answers from memory, or asks the real embedder; only questions are
// kept, since a passage is asked for once.
func (s *stub) vector(ctx context.Context, kind, text string) ([]byte, error) {
	s.mu.Lock()
	v := s.vectors[text]
	if v != nil && kind == "query" {
		s.mu.Unlock()
		return v, nil
	}
	s.busy.enter(time.Now())
	s.mu.Unlock()
	v, err := askEmbedder(ctx, s.out, s.real, kind, text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy.leave(time.Now())
	if err == nil && kind == "query" {
		s.vectors[text] = v
	}
	return v, err
}

// takeBusy returns what was added up since the last call, and forgets it.
func (s *stub) takeBusy() busyTime {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.busy
	s.busy = busyTime{}
	return b
}

// askEmbedder asks the private embedder for one vector, as base64.
func askEmbedder(ctx context.Context, hc *http.Client, base, kind, text string) ([]byte, error) {
	body, err := json.Marshal(embedRequest{Input: text, Model: "multilingual-e5-small-local", Encoding: "base64", InputType: kind})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/embeddings", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var out struct {
		Data []struct {
			Embedding string `json:"embedding"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&out); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || len(out.Data) != 1 {
		return nil, fmt.Errorf("embedder: %s", resp.Status)
	}
	return []byte(out.Data[0].Embedding), nil
}
