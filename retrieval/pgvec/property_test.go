package pgvec

import (
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

// The oracle: what a search must find, computed from the articles alone.
type expected struct {
	cosine, bm25, articleBM25, coverage map[string]float64 // by chunk: article id, kind, text
	sections                            int
}

func chunkKey(articleID string, kind retrieval.ChunkKind, text string) string {
	return fmt.Sprintf("%s|%d|%s", articleID, kind, text)
}

// expect is BM25 and cosine by the book: no index, no SQL.
func expect(articles []retrieval.Article, audience retrieval.Audience, n retrieval.Needle, dims int) expected {
	type doc struct {
		key, article string
		section      bool
		tf           map[string]float64
		length       float64
		public       bool
	}
	p := n.BM25
	var chunks, wholes []doc
	e := expected{cosine: map[string]float64{}, bm25: map[string]float64{}, articleBM25: map[string]float64{}, coverage: map[string]float64{}}
	measure := func(d *doc) {
		for _, f := range d.tf {
			d.length += f
		}
	}
	for _, a := range articles {
		whole := doc{article: a.ID, tf: map[string]float64{}, public: a.Audience == retrieval.Public}
		for _, t := range plainTerms(a.Title, "") {
			whole.tf[t] += p.TitleWeight
		}
		for _, c := range (paragraphs{}).Split(a) {
			d := doc{key: chunkKey(a.ID, c.Kind, c.Text), article: a.ID, section: c.Kind == retrieval.SectionChunk, tf: map[string]float64{}, public: whole.public}
			for _, t := range plainTerms(a.Title, "") {
				d.tf[t] += p.TitleWeight
			}
			for _, t := range plainTerms(c.Text, "") {
				d.tf[t]++
				whole.tf[t]++
			}
			measure(&d)
			chunks = append(chunks, d)
			if a.Audience <= audience {
				cos := dot(n.Vecs[0].Vec, bag(retrieval.EmbedText(a, c), dims))
				e.cosine[d.key] = cos
			}
		}
		measure(&whole)
		wholes = append(wholes, whole)
	}
	mean := func(list []doc) float64 {
		sum, count := 0.0, 0.0
		for _, d := range list {
			if d.public {
				sum, count = sum+d.length, count+1
			}
		}
		if count == 0 {
			for _, d := range list {
				sum, count = sum+d.length, count+1
			}
		}
		return sum / count
	}
	visible := func(d doc) bool { return d.public || audience == retrieval.AgentsOnly }
	df := map[string]int{}
	for _, d := range chunks {
		if d.section && visible(d) {
			e.sections++
			for t := range d.tf {
				df[t]++
			}
		}
	}
	counts := func(t string) bool { // all but those in too many sections
		return e.sections < retrieval.FewSections || float64(df[t]) <= p.MaxDF*float64(e.sections)
	}
	score := func(d doc, avg float64) (s, coverage float64) {
		for _, t := range n.Terms {
			f := d.tf[t]
			if f == 0 || !counts(t) {
				continue
			}
			idf := math.Log(1 + (float64(e.sections)-float64(df[t])+0.5)/(float64(df[t])+0.5))
			s += idf * f * (p.K1 + 1) / (f + p.K1*(1-p.B+p.B*d.length/avg))
			coverage += idf
		}
		return s, coverage
	}
	avgChunk, avgWhole := mean(chunks), mean(wholes)
	byArticle := map[string]float64{}
	for _, d := range wholes {
		byArticle[d.article], _ = score(d, avgWhole)
	}
	for _, d := range chunks {
		if visible(d) {
			e.bm25[d.key], e.coverage[d.key] = score(d, avgChunk)
			e.articleBM25[d.key] = byArticle[d.article]
		}
	}
	return e
}

// differs says how a result differs from the oracle's; empty where it does not.
func differs(c retrieval.Candidates, e expected) string {
	if c.Sections != e.sections {
		return fmt.Sprintf("%d sections, want %d", c.Sections, e.sections)
	}
	if len(c.List) != len(e.cosine) {
		return fmt.Sprintf("%d candidates, want %d", len(c.List), len(e.cosine))
	}
	for _, k := range c.List {
		text := k.Text
		if k.Kind == retrieval.QuestionChunk {
			text = k.Asked
		}
		key := chunkKey(k.ArticleID, k.Kind, text)
		cos, ok := e.cosine[key]
		switch {
		case !ok:
			return fmt.Sprintf("%s is not to be seen", key)
		case !same(cos, k.Cosine):
			return fmt.Sprintf("%s: cosine %g, want %g", key, k.Cosine, cos)
		case !same(e.bm25[key], k.BM25):
			return fmt.Sprintf("%s: BM25 %g, want %g", key, k.BM25, e.bm25[key])
		case !same(e.coverage[key], k.Coverage):
			return fmt.Sprintf("%s: coverage %g, want %g", key, k.Coverage, e.coverage[key])
		case !same(e.articleBM25[key], k.ArticleBM25):
			return fmt.Sprintf("%s: article's BM25 %g, want %g", key, k.ArticleBM25, e.articleBM25[key])
		}
	}
	return ""
}

func drawText(t *rapid.T, label string, words int) string {
	vocabulary := []string{"kettle", "lid", "refund", "parcel", "code", "login", "leak", "filter", "battery", "the", "a", "of", "spout", "scale", "tin", "jug"}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, words).Draw(t, label), " ")
}

func drawArticles(t *rapid.T, label string) []retrieval.Article {
	n := rapid.IntRange(1, 13).Draw(t, label+" articles")
	order := rapid.Permutation(make([]int, n)).Draw(t, label)
	list := make([]retrieval.Article, 0, n)
	for i := range order {
		// The same ids in both sites, in any order: only the site tells them apart.
		a := retrieval.Article{ID: name((i*7 + n) % 13), Title: drawText(t, "title", 3), Lang: "en"}
		paragraphs := rapid.IntRange(1, 3).Draw(t, "paragraphs")
		var body []string
		for p := range paragraphs {
			// A number makes each text its own.
			body = append(body, fmt.Sprintf("%s %s%dp%d", drawText(t, "body", 12), label, i, p))
		}
		a.Body = strings.Join(body, "\n\n")
		if rapid.Bool().Draw(t, "question") {
			a.Questions = []string{fmt.Sprintf("%s %sq%d", drawText(t, "asked", 5), label, i)}
		}
		if rapid.IntRange(0, 3).Draw(t, "audience") == 0 {
			a.Audience = retrieval.AgentsOnly
		}
		list = append(list, a)
	}
	return list
}

// crossing is the property: two sites with the same article ids, each found
// exactly as if the other one, and what only agents may read, did not exist.
func crossing(b *bundle, s *Store, t *rapid.T, sites *atomic.Int64) string {
	run := sites.Add(1)
	one, two := drawArticles(t, "one"), drawArticles(t, "two")
	ids := []retrieval.SiteID{b.site(fmt.Sprintf("one%d", run)), b.site(fmt.Sprintf("two%d", run))}
	defer func() {
		for _, id := range ids {
			if err := b.store.RemoveSite(b.ctx, id); err != nil {
				t.Fatal(err)
			}
		}
	}()
	for i, list := range [][]retrieval.Article{one, two} {
		if _, err := b.ingester.Ingest(b.ctx, ids[i], list, retrieval.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	text := drawText(t, "question", 12)
	for i, list := range [][]retrieval.Article{one, two} {
		for _, audience := range []retrieval.Audience{retrieval.Public, retrieval.AgentsOnly} {
			n := b.needle(ids[i], text)
			n.Audience = audience
			if audience == retrieval.Public && !anyPublic(list) {
				continue
			}
			got, err := s.Find(b.ctx, n)
			if err != nil {
				return "the search fails: " + err.Error()
			}
			if d := differs(got, expect(list, audience, n, b.embedder.model.Dims)); d != "" {
				return fmt.Sprintf("site %d, audience %d: %s", i+1, audience, d)
			}
		}
	}
	return ""
}

func anyPublic(list []retrieval.Article) bool {
	for _, a := range list {
		if a.Audience == retrieval.Public {
			return true
		}
	}
	return false
}

func TestFind_IsBruteForceAndNothingCrossesSitesOrAudiences(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var sites atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		if d := crossing(b, b.store, t, &sites); d != "" {
			t.Fatal(d)
		}
	})
}

// Each guard of the statement, cut out: the property must then fail.
func TestFind_CrossesWithoutItsGuards(t *testing.T) {
	t.Parallel()
	for what, cut := range map[string][2]string{
		"site of vectors":         {"v.site_id = $1 AND v.generation = (SELECT generation FROM gen)\n    AND v.model_id = (SELECT model FROM gen)\n    AND v.audience <=", "v.generation = (SELECT generation FROM gen)\n    AND v.model_id = (SELECT model FROM gen)\n    AND v.audience <="},
		"site of terms":           {"p.site_id = $1 AND p.generation", "p.generation"},
		"site of words":           {"w.site_id = $1 AND w.generation = a.generation AND w.audience", "w.generation = a.generation AND w.audience"},
		"site of articles' words": {"w.site_id = $1 AND w.generation = t.generation AND w.article", "w.generation = t.generation AND w.article"},
		"site of texts":           {"c.site_id = $1 AND c.generation", "c.generation"},
		"audience of vectors":     {"(SELECT model FROM gen)\n    AND v.audience <= $2", "(SELECT model FROM gen)"},
		"audience of words":       {"WHERE v.audience <= $2 AND r.rarity", "WHERE r.rarity"},
		"site of postings":        {"v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.dim", "v.generation = (SELECT generation FROM gen) AND v.dim"},
		"audience of terms":       {" AND p.audience <= $2", ""},
		"audience of rarity":      {"CASE WHEN $2::smallint = 0 THEN g.public_sections ELSE g.sections END", "CASE WHEN $2::smallint = 0 THEN g.sections ELSE g.sections END"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			cutOut := mutant(t, b.store, cut[0], cut[1])
			var sites atomic.Int64
			seen := ""
			for try := range 60 {
				rapid.Custom(func(r *rapid.T) string {
					seen = crossing(b, cutOut, r, &sites)
					return seen
				}).Example(try)
				if seen != "" {
					t.Logf("noticed at try %d: %s", try, seen)
					return
				}
			}
			t.Errorf("nobody noticed that the guard is gone: %s", what)
		})
	}
}

// mutant is the store with its statements changed.
func mutant(t *testing.T, s *Store, from, to string) *Store {
	t.Helper()
	if !strings.Contains(searchSQL(2, false, false), from) {
		t.Fatalf("the guard %q is not in the statement", from)
	}
	write := func(vectors int, filter, held bool) string {
		return strings.ReplaceAll(searchSQL(vectors, filter, held), from, to)
	}
	return &Store{pool: s.pool, texts: &statements{write: write}, shelf: newShelf(heldBytes), large: &large{}, largeFrom: largeFrom}
}
