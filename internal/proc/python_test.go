package proc

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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

// The Python of a virtual environment is a link to the system's, which may well
// have no pip.
func TestProbe_KeepsAVirtualEnvironment(t *testing.T) {
	t.Parallel()
	venv := filepath.Join(t.TempDir(), "v")
	if out, err := exec.CommandContext(t.Context(), "python3", "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	path := filepath.Join(venv, "bin", "python3")
	p, err := probe(t.Context(), path)
	if err != nil || p.Path != path {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSetup_FetchesWherePipIsForVirtualEnvironmentsOnly(t *testing.T) {
	t.Setenv("PIP_REQUIRE_VIRTUALENV", "1") // a developer's usual guard against installing by mistake
	wheels, pins := fakePackages(t)
	cfg := setupConfig(t, "", pins)
	cfg.Pythons = []string{fakePython(t, "3.12", pipThat(`
case $PIP_REQUIRE_VIRTUALENV in 0) ;; *) echo "Could not find an activated virtualenv (required)." >&2; exit 3 ;; esac
name=$(sed 's/==.*//; s/-/_/g' "$dest/requirements.txt")
cp "`+wheels+`/$name-1.0-py3-none-any.whl" "$dest"`))}
	if err := testHome(t).Setup(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}

func TestSetup_RefusesAPlaceWherePostgresCannotRun(t *testing.T) {
	t.Parallel()
	_, pins := fakePackages(t)
	for _, name := range []string{`a "new" one`, "$HOME", "a`b", `back\slash`, "two\nlines"} {
		h := testHome(t)
		h.Base = filepath.Join(h.Base, name)
		err := h.Setup(t.Context(), setupConfig(t, "", pins))
		if err == nil || !strings.Contains(err.Error(), "FRONTDESK_HOME") || !strings.Contains(err.Error(), "DATABASE_URL") {
			t.Errorf("%q: %v", name, err)
		}
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
