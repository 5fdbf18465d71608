package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endStale ends what is left of an earlier run of the cluster in data, and of
// no other: gently, then with more force. The caller holds the supervisor's
// lock, so whatever runs there has lost its supervisor.
func endStale(ctx context.Context, data string, note func(string)) error {
	steps := []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{0, time.Second},                   // told by the system when its supervisor died: mostly on its way
		{syscall.SIGINT, 20 * time.Second}, // fast shutdown
		{syscall.SIGQUIT, 5 * time.Second}, // immediate: recovered from the log
		{syscall.SIGKILL, 5 * time.Second},
	}
	for i, s := range steps {
		pids := clusterProcesses(data)
		if len(pids) == 0 {
			break
		}
		if i == 0 {
			note("waiting for an earlier run of the database to end")
		}
		for _, pid := range targets(data, pids, s.signal) {
			if s.signal != 0 {
				_ = syscall.Kill(pid, s.signal)
			}
		}
		if err := awaitGone(ctx, data, s.wait); err != nil {
			return err
		}
	}
	if pids := clusterProcesses(data); len(pids) > 0 {
		return fmt.Errorf("an earlier run of the database (process %d) does not end", pids[0])
	}
	// Postgres would refuse to start where another program has been given the
	// number in this file; nothing of the cluster runs any more.
	if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear an earlier run of the database: %w", err)
	}
	return nil
}

// targets are the processes a signal goes to: the postmaster alone, who passes
// it on, as long as there is one; all of them when it is gone or force is used.
func targets(data string, pids []int, signal syscall.Signal) []int {
	if pid, ok := postmasterPID(data); ok && slices.Contains(pids, pid) && signal != syscall.SIGKILL {
		return []int{pid}
	}
	return pids
}

func awaitGone(ctx context.Context, data string, wait time.Duration) error {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if len(clusterProcesses(data)) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return nil
		case <-tick.C:
		}
	}
}

// postmasterPID reads the process number from the data folder's pid file.
func postmasterPID(data string) (int, bool) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	return pid, err == nil && pid > 0
}
