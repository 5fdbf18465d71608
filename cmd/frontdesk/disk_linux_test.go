package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// disk is a small file system of a test's own, which the server keeps the
// test's database on.
type disk struct {
	t      *testing.T
	dir    string
	filler string // a file of somebody else's
}

// newDisk mounts one and gives it to the server. Only root can mount: anybody
// else is told loudly that this was not tried.
func newDisk(t *testing.T) *disk {
	t.Helper()
	if os.Getenv("DATABASE_URL_TEST") != "" {
		t.Skip("NOT TRIED: a full disk under a server that is not the private one")
	}
	admin := pgtest.AdminDSN(t)
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var data string
	if err := conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("the data folder has no owner")
	}
	dir, err := os.MkdirTemp("/tmp", "frontdesk-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	err = syscall.Mount("frontdesk-test", dir, "tmpfs", 0, fmt.Sprintf("size=64m,mode=700,uid=%d,gid=%d", owner.Uid, owner.Gid))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("NOT TRIED: a disk that is really full needs the right to mount one (%v): run this as root", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return &disk{t: t, dir: dir, filler: filepath.Join(dir, "somebody-elses-film")}
}

// tablespace lets the server keep databases there.
func (d *disk) tablespace(name string) {
	d.t.Helper()
	admin := pgtest.AdminDSN(d.t)
	do := func(ctx context.Context, sql string) error {
		conn, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, sql)
		return err
	}
	if err := do(d.t.Context(), "CREATE TABLESPACE "+name+" LOCATION '"+d.dir+"'"); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := do(ctx, "DROP TABLESPACE "+name); err != nil {
			d.t.Error(err)
		}
	})
}

// database makes a migrated database on the disk.
func (d *disk) database() string {
	d.t.Helper()
	name := fmt.Sprintf("frontdesk_test_disk_%d", os.Getpid())
	d.tablespace(name)
	dsn := pgtest.EmptyDSN(d.t)
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		d.t.Fatal(err)
	}
	admin, err := pgx.Connect(d.t.Context(), pgtest.AdminDSN(d.t))
	if err != nil {
		d.t.Fatal(err)
	}
	defer admin.Close(context.Background())
	eventually(d.t, "nobody is in the database and it can move", func() bool {
		_, err = admin.Exec(d.t.Context(), `ALTER DATABASE "`+cfg.Database+`" SET TABLESPACE `+name)
		return err == nil
	})
	if _, err := pg.Migrate(d.t.Context(), dsn); err != nil {
		d.t.Fatal(err)
	}
	return dsn
}

// fill takes all room that is left.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.Create(d.filler)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, endless{}); !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatalf("the disk is not full: %v", err)
	}
}

func (d *disk) makeRoom() {
	d.t.Helper()
	if err := os.Remove(d.filler); err != nil {
		d.t.Fatal(err)
	}
}

// babble is text that cannot be packed small.
func babble(words int) string {
	var b strings.Builder
	for range words {
		fmt.Fprintf(&b, "w%x ", rand.Uint64())
	}
	return b.String()
}

func TestDisk_ReallyFullLosesNothingAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	dsn := d.database()
	model := fakemodel.New(t, fakemodel.Config{Dims: 32})
	s := &shop{model: model, dsn: dsn, env: map[string]string{
		"DATABASE_URL": dsn, "EMBEDDINGS_BASE_URL": model.URL, "EMBEDDINGS_MODEL": model.Model(), "FRONTDESK_HOME": t.TempDir(),
	}}
	folder := t.TempDir()
	ingest := func(want int, version string, articles int) (out, errs string) {
		t.Helper()
		texts := map[string]string{"lid.md": "# Lid\n\nThe lid in version " + version + ".\n"}
		for i := range articles {
			texts[fmt.Sprintf("a%d.md", i)] = babble(300)
		}
		for name, text := range texts {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		status, out, errs := cli(t, s.env, "", "ingest", "--site", "shop", folder)
		if status != want {
			t.Fatalf("ingest of version %s: status %d\n%s\n%s", version, status, out, errs)
		}
		return out, errs
	}
	// Asked of the service, which has its connections: after its catalogs were
	// cleaned up, Postgres has to write a file before it takes another one.
	var p *process
	shows := func(version string) {
		t.Helper()
		for path, want := range map[string]string{"/help/lid": "version " + version, "/help?q=lid+version&suggest=1": "Lid"} {
			if status, body, err := p.call("GET", path, ""); err != nil || status != 200 || !strings.Contains(body, want) {
				t.Errorf("readers see %d %s %v at %s, not version %s", status, body, err, path, version)
			}
		}
	}
	ingest(0, "one", 3)
	p = s.serve(t)
	p.open(t)
	shows("one")

	d.fill()
	_, errs := ingest(exitFailed, "two", 60)
	contains(t, "the failed ingest", errs, "disk is full", "Make room and try again", "nothing that was published is lost")
	shows("one")

	// A customer whose message cannot be kept is told so, and when to come back.
	var status int
	var body, text string
	last := -1
	for status = 200; status == 200 && last < 200; {
		last++
		text = babble(350)
		var err error
		if status, body, err = p.say(fmt.Sprint("m", last), text); err != nil {
			t.Fatal(err)
		}
	}
	if status != 503 || !strings.Contains(body, "database_unavailable") {
		t.Errorf("a message on a full disk: %d %s", status, body)
	}
	shows("one")

	d.makeRoom()
	eventually(t, "the same message is answered when there is room", func() bool {
		status, body, err := p.say(fmt.Sprint("m", last), text)
		return err == nil && status == 200 && strings.Contains(body, `"outcome"`)
	})
	ingest(0, "two", 60)
	shows("two")
	if status, out, errs := cli(t, s.env, "", "search", "--site", "shop", "--k", "1", "lid version"); status != 0 || !strings.Contains(out, "version two") {
		t.Errorf("a reader at the terminal sees %s %s", out, errs)
	}
	var messages, open, ends, turns int
	s.scan(t, `SELECT count(*) FILTER (WHERE client_msg_id IS NOT NULL), count(*) FILTER (WHERE kind IN ('done', 'error')), (SELECT count(*) FROM open_turns), (SELECT count(*) FROM turns) FROM events`,
		&messages, &ends, &open, &turns)
	if messages != last+1 || ends != messages || turns != messages || open != 0 {
		t.Errorf("%d messages kept of %d, %d ends, %d turns, %d open", messages, last+1, ends, turns, open)
	}
	k := &knowledge{t: t}
	if k.pool, _ = pg.Open(t.Context(), dsn, pg.PoolConfig{}); k.pool == nil {
		t.Fatal("the database cannot be opened")
	}
	defer k.pool.Close()
	if n := k.leftovers(); n != 0 {
		t.Errorf("%d rows of failed ingests are left", n)
	}
}
