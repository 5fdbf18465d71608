package pg

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// The job queue's own tables (river_…) come from the library that uses them, by
// its own migrations; they have no site_id, since a job names its site in its
// arguments and nothing is ever looked for there by site.

func newRiver(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, fmt.Errorf("read the job queue's migrations: %w", err)
	}
	return m, nil
}

// riverLatest is the newest of the migrations that are linked in.
func riverLatest() (int, error) {
	m, err := newRiver(nil)
	if err != nil {
		return 0, err
	}
	all := m.AllVersions()
	return all[len(all)-1].Version, nil
}

// riverVersion is the newest migration of the job queue that the database has
// had; 0: none.
func riverVersion(ctx context.Context, conn *pgx.Conn) (v int, err error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('river_migration') IS NOT NULL").Scan(&there); err != nil {
		return 0, fmt.Errorf("read the job queue's version: %w", err)
	}
	if !there {
		return 0, nil
	}
	if err := conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM river_migration").Scan(&v); err != nil {
		return 0, fmt.Errorf("read the job queue's version: %w", err)
	}
	return v, nil
}

// riverState compares the database with the program.
func riverState(ctx context.Context, conn *pgx.Conn) (have, latest int, err error) {
	if latest, err = riverLatest(); err != nil {
		return 0, 0, err
	}
	have, err = riverVersion(ctx, conn)
	return have, latest, err
}

// applyRiver brings the job queue's tables up, each step in a transaction of
// its own. The caller holds the migrations' lock on conn.
func applyRiver(ctx context.Context, dsn string, conn *pgx.Conn, s server) (steps []Step, err error) {
	have, latest, err := riverState(ctx, conn)
	if err != nil || have >= latest {
		return nil, err
	}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: write it as postgres://user:password@host:5432/database", ErrBadDSN)
	}
	cfg.MaxConns, cfg.ConnConfig.RuntimeParams["application_name"] = 1, "frontdesk migrate"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("the job queue's tables: %w", err)
	}
	defer pool.Close()
	m, err := newRiver(pool)
	if err != nil {
		return nil, err
	}
	result, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if result != nil {
		for _, v := range result.Versions {
			steps = append(steps, Step{Version: int64(v.Version), Name: "river: " + v.Name, Took: v.Duration})
		}
	}
	if err != nil {
		return steps, explainMigrate(fmt.Errorf("the job queue's tables: %w", err), s)
	}
	return steps, nil
}
