package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// idleStreams opens n event streams from a process of its own, waits until all
// of them have said something, and returns what they cost the server each, in
// bytes of resident memory.
func idleStreams(ctx context.Context, base string, serverPID, n int) (int64, error) {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err == nil && lim.Cur < uint64(n)+500 {
		return 0, fmt.Errorf("idle streams: %d open files allowed, %d needed: raise it with ulimit -n", lim.Cur, n+500)
	}
	before, err := resident(serverPID)
	if err != nil {
		return 0, err
	}
	exe, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("idle streams: %w", err)
	}
	cmd := exec.CommandContext(ctx, exe, "-streams", strconv.Itoa(n), "-base", base)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, fmt.Errorf("idle streams: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("idle streams: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("idle streams: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "open" {
		_ = in.Close()
		return 0, fmt.Errorf("idle streams: the client said %q: %w", line, errors.Join(err, cmd.Wait()))
	}
	// Let the server's garbage of setting up go; the figure is of idle streams.
	select {
	case <-time.After(20 * time.Second):
	case <-ctx.Done():
	}
	after, err := resident(serverPID)
	_ = in.Close() // tells the client to leave
	return (after - before) / int64(n), errors.Join(err, cmd.Wait())
}

// streamsClient is the other process: it holds n streams until stdin closes.
func streamsClient(ctx context.Context, base string, n int) error {
	u, err := url.Parse(base)
	if err != nil {
		return fmt.Errorf("streams: %w", err)
	}
	hc := newHTTPClient(8)
	const perVisitor = 4 // fewer than a visitor is allowed
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	var d net.Dialer
	var who *customer
	for i := range n {
		if i%perVisitor == 0 {
			if who, err = start(ctx, hc, base); err != nil {
				return err
			}
		}
		// One loopback address has room for some 28,000 ports; 8,000 fit.
		c, err := d.DialContext(ctx, "tcp", u.Host)
		if err != nil {
			return fmt.Errorf("streams: %w", err)
		}
		conns = append(conns, c)
		_, err = fmt.Fprintf(c, "GET /v1/conversations/%s/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n",
			who.conversation, u.Host, who.token)
		if err != nil {
			return fmt.Errorf("streams: %w", err)
		}
		if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			return fmt.Errorf("streams: %w", err)
		}
		head := make([]byte, 256)
		k, err := c.Read(head)
		if err != nil || !strings.HasPrefix(string(head[:k]), "HTTP/1.1 200") {
			return fmt.Errorf("streams: stream %d answered %q: %w", i, head[:k], err)
		}
	}
	hc.CloseIdleConnections()
	if _, err := fmt.Fprintln(os.Stdout, "open"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
