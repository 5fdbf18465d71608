package pgvec

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if !isSet("rapid.checks") {
		// Each check ingests into a real database.
		_ = flag.Set("rapid.checks", "15")
	}
	os.Exit(m.Run())
}

func isSet(name string) bool {
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// bundle is a database of a test's own with what an ingest needs.
type bundle struct {
	t        *testing.T
	ctx      context.Context
	pool     *pgxpool.Pool
	store    *Store
	embedder *bagEmbedder
	ingester *retrieval.Ingester
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, ctx: t.Context(), pool: pgtest.New(t), embedder: &bagEmbedder{model: retrieval.Model{Name: "bag/16", Dims: 16}}}
	var err error
	if b.store, err = New(b.pool); err != nil {
		t.Fatal(err)
	}
	b.ingester = b.newIngester(b.store, b.embedder)
	return b
}

func (b *bundle) newIngester(s *Store, e retrieval.Embedder) *retrieval.Ingester {
	b.t.Helper()
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: s, Split: paragraphs{}, Terms: plainTerms, Detect: english, Embedder: e,
	}, retrieval.IngestConfig{BM25: testBM25(), WriteEvery: 4})
	if err != nil {
		b.t.Fatal(err)
	}
	return in
}

func (b *bundle) site(name string) retrieval.SiteID {
	b.t.Helper()
	s, _, err := b.store.AddSite(b.ctx, name)
	if err != nil {
		b.t.Fatal(err)
	}
	return s.ID
}

func (b *bundle) ingest(site retrieval.SiteID, articles ...retrieval.Article) retrieval.IngestReport {
	b.t.Helper()
	r, err := b.ingester.Ingest(b.ctx, site, articles, retrieval.IngestOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bundle) find(n retrieval.Needle) retrieval.Candidates {
	b.t.Helper()
	c, err := b.store.Find(b.ctx, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// needle asks for words as the embedder and the index know them.
func (b *bundle) needle(site retrieval.SiteID, text string) retrieval.Needle {
	seen := map[string]bool{}
	var terms []string
	for _, t := range plainTerms(text, "en") {
		if !seen[t] {
			seen[t] = true
			terms = append(terms, t)
		}
	}
	return retrieval.Needle{Site: site, Vecs: []retrieval.NeedleVec{{Model: b.embedder.model.Name, Vec: bag(text, b.embedder.model.Dims)}}, Terms: terms, Near: 1000, Worded: 1000, BM25: testBM25()}
}

func (b *bundle) count(table string, site retrieval.SiteID) int {
	b.t.Helper()
	var n int
	if err := b.pool.QueryRow(b.ctx, "SELECT count(*) FROM "+table+" WHERE site_id = $1", site).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func knowledgeTables() []string {
	return []string{"generations", "articles", "chunks", "chunk_vectors", "article_vectors", "terms", "chunk_words", "article_words", "word_postings"}
}

func testBM25() retrieval.BM25 {
	return retrieval.BM25{K1: 1.2, B: 0.75, MaxDF: 0.4, TitleWeight: 1}
}

func article(id, body string) retrieval.Article {
	return retrieval.Article{ID: id, Title: "About " + id, Lang: "en", Body: body}
}

// paragraphs is a splitter: a section a paragraph.
type paragraphs struct{}

func (paragraphs) Version() string { return "paragraphs" }

func (paragraphs) Split(a retrieval.Article) []retrieval.Chunk {
	var out []retrieval.Chunk
	at := 0
	for p := range strings.SplitSeq(a.Body, "\n\n") {
		if p != "" {
			out = append(out, retrieval.Chunk{From: at, To: at + len(p), Text: p, Words: len(strings.Fields(p)), Section: len(out)})
		}
		at += len(p) + 2
	}
	for _, q := range a.Questions {
		out = append(out, retrieval.Chunk{Kind: retrieval.QuestionChunk, Text: q, Words: len(strings.Fields(q))})
	}
	return out
}

func plainTerms(text, _ string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

func english(string, []string) (string, float64) { return "en", 1 }

// bagEmbedder adds up a direction for each word.
type bagEmbedder struct {
	model retrieval.Model
	calls int
	fail  func(texts []string) error
}

func (e *bagEmbedder) Model() retrieval.Model { return e.model }

func (e *bagEmbedder) Embed(ctx context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	if e.fail != nil {
		if err := e.fail(texts); err != nil {
			return nil, err
		}
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = bag(t, e.model.Dims)
	}
	return out, ctx.Err()
}

func bag(text string, dims int) []float32 {
	sum := make([]float64, dims)
	for _, w := range append(plainTerms(text, ""), text) {
		h := fnv.New64a()
		h.Write([]byte(w))
		rng := rand.New(rand.NewPCG(h.Sum64(), 1))
		for i := range sum {
			sum[i] += rng.NormFloat64()
		}
	}
	norm := 0.0
	for _, x := range sum {
		norm += x * x
	}
	v := make([]float32, dims)
	for i, x := range sum {
		v[i] = float32(x / math.Sqrt(norm))
	}
	return v
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func same(a, b float64) bool { return math.Abs(a-b) < 1e-4 }

func name(i int) string { return fmt.Sprintf("a%d", i) }
