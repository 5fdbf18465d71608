package child

import (
	"bytes"
	"context"
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

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/embed/local"
	"frontdesk/retrieval/embed/local/ort"
)

// The test program is the child itself where a test starts it so.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "encode" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := Run(ctx, os.Args[2:], os.Stdout, os.Stderr)
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func args(t *testing.T, made string, more ...string) []string {
	t.Helper()
	f := pgtest.Encoders(t)
	return append([]string{"--library", f.Library, "--e5", f.E5, "--minilm", f.MiniLM, "--made", made}, more...)
}

func made(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made")
	if err := Run(t.Context(), args(t, dir, "--check"), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	return dir
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

func TestRun_ChecksAndSaysWhatItFound(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	if err := Run(t.Context(), args(t, filepath.Join(t.TempDir(), "made"), "--check"), &out, &log); err != nil {
		t.Fatal(err)
	}
	for _, name := range local.Models() {
		if !strings.Contains(out.String(), name+": ") || !strings.Contains(log.String(), name) {
			t.Errorf("%s is not in %q and %q", name, out.String(), log.String())
		}
	}
}

func TestRun_RefusesWrongArguments(t *testing.T) {
	t.Parallel()
	for name, more := range map[string][]string{
		"no folders":      {"--library", "x"},
		"a port too high": {"--library", "x", "--e5", "x", "--minilm", "x", "--made", "x", "--port", "70000"},
		"one too many":    {"--library", "x", "--e5", "x", "--minilm", "x", "--made", "x", "more"},
		"an unknown one":  {"--what"},
	} {
		if err := Run(t.Context(), more, io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRun_OnAProcessorWithoutAVX2SaysSo(t *testing.T) {
	t.Parallel()
	s, err := parse(args(t, t.TempDir(), "--check"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s.machine = ort.Machine{OS: "linux", Arch: "amd64"}
	if err := s.run(t.Context(), nil, io.Discard, io.Discard); !errors.Is(err, ort.ErrMachine) {
		t.Errorf("want ErrMachine, got %v", err)
	}
}

func TestRun_OnAPortThatIsTakenSaysSoAtOnce(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nowhere := []string{"--library", "/x", "--e5", "/x", "--minilm", "/x", "--made", "/x", "--port", strconv.Itoa(port(t, l))}
	if err := Run(t.Context(), nowhere, io.Discard, io.Discard); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}

func port(t *testing.T, l net.Listener) int {
	t.Helper()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(l.Addr())
	}
	return addr.Port
}

func TestRun_ServesUntilItIsToldToStop(t *testing.T) {
	t.Parallel()
	s, err := parse(args(t, made(t), "--workers", "1"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, l, io.Discard, io.Discard) }()
	var body []byte
	eventually(t, "it is healthy", func() bool {
		resp, err := http.Get("http://" + l.Addr().String() + "/health")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
		return err == nil && resp.StatusCode == http.StatusOK
	})
	for _, name := range local.Models() {
		if !bytes.Contains(body, []byte(name)) || !bytes.Contains(body, []byte("int")) {
			t.Errorf("%s and how it multiplies is not in %s", name, body)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// running is the child as a process of its own.
type running struct {
	cmd *exec.Cmd
	url string
}

func start(t *testing.T, made string, at int) *running {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"encode"}, args(t, made, "--workers", "1", "--port", strconv.Itoa(at))...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &running{cmd: cmd, url: "http://127.0.0.1:" + strconv.Itoa(at)}
	t.Cleanup(r.kill)
	eventually(t, "the child is healthy", func() bool {
		resp, err := http.Get(r.url + "/health")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return r
}

func (r *running) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// freePort is one that nobody listens on: the child needs the same again.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return port(t, l)
}

func client(t *testing.T, url string) *embed.Client {
	t.Helper()
	cfg := embed.Private(url+"/v1", embed.PrivateModel)
	cfg.PassageWait, cfg.QueryTimeout = time.Minute, time.Minute
	c, err := embed.New(embed.Deps{}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func texts(n int) (out []string) {
	for i := range n {
		out = append(out, strings.Repeat("The kettle came with a fault. ", 15)+"Order "+strconv.Itoa(i)+".")
	}
	return out
}

// A batch that loses its server in the middle, more than once, comes back
// whole: the same vectors as without.
func TestChild_KilledInMidBatchLosesNothing(t *testing.T) {
	t.Parallel()
	dir, at := made(t), freePort(t)
	r := start(t, dir, at)
	c := client(t, r.url)
	want, err := c.Embed(t.Context(), retrieval.EmbedPassage, texts(40))
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		vectors [][]float32
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := c.Embed(t.Context(), retrieval.EmbedPassage, texts(40))
		done <- answer{v, err}
	}()
	for range 2 {
		busy(t, r)
		r.kill()
		r = start(t, dir, at)
	}
	got := <-done
	if got.err != nil {
		t.Fatal(got.err)
	}
	for i := range want {
		if fmt.Sprint(got.vectors[i]) != fmt.Sprint(want[i]) {
			t.Fatalf("text %d came out otherwise", i)
		}
	}
}

// busy waits until the child has worked a little: it uses processor time.
func busy(t *testing.T, r *running) {
	t.Helper()
	used := func() string { return strings.Join(stat(r)[11:13], " ") } // utime, stime
	first := used()
	eventually(t, "the child works", func() bool { return used() != first })
}

// stat is what the system says of the child, from its state on.
func stat(r *running) []string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/stat")
	_, rest, ok := strings.Cut(string(b), ") ")
	if err != nil || !ok {
		return make([]string, 13)
	}
	return strings.Fields(rest)
}

// One that hangs is found out by its callers within their time; that it is
// replaced is the supervisor's part.
func TestChild_HungIsNoticedAndGoesOn(t *testing.T) {
	t.Parallel()
	r := start(t, made(t), freePort(t))
	cfg := embed.Private(r.url+"/v1", embed.PrivateModel)
	cfg.QueryTimeout = 300 * time.Millisecond
	c, err := embed.New(embed.Deps{}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := r.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it stands still", func() bool { return stat(r)[0] == "T" })
	if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"}); err == nil {
		t.Error("a child that hangs answered")
	}
	if err := r.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, r.url).Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"}); err != nil {
		t.Error(err)
	}
}

// Without memory it ends with a word; what was made stays whole.
func TestChild_OutOfMemoryEndsWithAWord(t *testing.T) {
	t.Parallel()
	dir := made(t)
	ended := 0
	for _, kilobytes := range []int{400_000, 900_000, 1_400_000} { // address space, of which Go reserves much
		var said bytes.Buffer
		line := append([]string{"-c", `ulimit -v "$0" && exec "$@"`, strconv.Itoa(kilobytes), os.Args[0], "encode"}, args(t, dir, "--check")...)
		cmd := exec.CommandContext(t.Context(), "/bin/sh", line...)
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			ended++
			if said.Len() == 0 {
				t.Errorf("%d kB: it ended without a word: %v", kilobytes, err)
			}
		}
	}
	if ended == 0 {
		t.Error("every limit was enough: nothing was tried")
	}
	if err := Run(t.Context(), args(t, dir, "--check"), io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}
