package web

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Source is what a stream is read from. Next blocks until there is something
// to send and returns it; io.EOF ends the stream properly, any other error cuts
// it. The bytes are used before Next is called again. Close is called exactly
// once, when the stream is over for whatever reason; Next is not called again.
// Next and Close are never called at the same time.
//
// A source must return something every few seconds, a comment for instance: a
// client that is gone is only noticed by a write that fails.
type Source interface {
	Next() ([]byte, error)
	Close()
}

// Stream answers with server-sent events from src. It is the only place that
// may set a body stream. The source must not touch c: by the time it is read,
// c belongs to another request.
func (a *App) Stream(c *fiber.Ctx, src Source) error {
	h := &c.Response().Header
	h.SetContentType("text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	c.Response().ImmediateHeaderFlush = true
	a.streams.Add(1)
	if a.metrics != nil {
		a.metrics.streams.Inc()
	}
	c.Context().SetBodyStream(a.pull(c, src, func() {
		a.streams.Add(-1)
		if a.metrics != nil {
			a.metrics.streams.Dec()
		}
	}), -1)
	return nil
}

// pull lets fasthttp read a source; over, where there is one, is called once when
// that has ended.
func (a *App) pull(c *fiber.Ctx, src Source, over func()) *reader {
	return &reader{src: src, over: over, conn: c.Context().Conn(), timeout: a.cfg.WriteTimeout, log: a.log, id: RequestID(c)}
}

// reader lets fasthttp pull a stream or a file: it writes and flushes what one
// Read returns before it reads again, so setting the write deadline at the end of
// Read covers exactly that write, and a client that never reads is dropped.
type reader struct {
	src     Source
	over    func() // nil: nobody wants to know
	conn    net.Conn
	timeout time.Duration
	log     *slog.Logger
	id      string
	rest    []byte
	closed  sync.Once
}

func (r *reader) Read(p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			r.log.Error("panic in a stream", "request", r.id, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			n, err = 0, io.ErrUnexpectedEOF
		}
	}()
	for len(r.rest) == 0 {
		if r.rest, err = r.src.Next(); err != nil {
			return 0, err
		}
	}
	n = copy(p, r.rest)
	r.rest = r.rest[n:]
	if err := r.conn.SetWriteDeadline(time.Now().Add(r.timeout)); err != nil {
		return 0, err
	}
	return n, nil
}

// Close is called by fasthttp when the stream ended or a write failed.
func (r *reader) Close() error {
	r.closed.Do(func() {
		defer func() {
			if v := recover(); v != nil {
				r.log.Error("panic at a stream's end", "request", r.id, "panic", fmt.Sprint(v))
			}
		}()
		// The deadline of the last write must not meet the next answer on this connection.
		_ = r.conn.SetWriteDeadline(time.Time{}) // one that is gone needs none
		if r.over != nil {
			r.over()
		}
		r.src.Close()
	})
	return nil
}
