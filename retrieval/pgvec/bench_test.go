package pgvec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

// The benchmarks search a shop grown to a size: sections of the demo shop's
// articles put together anew, their real vectors with a little noise, so that
// words are as common and vectors as close together as real ones.

func BenchmarkFind(b *testing.B) {
	for _, chunks := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("chunks=%d", chunks), func(b *testing.B) {
			g := grow(b, chunks)
			b.Run("one client", func(b *testing.B) {
				var took []time.Duration
				for i := 0; b.Loop(); i++ {
					start := time.Now()
					if _, err := g.store.Find(b.Context(), g.needle(i)); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			})
			b.Run("four clients", func(b *testing.B) {
				var n atomic.Int64
				b.SetParallelism(2) // two cores: four goroutines
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := g.store.Find(b.Context(), g.needle(int(n.Add(1)))); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "searches/s")
			})
		})
	}
}

// BenchmarkIngestUnchanged is 1,000 articles that are ingested again.
func BenchmarkIngestUnchanged(b *testing.B) {
	g := grow(b, 1000)
	articles := g.articles
	for len(articles) < 1000 {
		for i, a := range g.articles {
			a.ID = fmt.Sprintf("%s-%d-%d", a.ID, len(articles), i)
			articles = append(articles, a)
		}
	}
	articles = articles[:1000]
	in := g.ingester(b)
	if _, err := in.Ingest(b.Context(), g.site, articles, retrieval.IngestOptions{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := in.Ingest(b.Context(), g.site, articles, retrieval.IngestOptions{})
		if err != nil || !r.Unchanged {
			b.Fatal(r, err)
		}
	}
}

// grown is a site of some size with questions to it.
type grown struct {
	store     *Store
	site      retrieval.SiteID
	articles  []retrieval.Article
	vectors   map[string][]float32 // by embedded text
	model     retrieval.Model
	questions []retrieval.Needle
}

func (g *grown) needle(i int) retrieval.Needle { return g.questions[i%len(g.questions)] }

func (g *grown) ingester(tb testing.TB) *retrieval.Ingester {
	tb.Helper()
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: g.store, Split: paragraphs{}, Terms: words.Terms, Detect: words.DetectLanguage, Embedder: g,
	}, retrieval.IngestConfig{WordsVersion: words.Version, Batch: 64, InFlight: 1, WriteEvery: 2000})
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

// Model and Embed make a grown site an embedder that knows its own texts.
func (g *grown) Model() retrieval.Model { return g.model }

func (g *grown) Embed(_ context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if out[i] = g.vectors[t]; out[i] == nil {
			out[i] = bag(t, g.model.Dims)
		}
	}
	return out, nil
}

func grow(tb testing.TB, chunks int) *grown {
	tb.Helper()
	shop := filepath.Join("..", "..", "evals", "shop")
	data, err := os.ReadFile(filepath.Join(shop, "vectors.bin"))
	if err != nil {
		tb.Fatal(err)
	}
	files, err := retrieval.ReadVectorFiles(data)
	if err != nil {
		tb.Fatal(err)
	}
	file := files[0]
	found, err := sources.Walk(tb.Context(), []string{filepath.Join(shop, "knowledge")}, sources.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	sp, err := split.New(split.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	pool := pgtest.New(tb)
	g := &grown{vectors: map[string][]float32{}, model: file.Model}
	if g.store, err = New(pool); err != nil {
		tb.Fatal(err)
	}
	site, _, err := g.store.AddSite(tb.Context(), "grown")
	if err != nil {
		tb.Fatal(err)
	}
	g.site = site.ID
	type piece struct {
		text string
		vec  []float32
	}
	var pieces []piece
	for _, a := range found.Articles {
		for _, c := range sp.Split(a) {
			text := retrieval.EmbedText(a, c)
			vec, ok := file.Get(file.Model.Name, shaOf(text))
			if ok && c.Kind == retrieval.SectionChunk {
				pieces = append(pieces, piece{strings.ReplaceAll(c.Text, "\n\n", "\n"), vec})
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(chunks)))
	for n := 0; n < chunks; {
		a := retrieval.Article{ID: fmt.Sprintf("article-%d", n), Title: found.Articles[rng.IntN(len(found.Articles))].Title, Lang: "en", URL: fmt.Sprintf("/help/%d", n)}
		var body []string
		var vecs [][]float32
		for range min(4, chunks-n) {
			p := pieces[rng.IntN(len(pieces))]
			body = append(body, fmt.Sprintf("%s No. %d", p.text, n))
			vecs = append(vecs, noisy(rng, p.vec))
			n++
		}
		a.Body = strings.Join(body, "\n\n")
		for i, c := range (paragraphs{}).Split(a) {
			g.vectors[retrieval.EmbedText(a, c)] = vecs[i]
		}
		g.articles = append(g.articles, a)
	}
	if _, err := g.ingester(tb).Ingest(tb.Context(), g.site, g.articles, retrieval.IngestOptions{}); err != nil {
		tb.Fatal(err)
	}
	g.ask(tb, filepath.Join(shop, "questions.jsonl"), filepath.Join(shop, "question-vectors.bin"))
	return g
}
