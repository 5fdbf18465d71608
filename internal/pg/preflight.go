package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	minServer    = 150000 // server_version_num: ICU collations and public's rights as since 15
	minServerSay = "15"

	// The least pgvector: iterative scans and the planner's cost for filtered
	// searches came with 0.8.
	minVectorMajor, minVectorMinor = 0, 8
)

// server is what preflight learned.
type server struct {
	version   int
	banner    string
	recovery  bool
	readOnly  bool
	available string // pgvector that could be installed; empty: none
	installed string // pgvector in this database; empty: not yet
	database  string
	user      string
}

// connect opens one plain connection and explains why it cannot.
func connect(ctx context.Context, dsn string, name string) (*pgx.Conn, error) {
	cfg, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = name
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, explainConnect(err, &cfg.Config)
	}
	return conn, nil
}

// parse reads a DSN; its error never repeats the DSN, which may hold a password.
func parse(dsn string) (*pgx.ConnConfig, error) {
	pool, err := pgxpool.ParseConfig(dsn) // which also takes the pool_… settings out
	if err != nil {
		return nil, fmt.Errorf("%w: write it as postgres://user:password@host:5432/database", ErrBadDSN)
	}
	cfg := pool.ConnConfig
	if !strings.Contains(dsn, "connect_timeout") {
		cfg.ConnectTimeout = 10 * time.Second // a host that swallows packets is named, not waited for
	}
	return cfg, nil
}

// explainConnect turns a failed connection into what is wrong and what to do.
func explainConnect(err error, cfg *pgconn.Config) error {
	where := cfg.Host
	if !strings.HasPrefix(where, "/") {
		where = net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
	}
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		hint := "is it running, and are host and port right?"
		if strings.Contains(err.Error(), "TLS") || strings.Contains(err.Error(), "tls:") {
			hint = "the server and sslmode do not agree: add ?sslmode=disable for one without TLS, or sslmode=require"
		}
		return fmt.Errorf("%w at %s: %s (%w)", ErrUnreachable, where, hint, cause(err))
	}
	if Disk(pgErr) {
		return fmt.Errorf("%w (%s: %s). Make room and try again; nothing that was published is lost", ErrDisk, where, pgErr.Message)
	}
	switch pgErr.Code {
	case "28P01", "28000":
		return fmt.Errorf("%w: user %q at %s: correct user and password in DATABASE_URL, or allow the user in pg_hba.conf (%s)", ErrPassword, cfg.User, where, pgErr.Message)
	case "3D000":
		return fmt.Errorf("%w: %q at %s: make it (createdb %s), or name another in DATABASE_URL", ErrNoDatabase, cfg.Database, where, cfg.Database)
	case "42501":
		return fmt.Errorf("%w: user %q may not connect to database %q: GRANT CONNECT ON DATABASE %q TO %q", ErrNoRight, cfg.User, cfg.Database, cfg.Database, cfg.User)
	default:
		return fmt.Errorf("%w at %s: %s (SQLSTATE %s)", ErrUnreachable, where, pgErr.Message, pgErr.Code)
	}
}

// cause is the innermost error, without pgx's repetition of user and database.
// Of several ways that were tried (with TLS and without, each address of a
// host) the first one's will do.
func cause(err error) error {
	for {
		next := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
			next = many.Unwrap()[0]
		}
		if next == nil {
			return err
		}
		err = next
	}
}

const askServer = `
SELECT current_setting('server_version_num')::int,
       current_setting('server_version'),
       pg_is_in_recovery(),
       current_setting('transaction_read_only')::bool,
       coalesce((SELECT default_version FROM pg_available_extensions WHERE name = 'vector'), ''),
       coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), ''),
       current_database(),
       current_user`

// preflight asks the server what it is and refuses one that will not do.
func preflight(ctx context.Context, conn *pgx.Conn) (server, error) {
	var s server
	err := conn.QueryRow(ctx, askServer).Scan(&s.version, &s.banner, &s.recovery, &s.readOnly, &s.available, &s.installed, &s.database, &s.user)
	if err != nil {
		return s, fmt.Errorf("ask the server what it is: %w", err)
	}
	return s, s.check()
}

func (s server) check() error {
	major := s.version / 10000
	switch {
	case s.version < minServer:
		return fmt.Errorf("%w: it is %s, needed is %s or newer: upgrade it, or unset DATABASE_URL to use the private one", ErrTooOld, s.banner, minServerSay)
	case s.recovery:
		return fmt.Errorf("%w: the server is a standby: name the primary in DATABASE_URL", ErrReadOnly)
	case s.readOnly:
		return fmt.Errorf("%w: default_transaction_read_only is on for user %q in database %q: switch it off (ALTER DATABASE %q SET default_transaction_read_only = off), or name another", ErrReadOnly, s.user, s.database, s.database)
	case s.installed == "" && s.available == "":
		return fmt.Errorf("%w: the server has none: install it beside the server (Debian and Ubuntu: apt install postgresql-%d-pgvector; Homebrew: brew install pgvector), version 0.8 or newer", ErrNoVector, major)
	case s.installed == "" && !vectorFits(s.available):
		return fmt.Errorf("%w: the server offers %s, needed is 0.8 or newer: upgrade it beside the server (Debian and Ubuntu: apt install postgresql-%d-pgvector)", ErrNoVector, s.available, major)
	case s.installed != "" && !vectorFits(s.installed) && vectorFits(s.available):
		return fmt.Errorf("%w: database %q has %s, the server offers %s: run ALTER EXTENSION vector UPDATE in it", ErrNoVector, s.database, s.installed, s.available)
	case s.installed != "" && !vectorFits(s.installed):
		return fmt.Errorf("%w: database %q has %s, needed is 0.8 or newer: upgrade it beside the server (Debian and Ubuntu: apt install postgresql-%d-pgvector), then run ALTER EXTENSION vector UPDATE", ErrNoVector, s.database, s.installed, major)
	}
	return nil
}

// vectorFits compares a version such as "0.8.5" with the least.
func vectorFits(version string) bool {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 {
		return false
	}
	return major > minVectorMajor || major == minVectorMajor && minor >= minVectorMinor
}
