package faultproxy

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// piece is how much is passed on at a time: small enough for a cut to fall
// where it was asked for and for a rate to be even.
const piece = 16 << 10

// link is one client's connection and its own to the target.
type link struct {
	proxy  *Proxy
	client net.Conn
	over   chan struct{} // closed when the link has ended

	mu     sync.Mutex
	target net.Conn
	ended  bool
}

func (k *link) run() {
	defer k.proxy.forget(k)
	defer k.reset()
	if !k.hold() { // a black hole has no other side
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	target, err := new(net.Dialer).DialContext(ctx, k.proxy.cfg.Network, k.proxy.cfg.Address)
	if err != nil {
		return
	}
	k.mu.Lock()
	k.target = target
	ended := k.ended
	k.mu.Unlock()
	if ended {
		abort(target)
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { k.pump(target, k.client, false) })
	wg.Go(func() { k.pump(k.client, target, true) })
	wg.Wait()
}

// reset ends both sides; it may be called many times and from anywhere.
func (k *link) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	k.ended = true
	close(k.over)
	abort(k.client)
	if k.target != nil {
		abort(k.target)
	}
}

// hold waits while the proxy is a black hole; false when the link has ended.
func (k *link) hold() bool {
	for {
		mode, _, changed := k.proxy.now()
		if !mode.Blackhole {
			break
		}
		if !k.wait(changed) {
			return false
		}
	}
	select {
	case <-k.over:
		return false
	default:
		return true
	}
}

func (p *Proxy) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// passed counts the bytes that went one way since the mode was set.
type passed struct{ turn, bytes int }

// pump passes bytes on, one way, until either side ends.
func (k *link) pump(to, from net.Conn, answers bool) {
	buf := make([]byte, piece)
	var count passed
	for {
		n, err := from.Read(buf)
		if !k.pass(to, buf[:n], answers, &count) {
			k.reset()
			return
		}
		if err != nil {
			k.halfClose(to, err)
			return
		}
	}
}

// pass writes what was read as the mode says, and waits where it says so;
// false means that the link is over.
func (k *link) pass(to net.Conn, b []byte, answers bool, count *passed) bool {
	for len(b) > 0 {
		if !k.hold() {
			return false
		}
		mode, turn, changed := k.proxy.now()
		if turn != count.turn {
			*count = passed{turn: turn}
		}
		out := b
		if most := max(mode.CutAfter, mode.Stall); answers && most > 0 {
			out = b[:min(len(b), max(most-count.bytes, 0))]
		}
		if !k.pause(mode.Delay) || !k.write(to, out, mode.Rate) {
			return false
		}
		count.bytes += len(out)
		b = b[len(out):]
		if answers && mode.CutAfter > 0 && count.bytes >= mode.CutAfter {
			return false
		}
		if len(b) > 0 && !k.wait(changed) { // stalled
			return false
		}
	}
	return true
}

// wait ends with the mode; false when the link or the proxy ended.
func (k *link) wait(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return !k.proxy.isClosed()
	case <-k.over:
		return false
	}
}

// halfClose passes a polite end on and turns any other into a reset.
func (k *link) halfClose(to net.Conn, err error) {
	if w, ok := to.(interface{ CloseWrite() error }); ok && errors.Is(err, io.EOF) {
		_ = w.CloseWrite()
		return
	}
	k.reset()
}

// write is at most rate bytes a second where rate is set.
func (k *link) write(to net.Conn, b []byte, rate int) bool {
	if rate <= 0 {
		_, err := to.Write(b)
		return err == nil
	}
	step := max(rate/50, 1) // fifty pieces a second
	for len(b) > 0 {
		n := min(step, len(b))
		if _, err := to.Write(b[:n]); err != nil {
			return false
		}
		b = b[n:]
		if !k.pause(time.Duration(n) * time.Second / time.Duration(rate)) {
			return false
		}
	}
	return true
}

// pause is false when the link ended first.
func (k *link) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-k.over:
		return false
	}
}
