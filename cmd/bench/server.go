package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// program runs bin/frontdesk with settings of its own beside the caller's.
type program struct {
	path string
	env  []string
	dir  string
}

func (p program) with(env ...string) program {
	p.env = append(append([]string{}, p.env...), env...)
	return p
}

func (p program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Dir = p.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// run runs a command to its end and returns what it took and printed.
func (p program) run(ctx context.Context, args ...string) (time.Duration, string, error) {
	var out, errOut bytes.Buffer
	cmd := p.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, "", fmt.Errorf("frontdesk %s: %w: %s", strings.Join(args, " "), err, lastLines(errOut.String(), 5))
	}
	return time.Since(begin), out.String(), nil
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}

// server is a running `frontdesk serve` or `frontdesk demo`.
type server struct {
	base  string
	pid   int
	cmd   *exec.Cmd
	began time.Time
}

var urlLine = regexp.MustCompile(`http://127\.0\.0\.1:\d+`) //nolint:gochecknoglobals // a compiled constant

// serve starts the program and waits until it has printed where it listens.
func (p program) serve(ctx context.Context, args ...string) (*server, error) {
	cmd := p.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	logPath := filepath.Join(os.TempDir(), fmt.Sprintf("frontdesk-bench-%d.log", os.Getpid()))
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	defer log.Close()
	cmd.Stderr = log
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	found := make(chan string, 1)
	var once sync.Once
	go func() {
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			if u := urlLine.FindString(sc.Text()); u != "" {
				once.Do(func() { found <- u })
			}
		}
		once.Do(func() { close(found) })
	}()
	select {
	case u, ok := <-found:
		if !ok {
			return nil, fmt.Errorf("the server ended before it listened (its log: %s): %w", logPath, cmd.Wait())
		}
		return &server{base: u, pid: cmd.Process.Pid, cmd: cmd, began: begin}, nil
	case <-time.After(3 * time.Minute):
		_ = cmd.Process.Kill()
		return nil, errors.Join(fmt.Errorf("the server did not start within three minutes (its log: %s)", logPath), cmd.Wait())
	}
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("stopping the server: %w", err)
	}
	return nil
}

// loadQuestions reads the texts of labelled question files.
func loadQuestions(paths ...string) ([]string, error) {
	var texts []string
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading questions: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			var q struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal([]byte(line), &q); err != nil {
				return nil, fmt.Errorf("reading %s: %w", path, err)
			}
			texts = append(texts, q.Text)
		}
	}
	return texts, nil
}
