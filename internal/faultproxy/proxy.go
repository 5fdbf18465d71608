package faultproxy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// Mode is what the proxy does. The zero Mode passes everything on.
type Mode struct {
	// Refuse takes no connections, as if nothing listened, and resets those
	// that exist.
	Refuse bool
	// Reset takes connections and resets them at once, existing ones too.
	Reset bool
	// Blackhole takes connections and bytes and passes nothing on, until
	// another mode comes: then what was held flows.
	Blackhole bool
	// Delay is waited before each piece that is passed on, both ways.
	Delay time.Duration
	// CutAfter resets a link when the target has sent so many bytes through it
	// since the mode was set. 0: never. Not together with Stall.
	CutAfter int
	// Stall passes so many bytes of the target's through each link since the
	// mode was set, and then nothing more until another mode comes. 0: never.
	Stall int
	// Rate is bytes a second through each link, each way. 0: unbounded.
	Rate int
}

// The modes with nothing to choose.
var (
	Pass      = Mode{}
	Refuse    = Mode{Refuse: true}
	Reset     = Mode{Reset: true}
	Blackhole = Mode{Blackhole: true}
)

// Config says where to pass on to.
type Config struct {
	// Network and Address of the target, as net.Dial takes them.
	// Network empty: tcp.
	Network, Address string
}

// Proxy is a running proxy.
type Proxy struct {
	cfg  Config
	addr string // host:port, the same for as long as the proxy lives

	mu       sync.Mutex
	listener net.Listener // nil while refusing
	mode     Mode
	turn     int           // moves with every Set
	changed  chan struct{} // closed and replaced with every Set
	links    map[*link]struct{}
	accepted int
	closed   bool
	wg       sync.WaitGroup
}

// New starts a proxy that ends with the test.
func New(tb testing.TB, address string) *Proxy {
	tb.Helper()
	p, err := Start(Config{Address: address})
	if err != nil {
		tb.Fatalf("faultproxy: %v", err)
	}
	tb.Cleanup(p.Close)
	return p
}

// Start starts a proxy on a free port of the loopback; the caller closes it.
func Start(cfg Config) (*Proxy, error) {
	if cfg.Network == "" {
		cfg.Network = "tcp"
	}
	l, err := listenAnywhere()
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &Proxy{
		cfg: cfg, addr: l.Addr().String(), listener: l,
		changed: make(chan struct{}), links: make(map[*link]struct{}),
	}
	p.wg.Go(func() { p.accept(l) })
	return p, nil
}

// Ports that a program may come back to: below those which systems hand to
// outgoing connections (from 32768 on Linux, 49152 elsewhere), since any of the
// many connections of a test would otherwise take one while nobody listens there.
const (
	lowestPort = 15000
	portCount  = 15000
	portTries  = 50
)

// listenAnywhere listens on a free port of the loopback that can be had back after
// it was closed.
func listenAnywhere() (net.Listener, error) {
	var last error
	for range portTries {
		l, err := listen(fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(portCount)))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, last
}

// Address is host:port of a program that a test stops and starts again: free now,
// and nobody's but by chance while the program is away.
func Address(tb testing.TB) string {
	tb.Helper()
	l, err := listenAnywhere()
	if err != nil {
		tb.Fatalf("faultproxy: no free port: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}

func listen(addr string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
}

// Addr is host:port to connect to.
func (p *Proxy) Addr() string { return p.addr }

// Accepted counts the connections taken so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Links counts the connections that are open now.
func (p *Proxy) Links() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Set changes the mode. It fails when the port cannot be had back after Refuse.
func (p *Proxy) Set(m Mode) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	p.mode = m
	p.turn++
	close(p.changed)
	p.changed = make(chan struct{})
	if m.Refuse || m.Reset {
		for l := range p.links {
			l.reset()
		}
	}
	if m.Refuse {
		if p.listener != nil {
			_ = p.listener.Close()
			p.listener = nil
		}
		return nil
	}
	if p.listener != nil {
		return nil
	}
	l, err := listen(p.addr)
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	p.listener = l
	p.wg.Go(func() { p.accept(l) })
	return nil
}

// Cut resets every open link once; the mode stays.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
}

// Close ends the proxy and every link.
func (p *Proxy) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.changed)
		if p.listener != nil {
			_ = p.listener.Close()
		}
		for l := range p.links {
			l.reset()
		}
	}
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *Proxy) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed, by Set or Close
		}
		p.mu.Lock()
		p.accepted++
		if p.closed || p.mode.Refuse || p.mode.Reset {
			p.mu.Unlock()
			abort(c)
			continue
		}
		k := &link{proxy: p, client: c, over: make(chan struct{})}
		p.links[k] = struct{}{}
		p.wg.Go(k.run)
		p.mu.Unlock()
	}
}

// now returns the mode, its number, and what tells of the next one.
func (p *Proxy) now() (Mode, int, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode, p.turn, p.changed
}

func (p *Proxy) forget(k *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, k)
}

// abort closes a connection so that the other side sees a reset.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
