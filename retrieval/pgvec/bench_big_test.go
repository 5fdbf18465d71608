package pgvec

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

// twoModels are an embedder for each model of a grown site.
type twoModels struct {
	*grown
	second *grown
}

// growBig makes a site of so many chunks, indexed from a size on, with vectors of two models: paragraphs
// of sentences drawn from the articles of all the fictional businesses, one
// business a paragraph; vectors between two real ones of the demo shop, with
// noise. Its questions are the demo shop's, with their real vectors under the
// first model and under the second one near a section.
func growBig(tb testing.TB, chunks, from int) *grown {
	tb.Helper()
	evals := filepath.Join("..", "..", "evals")
	rng := rand.New(rand.NewPCG(2, uint64(chunks)))
	stock := sentences(tb, evals)
	files, pieces := shopVectors(tb, filepath.Join(evals, "shop"))
	pool := pgtest.New(tb)
	store, err := New(pool)
	if err != nil {
		tb.Fatal(err)
	}
	store.largeFrom = from
	site, _, err := store.AddSite(tb.Context(), "big")
	if err != nil {
		tb.Fatal(err)
	}
	g := twoModels{grown: &grown{store: store, site: site.ID, model: files[0].Model, vectors: map[string][]float32{}}}
	g.second = &grown{model: files[1].Model, vectors: map[string][]float32{}}
	for n := 0; n < chunks; {
		business := stock[rng.IntN(len(stock))]
		a := retrieval.Article{ID: fmt.Sprintf("article-%d", n), Title: business.titles[rng.IntN(len(business.titles))], Lang: "en", URL: fmt.Sprintf("/help/%d", n)}
		if rng.IntN(20) == 0 {
			a.Audience = retrieval.AgentsOnly
		}
		var body []string
		for range min(1+rng.IntN(5), chunks-n) {
			var p []string
			for range 2 + rng.IntN(5) {
				p = append(p, business.list[rng.IntN(len(business.list))])
			}
			body = append(body, fmt.Sprintf("%s No. %d", strings.Join(p, " "), n))
			n++
		}
		a.Body = strings.Join(body, "\n\n")
		for _, c := range (paragraphs{}).Split(a) {
			text, one, two := retrieval.EmbedText(a, c), rng.IntN(len(pieces[0])), rng.IntN(len(pieces[0]))
			g.vectors[text] = between(rng, pieces[0][one], pieces[0][two])
			g.second.vectors[text] = between(rng, pieces[1][one], pieces[1][two])
		}
		g.articles = append(g.articles, a)
	}
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: store, Split: paragraphs{}, Terms: words.Terms, Detect: words.DetectLanguage, Embedder: g.grown, More: []retrieval.Space{{Embedder: g.second}},
	}, retrieval.IngestConfig{WordsVersion: words.Version, Batch: 256, InFlight: 1, WriteEvery: 2000})
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := in.Ingest(tb.Context(), site.ID, g.articles, retrieval.IngestOptions{}); err != nil {
		tb.Fatal(err)
	}
	g.ask(tb, filepath.Join(evals, "shop", "questions.jsonl"), filepath.Join(evals, "shop", "question-vectors.bin"))
	for i := range g.questions {
		q := &g.questions[i]
		q.Near, q.Worded = 30, 15 // a Searcher's
		q.Vecs = append(q.Vecs, retrieval.NeedleVec{Model: g.second.model.Name, Vec: noisy(rng, pieces[1][rng.IntN(len(pieces[1]))])})
	}
	return g.grown
}

// between is a unit vector between two, nearer to the first, with noise.
func between(rng *rand.Rand, a, b []float32) []float32 {
	part := float32(0.45 * rng.Float64())
	mixed := make([]float32, len(a))
	for i := range a {
		mixed[i] = (1-part)*a[i] + part*b[i]
	}
	return noisy(rng, mixed)
}

type business struct{ titles, list []string }

// sentences are those of each business's English articles.
func sentences(tb testing.TB, evals string) []business {
	tb.Helper()
	folders, err := filepath.Glob(filepath.Join(evals, "corpus", "*", "knowledge"))
	if err != nil || len(folders) < 3 {
		tb.Fatal(folders, err)
	}
	var out []business
	for _, folder := range append(folders, filepath.Join(evals, "shop", "knowledge")) {
		found, err := sources.Walk(tb.Context(), []string{folder}, sources.Options{})
		if err != nil {
			tb.Fatal(err)
		}
		var b business
		for _, a := range found.Articles {
			b.titles = append(b.titles, a.Title)
			for s := range strings.SplitSeq(strings.ReplaceAll(a.Body, "\n", " "), ". ") {
				if n := len(strings.Fields(s)); n >= 3 && n < 60 {
					b.list = append(b.list, s+".")
				}
			}
		}
		out = append(out, b)
	}
	return out
}

// shopVectors are both models' vectors of the demo shop's sections, beside each other.
func shopVectors(tb testing.TB, shop string) (files []*retrieval.VectorFile, pieces [2][][]float32) {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(shop, "vectors.bin"))
	if err != nil {
		tb.Fatal(err)
	}
	if files, err = retrieval.ReadVectorFiles(data); err != nil || len(files) < 2 {
		tb.Fatalf("%d models: %v", len(files), err)
	}
	found, err := sources.Walk(tb.Context(), []string{filepath.Join(shop, "knowledge")}, sources.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	sp, err := split.New(split.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, a := range found.Articles {
		for _, c := range sp.Split(a) {
			sha := shaOf(retrieval.EmbedText(a, c))
			one, ok := files[0].Get(files[0].Model.Name, sha)
			two, ok2 := files[1].Get(files[1].Model.Name, sha)
			if ok && ok2 {
				pieces[0], pieces[1] = append(pieces[0], one), append(pieces[1], two)
			}
		}
	}
	if len(pieces[0]) < 100 {
		tb.Fatalf("only %d texts have both vectors", len(pieces[0]))
	}
	return files, pieces
}
