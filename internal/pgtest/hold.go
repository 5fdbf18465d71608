package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/proc"
)

// shared is this test program's part in the supervisor: one hold for each set
// of parts, opened by the first test that needs it and closed by the last.
var shared = struct { // one test program, one hold
	sync.Mutex
	holds map[string]*counted
}{holds: map[string]*counted{}}

type counted struct {
	users int
	hold  *proc.Hold
}

// hold keeps a part running until the test ends.
func hold(tb testing.TB, part string) *proc.Hold {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	c := shared.holds[part]
	if c == nil {
		h, err := acquire(part)
		if err != nil {
			tb.Fatalf("pgtest: %v", err)
		}
		c = &counted{hold: h}
		shared.holds[part] = c
	}
	c.users++
	tb.Cleanup(func() { release(part) })
	return c.hold
}

func release(part string) {
	shared.Lock()
	defer shared.Unlock()
	c := shared.holds[part]
	if c.users--; c.users == 0 {
		delete(shared.holds, part)
		c.hold.Close()
	}
}

func acquire(part string) (*proc.Hold, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // it may have to download
	defer cancel()
	home, program, err := setUp(ctx, part)
	if err != nil {
		return nil, err
	}
	return proc.Acquire(ctx, home, proc.HoldConfig{
		Client: filepath.Base(os.Args[0]),
		Want:   []string{part},
		Supervisor: func() (*exec.Cmd, error) {
			return exec.Command(program, home.Dir), nil //nolint:noctx // it outlives this test program
		},
	})
}

// setUp fetches what a part needs into the repository's home.
func setUp(ctx context.Context, part string) (home *proc.Home, program string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, "", err
	}
	dir := os.Getenv("FRONTDESK_HOME")
	if dir == "" {
		dir = filepath.Join(root, ".frontdesk")
	}
	home, err = proc.OpenHome(dir)
	if err != nil {
		return nil, "", err
	}
	program, err = supervisor(ctx, root, home.Dir)
	if err != nil {
		return nil, "", err
	}
	fetched := part
	if part == proc.IngestEmbedder {
		fetched = proc.Embedder
	}
	err = home.Setup(ctx, proc.SetupConfig{
		Parts: []string{fetched}, Wheels: os.Getenv("FRONTDESK_WHEELS"), Progress: proc.NewProgress(os.Stderr),
		Program: program,
	})
	if err != nil {
		return nil, "", err
	}
	return home, program, err
}

// moduleRoot is the folder of go.mod above the package under test.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module frontdesk\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run the tests inside the repository")
		}
		dir = parent
	}
}

// supervisor builds the supervisor's program, which has the encoders in it, and
// returns its path. The build is the go command's own business to make quick:
// it renews the program only when something changed.
func supervisor(ctx context.Context, root, home string) (string, error) {
	goTool := filepath.Join(runtime.GOROOT(), "bin", "go") //nolint:staticcheck // the tests' own toolchain
	if _, err := os.Stat(goTool); err != nil {
		goTool = "go"
	}
	bin := filepath.Join(home, "test-supervise")
	unlock, err := proc.Lock(ctx, bin+".lock") // several test programs may build at once
	if err != nil {
		return "", err
	}
	defer unlock()
	build := exec.CommandContext(ctx, goTool, "build", "-o", bin, "./internal/pgtest/supervise")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the supervisor: %w: %s", err, out)
	}
	return bin, nil
}
