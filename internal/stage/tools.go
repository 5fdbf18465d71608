package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Tools is what a machine needs to play scenarios.
type Tools struct {
	dir, node, chromium string
}

// Need finds the tools for the stage in a folder; without one of them the test
// is skipped, or, in CI, fails.
func Need(t *testing.T, dir string) Tools {
	t.Helper()
	found, err := find(t.Context(), dir)
	if err == nil {
		return found
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("browser tests cannot run, and CI is set: %v", err)
	}
	t.Skipf("BROWSER TESTS DO NOT RUN HERE: %v", err)
	return Tools{}
}

func find(ctx context.Context, dir string) (Tools, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return Tools{}, errors.New("no node (Debian: apt install nodejs npm)")
	}
	chromium := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium == "" {
			chromium, _ = exec.LookPath(name)
		}
	}
	if chromium == "" {
		if chromium, err = bring(ctx, node, filepath.Join(dir, "chromium")); err != nil {
			return Tools{}, fmt.Errorf("no browser (Debian: apt install chromium, or name one in CHROMIUM), and none could be fetched: %w", err)
		}
	}
	return Tools{dir: dir, node: node, chromium: chromium}, fetch(ctx, dir, "playwright-core")
}

// bring gets a browser out of npm's packages, for machines that have none and
// users who may not install one: 66 MB once.
func bring(ctx context.Context, node, dir string) (string, error) {
	if err := fetch(ctx, dir, filepath.Join("@sparticuz", "chromium")); err != nil {
		return "", err
	}
	lock, err := locked(dir)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "unpack.mjs")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("unpack the browser: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// locked holds a folder's packages for one process at a time, until it is closed.
func locked(dir string) (*os.File, error) {
	lock, err := os.Open(filepath.Join(dir, "package-lock.json")) //nolint:gosec // a folder of the project
	if err != nil {
		return nil, fmt.Errorf("the stage: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("wait for the stage's packages: %w", err)
	}
	return lock, nil
}

// fetch gets node's packages where they are not there yet. Packages of tests run
// side by side: the lock lets one of them fetch, and the others find it done.
func fetch(ctx context.Context, dir, name string) error {
	lock, err := locked(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := os.Stat(filepath.Join(dir, "node_modules", name, "package.json")); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("npm ci in %s failed: %s", dir, lines[len(lines)-1])
	}
	return nil
}

// Program is the program under test: the one that make has built, or one built
// now from the module whose root is given.
func Program(t *testing.T, root string) string {
	t.Helper()
	if bin := os.Getenv("FRONTDESK_TEST_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "frontdesk")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, root+"/cmd/frontdesk").CombinedOutput(); err != nil {
		t.Fatalf("build frontdesk: %v\n%s", err, out)
	}
	return bin
}
