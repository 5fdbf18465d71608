package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// script is a source that gives what it is told to.
type script struct {
	next   chan func() ([]byte, error)
	closed chan struct{}
	closes atomic.Int32
}

func newScript() *script {
	return &script{next: make(chan func() ([]byte, error)), closed: make(chan struct{})}
}

func (s *script) Next() ([]byte, error) { return (<-s.next)() }

func (s *script) Close() {
	if s.closes.Add(1) == 1 {
		close(s.closed)
	}
}

func (s *script) say(text string) { s.next <- func() ([]byte, error) { return []byte(text), nil } }
func (s *script) end()            { s.next <- func() ([]byte, error) { return nil, io.EOF } }

func streaming(t *testing.T, cfg Config, src Source) *server {
	t.Helper()
	return serve(t, cfg, func(a *App, r *fiber.App) {
		r.Get("/stream", func(c *fiber.Ctx) error { return a.Stream(c, src) })
		r.Get("/else", func(c *fiber.Ctx) error { return c.SendString("fine") })
	})
}

// connect asks for the stream over a connection of its own.
func connect(t *testing.T, s *server) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprint(conn, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return conn, bufio.NewReader(conn)
}

func readUntil(t *testing.T, r *bufio.Reader, what string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if strings.Contains(line, what) {
			return
		}
		if err != nil {
			t.Fatalf("before %q: %v", what, err)
		}
	}
}

func TestStream_WhatIsSaidArrivesAtOnceAndEndsProperly(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{}, src)
	_, r := connect(t, s)
	readUntil(t, r, "text/event-stream") // the headers come before the first event
	src.say("data: one\n\n")
	readUntil(t, r, "data: one")
	src.say("data: two\n\n")
	readUntil(t, r, "data: two")
	src.end()
	readUntil(t, r, "0\r\n") // the last chunk: an end, not a cut
	<-src.closed
}

func TestStream_APieceLargerThanAnyBufferArrivesWhole(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{}, src)
	go func() {
		src.say(strings.Repeat("x", 300_000) + "\n")
		src.end()
	}()
	_, _, body := s.get(t, "/stream")
	if len(body) != 300_001 {
		t.Errorf("%d bytes", len(body))
	}
}

func TestStream_APanicEndsItAndNothingElse(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{}, src)
	_, r := connect(t, s)
	src.say("data: one\n\n")
	readUntil(t, r, "data: one")
	src.next <- func() ([]byte, error) { panic("boom") }
	if _, err := io.ReadAll(r); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Logf("the client saw %v", err)
	}
	<-src.closed
	if status, _, body := s.get(t, "/else"); status != 200 || body != "fine" {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(s.log.String(), "panic in a stream") {
		t.Error("the panic is not in the log")
	}
	if s.Streams() != 0 {
		t.Errorf("%d streams", s.Streams())
	}
}

func TestStream_ASourcesErrorCutsIt(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{}, src)
	_, r := connect(t, s)
	src.next <- func() ([]byte, error) { return nil, errors.New("broken") }
	rest, _ := io.ReadAll(r)
	if strings.HasSuffix(string(rest), "0\r\n\r\n") {
		t.Error("it looks like a proper end")
	}
	<-src.closed
}

func TestStream_AClientThatNeverReadsIsDropped(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{WriteTimeout: 100 * time.Millisecond}, src)
	conn, r := connect(t, s)
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	readUntil(t, r, "HTTP/1.1 200")
	piece := strings.Repeat("x", 64<<10)
	for {
		select {
		case src.next <- func() ([]byte, error) { return []byte(piece), nil }:
			continue
		case <-src.closed:
		}
		break
	}
	if n := src.closes.Load(); n != 1 {
		t.Errorf("closed %d times", n)
	}
}

func TestStream_AClientThatLeavesIsNoticedByTheNextWrites(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{}, src)
	conn, r := connect(t, s)
	src.say("data: one\n\n")
	readUntil(t, r, "data: one")
	_ = conn.Close()
	for {
		select {
		case src.next <- func() ([]byte, error) { return []byte(":\n\n"), nil }:
			continue
		case <-src.closed:
		}
		break
	}
}

func TestStream_AnIdleOneOutlivesEveryTimeoutOfRequests(t *testing.T) {
	t.Parallel()
	src := newScript()
	s := streaming(t, Config{ReadTimeout: 30 * time.Millisecond, IdleTimeout: 30 * time.Millisecond, RequestTimeout: 30 * time.Millisecond, WriteTimeout: 30 * time.Millisecond}, src)
	_, r := connect(t, s)
	readUntil(t, r, "text/event-stream")
	timer := time.NewTimer(150 * time.Millisecond) // five times the longest of them
	defer timer.Stop()
	<-timer.C
	src.say("data: still here\n\n")
	readUntil(t, r, "data: still here")
	src.end()
	<-src.closed
}
