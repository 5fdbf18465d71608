package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDist_IsWhatTheSourcesMake needs Preact's sources, which npm brings once;
// where it cannot, the test is skipped and says so, and in CI it fails.
func TestDist_IsWhatTheSourcesMake(t *testing.T) {
	t.Parallel()
	app, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(app, "node_modules", "preact", "package.json")); err != nil {
		cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev")
		cmd.Dir = app
		if out, err := cmd.CombinedOutput(); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("npm ci in %s: %v\n%s", app, err, out)
			}
			t.Skipf("THE DESK'S BUNDLE IS NOT CHECKED HERE: npm ci: %v", err)
		}
	}
	if err := run(app, true); err != nil {
		t.Error(err)
	}
}

func TestCompare_SeesAFileThatIsAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "desk.js"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if compare(dir, map[string][]byte{"desk.js": []byte("new")}) == nil || compare(dir, map[string][]byte{"gone.js": nil}) == nil {
		t.Error("a file that differs, or is not there, passes")
	}
	if err := compare(dir, map[string][]byte{"desk.js": []byte("old")}); err != nil {
		t.Error(err)
	}
}
