package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/pgtest"
)

var (
	pictures = flag.String("pictures", "", "folder that TestLooks writes to")
	only     = flag.String("only", "", "play only the scenarios whose name holds this")
)

// stageDir is where the driver and its packages are.
var stageDir = filepath.Join("..", "..", "..", "widget", "browser")

// tools is what a machine needs to play the scenarios.
type tools struct{ node, chromium string }

func needTools(t *testing.T) tools {
	t.Helper()
	found, err := findTools(t)
	if err == nil {
		return found
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("browser tests cannot run, and CI is set: %v", err)
	}
	t.Skipf("BROWSER TESTS DO NOT RUN HERE: %v", err)
	return tools{}
}

func findTools(t *testing.T) (tools, error) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		return tools{}, errors.New("no node (Debian: apt install nodejs npm)")
	}
	chromium := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium == "" {
			chromium, _ = exec.LookPath(name)
		}
	}
	if chromium == "" {
		return tools{}, errors.New("no browser (Debian: apt install chromium, or name one in CHROMIUM)")
	}
	if _, err := os.Stat(filepath.Join(stageDir, "node_modules", "playwright-core", "package.json")); err != nil {
		cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		cmd.Dir = stageDir
		if err := cmd.Run(); err != nil {
			return tools{}, errors.New("npm ci in widget/browser failed: " + err.Error())
		}
	}
	return tools{node: node, chromium: chromium}, nil
}

// login is how somebody of the demo shop's desk signs in.
type login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// service is the program, serving the demo shop as `make run` does.
type service struct {
	base   string
	logins map[string]login // by role

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
	env  []string
	bin  string
}

func newService(t *testing.T) *service {
	t.Helper()
	embedder := pgtest.Embedder(t)
	s := &service{logins: map[string]login{}, bin: binary(t), env: append(
		os.Environ(),
		"FRONTDESK_HOME="+t.TempDir(),
		"DATABASE_URL="+pgtest.DSN(t),
		"EMBEDDINGS_BASE_URL="+embedder.BaseURL, "EMBEDDINGS_MODEL="+embedder.Model, "EMBEDDINGS_API_KEY="+embedder.APIKey,
		"FRONTDESK_ADMIN_ADDR=127.0.0.1:0",
	)}
	s.start(t, "127.0.0.1:0")
	t.Cleanup(s.stop)
	return s
}

// binary is the program under test: the one that make has built, or one built
// now.
func binary(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("FRONTDESK_TEST_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "frontdesk")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../../../cmd/frontdesk").CombinedOutput(); err != nil {
		t.Fatalf("build frontdesk: %v\n%s", err, out)
	}
	return bin
}

var (
	deskLine  = regexp.MustCompile(`agents' desk\s+(http://\S+)/desk`)
	loginLine = regexp.MustCompile(`^\s+(admin|lead|agent)\s+(\S+@\S+)\s+(\S+)\s*$`)
)

// start runs the program and waits until it has said where it serves and how
// to sign in.
func (s *service) start(t *testing.T, addr string) {
	t.Helper()
	cmd := exec.Command(s.bin, "demo", "--shop", filepath.Join("..", "..", "..", "evals", "shop"))
	cmd.Env = append(slices.Clone(s.env), "FRONTDESK_ADDR="+addr)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	ready, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if m := deskLine.FindStringSubmatch(lines.Text()); m != nil {
				s.base = m[1]
			}
			if m := loginLine.FindStringSubmatch(lines.Text()); m != nil {
				s.logins[m[1]] = login{m[2], m[3]}
			}
			if strings.Contains(lines.Text(), "Ctrl-C stops") {
				close(ready)
			}
		}
		_ = cmd.Wait()
	}()
	select {
	case <-ready:
	case <-done:
		t.Fatalf("the program ended at once\n%s", stderr.String())
	case <-time.After(2 * time.Minute):
		t.Fatalf("the program did not say where it serves\n%s", stderr.String())
	}
	if s.base == "" || s.logins["agent"].Password == "" || s.logins["admin"].Password == "" {
		t.Fatalf("no address, or no logins: %q, %d", s.base, len(s.logins))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd, s.done = cmd, done
}

func (s *service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// orders lets scenarios kill the service, which comes back at its address.
func (s *service) orders(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Do string `json:"do"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if in.Do == "kill" { // no time to say goodbye
			s.mu.Lock()
			_ = s.cmd.Process.Kill()
			<-s.done
			s.mu.Unlock()
			s.start(t, strings.TrimPrefix(s.base, "http://"))
		}
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// result is what the driver says about one scenario.
type result struct {
	Name   string `json:"name"`
	Error  string `json:"error"`
	Millis int    `json:"millis"`
}

// run plays a set of scenarios of this folder and makes each a subtest.
func run(t *testing.T, with tools, s *service, set, out string) {
	t.Helper()
	logins, err := json.Marshal(s.logins)
	if err != nil {
		t.Fatal(err)
	}
	if out == "" {
		out = t.TempDir()
	}
	if out, err = filepath.Abs(out); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]string{
		"base": s.base, "control": s.orders(t), "set": "../../handoff/console/browser/" + set, "chromium": with.chromium, "out": out, "only": *only,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), with.node, "run.mjs")
	cmd.Dir = stageDir
	cmd.Env = append(os.Environ(), "DESK_LOGINS="+string(logins))
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// Told to end, it ends its browser too, which has a process group of its own.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	played := 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Logf("node: %s", lines.Text())
			continue
		}
		played++
		t.Run(r.Name, func(t *testing.T) {
			t.Logf("%d ms", r.Millis)
			if r.Error != "" {
				t.Error(r.Error)
			}
		})
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("node: %v\n%s", err, stderr.String())
	}
	if played == 0 && *only == "" {
		t.Errorf("no scenario was played\n%s", stderr.String())
	}
}

// TestDesk plays customers and agents together.
func TestDesk(t *testing.T) {
	with := needTools(t)
	run(t, with, newService(t), "desk", "")
}

// TestLooks takes a picture of every screen, for people to look at; only with
// -pictures, since nothing in it can fail that TestDesk does not play.
func TestLooks(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures")
	}
	with := needTools(t)
	run(t, with, newService(t), "looks", *pictures)
}
