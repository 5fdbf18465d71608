package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	headerRequestID = "X-Request-Id"
	localRequestID  = "request_id"
	localNote       = "note"
)

// RequestID returns the id of the request under way; it is in the response's
// X-Request-Id, in every problem and in the log.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(localRequestID).(string)
	return id
}

// Note adds a pair to the request's line in the log: ids and counts only.
func Note(c *fiber.Ctx, key string, value any) {
	notes, _ := c.Locals(localNote).([]any)
	c.Locals(localNote, append(notes, key, value))
}

// around wraps every request: id, context, recovery, security headers, log
// line and metrics. One function instead of five middlewares: each costs a
// route match.
func (a *App) around(c *fiber.Ctx) error {
	start := time.Now()
	id := requestID(c.Get(headerRequestID))
	c.Locals(localRequestID, id)
	c.Set(headerRequestID, id)
	secure(c)

	ctx, cancel := context.WithTimeout(a.base, a.cfg.RequestTimeout)
	defer cancel()
	c.SetUserContext(ctx)

	if err := a.guarded(c); err != nil {
		if err := writeProblem(c, a.log, err); err != nil {
			return err
		}
	}
	a.finished(c, id, time.Since(start))
	return nil
}

// guarded runs the handlers and turns a panic into an error.
func (a *App) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("panic in a handler", "request", RequestID(c), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = internalFault(fmt.Errorf("panic: %v", p))
		}
	}()
	return c.Next()
}

func (a *App) finished(c *fiber.Ctx, id string, took time.Duration) {
	status := c.Response().StatusCode()
	route := c.Route().Path // the pattern, never the path: a path holds ids a client chose
	method := c.Method()
	if a.metrics != nil {
		a.metrics.request(method, route, status, took)
	}
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelWarn
	case route == "/healthz" || route == "/readyz":
		level = slog.LevelDebug // a probe every second says nothing
	}
	if !a.log.Enabled(c.UserContext(), level) {
		return
	}
	args := []any{"request", id, "method", method, "route", route, "status", status, "took_us", took.Microseconds(), "bytes_in", len(c.Request().Body())}
	if notes, ok := c.Locals(localNote).([]any); ok {
		args = append(args, notes...)
	}
	a.log.Log(c.UserContext(), level, "request", args...)
}

// requestID keeps a caller's own id where it is harmless, so that a proxy's
// log and ours can be joined; the copy is needed since Fiber reuses its bytes.
func requestID(given string) string {
	if len(given) >= 8 && len(given) <= 64 && strings.Trim(given, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" {
		return strings.Clone(given)
	}
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return hex.EncodeToString(b[:])
}

// secure sets the headers that every answer has. Pages set their own
// Content-Security-Policy; this one is for JSON and streams, which need none.
func secure(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the widget's pages live on shops' origins; CORS guards what they may read
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}

// ClientAddr is the address the request comes from: the peer's, or, where the
// peer is a trusted proxy, the last address in X-Forwarded-For that is not one.
func (a *App) ClientAddr(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.ParseAddrPort(c.Context().RemoteAddr().String())
	addr := peer.Addr().Unmap()
	if !a.trusted(addr) {
		return addr
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr // nonsense: believe nothing further left
		}
		addr = hop.Unmap()
		if !a.trusted(addr) {
			return addr
		}
	}
	return addr
}

func (a *App) trusted(addr netip.Addr) bool {
	for _, p := range a.cfg.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
