package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/pg"
	"frontdesk/internal/proc"
)

// New opens a pool on a fresh, migrated database of the test's own. Pool and
// database go when the test ends.
func New(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	dsn := DSN(tb)
	pool, err := pg.Open(tb.Context(), dsn, pg.PoolConfig{Name: "frontdesk test"})
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(pool.Close) // before the database is dropped: cleanups run backwards
	return pool
}

// DSN makes a fresh, migrated database and returns its address.
func DSN(tb testing.TB) string {
	tb.Helper()
	return database(tb, true)
}

// EmptyDSN makes a fresh database without any migration.
func EmptyDSN(tb testing.TB) string {
	tb.Helper()
	return database(tb, false)
}

// AdminDSN is the address of the server's own database, for tests of what
// concerns a whole server.
func AdminDSN(tb testing.TB) string {
	tb.Helper()
	if dsn := os.Getenv("DATABASE_URL_TEST"); dsn != "" {
		return dsn
	}
	return hold(tb, proc.Postgres).Endpoint(proc.Postgres)
}

// Endpoint is an embeddings server's address.
type Endpoint struct {
	BaseURL string // ends in /v1
	Model   string
	APIKey  string
}

// Embedder is the private embedder, running until the test ends.
func Embedder(tb testing.TB) Endpoint {
	tb.Helper()
	h := hold(tb, proc.Embedder)
	return Endpoint{BaseURL: h.Endpoint(proc.Embedder), Model: proc.EmbedderModel, APIKey: ""}
}

// Encoders are the files of the private encoders, set up.
func Encoders(tb testing.TB) proc.EncoderFiles {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // it may have to download
	defer cancel()
	home, _, err := setUp(ctx, proc.Embedder)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	files, err := home.EncoderFiles()
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return files
}

const testPrefix = "frontdesk_test_"

// swept makes sure that what killed test programs left is looked for once.
var swept sync.Once // once a test program

func database(tb testing.TB, migrated bool) string {
	tb.Helper()
	admin := AdminDSN(tb)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if os.Getenv("DATABASE_URL_TEST") == "" {
		// Elsewhere the numbers in the names may be another machine's processes.
		swept.Do(func() { sweep(ctx, admin) })
	}
	name := testPrefix + strconv.Itoa(os.Getpid()) + "_" + strings.ToLower(rand.Text()[:10])
	var err error
	if migrated {
		err = fromTemplate(ctx, admin, name)
	} else {
		_, err = pg.EnsureDatabase(ctx, admin, name)
	}
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := run(ctx, admin, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
			tb.Errorf("pgtest: %v", err)
		}
	})
	dsn, err := pg.WithDatabase(admin, name)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return dsn
}

// fromTemplate copies the migrated template, making it where it is missing.
func fromTemplate(ctx context.Context, admin, name string) error {
	hash, err := pg.MigrationsHash()
	if err != nil {
		return err
	}
	template := "frontdesk_template_" + hash
	for try := 0; ; try++ {
		err := run(ctx, admin, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template))
		pgErr, ok := errors.AsType[*pgconn.PgError](err)
		switch {
		case err == nil:
			return nil
		case try == 3 || !ok:
			return err
		case pgErr.Code == "3D000":
			if err := makeTemplate(ctx, admin, template); err != nil {
				return err
			}
		case pgErr.Code != "55006": // in use for a moment: by whoever renamed it, or a cleaner
			return err
		}
	}
}

// makeTemplate migrates a database and gives it the template's name when it is
// whole. Templates of other migrations go.
func makeTemplate(ctx context.Context, admin, template string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('frontdesk pgtest template'))"); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'frontdesk\\_template\\_%'")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == template {
			return nil // another test program was quicker
		}
		// Another may be copying it this moment: then it stays for the next time.
		_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name))
	}
	building := template + "_new"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(building)+" WITH (FORCE)"); err != nil {
		return err
	}
	dsn, err := pg.EnsureDatabase(ctx, admin, building)
	if err != nil {
		return err
	}
	if _, err := pg.Migrate(ctx, dsn); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	// The migration's connections are closed, but their processes may need a
	// moment to be gone, and a database in use cannot be renamed.
	for {
		_, err := conn.Exec(ctx, "ALTER DATABASE "+quote(building)+" RENAME TO "+quote(template))
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != "55006" || ctx.Err() != nil {
			return err
		}
	}
}

// sweep drops the databases of test programs that run no more.
func sweep(ctx context.Context, admin string) {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return // the test itself will say so
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'frontdesk\\_test\\_%'")
	if err != nil {
		return
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
		pid, err := strconv.Atoi(number)
		if err != nil || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
		}
	}
}

func run(ctx context.Context, dsn, sql string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
