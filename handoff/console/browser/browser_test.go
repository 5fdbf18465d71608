package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
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

	"frontdesk/internal/faultproxy"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/stage"
)

var (
	pictures = flag.String("pictures", "", "folder that TestLooks writes to")
	only     = flag.String("only", "", "play only the scenarios whose name holds this")
)

// stageDir is where the driver and its packages are.
var stageDir = filepath.Join("..", "..", "..", "widget", "browser")

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
	s := &service{logins: map[string]login{}, bin: stage.Program(t, "../../.."), env: append(
		os.Environ(),
		"FRONTDESK_HOME="+t.TempDir(),
		"DATABASE_URL="+pgtest.DSN(t),
		"EMBEDDINGS_BASE_URL="+embedder.BaseURL, "EMBEDDINGS_MODEL="+embedder.Model, "EMBEDDINGS_API_KEY="+embedder.APIKey,
		"FRONTDESK_ADMIN_ADDR=127.0.0.1:0",
	)}
	s.start(t, faultproxy.Address(t))
	t.Cleanup(s.stop)
	// Scenarios leave cases with the agent: a day's work in a minute.
	set := exec.Command(s.bin, "agent", "set", s.logins["agent"].Email, "capacity=100")
	set.Env = s.env
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("room for the agent: %v\n%s", err, out)
	}
	return s
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

// orders lets scenarios kill the service, which comes back at its address, and
// run a command beside it.
func (s *service) orders(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Do   string   `json:"do"`
			Args []string `json:"args"` // of a command
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
		var said []byte
		if in.Do == "run" {
			cmd := exec.Command(s.bin, in.Args...)
			cmd.Env = s.env
			var err error
			if said, err = cmd.Output(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"said": string(said)})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// run plays a set of scenarios of this folder and makes each a subtest.
func run(t *testing.T, with stage.Tools, s *service, set, out string) {
	t.Helper()
	logins, err := json.Marshal(s.logins)
	if err != nil {
		t.Fatal(err)
	}
	with.Run(t, stage.Play{
		Base: s.base, Control: s.orders(t), Set: "../../handoff/console/browser/" + set,
		Out: out, Only: *only, Env: []string{"DESK_LOGINS=" + string(logins)},
	})
}

// TestDesk plays customers and agents together.
func TestDesk(t *testing.T) {
	with := stage.Need(t, stageDir)
	run(t, with, newService(t), "desk", "")
}

// TestLooks takes a picture of every screen, for people to look at; only with
// -pictures, since nothing in it can fail that TestDesk does not play.
func TestLooks(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures")
	}
	with := stage.Need(t, stageDir)
	run(t, with, newService(t), "looks", *pictures)
}
