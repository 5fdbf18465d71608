package proc

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func TestSetup_NamesTheVariableWhereThereIsNoPackage(t *testing.T) {
	t.Parallel()
	python := fakePython(t, "3.12", "exit 0")
	for _, c := range []struct{ platform, part, say string }{
		{"darwin/amd64", Embedder, "EMBEDDINGS_BASE_URL"},
		{"windows/amd64", Postgres, "DATABASE_URL"},
		{"freebsd/amd64", Embedder, "EMBEDDINGS_BASE_URL"},
	} {
		cfg := SetupConfig{Parts: []string{c.part}, Progress: NewProgress(io.Discard), Platform: c.platform, Pythons: []string{python}}
		err := testHome(t).Setup(t.Context(), cfg)
		if !errors.Is(err, ErrNoWheel) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: want ErrNoWheel and %s, got %v", c.platform, c.say, err)
		}
	}
}

func TestSetup_NamesEveryMissingProgramFirst(t *testing.T) {
	t.Parallel()
	_, pins := fakePackages(t)
	for _, c := range []struct {
		name     string
		pythons  []string
		packages string
		say      string
	}{
		{"no Python", []string{"/nowhere/python3"}, "python3 python3-pip", "3.10 or newer"},
		{"an old Python", []string{fakePython(t, "3.9", "exit 0")}, "python3 python3-pip", "found 3.9"},
		{"a Python without pip", []string{fakePython(t, "3.12", "exit 1")}, "python3-pip", "pip for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := testHome(t)
			cfg := setupConfig(t, "", pins)
			cfg.Pythons = c.pythons
			err := h.Setup(t.Context(), cfg)
			missing, ok := errors.AsType[*Missing](err)
			if !ok || strings.Join(missing.Packages, " ") != c.packages || !strings.Contains(err.Error(), c.say) {
				t.Fatalf("want %q and %q, got %v", c.packages, c.say, err)
			}
			if _, err := os.Stat(h.wheelDir()); err == nil {
				t.Fatal("something was begun before the check")
			}
		})
	}
}

func TestCheckLibc(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		libc, version string
		fits          bool
	}{
		{"glibc", "2.36", true},
		{"glibc", "2.28", true},
		{"glibc", "2.27", false},
		{"glibc", "2.4", false},
		{"glibc", "3.0", true},
		{"", "", false},
	} {
		err := checkLibc(Python{Libc: c.libc, LibcVersion: c.version}, "2.28")
		if (err == nil) != c.fits {
			t.Errorf("%s %s: got %v", c.libc, c.version, err)
		}
	}
}
