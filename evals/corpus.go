package evals

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Corpus is a folder of businesses: one folder each, with business.json,
// knowledge/ and messages.jsonl. Those that are frozen are a test: they can be
// read for scoring, and only while their files are what FROZEN.sha256 says.
type Corpus struct {
	dir      string
	names    []string
	frozen   []string
	articles ArticleReader
}

// ArticleReader reads the articles of a folder. A file that it cannot read is
// an error: a corpus is whole or it is no corpus.
type ArticleReader func(ctx context.Context, folder string) ([]retrieval.Article, error)

// Business is one business of a corpus.
type Business struct {
	Slug      string            `json:"slug"` // its folder
	Name      string            `json:"name"`
	Trade     string            `json:"trade"`
	Languages []string          `json:"languages"` // its customers'; the first is that of its articles
	Voice     string            `json:"voice"`
	Domain    string            `json:"domain,omitempty"`
	Plans     []string          `json:"plans,omitempty"`
	Products  []ProductLine     `json:"products"`
	Topics    map[string]string `json:"topics"` // topic → desk

	Frozen   bool                `json:"-"`
	Articles []retrieval.Article `json:"-"` // in the order of their files
	Messages []Message           `json:"-"`
}

// ProductLine is a line of products with its models.
type ProductLine struct {
	Line   string   `json:"line"`
	What   string   `json:"what,omitempty"` // in plain words
	Models []string `json:"models"`
}

// OpenCorpus looks at what a folder holds, and holds the frozen businesses in
// it against their hashes. Errors are of kind fault.Invalid and name the file.
func OpenCorpus(dir string, articles ArticleReader) (*Corpus, error) {
	if articles == nil {
		return nil, errors.New("corpus: a reader of articles is required")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, badCorpus("%v", err)
	}
	c := &Corpus{dir: dir, articles: articles}
	for _, e := range entries {
		if e.IsDir() {
			c.names = append(c.names, e.Name())
		}
	}
	if len(c.names) == 0 {
		return nil, badCorpus("%s holds no business", dir)
	}
	c.frozen, err = checkFrozen(dir, c.names)
	return c, err
}

// Training names the businesses that anything may be fitted to.
func (c *Corpus) Training() []string {
	return slices.DeleteFunc(slices.Clone(c.names), c.isFrozen)
}

// Frozen names the businesses that are only ever scored.
func (c *Corpus) Frozen() []string { return slices.Clone(c.frozen) }

func (c *Corpus) isFrozen(name string) bool { return slices.Contains(c.frozen, name) }

// ErrFrozen: a frozen business was asked for where something is fitted.
var ErrFrozen = fault.New(fault.Forbidden, "frozen_business", "This business is frozen: it is scored, never trained on.")

// Read reads a business that anything may be fitted to; ErrFrozen for another.
func (c *Corpus) Read(ctx context.Context, name string) (Business, error) {
	if c.isFrozen(name) {
		return Business{}, fmt.Errorf("%s: %w", name, ErrFrozen)
	}
	return c.read(ctx, name)
}

// ReadToScore reads any business; what comes of a frozen one must change no
// number of the product. Its hashes are held again.
func (c *Corpus) ReadToScore(ctx context.Context, name string) (Business, error) {
	if c.isFrozen(name) {
		if _, err := checkFrozen(c.dir, c.names); err != nil {
			return Business{}, err
		}
	}
	return c.read(ctx, name)
}

func (c *Corpus) read(ctx context.Context, name string) (b Business, err error) {
	if !slices.Contains(c.names, name) {
		return b, fault.New(fault.NotFound, "no_such_business", fmt.Sprintf("The corpus has no business %q; it has %v.", name, c.names))
	}
	dir := filepath.Join(c.dir, name)
	if b, err = readBusiness(filepath.Join(dir, "business.json")); err != nil {
		return b, err
	}
	if b.Slug != name {
		return b, badCorpus("%s: the slug is %q, the folder %q", filepath.Join(dir, "business.json"), b.Slug, name)
	}
	b.Frozen = c.isFrozen(name)
	path := filepath.Join(dir, "messages.jsonl")
	f, err := os.Open(path)
	if err != nil {
		return b, badCorpus("%v", err)
	}
	defer f.Close()
	if b.Messages, err = ReadMessages(f, path); err != nil {
		return b, err
	}
	if b.Articles, err = c.articles(ctx, filepath.Join(dir, "knowledge")); err != nil {
		return b, fmt.Errorf("read %s: %w", filepath.Join(dir, "knowledge"), err)
	}
	if len(b.Articles) == 0 {
		return b, badCorpus("%s holds no article", filepath.Join(dir, "knowledge"))
	}
	return b, nil
}

func readBusiness(path string) (b Business, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return b, badCorpus("%v", err)
	}
	if line, err := decodeStrictly(data, &b); err != nil {
		return b, badCorpus("%s:%d: %v", path, line, err)
	}
	for _, row := range []struct {
		field   string
		missing bool
	}{
		{"slug", b.Slug == ""},
		{"name", b.Name == ""},
		{"trade", b.Trade == ""},
		{"languages", len(b.Languages) == 0},
		{"topics", len(b.Topics) == 0},
	} {
		if row.missing {
			return b, badCorpus("%s: %s is missing", path, row.field)
		}
	}
	return b, nil
}

// decodeStrictly decodes exactly one JSON value without unknown keys; line is
// where it went wrong.
func decodeStrictly(data []byte, to any) (line int, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err = dec.Decode(to)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more follows after its end")
		}
	}
	if err == nil {
		return 0, nil
	}
	at := dec.InputOffset()
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = cmp.Or(s.Offset, at)
	} else if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at = cmp.Or(t.Offset, at)
	}
	return 1 + bytes.Count(data[:min(int(at), len(data))], []byte{'\n'}), err
}

func badCorpus(format string, args ...any) error {
	return fault.New(fault.Invalid, "bad_corpus", fmt.Sprintf(format, args...))
}
