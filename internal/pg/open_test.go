package pg_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"

	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// change rewrites a DSN.
func change(t *testing.T, dsn string, f func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	f(u)
	return u.String()
}

func exec(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	conn := connect(t, dsn)
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// role makes a database user without rights, gone with the test.
func role(t *testing.T, name string) {
	t.Helper()
	admin := pgtest.AdminDSN(t)
	exec(t, admin, "DROP ROLE IF EXISTS "+name, "CREATE ROLE "+name+" LOGIN PASSWORD 'pw'")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), admin)
		if err != nil {
			t.Error(err)
			return
		}
		_, err = conn.Exec(context.Background(), "DROP ROLE "+name)
		if err = errors.Join(err, conn.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestOpen_NamesWhatIsWrongAndTheRemedy(t *testing.T) {
	t.Parallel()
	good := answer{version: 160014, banner: "16.14", available: "0.8.5", installed: "0.8.5"}
	with := func(f func(*answer)) string {
		a := good
		f(&a)
		return fakeServer(t, a)
	}
	for _, c := range []struct {
		name, dsn string
		is        error
		says      []string
	}{
		{"no address at all", "host=::: port=x", pg.ErrBadDSN, []string{"postgres://user:password@host"}},
		{"nobody listens there", "postgres://u:secret@" + closedPort(t) + "/shop", pg.ErrUnreachable, []string{"is it running", "127.0.0.1:"}},
		{"a host that is not known", "postgres://u:secret@no-such-host.invalid/shop", pg.ErrUnreachable, []string{"no-such-host.invalid"}},
		{
			"a wrong password",
			change(t, pgtest.DSN(t), func(u *url.URL) { u.User = url.UserPassword("frontdesk", "secret") }),
			pg.ErrPassword,
			[]string{`user "frontdesk"`, "DATABASE_URL"},
		},
		{
			"a user who is not known",
			change(t, pgtest.DSN(t), func(u *url.URL) { u.User = url.UserPassword("nobody", "secret") }),
			pg.ErrPassword,
			[]string{`user "nobody"`},
		},
		{
			"a database that is not there",
			change(t, pgtest.DSN(t), func(u *url.URL) { u.Path = "/no_such" }),
			pg.ErrNoDatabase,
			[]string{"createdb no_such"},
		},
		{"an old server", with(func(a *answer) { a.version, a.banner = 140012, "14.12" }), pg.ErrTooOld, []string{"14.12", "15 or newer"}},
		{"no pgvector", with(func(a *answer) { a.available, a.installed = "", "" }), pg.ErrNoVector, []string{"apt install postgresql-16-pgvector"}},
		{"an old pgvector to install", with(func(a *answer) { a.available, a.installed = "0.7.4", "" }), pg.ErrNoVector, []string{"0.7.4", "0.8 or newer"}},
		{"an old pgvector beside a new one", with(func(a *answer) { a.installed = "0.5.1" }), pg.ErrNoVector, []string{"ALTER EXTENSION vector UPDATE", `"shop"`}},
		{"an old pgvector alone", with(func(a *answer) { a.available, a.installed = "0.5.1", "0.5.1" }), pg.ErrNoVector, []string{"0.5.1", "apt install"}},
		{"a standby", with(func(a *answer) { a.recovery = true }), pg.ErrReadOnly, []string{"primary"}},
		{"a schema that is behind", pgtest.EmptyDSN(t), pg.ErrBehind, []string{"frontdesk migrate"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, err := pg.Open(t.Context(), c.dsn, pg.PoolConfig{ConnectTimeout: 2 * time.Second})
			if err == nil {
				pool.Close()
			}
			if !errors.Is(err, c.is) {
				t.Fatalf("want %v, got %v", c.is, err)
			}
			for _, say := range c.says {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("%q does not say %q", err, say)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %q", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		})
	}
}

func TestOpen_NamesAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	exec(t, dsn, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
	for what, f := range map[string]func() error{
		"open":    func() error { _, err := pg.Open(t.Context(), dsn, pg.PoolConfig{}); return err },
		"migrate": func() error { _, err := pg.Migrate(t.Context(), dsn); return err },
	} {
		if err := f(); !errors.Is(err, pg.ErrReadOnly) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: want ErrReadOnly and the database's name, got %v", what, err)
		}
	}
}

func TestMigrate_NamesTheRightThatIsMissing(t *testing.T) {
	t.Parallel()
	role(t, "frontdesk_test_low")
	low := func(dsn string) string {
		return change(t, dsn, func(u *url.URL) { u.User = url.UserPassword("frontdesk_test_low", "pw") })
	}
	bare := pgtest.EmptyDSN(t)
	if _, err := pg.Migrate(t.Context(), low(bare)); !errors.Is(err, pg.ErrNoRight) || !strings.Contains(err.Error(), "CREATE EXTENSION vector") {
		t.Errorf("no right to make the extension: got %v", err)
	}
	exec(t, bare, "CREATE EXTENSION vector")
	if _, err := pg.Migrate(t.Context(), low(bare)); !errors.Is(err, pg.ErrNoRight) || !strings.Contains(err.Error(), "GRANT CREATE ON SCHEMA public") {
		t.Errorf("no right to make tables: got %v", err)
	}
	exec(t, bare, "GRANT CREATE ON SCHEMA public TO frontdesk_test_low")
	if _, err := pg.Migrate(t.Context(), low(bare)); err != nil {
		t.Errorf("with both rights it works: got %v", err)
	}
	exec(t, bare, "DROP OWNED BY frontdesk_test_low")
}

func TestOpen_SetsItsLimitsAndKnowsVectors(t *testing.T) {
	t.Parallel()
	pool, err := pg.Open(t.Context(), pgtest.DSN(t), pg.PoolConfig{
		Name: "limits", MaxConns: 3, StatementTimeout: 1234 * time.Millisecond, IdleInTransaction: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var name, statement, idle string
	err = pool.QueryRow(t.Context(), "SELECT current_setting('application_name'), current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')").Scan(&name, &statement, &idle)
	if err != nil {
		t.Fatal(err)
	}
	if name != "limits" || statement != "1234ms" || idle != "5s" || pool.Config().MaxConns != 3 {
		t.Errorf("got %s, %s, %s, %d connections", name, statement, idle, pool.Config().MaxConns)
	}
	err = pool.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
		if _, ok := c.Conn().TypeMap().TypeForName("vector"); !ok {
			t.Error("pgvector's type is not registered: vectors would travel as text")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v := pgvector.NewVector([]float32{1, 2, 3})
	var back pgvector.Vector
	if err := pool.QueryRow(t.Context(), "SELECT $1::vector", v).Scan(&back); err != nil || len(back.Slice()) != 3 {
		t.Errorf("a vector does not come back: %v, %v", back, err)
	}
}

func TestPoolConfig_NamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for field, cfg := range map[string]pg.PoolConfig{
		"MaxConns":         {MaxConns: -1},
		"MinIdleConns":     {MinIdleConns: 99},
		"StatementTimeout": {StatementTimeout: -1},
	} {
		if _, err := pg.Open(t.Context(), "postgres://x/y", cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("want an error that names %s, got %v", field, err)
		}
	}
}

func TestAway_TellsAServerThatIsGoneFromAFaultInTheQuestion(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	ask := func(sql string) error {
		conn := connect(t, dsn)
		_, err := conn.Exec(t.Context(), sql)
		return err
	}
	if err := ask("SELECT pg_terminate_backend(pg_backend_pid())"); !pg.Away(err) {
		t.Errorf("an ended session: %v", err)
	}
	if err := ask("SELECT 1/0"); err == nil || pg.Away(err) {
		t.Errorf("a fault in the question: %v", err)
	}
	_, err := pgx.Connect(t.Context(), "postgres://u:p@"+closedPort(t)+"/d")
	if !pg.Away(err) {
		t.Errorf("nobody listens: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := connect(t, dsn).Ping(ctx); err == nil || pg.Away(err) {
		t.Errorf("the caller left: %v", err)
	}
	if pg.Away(nil) {
		t.Error("no error")
	}
}

func TestNotNow_TellsWhatPassesFromWhatDoesNot(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	raise := func(code string) error {
		_, err := connect(t, dsn).Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '"+code+"'; END $$")
		return err
	}
	for code, want := range map[string]struct{ away, notNow bool }{
		"53100": {true, true},   // the disk is full
		"58030": {true, true},   // it fails
		"53200": {true, true},   // no memory
		"53300": {true, true},   // no connection left
		"25006": {true, true},   // read-only since a failover
		"57P01": {true, true},   // shut down
		"57014": {false, true},  // a time limit
		"40P01": {false, true},  // a deadlock
		"55P03": {false, true},  // a lock not had
		"23505": {false, false}, // the same thing twice
		"42P01": {false, false}, // no such table
		"22P02": {false, false}, // a value that is none
	} {
		err := raise(code)
		if err == nil || pg.Away(err) != want.away || pg.NotNow(err) != want.notNow {
			t.Errorf("%s: away %v, not now %v, want %+v", code, pg.Away(err), pg.NotNow(err), want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := connect(t, dsn).Exec(ctx, "SELECT pg_sleep(10)"); !pg.NotNow(err) {
		t.Errorf("a caller's time limit: %v", err)
	}
	if pg.NotNow(nil) {
		t.Error("no error")
	}
}

func TestSettings_FollowTheMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		memory int64
		cores  int
		want   []string
	}{
		{"a small machine", 1 << 30, 1, []string{"shared_buffers=128MB", "work_mem=4MB", "max_parallel_workers_per_gather=0"}},
		{"a laptop", 16 << 30, 8, []string{"shared_buffers=1024MB", "effective_cache_size=8192MB", "work_mem=32MB", "maintenance_work_mem=256MB"}},
		{"a tiny container", 256 << 20, 1, []string{"shared_buffers=64MB", "maintenance_work_mem=32MB"}},
	} {
		got := strings.Join(pg.Settings(pg.NewMachine(c.memory, c.cores)), "\n") + "\n"
		for _, want := range append(c.want, "fsync=on", "jit=off", "synchronous_commit=on", "full_page_writes=on") {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("%s: no %s in\n%s", c.name, want, got)
			}
		}
	}
}

func TestSettings_LogNoWordsOfStatements(t *testing.T) {
	t.Parallel()
	got := pg.Settings(pg.NewMachine(4<<30, 2))
	for _, want := range []string{"log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse", "log_parameter_max_length_on_error=0"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %v", want, got)
		}
	}
}

func TestCluster_ListensOnItsSocketAlone(t *testing.T) {
	t.Parallel()
	if os.Getenv("DATABASE_URL_TEST") != "" {
		t.Log("the server is not the private one")
		return
	}
	conn := connect(t, pgtest.AdminDSN(t))
	var listen, fsync string
	if err := conn.QueryRow(t.Context(), "SELECT current_setting('listen_addresses'), current_setting('fsync')").Scan(&listen, &fsync); err != nil {
		t.Fatal(err)
	}
	if listen != "" || fsync != "on" {
		t.Fatalf("listening on %q, fsync %s", listen, fsync)
	}
}
