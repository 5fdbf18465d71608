package pg

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
)

// PoolConfig bounds a pool. Zero fields take the defaults.
type PoolConfig struct {
	// Name is shown by the server beside each connection; default "frontdesk".
	Name string
	// MaxConns bounds the connections; default 16. A request holds one only
	// while the database works for it, never while a model does.
	MaxConns int32
	// MinIdleConns are kept open for the next burst; default 0.
	MinIdleConns int32
	// IdleTime closes a connection nobody used for so long; default 5 min.
	IdleTime time.Duration
	// Lifetime renews a connection, give or take a fifth; default 1 h.
	Lifetime time.Duration
	// ConnectTimeout bounds making one; default 5 s.
	ConnectTimeout time.Duration
	// StatementTimeout ends a statement that runs longer; default 30 s.
	StatementTimeout time.Duration
	// IdleInTransaction ends a session that leaves a transaction lying open;
	// default 30 s.
	IdleInTransaction time.Duration
}

func (c PoolConfig) withDefaults() PoolConfig {
	c.Name = cmp.Or(c.Name, "frontdesk")
	c.MaxConns = cmp.Or(c.MaxConns, 16)
	c.IdleTime = cmp.Or(c.IdleTime, 5*time.Minute)
	c.Lifetime = cmp.Or(c.Lifetime, time.Hour)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 5*time.Second)
	c.StatementTimeout = cmp.Or(c.StatementTimeout, 30*time.Second)
	c.IdleInTransaction = cmp.Or(c.IdleInTransaction, 30*time.Second)
	return c
}

func (c PoolConfig) validate() error {
	switch {
	case c.MaxConns < 1:
		return fmt.Errorf("pool config: MaxConns is %d, must be at least 1", c.MaxConns)
	case c.MinIdleConns < 0 || c.MinIdleConns > c.MaxConns:
		return fmt.Errorf("pool config: MinIdleConns is %d, must lie between 0 and MaxConns (%d)", c.MinIdleConns, c.MaxConns)
	}
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"IdleTime", c.IdleTime},
		{"Lifetime", c.Lifetime},
		{"ConnectTimeout", c.ConnectTimeout},
		{"StatementTimeout", c.StatementTimeout},
		{"IdleInTransaction", c.IdleInTransaction},
	} {
		if d.d < 0 {
			return fmt.Errorf("pool config: %s is %s, must not be negative", d.name, d.d)
		}
	}
	return nil
}

// Open checks the server and opens a pool on a migrated database, pgvector's
// types known on every connection. It returns one of this package's sentinels,
// wrapped with the remedy, where the server or the schema will not do.
func Open(ctx context.Context, dsn string, cfg PoolConfig) (*pgxpool.Pool, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := check(ctx, dsn, cfg.ConnectTimeout); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig(dsn, cfg))
	if err != nil {
		return nil, fmt.Errorf("open the pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the pool: %w", err)
	}
	return pool, nil
}

// check is preflight and the schema's version, over a connection of its own:
// pgvector's types cannot be registered before the extension is there.
func check(ctx context.Context, dsn string, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 4*wait)
	defer cancel()
	files, err := Migrations()
	if err != nil {
		return err
	}
	latest, err := newest(files)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, dsn, "frontdesk preflight")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	s, err := preflight(ctx, conn)
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, conn)
	switch {
	case err != nil:
		return err
	case have > latest:
		return newerError(have, latest)
	case have < latest || s.installed == "":
		return fmt.Errorf("%w: it has schema version %d, this program needs %d: run `frontdesk migrate`", ErrBehind, have, latest)
	}
	jobs, needed, err := riverState(ctx, conn)
	switch {
	case err != nil:
		return err
	case jobs < needed:
		return fmt.Errorf("%w: its job queue has version %d, this program needs %d: run `frontdesk migrate`", ErrBehind, jobs, needed)
	}
	return nil
}

// poolConfig assumes that the DSN has been parsed once without error.
func poolConfig(dsn string, cfg PoolConfig) *pgxpool.Config {
	pc, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		panic("pg: a DSN that was read cannot be read: " + err.Error())
	}
	pc.MaxConns = cfg.MaxConns
	pc.MinConns = 0
	pc.MinIdleConns = cfg.MinIdleConns
	pc.MaxConnIdleTime = cfg.IdleTime
	pc.MaxConnLifetime = cfg.Lifetime
	pc.MaxConnLifetimeJitter = cfg.Lifetime / 5
	pc.HealthCheckPeriod = 30 * time.Second
	pc.ConnConfig.ConnectTimeout = cfg.ConnectTimeout
	params := pc.ConnConfig.RuntimeParams
	params["application_name"] = cfg.Name
	params["statement_timeout"] = milliseconds(cfg.StatementTimeout)
	params["idle_in_transaction_session_timeout"] = milliseconds(cfg.IdleInTransaction)
	pc.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
			return fmt.Errorf("register pgvector's types: %w", err)
		}
		knowIDs(conn.TypeMap())
		return nil
	}
	return pc
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
