package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Config says how the app behaves towards clients.
type Config struct {
	ReadTimeout    time.Duration // a whole request has to arrive within; 0: 10 s
	IdleTimeout    time.Duration // a kept connection may be silent for; 0: 60 s
	RequestTimeout time.Duration // deadline of a handler's context; 0: 4 s, since all it does is ask the database
	WriteTimeout   time.Duration // one write to a stream may take; 0: 10 s
	TidyEvery      time.Duration // how often is looked whether memory can be given back; 0: 5 s
	BodyLimit      int           // bytes read of a body before it is refused unread; 0: 256 KiB
	// TrustedProxies are the networks whose X-Forwarded-For is believed, read
	// from the right up to the first address that is not one of them.
	TrustedProxies []netip.Prefix
}

func (c Config) withDefaults() Config {
	c.ReadTimeout = cmp.Or(c.ReadTimeout, 10*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, time.Minute)
	c.RequestTimeout = cmp.Or(c.RequestTimeout, 4*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.TidyEvery = cmp.Or(c.TidyEvery, 5*time.Second)
	// A body that fasthttp refuses unread ends in a reset connection, and the
	// client may never see why. So bodies somewhat over every handler's own
	// limit (64 KiB) are read, and answered with a proper 413.
	c.BodyLimit = cmp.Or(c.BodyLimit, 256<<10)
	return c
}

// App is the Fiber app with what surrounds it.
type App struct {
	fiber   *fiber.App
	cfg     Config
	log     *slog.Logger
	metrics *Metrics
	large   [][2]string // addresses of files: how they begin and end

	base     context.Context // of every request; ends after the graceful part of a stop
	cancel   context.CancelFunc
	streams  atomic.Int64
	ln       atomic.Pointer[net.Listener]
	stopping chan struct{}
}

// New makes an App; metrics may be nil.
func New(log *slog.Logger, metrics *Metrics, cfg Config) (*App, error) {
	if log == nil {
		return nil, fmt.Errorf("web: a logger is needed")
	}
	cfg = cfg.withDefaults()
	base, cancel := context.WithCancel(context.Background())
	a := &App{cfg: cfg, log: log, metrics: metrics, base: base, cancel: cancel, stopping: make(chan struct{})}
	a.fiber = fiber.New(fiber.Config{
		AppName:               "frontdesk",
		BodyLimit:             cfg.BodyLimit,
		DisableStartupMessage: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			if f, ok := errors.AsType[*fiber.Error](err); ok && f.Code == fiber.StatusRequestEntityTooLarge {
				drain(c.Context().Conn())
			}
			return writeProblem(c, log, err)
		},
		IdleTimeout:    cfg.IdleTimeout,
		Immutable:      true, // a belt: handlers copy what outlives them all the same
		ReadBufferSize: 8 << 10,
		ReadTimeout:    cfg.ReadTimeout,
		// Releases the read buffer while a response streams: 8 KiB less for
		// each idle stream.
		ReduceMemoryUsage: true,
		WriteBufferSize:   4 << 10,
		WriteTimeout:      0, // it would cut streams; each write to one has its own deadline
		StrictRouting:     false,
	})
	a.fiber.Use(a.around)
	return a, nil
}

// Fiber is where routes are added, before Serve.
func (a *App) Fiber() *fiber.App { return a.fiber }

// Serve answers on ln until Stop.
func (a *App) Serve(ln net.Listener) error {
	a.ln.Store(&ln)
	select {
	case <-a.stopping:
		return ln.Close()
	default:
	}
	serving, over := context.WithCancel(a.base)
	defer over()
	go giveBack(serving, a.cfg.TidyEvery)
	if err := a.fiber.Listener(patient{ln, a.cfg.ReadTimeout}); err != nil {
		return fmt.Errorf("serving %s: %w", ln.Addr(), err)
	}
	return nil
}

// patient gives each connection a deadline for its first byte: with
// ReduceMemoryUsage fasthttp waits for that without any, and connections that
// send nothing would stay for good.
type patient struct {
	net.Listener
	wait time.Duration
}

func (l patient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := c.SetReadDeadline(time.Now().Add(l.wait)); err != nil {
		_ = c.Close() // gone already; the next read says so
	}
	return c, nil
}

// Stopping is closed when a stop begins.
func (a *App) Stopping() <-chan struct{} { return a.stopping }

// Streams is how many streams are open.
func (a *App) Streams() int { return int(a.streams.Load()) }

// Stop ends the app: no new connections, streams already ended by their
// sources (close those first), requests running now get until ctx's deadline,
// then their contexts are cancelled. Call it once.
func (a *App) Stop(ctx context.Context) error {
	close(a.stopping)
	err := a.fiber.ShutdownWithContext(ctx)
	// A stop that comes before fasthttp has taken the listener closes nothing.
	if ln := a.ln.Load(); ln != nil {
		_ = (*ln).Close()
	}
	a.cancel()
	if err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	return nil
}

// Base is the context that every request's derives from.
func (a *App) Base() context.Context { return a.base }
