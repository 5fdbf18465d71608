package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// spent is processor time since a process began: of the server, of the
// Postgres backends that work for it, and of this program (clients and stub).
// It wanders far less than the clock on a machine that others use too.
type spent struct{ server, postgres, self time.Duration }

// measureSpent reads it. Backends that ended in between count for nothing; the
// server's pool keeps its own.
func measureSpent(ctx context.Context, conn *pgx.Conn, server int) (spent, error) {
	rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		return spent{}, fmt.Errorf("processor time: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return spent{}, fmt.Errorf("processor time: %w", err)
	}
	var s spent
	for _, pid := range pids {
		one, err := processorTime(pid)
		if err != nil {
			return spent{}, err
		}
		s.postgres += one
	}
	if s.server, err = processorTime(server); err != nil {
		return spent{}, err
	}
	s.self, err = processorTime(os.Getpid())
	return s, err
}

// since is what was spent a turn, in words.
func (s spent) since(before spent, turns int) string {
	each := func(now, then time.Duration) string { return ms(max(now-then, 0) / time.Duration(turns)) }
	return fmt.Sprintf("our process %s · Postgres %s · clients and stub %s",
		each(s.server, before.server), each(s.postgres, before.postgres), each(s.self, before.self))
}

// tick is the unit of /proc/<pid>/stat: USER_HZ, 100 a second on Linux.
const tick = 10 * time.Millisecond

// processorTime is what all threads of a process have spent, user and system.
func processorTime(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	// Fields are counted behind the name, which may hold anything.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("processor time: %d fields in the stat of process %d", len(fields), pid)
	}
	var sum time.Duration
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("processor time: %w", err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}
