package pg

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrateLock is the advisory lock under which migrations run; any constant of
// our own will do ("frontdsk" in ASCII).
const migrateLock = 0x66726f6e7464736b

// Step is one migration that was applied.
type Step struct {
	Version int64
	Name    string
	Took    time.Duration
}

// Migrations are the SQL files compiled into the program.
func Migrations() (fs.FS, error) {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	return sub, nil
}

// MigrationsHash names the migrations' content, for what is derived from it.
func MigrationsHash() (string, error) {
	files, err := Migrations()
	if err != nil {
		return "", err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", fmt.Errorf("hash the migrations: %w", err)
	}
	h := sha256.New()
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return "", fmt.Errorf("hash the migrations: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
	}
	jobs, err := riverLatest()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "river %d", jobs)
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// Migrate brings the database to the program's schema version and returns the
// steps it took. Several processes may call it at once. It returns one of this
// package's sentinels, wrapped with the remedy, where the server will not do.
func Migrate(ctx context.Context, dsn string) ([]Step, error) {
	files, err := Migrations()
	if err != nil {
		return nil, err
	}
	return migrate(ctx, dsn, files, true)
}

// migrate takes the job queue's own steps too where river is set.
func migrate(ctx context.Context, dsn string, files fs.FS, river bool) ([]Step, error) {
	latest, err := newest(files)
	if err != nil {
		return nil, err
	}
	conn, err := connect(ctx, dsn, "frontdesk migrate")
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	s, err := preflight(ctx, conn)
	if err != nil {
		return nil, err
	}
	// The usual case needs no lock.
	done, err := current(ctx, conn, s, latest, river)
	if err != nil || done {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return nil, fmt.Errorf("wait for another migration to end: %w", err)
	}
	// The lock ends with the connection.
	have, err := schemaVersion(ctx, conn)
	if err != nil {
		return nil, err
	}
	if have > latest {
		return nil, newerError(have, latest)
	}
	if err := createVector(ctx, conn, s); err != nil {
		return nil, err
	}
	steps, err := apply(ctx, dsn, files, s)
	if err != nil || !river {
		return steps, err
	}
	jobs, err := applyRiver(ctx, dsn, conn, s)
	return append(steps, jobs...), err
}

// current says whether nothing is to be done.
func current(ctx context.Context, conn *pgx.Conn, s server, latest int64, river bool) (bool, error) {
	have, err := schemaVersion(ctx, conn)
	if err != nil || have != latest || s.installed == "" {
		return false, err
	}
	if !river {
		return true, nil
	}
	jobs, newest, err := riverState(ctx, conn)
	return jobs >= newest, err
}

// apply runs goose over connections of its own.
func apply(ctx context.Context, dsn string, files fs.FS, s server) (steps []Step, err error) {
	cfg, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = "frontdesk migrate"
	db := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		steps = append(steps, Step{Version: r.Source.Version, Name: path.Base(r.Source.Path), Took: r.Duration})
	}
	if err != nil {
		return steps, explainMigrate(err, s)
	}
	return steps, nil
}

// createVector makes the extension before the first migration asks for it, to
// say plainly what is wrong where it cannot be made.
func createVector(ctx context.Context, conn *pgx.Conn, s server) error {
	if s.installed != "" {
		return nil
	}
	_, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS vector")
	if err == nil {
		return nil
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "42501" {
		return fmt.Errorf("%w: user %q may not create the extension pgvector: let an administrator run CREATE EXTENSION vector in database %q once", ErrNoRight, s.user, s.database)
	}
	return fmt.Errorf("create the extension pgvector: %w", err)
}

func explainMigrate(err error, s server) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && pgErr.Code == "42501":
		return fmt.Errorf("%w: user %q may not make tables in database %q: make it the owner (ALTER DATABASE %q OWNER TO %q), or GRANT CREATE ON SCHEMA public TO %q (%s)", ErrNoRight, s.user, s.database, s.database, s.user, s.user, pgErr.Message)
	case ok && pgErr.Code == "25006":
		return fmt.Errorf("%w: name the primary in DATABASE_URL", ErrReadOnly)
	}
	return fmt.Errorf("migrate: %w", err)
}

// newest is the highest number among the migrations.
func newest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	var numbers []int64
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the migrations: %s does not begin with a number", name)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		return 0, errors.New("read the migrations: there are none")
	}
	return slices.Max(numbers), nil
}

// schemaVersion is the newest migration the database has had; 0: none.
func schemaVersion(ctx context.Context, conn *pgx.Conn) (int64, error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL").Scan(&there); err != nil {
		return 0, fmt.Errorf("read the schema version: %w", err)
	}
	if !there {
		return 0, nil
	}
	var v int64
	if err := conn.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&v); err != nil {
		return 0, fmt.Errorf("read the schema version: %w", err)
	}
	return v, nil
}

func newerError(have, latest int64) error {
	return fmt.Errorf("%w: it has schema version %d, this program knows %d: use the newer program, or another database", ErrNewer, have, latest)
}

// EnsureDatabase makes a database of the cluster that dsn leads to, where it
// does not exist yet, and returns its own DSN.
func EnsureDatabase(ctx context.Context, dsn, name string) (string, error) {
	own, err := WithDatabase(dsn, name)
	if err != nil {
		return "", err
	}
	conn, err := connect(ctx, dsn, "frontdesk")
	if err != nil {
		return "", err
	}
	defer closeConn(conn)
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return "", fmt.Errorf("look for database %s: %w", name, err)
	}
	if there {
		return own, nil
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+quoteName(name))
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && (pgErr.Code == "42P04" || pgErr.Code == "23505") {
		return own, nil // another process was quicker
	}
	if err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	return own, nil
}

// WithDatabase is the DSN (a URL) with another database's name.
func WithDatabase(dsn, name string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%w: only postgres:// addresses can be given another database", ErrBadDSN)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// quoteName quotes a name for SQL.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// Empty says whether the database has had no migration of ours.
func Empty(ctx context.Context, dsn string) (bool, error) {
	conn, err := connect(ctx, dsn, "frontdesk")
	if err != nil {
		return false, err
	}
	defer closeConn(conn)
	v, err := schemaVersion(ctx, conn)
	return v == 0, err
}
