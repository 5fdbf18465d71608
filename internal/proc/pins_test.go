package proc

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

func readTestPins(path string) (*Pins, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var p Pins
	return &p, json.Unmarshal(b, &p)
}

func TestPins_AreWhole(t *testing.T) {
	t.Parallel()
	p, err := LoadPins()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, w := range p.Wheels {
		if b, err := hex.DecodeString(w.SHA256); err != nil || len(b) != 32 {
			t.Errorf("%s: %q is no sha256", w.File, w.SHA256)
		}
		if w.Size <= 0 || w.Licence == "" || w.Holds == "" || w.Version == "" {
			t.Errorf("%s: size, licence, content or version is missing", w.File)
		}
		if _, _, _, err := w.tags(); err != nil {
			t.Error(err)
		}
		key := w.Name + w.Platform + w.Python
		if seen[key] {
			t.Errorf("%s is pinned twice for %s, Python %s", w.Name, w.Platform, w.Python)
		}
		seen[key] = true
	}
}

func TestPins_FindPartsByPlatformAndPython(t *testing.T) {
	t.Parallel()
	p, err := LoadPins()
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64"} {
		for _, python := range []string{"3.12", "3.99", ""} { // nothing of the encoders depends on Python
			wheels, err := p.For(Embedder, platform, python)
			if err != nil || len(wheels) != 3 {
				t.Errorf("%s, Python %q: want the library and two models, got %v, %v", platform, python, wheels, err)
			}
		}
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "darwin/amd64"} {
		for _, python := range []string{"3.12", "3.99", ""} { // Postgres does not depend on Python
			if wheels, err := p.For(Postgres, platform, python); err != nil || len(wheels) != 1 {
				t.Errorf("%s, Python %q: want one wheel, got %v, %v", platform, python, wheels, err)
			}
		}
	}
	for _, c := range []struct{ part, platform, python string }{
		{Embedder, "darwin/amd64", "3.12"},
		{Postgres, "windows/amd64", "3.12"},
	} {
		if _, err := p.For(c.part, c.platform, c.python); !errors.Is(err, ErrNoWheel) {
			t.Errorf("%v: want ErrNoWheel, got %v", c, err)
		}
	}
}
