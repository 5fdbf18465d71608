package faultproxy

import (
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a target that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	// No test waits longer than this for what should come at once.
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatalf("read: %v after %q", err, b)
	}
	if string(b) != text {
		t.Fatalf("heard %q, want %q", b, text)
	}
}

func set(t *testing.T, p *Proxy, m Mode) {
	t.Helper()
	if err := p.Set(m); err != nil {
		t.Fatalf("Set(%+v): %v", m, err)
	}
}

func wantReset(t *testing.T, c net.Conn) {
	t.Helper()
	_, err := c.Read(make([]byte, 1))
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("read: %v, want a reset", err)
	}
}

func TestProxy_PassesBytesBothWaysAndAPoliteEnd(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	c := dial(t, p)
	say(t, c, "hello")
	hear(t, c, "hello")
	say(t, c, "last words")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(c)
	if err != nil || string(rest) != "last words" {
		t.Fatalf("read %q, %v", rest, err)
	}
}

func TestProxy_RefusesAsIfNothingListenedAndComesBackOnItsPort(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	old := dial(t, p)
	say(t, old, "a")
	hear(t, old, "a")
	set(t, p, Refuse)
	wantReset(t, old)
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("dial: %v, want refused", err)
	}
	set(t, p, Pass)
	c := dial(t, p)
	say(t, c, "b")
	hear(t, c, "b")
}

func TestProxy_ResetsOldAndNewConnections(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	old := dial(t, p)
	say(t, old, "a")
	hear(t, old, "a")
	set(t, p, Reset)
	wantReset(t, old)
	wantNoWay(t, p)
}

// wantNoWay connects and is reset, sooner or later.
func wantNoWay(t *testing.T, p *Proxy) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if errors.Is(err, syscall.ECONNRESET) {
		return // before the handshake was seen as done
	}
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer c.Close()
	wantReset(t, c)
}

func TestProxy_BlackholeHoldsWhatItGetsUntilItPassesAgain(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	old := dial(t, p)
	say(t, old, "a")
	hear(t, old, "a")
	set(t, p, Blackhole)
	say(t, old, "held")
	fresh := dial(t, p)
	say(t, fresh, "held too")
	wantNothing(t, old)
	set(t, p, Pass)
	hear(t, old, "held")
	hear(t, fresh, "held too")
}

func TestProxy_CutsAfterSoManyBytesOfTheAnswer(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	set(t, p, Mode{CutAfter: 4})
	c := dial(t, p)
	say(t, c, "0123456789")
	hear(t, c, "0123")
	wantReset(t, c)
	set(t, p, Pass)
	c = dial(t, p)
	say(t, c, "0123456789")
	hear(t, c, "0123456789")
}

func TestProxy_StallsAfterSoManyBytesUntilItPassesAgain(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	set(t, p, Mode{Stall: 4})
	c := dial(t, p)
	say(t, c, "0123456789")
	hear(t, c, "0123")
	say(t, c, "abc")
	wantNothing(t, c)
	set(t, p, Pass)
	hear(t, c, "456789abc")
}

// wantNothing sees that nothing comes; a short deadline is the only way to.
func wantNothing(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
}

func TestProxy_DelaysAndSlowsWithoutLosingBytes(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	set(t, p, Mode{Delay: 20 * time.Millisecond, Rate: 4000})
	c := dial(t, p)
	text := string(make([]byte, 200))
	began := time.Now()
	say(t, c, text)
	hear(t, c, text)
	// Two delays and 200 bytes at 4,000 a second, each way: never less.
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Fatalf("took %v: no delay", took)
	}
}

func TestProxy_ResetsTheClientWhenTheTargetIsAway(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := l.Addr().String()
	_ = l.Close()
	p := New(t, away)
	wantNoWay(t, p)
}

func TestProxy_CutEndsOpenLinksAndKeepsTheMode(t *testing.T) {
	t.Parallel()
	p := New(t, echo(t))
	c := dial(t, p)
	say(t, c, "a")
	hear(t, c, "a")
	p.Cut()
	wantReset(t, c)
	c = dial(t, p)
	say(t, c, "b")
	hear(t, c, "b")
	if n := p.Accepted(); n != 2 {
		t.Fatalf("accepted %d connections, want 2", n)
	}
}

// A port that the system hands to outgoing connections is lost when one of them
// has it at the moment somebody comes back to it.
func TestPortsCanBeHadBack(t *testing.T) {
	t.Parallel()
	for range 20 {
		_, port, err := net.SplitHostPort(Address(t))
		if n, _ := strconv.Atoi(port); err != nil || n < 1024 || n >= 32768 {
			t.Errorf("port %s: %v", port, err)
		}
	}
}
