package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/proc"
)

// TestMain lets the test program be the frontdesk program: where a test starts
// it with FRONTDESK_TEST_MAIN, and where a command under test starts its
// supervisor or its encoders.
func TestMain(m *testing.M) {
	if os.Getenv("FRONTDESK_TEST_MAIN") != "" || (len(os.Args) > 1 && (os.Args[1] == "supervise" || os.Args[1] == "encode")) {
		main()
	}
	os.Exit(m.Run())
}

// cli runs a command line in this process, in a home, with nothing but the
// given environment.
func cli(t *testing.T, env map[string]string, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	getenv := func(name string) string { return env[name] }
	status = run(t.Context(), args, getenv, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

// program is the frontdesk program as a process of its own; as nil, this user.
func program(t *testing.T, as *syscall.Credential, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), programPath(t), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "FRONTDESK_TEST_MAIN=1"}, env...)
	cmd.Dir = "/"
	if as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	return cmd
}

// programPath is a copy of the test program that every user can start, made once.
func programPath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "frontdesk-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "frontdesk")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// wheels is a folder of the real packages, from the repository's own home,
// which is set up first where it is not.
func wheels(t *testing.T) string {
	t.Helper()
	dir, err := realWheels()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var realWheels = sync.OnceValues(func() (string, error) { // once a test program
	root, ok := repositoryRoot()
	if !ok {
		return "", os.ErrNotExist
	}
	home := os.Getenv("FRONTDESK_HOME")
	if home == "" {
		home = filepath.Join(root, ".frontdesk")
	}
	h, err := proc.OpenHome(home)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	err = h.Setup(ctx, proc.SetupConfig{
		Parts: []string{proc.Postgres, proc.Embedder}, Wheels: os.Getenv("FRONTDESK_WHEELS"), Progress: proc.NewProgress(io.Discard),
	})
	return filepath.Join(home, "wheels"), err
})

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
