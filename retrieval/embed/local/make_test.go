package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fp32 is the network as it was trained: the graph is right.
func TestMake_FP32IsTheReference(t *testing.T) {
	t.Parallel()
	f := folders(t)
	lib := library(t, f)
	if err := Make(t.Context(), lib, f, MakeConfig{Precisions: []Precision{FP32}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range Models() {
		m := open(t, lib, f, name)
		if m.Precision() != FP32 || m.Cosine() < 0.99999 {
			t.Errorf("%s: %s, cosine %v", name, m.Precision(), m.Cosine())
		}
	}
}

func TestMake_FallsBackWhereAPrecisionIsOffAndSaysSo(t *testing.T) {
	t.Parallel()
	f := folders(t)
	lib := library(t, f)
	var said []string
	cfg := MakeConfig{
		Say:    func(format string, _ ...any) { said = append(said, format) },
		enough: func(p Precision) float64 { return map[Precision]float64{Int8: 2, Int7: 2, FP32: 0.99}[p] },
	}
	if err := Make(t.Context(), lib, f, cfg); err != nil {
		t.Fatal(err)
	}
	for _, name := range Models() {
		m := open(t, lib, f, name)
		if m.Precision() != FP32 || len(m.made.Refused) != 2 || m.made.Refused[string(Int8)] < 0.9 {
			t.Errorf("%s: %s, refused %v", name, m.Precision(), m.made.Refused)
		}
	}
	if len(said) != len(Models()) {
		t.Errorf("said %v", said)
	}
	f.Made = filepath.Join(t.TempDir(), "none")
	cfg.enough = func(Precision) float64 { return 2 }
	if err := Make(t.Context(), lib, f, cfg); !errors.Is(err, ErrWrong) {
		t.Errorf("nothing is right: want ErrWrong, got %v", err)
	}
	if _, err := Open(lib, f, E5); err == nil {
		t.Error("what was refused can be opened")
	}
}

func TestMake_DoesNothingWhereAllIsThere(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	f.E5, f.MiniLM = "/nowhere", "/nowhere" // so it cannot have been made again
	if err := Make(t.Context(), lib, f, MakeConfig{}); err != nil {
		t.Fatal(err)
	}
}

func TestMake_RepairsWhatWasDamaged(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	k, err := key()
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func(path string) error{
		func(path string) error { return os.Truncate(path, 1000) },
		os.Remove,
		func(path string) error {
			b, err := os.ReadFile(path)
			if err == nil {
				b[len(b)/2] ^= 1
				err = os.WriteFile(path, b, 0o600)
			}
			return err
		},
	} {
		for _, name := range []string{weightsFile, graphFile} {
			if err := damage(filepath.Join(f.Made, k, MiniLM, name)); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(lib, f, MiniLM); !errors.Is(err, ErrWeights) {
				t.Errorf("want ErrWeights, got %v", err)
			}
			if err := Make(t.Context(), lib, f, MakeConfig{}); err != nil {
				t.Fatal(err)
			}
			open(t, lib, f, MiniLM)
		}
	}
}

func TestMake_SeveralAtOnceAndInterrupted(t *testing.T) {
	t.Parallel()
	f := folders(t)
	lib := library(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Make(ctx, lib, f, MakeConfig{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	// As a Make that was killed leaves it.
	if err := os.MkdirAll(filepath.Join(f.Made, tempPrefix+"1", E5), 0o700); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := Make(t.Context(), lib, f, MakeConfig{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	open(t, lib, f, E5)
	entries, err := os.ReadDir(f.Made)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) && e.Name() != tempPrefix+"1" {
			t.Errorf("%s was left", e.Name())
		}
	}
}

// copied is a package's folder of which one file can be changed.
func copied(t *testing.T, from string, files ...file) string {
	t.Helper()
	dir := t.TempDir()
	for _, w := range files {
		to := filepath.Join(dir, w.path)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(from, w.path), to); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMake_RefusesWeightsThatAreNotTheRightOnes(t *testing.T) {
	t.Parallel()
	whole := folders(t)
	lib := library(t, whole)
	for _, s := range specs() {
		for what, size := range map[string]int64{"cut short": s.weights.size - 1, "another version": s.weights.size, "empty": 0, "missing": -1} {
			t.Run(s.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f := whole
				f.Made = filepath.Join(t.TempDir(), "made")
				f.E5 = copied(t, whole.E5, specs()[0].weights)
				f.MiniLM = copied(t, whole.MiniLM, specs()[1].weights, specs()[1].vocab)
				path := filepath.Join(s.folder(f), s.weights.path)
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if size >= 0 {
					if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size)); err != nil {
						t.Fatal(err)
					}
				}
				err := Make(t.Context(), lib, f, MakeConfig{})
				if !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), s.name) {
					t.Errorf("want ErrWeights, got %v", err)
				}
				if what == "another version" && !strings.Contains(err.Error(), "another version") {
					t.Errorf("it does not say so: %v", err)
				}
				if entries, err := os.ReadDir(f.Made); err == nil && len(entries) > 0 {
					t.Errorf("%v was left", entries)
				}
			})
		}
	}
}

func TestOpen_RefusesWeightsCutShortSinceTheyWereMadeOf(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	s := specs()[1]
	b, err := os.ReadFile(filepath.Join(f.MiniLM, s.weights.path))
	if err != nil {
		t.Fatal(err)
	}
	f.MiniLM = copied(t, f.MiniLM, s.vocab)
	if err := os.WriteFile(filepath.Join(f.MiniLM, s.weights.path), b[:len(b)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(lib, f, MiniLM); !errors.Is(err, ErrWeights) {
		t.Errorf("want ErrWeights, got %v", err)
	}
}
