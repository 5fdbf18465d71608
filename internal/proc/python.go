package proc

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

//go:embed probe.py
var probePy string

// Python is an interpreter that was found and asked.
type Python struct {
	Path        string `json:"path"`    // absolute; of a virtual environment where it is one's
	Version     string `json:"version"` // "3.11"
	Libc        string `json:"libc"`    // "glibc", or empty where it is another
	LibcVersion string `json:"libc_version"`
}

// Missing names everything that has to be installed before setup can begin.
type Missing struct {
	What     []string // in words: "python3 (3.10 or newer)"
	Packages []string // as Debian and Ubuntu name them
}

func (m *Missing) Error() string {
	return fmt.Sprintf("missing: %s. On Debian and Ubuntu: apt install %s. "+
		"Or bring your own parts: set DATABASE_URL (Postgres ≥ 15 with pgvector ≥ 0.8) and EMBEDDINGS_BASE_URL (an OpenAI-compatible embeddings server)",
		strings.Join(m.What, ", "), strings.Join(m.Packages, " "))
}

// oldestPython is the least version that pgserver is packaged for.
const oldestPython = 10

// pythons lists where an interpreter may be: the caller's first, then the system's.
func pythons() []string {
	return []string{"python3", "/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"}
}

// probe asks an interpreter who it is.
func probe(ctx context.Context, name string) (Python, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, "-I", "-c", probePy)
	cmd.Dir = "/"
	out, err := cmd.Output()
	if err != nil {
		return Python{}, fmt.Errorf("ask %s for its version: %w", name, err)
	}
	var p Python
	if err := json.Unmarshal(out, &p); err != nil || p.Path == "" {
		return Python{}, fmt.Errorf("ask %s for its version: it said %q", name, firstLine(out))
	}
	return p, nil
}

// minor is 11 for "3.11"; 0 where it is no Python 3.
func (p Python) minor() int {
	rest, ok := strings.CutPrefix(p.Version, "3.")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return 0
	}
	return n
}

// findPip returns the interpreter whose pip will fetch, or a *Missing that
// names all there is to install.
func findPip(ctx context.Context, candidates []string) (Python, error) {
	missing := &Missing{}
	var old, bare string
	for _, name := range candidates {
		p, err := probe(ctx, name)
		if ctx.Err() != nil {
			return Python{}, ctx.Err()
		}
		switch {
		case err != nil:
		case p.minor() < oldestPython:
			old = cmp.Or(old, p.Version)
		case hasPip(ctx, p):
			return p, nil
		default:
			bare = cmp.Or(bare, p.Path)
		}
	}
	missing.Packages = []string{"python3", "python3-pip"}
	switch {
	case bare != "":
		missing.What = []string{"pip for " + bare}
		missing.Packages = []string{"python3-pip"}
	case old != "":
		missing.What = []string{"python3, 3.10 or newer (found " + old + ")", "pip for it"}
	default:
		missing.What = []string{"python3, 3.10 or newer", "pip for it"}
	}
	return Python{}, missing
}

func hasPip(ctx context.Context, p Python) bool {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.Path, "-m", "pip", "--version")
	cmd.Env = pipEnv()
	return cmd.Run() == nil
}

// pipEnv is pip's environment: the caller's, with its index, proxy and
// certificates. Who wants pip to work in virtual environments only means
// installing; nothing is installed here.
func pipEnv(more ...string) []string {
	return append(append(os.Environ(), "PIP_REQUIRE_VIRTUALENV=0"), more...)
}

// errOldLibc says that the machine's C library is not one the wheels run on.
var errOldLibc = errors.New("the packages are built for another C library")

// checkLibc compares what the interpreter runs on with what the Linux wheels need.
func checkLibc(p Python, least string) error {
	if p.Libc != "glibc" {
		return fmt.Errorf("%w: they need glibc ≥ %s, this is no glibc system (musl?)", errOldLibc, least)
	}
	if lessVersion(p.LibcVersion, least) {
		return fmt.Errorf("%w: they need glibc ≥ %s, this is %s", errOldLibc, least, p.LibcVersion)
	}
	return nil
}

// lessVersion compares "2.31" and "2.28" by their numbers; what is no number
// counts as new enough.
func lessVersion(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		if errX != nil || errY != nil {
			return false
		}
		if x != y {
			return x < y
		}
	}
	return false
}

// plainEnv is the environment of everything that runs as a part: no key, no
// address and no preload of the caller's goes along.
func plainEnv() []string {
	path := os.Getenv("PATH")
	if path == "" {
		path = "/usr/local/bin:/usr/bin:/bin"
	}
	return []string{"PATH=" + path, "LANG=C.UTF-8", "TZ=UTC", "HOME=/"}
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return string(line)
}
