package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDist_IsWhatTheSourcesMake needs nothing but Go: the widget has no
// packages of npm in it.
func TestDist_IsWhatTheSourcesMake(t *testing.T) {
	t.Parallel()
	if err := run("..", "", true); err != nil {
		t.Error(err)
	}
}

// TestTypes_Hold runs where the desk's TypeScript lies; CI fetches it.
func TestTypes_Hold(t *testing.T) {
	t.Parallel()
	tsc, err := filepath.Abs("../../handoff/console/app/node_modules/.bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("THE WIDGET'S TYPES ARE NOT CHECKED HERE: no TypeScript (make console fetches it)")
	}
	if out, err := exec.CommandContext(t.Context(), tsc, "-p", "../app").CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}

func TestCompare_SeesAFileThatIsAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "widget.js"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if compare(dir, map[string][]byte{"widget.js": []byte("new")}) == nil || compare(dir, map[string][]byte{"gone.js": nil}) == nil {
		t.Error("a file that differs, or is not there, passes")
	}
	if err := compare(dir, map[string][]byte{"widget.js": []byte("old")}); err != nil {
		t.Error(err)
	}
}
