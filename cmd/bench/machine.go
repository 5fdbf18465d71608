package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// measureSync times fdatasync of one 8 KiB page appended to a file in dir: the
// floor under every durable commit.
func measureSync(dir string, n int) (*latencies, error) {
	f, err := os.CreateTemp(dir, "sync-*")
	if err != nil {
		return nil, fmt.Errorf("fdatasync: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := bytes.Repeat([]byte{1}, 8192)
	l := newLatencies()
	for range n {
		if _, err := f.Write(page); err != nil {
			return nil, fmt.Errorf("fdatasync: %w", err)
		}
		start := time.Now()
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return nil, fmt.Errorf("fdatasync: %w", err)
		}
		l.add(time.Since(start))
	}
	return l, nil
}

// measureCommit times a one-row insert committed on its own connection.
func measureCommit(ctx context.Context, conn *pgx.Conn, n int) (*latencies, error) {
	// A temporary table writes no WAL, so the row goes into a real one.
	if _, err := conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS bench_commits (n int, pad text)`); err != nil {
		return nil, fmt.Errorf("commits: %w", err)
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `DROP TABLE IF EXISTS bench_commits`) }()
	pad := strings.Repeat("x", 200)
	l := newLatencies()
	for i := range n {
		start := time.Now()
		if _, err := conn.Exec(ctx, `INSERT INTO bench_commits VALUES ($1, $2)`, i, pad); err != nil {
			return nil, fmt.Errorf("commits: %w", err)
		}
		l.add(time.Since(start))
	}
	return l, nil
}

// measureEcho times 512 bytes there and back over loopback TCP.
func measureEcho(ctx context.Context, n int) (*latencies, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("echo: %w", err)
	}
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
	}()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", ln.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("echo: %w", err)
	}
	defer c.Close()
	buf := make([]byte, 512)
	l := newLatencies()
	for range n {
		start := time.Now()
		if _, err := c.Write(buf); err != nil {
			return nil, fmt.Errorf("echo: %w", err)
		}
		if _, err := io.ReadFull(c, buf); err != nil {
			return nil, fmt.Errorf("echo: %w", err)
		}
		l.add(time.Since(start))
	}
	return l, nil
}

// machineLine says in one line what this ran on.
func machineLine() string {
	cpu := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				cpu = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	return fmt.Sprintf("%d cores of %s, %s/%s, %s", runtime.NumCPU(), cpu, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// resident returns the resident set of a process in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	if err != nil {
		return 0, fmt.Errorf("resident memory: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb * 1024, nil
		}
	}
	return 0, fmt.Errorf("resident memory: no VmRSS for process %d", pid)
}
