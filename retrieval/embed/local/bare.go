package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"frontdesk/retrieval/embed/local/ort"
)

// Bare is a model without its head: what heads are learned from. Its tokens'
// vectors are as wide as a text's, unit vectors that nothing was taken off.
type Bare struct{ m *Model }

// OpenBare opens a model without its head. Its graph is made where it is not
// there, beside those that serve and apart from them; no head that ships has a
// part in it. It may be interrupted anywhere.
func OpenBare(ctx context.Context, lib *ort.Library, f Folders, name string, cfg MakeConfig) (*Bare, error) {
	s, err := specOf(name)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(f.Made, "bare-"+s.weightsKey(), s.name)
	m, err := openAt(lib, f, s, dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrWeights) {
		if err := makeBare(ctx, lib, f, s, dir, cfg.withDefaults()); err != nil {
			return nil, fmt.Errorf("make %s without its head: %w", s.name, err)
		}
		m, err = openAt(lib, f, s, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s without its head: %w", s.name, err)
	}
	m.width = s.sizes.hidden
	return &Bare{m: m}, nil
}

func makeBare(ctx context.Context, lib *ort.Library, f Folders, s spec, dir string, cfg MakeConfig) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), tempPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	h := s.sizes.hidden
	same := make([]float32, h*h)
	for i := range h {
		same[i*h+i] = 1
	}
	if err := makeModel(ctx, lib, f, s, same, filepath.Join(tmp, s.name), cfg); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil { // damaged: else it would have been opened
		return err
	}
	return os.Rename(filepath.Join(tmp, s.name), dir)
}

// weightsKey names what is made of the weights alone.
func (s spec) weightsKey() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "format %d\n%s %s %s\n", format, s.name, s.weights.sha256, s.vocab.sha256))
	return hex.EncodeToString(sum[:8])
}

// Made names the weights and the precision that vectors are of: those of another
// name are not to be mixed with them.
func (b *Bare) Made() string {
	return b.m.spec.name + "-" + b.m.spec.weightsKey() + "-" + string(b.m.made.Precision)
}

// Dims is the width of a text's vector, and of a token's.
func (b *Bare) Dims() int { return b.m.Dims() }

// Encode is Model.Encode with the marks' tokens and no head. Safe for concurrent
// use.
func (b *Bare) Encode(ctx context.Context, kind Kind, text string) (Vectors, error) {
	if err := ctx.Err(); err != nil {
		return Vectors{}, err
	}
	ids, places, cut := b.m.tokenise(kind, text, true)
	v, err := b.m.run(ids, true, false)
	if err != nil {
		return Vectors{}, fmt.Errorf("encode with %s: %w", b.m.spec.name, err)
	}
	v.Truncated, v.Places = cut, places
	return v, nil
}

// Close lets the model go; no Encode may be running.
func (b *Bare) Close() { b.m.Close() }

// Tokens is a model's tokenizer without the model.
type Tokens struct{ m *Model }

// OpenTokens opens a model's tokenizer; no graph is made or opened.
func OpenTokens(f Folders, name string) (*Tokens, error) {
	s, err := specOf(name)
	if err != nil {
		return nil, err
	}
	m := &Model{spec: s}
	if _, err := m.openSource(s.folder(f)); err != nil {
		m.Close()
		return nil, fmt.Errorf("open the tokenizer of %s: %w", s.name, err)
	}
	return &Tokens{m: m}, nil
}

// IDs are the tokens of a text as the model reads it: with its mark in front and
// the marks at the ends, cut to what it reads.
func (t *Tokens) IDs(kind Kind, text string) []int32 {
	ids, _, _ := t.m.tokenise(kind, text, false)
	return ids
}

// Close lets the files go.
func (t *Tokens) Close() { t.m.Close() }
