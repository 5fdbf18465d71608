package retrieval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testTerms(text, lang string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if lang == "de" { // a stemmer of a kind, so that languages can be told apart
		for i, w := range words {
			words[i] = strings.TrimSuffix(w, "en")
		}
	}
	return words
}

func testDetect(text string, prior []string) (string, float64) {
	switch {
	case strings.Contains(text, "ich"):
		return "de", 0.9
	case len(prior) > 0:
		return prior[0], 0.5
	}
	return "en", 0.5
}

func testRanking(tb testing.TB) Ranking {
	tb.Helper()
	r, err := DefaultRanking()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// lines is a splitter: a section a line.
type lines struct{ version string }

func (l lines) Version() string { return "lines" + l.version }

func (lines) Split(a Article) []Chunk {
	var out []Chunk
	at := 0
	for line := range strings.SplitSeq(a.Body, "\n") {
		if line != "" {
			out = append(out, Chunk{From: at, To: at + len(line), Text: line, Words: len(strings.Fields(line)), Section: len(out)})
		}
		at += len(line) + 1
	}
	for _, q := range a.Questions {
		out = append(out, Chunk{Kind: QuestionChunk, Text: q, Words: len(strings.Fields(q))})
	}
	return out
}

// memory is a store in memory: one site, what an Ingester writes, and what a
// Searcher is told.
type memory struct {
	mu        sync.Mutex
	current   Generation
	known     map[[32]byte]bool // hashes whose vectors can be taken over
	vectors   []ChunkVector
	writes    int
	failed    int
	collected int
	needles   []Needle
	found     func(Needle) (Candidates, error)
}

func (m *memory) Lock(context.Context, SiteID, func()) (func(), error) { return func() {}, nil }

func (m *memory) Current(context.Context, SiteID) (Generation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current, nil
}

func (m *memory) Begin(_ context.Context, _ SiteID, sum []byte) (int, error) {
	m.current.SourceHash = sum
	return m.current.Number + 1, nil
}

func (m *memory) Fill(context.Context, SiteID, int, *Draft) error { return nil }

func (m *memory) TakeOver(_ context.Context, _ SiteID, _ int, _ Model, chunks []DraftChunk) ([]int, error) {
	var missing []int
	for _, c := range chunks {
		if !m.known[c.Hash] {
			missing = append(missing, c.No)
		}
	}
	return missing, nil
}

func (m *memory) WithoutTokens(_ context.Context, _ SiteID, _ Model, hashes [][32]byte) ([][32]byte, error) {
	return hashes, nil
}

func (m *memory) PutVectors(_ context.Context, _ SiteID, _ int, _ Model, v []ChunkVector) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vectors = append(m.vectors, slices.Clone(v)...)
	m.writes++
	return nil
}

func (m *memory) Publish(_ context.Context, _ SiteID, g int, stats GenerationStats) (Diff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current.Number, m.current.Stats = g, stats
	return Diff{}, nil
}

func (m *memory) Fail(context.Context, SiteID, int) error { m.failed++; return nil }

func (m *memory) Collect(context.Context, SiteID, int) (int, error) { m.collected++; return 0, nil }

func (m *memory) Find(_ context.Context, n Needle) (Candidates, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.needles = append(m.needles, n)
	if m.found == nil {
		return Candidates{Generation: m.current.Number}, nil
	}
	return m.found(n)
}

// scripted is an embedder that does what it is told.
type scripted struct {
	model Model
	embed func(ctx context.Context, texts []string) ([][]float32, error)

	mu    sync.Mutex
	texts []string
}

func newScripted(embed func(ctx context.Context, texts []string) ([][]float32, error)) *scripted {
	return &scripted{model: Model{Name: "scripted/4", Dims: 4}, embed: embed}
}

func (s *scripted) Model() Model { return s.model }

func (s *scripted) Embed(ctx context.Context, _ EmbedKind, texts []string) ([][]float32, error) {
	s.mu.Lock()
	s.texts = append(s.texts, texts...)
	s.mu.Unlock()
	if s.embed != nil {
		return s.embed(ctx, texts)
	}
	return unitVectors(len(texts)), nil
}

func (s *scripted) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.texts)
}

func unitVectors(n int) [][]float32 {
	out := make([][]float32, n)
	for i := range out {
		out[i] = []float32{0.5, 0.5, 0.5, 0.5}
	}
	return out
}

func manyArticles(n int) []Article {
	list := make([]Article, n)
	for i := range list {
		list[i] = Article{ID: fmt.Sprintf("a%d", i), Title: "T", Lang: "en", Body: fmt.Sprintf("text number %d", i)}
	}
	return list
}

// fastRetries makes waiting short enough for a test.
func fastRetries() IngestConfig {
	return IngestConfig{Backoff: time.Millisecond, Patience: 50 * time.Millisecond, WriteEvery: 3}
}
