package soak

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff/loadgen"
	"frontdesk/internal/fakemodel"
	"frontdesk/internal/faultproxy"
	"frontdesk/internal/pg"
)

// apart is how far each process's clock is off where chaos is played. Leases of
// presence are thirty seconds: what one process takes for away, another one takes
// for there.
var apart = []time.Duration{0, -8 * time.Second, 45 * time.Second}

const (
	agentsAtWork   = 5
	capacityOfEach = 4
)

// house is what is played in.
type house struct {
	t       *testing.T
	bin     string
	env     []string
	dsn     string // of the house's database, past every proxy
	data    string // Postgres' data folder
	doors   []*instance
	logins  []loadgen.Login
	stopped sync.WaitGroup
}

// instance is one process of the service with what stands around it.
type instance struct {
	h        *house
	no       int
	front    *faultproxy.Proxy // players come in here
	back     *faultproxy.Proxy // towards Postgres
	addr     string            // where the process listens, the same each time
	clock    time.Duration     // how far the process's is off
	mu       sync.Mutex
	cmd      *exec.Cmd
	log      *tail
	meant    bool // its end is ours
	ended    chan struct{}
	restarts int
}

// build makes a house with everything running in it, a process for each clock.
func build(t *testing.T, bin string, clocks ...time.Duration) *house {
	t.Helper()
	home := t.TempDir()
	model := fakemodel.New(t, fakemodel.Config{Dims: 32, Latency: 10 * time.Millisecond, Forget: true})
	h := &house{t: t, bin: bin, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "FRONTDESK_HOME=" + filepath.Join(home, "home"), "FRONTDESK_WHEELS=" + wheels(t),
		"EMBEDDINGS_BASE_URL=" + model.URL, "EMBEDDINGS_MODEL=" + model.Model(),
		"FRONTDESK_ADDR=127.0.0.1:0", "FRONTDESK_ADMIN_ADDR=127.0.0.1:0", "TMPDIR=" + os.TempDir(),
	}}
	t.Cleanup(func() { h.run("setup", "--remove") })
	h.postgres()
	h.furnish(home)
	for i, clock := range clocks {
		h.doors = append(h.doors, h.instance(i, clock))
	}
	for _, d := range h.doors {
		d.start()
	}
	return h
}

// wheels is where the repository's home keeps what it fetched, so that this
// house's setup fetches nothing that is there.
func wheels(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("FRONTDESK_HOME")
	if dir == "" {
		dir = filepath.Join("..", "..", ".frontdesk")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "wheels"))
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := filepath.Glob(filepath.Join(dir, "*pgserver*.whl")); err != nil || len(kept) == 0 {
		return "" // a home that fetched something else, or is being made
	}
	return dir
}

func (h *house) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.bin, args...)
	cmd.Env = append(slices.Clone(h.env), "DATABASE_URL="+h.dsn)
	cmd.Dir = "/"
	return cmd
}

// run runs a command to its end.
func (h *house) run(args ...string) string {
	h.t.Helper()
	cmd := h.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		h.t.Errorf("frontdesk %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// postgres has a Postgres of the house's own running until the test ends.
func (h *house) postgres() {
	h.t.Helper()
	hold := h.command("hold")
	in, err := hold.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out, err := hold.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	log := &tail{}
	hold.Stderr = log
	if err := hold.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = in.Close()
		_ = hold.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	dsn, ok := strings.CutPrefix(strings.TrimSpace(line), "DATABASE_URL=")
	if err != nil || !ok {
		h.t.Fatalf("no Postgres: %q %v\n%s", line, err, log)
	}
	// Pages wait for nothing in a database of its own: one that the program makes.
	if h.dsn, err = pg.WithDatabase(dsn, "soak"); err != nil {
		h.t.Fatal(err)
	}
	if _, err := pg.EnsureDatabase(h.t.Context(), dsn, "soak"); err != nil {
		h.t.Fatal(err)
	}
	for _, e := range h.env {
		if dir, ok := strings.CutPrefix(e, "FRONTDESK_HOME="); ok {
			found, _ := filepath.Glob(filepath.Join(dir, "base", "data", "postgres-*"))
			if len(found) != 1 {
				h.t.Fatalf("no data folder in %s: %v", dir, found)
			}
			h.data = found[0]
		}
	}
}

// furnish makes a shop, and people at its desk.
func (h *house) furnish(dir string) {
	h.t.Helper()
	article := filepath.Join(dir, "returns.md")
	text := "---\nquestions:\n  - How long may I send something back?\n---\n# Returns\n\nYou may send back what you bought within 45 days.\n"
	if err := os.WriteFile(article, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
	h.run("ingest", "--site", "shop", article)
	h.run("site", "set", "shop", "threshold=0.001")
	for i := range agentsAtWork {
		email := fmt.Sprintf("a%d@shop.example", i)
		h.run("agent", "add", email, "--name", fmt.Sprintf("Agent %d", i), "--capacity", strconv.Itoa(capacityOfEach))
		got := strings.Fields(h.run("agent", "password", email))
		if len(got) != 2 {
			h.t.Fatalf("no password for %s", email)
		}
		h.logins = append(h.logins, loadgen.Login{Email: email, Password: got[1]})
	}
	if h.t.Failed() {
		h.t.FailNow()
	}
}

// scan asks the database one thing.
func (h *house) scan(sql string, to ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(context.Background(), h.dsn)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), sql).Scan(to...); err != nil {
		h.t.Fatalf("%v in %s", err, sql)
	}
}

// instance prepares one process and the proxies around it.
func (h *house) instance(no int, clock time.Duration) *instance {
	h.t.Helper()
	addr := faultproxy.Address(h.t) // where the process comes back to each time
	u, err := url.Parse(h.dsn)
	if err != nil {
		h.t.Fatal(err)
	}
	back, err := faultproxy.Start(faultproxy.Config{Network: "unix", Address: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(back.Close)
	return &instance{h: h, no: no, addr: addr, clock: clock, front: faultproxy.New(h.t, addr), back: back}
}

// url is where players come in.
func (i *instance) url() string { return "http://" + i.front.Addr() }

// dsn is Postgres' address behind the proxy.
func (i *instance) dsn() string {
	u, err := url.Parse(i.h.dsn)
	if err != nil {
		return ""
	}
	u.Host = i.back.Addr()
	u.RawQuery = "sslmode=disable"
	return u.String()
}

var listening = regexp.MustCompile(`metrics\s+http://`)

// start starts the process and waits until it serves, or until it has given up
// because Postgres is away: then it is started again.
func (i *instance) start() {
	for deadline := time.Now().Add(time.Minute); ; {
		if i.try() {
			return
		}
		if time.Now().After(deadline) {
			i.h.t.Errorf("process %d does not come back\n%s", i.no, i.log)
			return
		}
	}
}

func (i *instance) try() bool {
	cmd := i.h.command("serve", "--visitor-rate=-1", "--clock-offset="+i.clock.String())
	cmd.Env = append(cmd.Env, "DATABASE_URL="+i.dsn(), "FRONTDESK_ADDR="+i.addr)
	log := &tail{}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		i.h.t.Errorf("process %d: %v", i.no, err)
		return true
	}
	if err := cmd.Start(); err != nil {
		i.h.t.Errorf("process %d: %v", i.no, err)
		return true
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	i.mu.Lock()
	i.cmd, i.log, i.meant, i.ended = cmd, log, false, ended
	i.mu.Unlock()
	i.h.stopped.Go(func() {
		defer close(ended)
		said := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if !said && listening.MatchString(lines.Text()) {
				said = true
				close(ready)
			}
		}
		err := cmd.Wait()
		i.mu.Lock()
		defer i.mu.Unlock()
		if said && !i.meant {
			i.h.t.Errorf("process %d ended by itself: %v\n%s", i.no, err, log)
		}
	})
	select {
	case <-ready:
		return true
	case <-ended:
		return false
	}
}

// stop ends the process by a signal and waits for its end.
func (i *instance) stop(how os.Signal) {
	i.mu.Lock()
	cmd, ended := i.cmd, i.ended
	i.meant = true
	i.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(how)
	<-ended
}

// restartPostgres is an immediate shutdown, after which the house's keeper
// starts it again: sessions end at once, and it recovers from its log.
func (h *house) restartPostgres() error {
	b, err := os.ReadFile(filepath.Join(h.data, "postmaster.pid"))
	if err != nil {
		return err // it is being started
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGQUIT)
}

// close ends every process.
func (h *house) close() {
	for _, d := range h.doors {
		_ = d.front.Set(faultproxy.Pass)
		_ = d.back.Set(faultproxy.Pass)
		d.stop(syscall.SIGKILL)
	}
	h.stopped.Wait()
}

// tail keeps the end of what a process says.
type tail struct {
	mu  sync.Mutex
	end []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, b...)
	if over := len(t.end) - 4<<10; over > 0 {
		t.end = t.end[over:]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.end)
}

var _ io.Writer = (*tail)(nil)
