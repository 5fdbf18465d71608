package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stubs is a folder with the few programs the script itself needs, and the
// given ones as shell scripts.
func stubs(t *testing.T, programs map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"sh", "sed", "cut"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPrereq_NamesAllThatIsMissingAtOnce(t *testing.T) {
	t.Parallel()
	root, ok := repositoryRoot()
	if !ok {
		t.Fatal("the repository was not found")
	}
	const python = `case "$2" in *pip*) echo "new 3.12 pip";; esac`
	for _, c := range []struct {
		name     string
		programs map[string]string
		says     []string // none: nothing is missing
	}{
		{"all there", map[string]string{"go": "echo go1.26.1", "git": "", "python3": python}, nil},
		{"a Go that is newer than its number is long", map[string]string{"go": "echo go2.0", "git": "", "python3": python}, nil},
		{"nothing but Python", map[string]string{"python3": python}, []string{"go, 1.21 or newer", "git", "apt install golang-go git"}},
		{"a Go that cannot fetch another", map[string]string{"go": "echo go1.19.8", "git": "", "python3": python}, []string{"found 1.19.8", "apt install golang-go"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(root, "scripts", "prereq.sh"))
			cmd.Env = []string{"PATH=" + stubs(t, c.programs)}
			out, err := cmd.CombinedOutput()
			if c.says == nil {
				if err != nil || len(out) > 0 {
					t.Fatalf("nothing is missing, but: %v\n%s", err, out)
				}
				return
			}
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				t.Fatalf("want status 1, got %v", err)
			}
			for _, say := range c.says {
				if !strings.Contains(string(out), say) {
					t.Errorf("does not say %q:\n%s", say, out)
				}
			}
		})
	}
}
