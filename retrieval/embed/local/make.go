package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"frontdesk/retrieval/embed/local/ort"
)

// MakeConfig says how Make works.
type MakeConfig struct {
	// Precisions are tried in turn until one is right on this processor.
	// Empty: Int8, Int7, FP32.
	Precisions []Precision
	// Say is told what is done and found, in words for people. Nil: nothing is.
	Say func(format string, args ...any)

	enough func(Precision) float64 // default: enough
}

func (c MakeConfig) withDefaults() MakeConfig {
	if len(c.Precisions) == 0 {
		c.Precisions = []Precision{Int8, Int7, FP32}
	}
	if c.enough == nil {
		c.enough = enough
	}
	if c.Say == nil {
		c.Say = func(string, ...any) {}
	}
	return c
}

// ErrWrong says that this machine computes other vectors than it should, at
// every precision.
var ErrWrong = errors.New("the encoders compute wrong vectors on this machine")

// tempPrefix names what an interrupted Make leaves and the next one removes.
const tempPrefix = "tmp-"

// Make turns the weights into graphs and checks these against the reference
// vectors; where that was done before it returns at once. It may be interrupted
// anywhere and run twice at once: what is there under its name is whole.
func Make(ctx context.Context, lib *ort.Library, f Folders, cfg MakeConfig) error {
	cfg = cfg.withDefaults()
	k, err := key()
	if err != nil {
		return err
	}
	dir := filepath.Join(f.Made, k)
	if made(dir) {
		return nil
	}
	if err := os.MkdirAll(f.Made, 0o700); err != nil {
		return fmt.Errorf("make the encoders: %w", err)
	}
	sweep(f.Made)
	tmp, err := os.MkdirTemp(f.Made, tempPrefix)
	if err != nil {
		return fmt.Errorf("make the encoders: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	for _, s := range specs() {
		head, err := readHead(s)
		if err != nil {
			return fmt.Errorf("read the head of %s: %w", s.name, err)
		}
		if err := makeModel(ctx, lib, f, s, head.matrix(), filepath.Join(tmp, s.name), cfg); err != nil {
			return fmt.Errorf("make %s: %w", s.name, err)
		}
	}
	if made(dir) {
		return nil // another was quicker
	}
	if err := os.RemoveAll(dir); err != nil { // damaged: else it would have been taken
		return fmt.Errorf("make the encoders: %w", err)
	}
	if err := os.Rename(tmp, dir); err != nil && !made(dir) {
		return fmt.Errorf("make the encoders: %w", err)
	}
	return nil
}

// leftAge is how old a temporary folder is that nobody can be working in.
const leftAge = time.Hour

// sweep removes what a Make that was killed left, and what other versions of
// this program made long ago.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > leftAge {
			_ = os.RemoveAll(filepath.Join(dir, e.Name())) // what stays costs room, nothing else
		}
	}
}

// made says whether everything is there and whole.
func made(dir string) bool {
	for _, s := range specs() {
		m, err := readManifest(filepath.Join(dir, s.name))
		if err != nil || m.Model != s.name {
			return false
		}
	}
	return true
}

// makeModel makes one model under dir; axes are what writeGraph turns tokens to.
func makeModel(ctx context.Context, lib *ort.Library, f Folders, s spec, axes []float32, dir string, cfg MakeConfig) error {
	for _, w := range []file{s.weights, s.vocab} {
		if err := w.check(s.folder(f)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	refused := map[string]float64{}
	for _, p := range cfg.Precisions {
		if err := ctx.Err(); err != nil {
			return err
		}
		m := manifest{Model: s.name, Precision: p, Refused: refused, Runtime: lib.Version()}
		least, err := m.tryOut(lib, f, s, axes, dir)
		if err != nil {
			return err
		}
		if least >= cfg.enough(p) {
			if p != cfg.Precisions[0] {
				cfg.Say("%s: %s is off on this processor, %s is used", s.name, cfg.Precisions[0], p)
			}
			return nil
		}
		refused[string(p)] = least
	}
	return fmt.Errorf("%w: least cosines %v", ErrWrong, refused)
}

// tryOut writes the graph, its weights and the manifest, and says how near the
// reference it comes.
func (m *manifest) tryOut(lib *ort.Library, f Folders, s spec, axes []float32, dir string) (least float64, err error) {
	if err := m.write(f, s, axes, dir); err != nil {
		return 0, err
	}
	o, err := openAt(lib, f, s, dir)
	if err != nil {
		return 0, err
	}
	defer o.Close()
	if m.Cosine, err = o.compare(); err != nil {
		return 0, err
	}
	return m.Cosine, m.save(dir)
}

func (m *manifest) write(f Folders, s spec, axes []float32, dir string) error {
	model := &Model{spec: s}
	defer model.Close()
	src, err := model.openSource(s.folder(f))
	if err != nil {
		return err
	}
	m.Files = map[string]madeFile{}
	var graph []byte
	m.Files[weightsFile], err = writeSynced(filepath.Join(dir, weightsFile), func(w io.Writer) error {
		graph, err = writeGraph(src, s.sizes, m.Precision, axes, weightsFile, w)
		return err
	})
	if err != nil {
		return err
	}
	m.Files[graphFile], err = writeSynced(filepath.Join(dir, graphFile), func(w io.Writer) error {
		_, err := w.Write(graph)
		return err
	})
	if err != nil {
		return err
	}
	return m.save(dir)
}

func (m *manifest) save(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	_, err = writeSynced(filepath.Join(dir, manifestFile), func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
	return err
}
