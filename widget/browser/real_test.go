package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/faultproxy"
	"frontdesk/internal/pgtest"
	"frontdesk/internal/stage"
)

// service is the real program, serving the demo shop.
type service struct {
	t    *testing.T
	bin  string
	env  []string
	addr string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// newService ingests the demo shop into a database of its own and serves it.
func newService(t *testing.T) *service {
	t.Helper()
	embedder := pgtest.Embedder(t)
	s := &service{t: t, bin: stage.Program(t, "../.."), env: append(
		os.Environ(),
		"FRONTDESK_HOME="+t.TempDir(),
		"DATABASE_URL="+pgtest.DSN(t),
		"EMBEDDINGS_BASE_URL="+embedder.BaseURL, "EMBEDDINGS_MODEL="+embedder.Model, "EMBEDDINGS_API_KEY="+embedder.APIKey,
		"FRONTDESK_ADMIN_ADDR=127.0.0.1:0",
	)}
	shop := filepath.Join("..", "..", "evals", "shop")
	args := []string{"ingest", "--site", "shop"}
	if vectors := filepath.Join(shop, "vectors.bin"); exists(vectors) {
		args = append(args, "--vectors", vectors)
	}
	ingest := exec.CommandContext(t.Context(), s.bin, append(args, filepath.Join(shop, "knowledge"))...)
	ingest.Env = s.env
	if out, err := ingest.CombinedOutput(); err != nil {
		t.Fatalf("ingest the demo shop: %v\n%s", err, out)
	}
	s.start(faultproxy.Address(t))
	t.Cleanup(s.stop)
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// start runs the program and waits until it prints where it serves.
func (s *service) start(addr string) {
	s.t.Helper()
	cmd := exec.Command(s.bin, "serve", "--addr", addr)
	cmd.Env = s.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start serve: %v", err)
	}
	found := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		where := regexp.MustCompile(`http://(\S+?)/\s*$`)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if m := where.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
		_ = cmd.Wait()
	}()
	select {
	case s.addr = <-found:
	case <-done:
		s.t.Fatalf("serve ended at once\n%s", stderr.String())
	case <-time.After(time.Minute):
		s.t.Fatalf("serve did not say where it serves\n%s", stderr.String())
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

// orders lets scenarios disturb the way to the service, and the service itself.
func orders(t *testing.T, s *service, way *faultproxy.Proxy) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Do string `json:"do"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var err error
		switch in.Do {
		case "cut":
			way.Cut()
		case "refuse":
			err = way.Set(faultproxy.Mode{Refuse: true})
		case "reset", "pass":
			err = way.Set(faultproxy.Mode{})
		case "kill": // no time to say goodbye
			s.mu.Lock()
			_ = s.cmd.Process.Kill()
			<-s.done
			s.mu.Unlock()
			s.start(s.addr)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestReal plays a customer's visit against the program itself: Postgres, the
// embedder, the demo shop's knowledge.
func TestReal(t *testing.T) {
	with := stage.Need(t, ".")
	s := newService(t)
	way := faultproxy.New(t, s.addr)
	with.Run(t, stage.Play{Base: "http://" + way.Addr(), Control: orders(t, s, way), Set: "real", Only: *only})
	followReadme(t, with, s)
}
