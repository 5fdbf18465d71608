package proc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asRoot skips where data lies in the home itself and goes with it.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root's homes keep data elsewhere")
	}
}

// keep opens a home at dir and leaves a file among its data.
func keep(t *testing.T, dir string) *Home {
	t.Helper()
	h := testHomeAt(t, dir)
	if err := os.WriteFile(filepath.Join(h.DataDir(), "kept"), []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

func remove(t *testing.T, dir string) (said string) {
	t.Helper()
	var b strings.Builder
	err := Remove(t.Context(), dir, func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) })
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestRemove_OfAHomeThatWasMovedTakesItsDataAlong(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := t.TempDir()
	h := keep(t, filepath.Join(dir, "first"))
	if err := os.Rename(h.Dir, filepath.Join(dir, "second")); err != nil {
		t.Fatal(err)
	}
	said := remove(t, filepath.Join(dir, "second")) // nothing has used it since
	if exists(h.Base) || !strings.Contains(said, h.Base) {
		t.Fatalf("%s is left, or nothing was said of it:\n%s", h.Base, said)
	}
	if exists(filepath.Join(dir, "second")) {
		t.Error("the home itself is left")
	}
}

func TestRemove_OfACopyLeavesTheFirstOnesData(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := t.TempDir()
	h := keep(t, filepath.Join(dir, "first"))
	copied := filepath.Join(dir, "copy")
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", h.Dir, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	remove(t, copied)
	if !exists(filepath.Join(h.DataDir(), "kept")) {
		t.Fatal("removing a copy took the first one's data")
	}
}

// One home moved away, another made where it was: neither takes the other's.
func TestHome_MovedAwayFromWhereAnotherIsNowKeepsItsData(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := t.TempDir()
	first := keep(t, filepath.Join(dir, "here"))
	if err := os.Rename(first.Dir, filepath.Join(dir, "there")); err != nil {
		t.Fatal(err)
	}
	again := keep(t, filepath.Join(dir, "here"))
	remove(t, again.Dir)
	if exists(again.Base) {
		t.Error("the new home's data is left")
	}
	if !exists(filepath.Join(first.Base, "data", "kept")) {
		t.Fatal("the moved home's data went with the home that was made in its place")
	}
	again = keep(t, again.Dir)
	moved := testHomeAt(t, filepath.Join(dir, "there"))
	if !exists(filepath.Join(moved.DataDir(), "kept")) {
		t.Fatal("the moved home did not find its data")
	}
	if !exists(filepath.Join(again.DataDir(), "kept")) {
		t.Error("the moved home took the other's data")
	}
}

func TestRemove_WhereAHomeWasDeletedByHandTakesWhatItLeft(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := t.TempDir()
	h := keep(t, filepath.Join(dir, "home"))
	if err := os.RemoveAll(h.Dir); err != nil {
		t.Fatal(err)
	}
	named := false
	for _, l := range Leftovers() {
		named = named || l.Base == h.Base && l.Home == h.Dir
	}
	if !named {
		t.Errorf("%s is not named as left over", h.Base)
	}
	if said := remove(t, h.Dir); exists(h.Base) || !strings.Contains(said, h.Base) {
		t.Fatalf("%s is left, or nothing was said of it:\n%s", h.Base, said)
	}
}
