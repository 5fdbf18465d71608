package pg_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// without are the program's migrations without the newest n.
func without(t *testing.T, n int) fs.FS {
	t.Helper()
	files, err := pg.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	out := fstest.MapFS{}
	for _, name := range names[:len(names)-n] {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: b}
	}
	return out
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// schema describes every column, index and constraint of the database.
func schema(t *testing.T, dsn string) string {
	t.Helper()
	conn := connect(t, dsn)
	rows, err := conn.Query(t.Context(), `
SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestMigrate_FromEmptyAndFromEveryEarlierVersion(t *testing.T) {
	t.Parallel()
	files, err := pg.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	fresh := pgtest.EmptyDSN(t)
	steps, err := pg.Migrate(t.Context(), fresh)
	ours := slices.DeleteFunc(slices.Clone(steps), func(s pg.Step) bool { return strings.HasPrefix(s.Name, "river: ") })
	if err != nil || len(ours) != len(names) || len(steps) == len(ours) {
		t.Fatalf("want %d steps and the job queue's, got %v, %v", len(names), steps, err)
	}
	jobs := len(steps) - len(ours)
	want := schema(t, fresh)
	for behind := 1; behind < len(names); behind++ {
		dsn := pgtest.EmptyDSN(t)
		if _, err := pg.MigrateFiles(t.Context(), dsn, without(t, behind)); err != nil {
			t.Fatal(err)
		}
		if steps, err := pg.Migrate(t.Context(), dsn); err != nil || len(steps) != behind+jobs {
			t.Fatalf("%d behind: got %v, %v", behind, steps, err)
		}
		if got := schema(t, dsn); got != want {
			t.Fatalf("%d behind: the schema differs from a fresh one:\n%s", behind, got)
		}
	}
	if steps, err := pg.Migrate(t.Context(), fresh); err != nil || len(steps) != 0 {
		t.Fatalf("a second time there is nothing to do, got %v, %v", steps, err)
	}
}

// versions are n small migrations of a test's own.
func versions(n int) fs.FS {
	out := fstest.MapFS{}
	for i := 1; i <= n; i++ {
		out[fmt.Sprintf("%05d_step.sql", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- +goose Up\nCREATE TABLE t%d (id int PRIMARY KEY);\n", i)}
	}
	return out
}

func TestMigrate_TakesOnlyTheStepsThatAreMissing(t *testing.T) {
	t.Parallel()
	dsn := pgtest.EmptyDSN(t)
	if steps, err := pg.MigrateFiles(t.Context(), dsn, versions(1)); err != nil || len(steps) != 1 {
		t.Fatalf("%v, %v", steps, err)
	}
	steps, err := pg.MigrateFiles(t.Context(), dsn, versions(3))
	if err != nil || len(steps) != 2 || steps[0].Version != 2 || steps[1].Version != 3 {
		t.Fatalf("%v, %v", steps, err)
	}
}

func TestMigrate_RefusesADatabaseThatIsNewer(t *testing.T) {
	t.Parallel()
	dsn := pgtest.EmptyDSN(t)
	if _, err := pg.MigrateFiles(t.Context(), dsn, versions(2)); err != nil {
		t.Fatal(err)
	}
	before := schema(t, dsn)
	if _, err := pg.MigrateFiles(t.Context(), dsn, versions(1)); !errors.Is(err, pg.ErrNewer) {
		t.Fatalf("want ErrNewer, got %v", err)
	}
	if schema(t, dsn) != before {
		t.Fatal("a database that is newer was touched")
	}
}

func TestMigrate_AFailedStepLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	dsn := pgtest.EmptyDSN(t)
	files := fstest.MapFS{
		"00001_good.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id int);\n")},
		"00002_bad.sql":  {Data: []byte("-- +goose Up\nCREATE TABLE b (id int);\nCREATE TABLE a (id int);\n")},
	}
	if _, err := pg.MigrateFiles(t.Context(), dsn, files); err == nil {
		t.Fatal("want an error")
	}
	if got := schema(t, dsn); !strings.Contains(got, "a.id") || strings.Contains(got, "b.id") {
		t.Fatalf("want table a alone, got\n%s", got)
	}
	files["00002_bad.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE b (id int);\n")}
	if steps, err := pg.MigrateFiles(t.Context(), dsn, files); err != nil || len(steps) != 1 {
		t.Fatalf("mended, it goes on: %v, %v", steps, err)
	}
}

func TestMigrate_SeveralAtOnceDoTheWorkOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.EmptyDSN(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 6 {
		wg.Go(func() {
			steps, err := pg.MigrateFiles(t.Context(), dsn, versions(5))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			total += len(steps)
			mu.Unlock()
		})
	}
	wg.Wait()
	if total != 5 {
		t.Fatalf("want 5 steps in all, got %d", total)
	}
}

func TestEnsureDatabase_MakesItOnceAlsoWhenAskedAtOnce(t *testing.T) {
	t.Parallel()
	admin := pgtest.AdminDSN(t)
	name := "frontdesk_test_ensure"
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), admin)
		if err != nil {
			t.Error(err)
			return
		}
		_, err = conn.Exec(context.Background(), "DROP DATABASE "+name)
		if err = errors.Join(err, conn.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := pg.EnsureDatabase(t.Context(), admin, name); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	dsn, err := pg.WithDatabase(admin, name)
	if err != nil {
		t.Fatal(err)
	}
	if empty, err := pg.Empty(t.Context(), dsn); err != nil || !empty {
		t.Fatalf("a new database is empty: %v, %v", empty, err)
	}
}
