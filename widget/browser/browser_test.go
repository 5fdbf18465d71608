package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"frontdesk/internal/web"
	"frontdesk/widget"
)

var (
	pictures = flag.String("pictures", "", "folder that TestPictures writes to")
	only     = flag.String("only", "", "play only the scenarios whose name holds this")
)

// tools is what a machine needs to play the scenarios.
type tools struct{ node, chromium string }

// needTools finds node, its packages and a browser; without one of them the
// test is skipped, or, in CI, fails.
func needTools(t *testing.T) tools {
	t.Helper()
	found, err := findTools(t.Context())
	if err == nil {
		return found
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("browser tests cannot run, and CI is set: %v", err)
	}
	t.Skipf("BROWSER TESTS DO NOT RUN HERE: %v", err)
	return tools{}
}

func findTools(ctx context.Context) (tools, error) {
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
	if _, err := os.Stat(filepath.Join("node_modules", "playwright-core", "package.json")); err != nil {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput()
		if err != nil {
			return tools{}, errors.New("npm ci in widget/browser failed: " + lastLine(out))
		}
	}
	return tools{node: node, chromium: chromium}, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// play is one run of run.mjs.
type play struct {
	Base     string `json:"base"`    // address of the server
	Control  string `json:"control"` // where it takes orders; "": it takes none
	Set      string `json:"set"`     // which scenarios
	Chromium string `json:"chromium"`
	Out      string `json:"out"` // folder for pictures
	Only     string `json:"only"`
}

// result is what run.mjs says about one scenario.
type result struct {
	Name   string `json:"name"`
	Error  string `json:"error"`
	Skip   string `json:"skip"`
	Millis int    `json:"millis"`
}

// run plays a set of scenarios and makes each a subtest.
func run(t *testing.T, with tools, p play) {
	t.Helper()
	p.Chromium, p.Only = with.chromium, *only
	if p.Out == "" {
		p.Out = t.TempDir()
	}
	input, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), with.node, "run.mjs")
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

// newScripted starts the pages in front of the scripted API.
func newScripted(t *testing.T) (base string, shelf *shelf) {
	t.Helper()
	shelf = newShelf(t)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	app, err := web.New(log, nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := widget.New(widget.Deps{Library: shelf, Finder: shelf, Log: log}, widget.Config{Shop: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	pages.Mount(app.Fiber())
	mux := http.NewServeMux()
	newFakeAPI(shelf).routes(mux)
	mux.HandleFunc("/", adaptor.FiberApp(app.Fiber()))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL, shelf
}

// TestScripted plays every state of the chat, against an API that does as it is
// told.
func TestScripted(t *testing.T) {
	with := needTools(t)
	base, _ := newScripted(t)
	run(t, with, play{Base: base, Control: base + "/control", Set: "scripted"})
}

// TestPictures takes the README's pictures from the real service, into the
// folder that -pictures names.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures: see make pictures")
	}
	with := needTools(t)
	run(t, with, play{Base: "http://" + newService(t).addr, Set: "pictures", Out: *pictures})
}

// TestLooks takes a picture of every screen, for people to look at; only with
// -pictures, since nothing in it can fail that TestScripted does not play.
func TestLooks(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures")
	}
	with := needTools(t)
	base, _ := newScripted(t)
	run(t, with, play{Base: base, Control: base + "/control", Set: "looks", Out: *pictures})
}
