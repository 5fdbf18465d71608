package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUnits runs the tests of single modules, which need Node and no browser.
func TestUnits(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tests of the scripts cannot run, and CI is set: no node")
		}
		t.Skip("TESTS OF THE SCRIPTS DO NOT RUN HERE: no node (Debian: apt install nodejs)")
	}
	names, err := filepath.Glob(filepath.Join("units", "*.test.mjs"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no tests found: %v", err)
	}
	// The modules are TypeScript, which Node does not read: each as a bundle of its own.
	made := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "run", "../bundle", "-widget", "..", "-units", made).CombinedOutput(); err != nil {
		t.Fatalf("bundle the modules: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{"--test"}, names...)...)
	cmd.Env = append(os.Environ(), "FRONTDESK_UNITS="+made)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}
