package pgvec

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

const rowDims = 16

// tokenBag is a bagEmbedder of another mind, with a row for each word.
type tokenBag struct {
	bagEmbedder
	salt string
}

func newTokenBag(name, salt string) *tokenBag {
	return &tokenBag{bagEmbedder: bagEmbedder{model: retrieval.Model{Name: name, Dims: 16}}, salt: salt}
}

func (e *tokenBag) TokenDims() int { return rowDims }

func (e *tokenBag) vector(text string) []float32 {
	return bag(strings.Join(append(plainTerms(e.salt+strings.Join(plainTerms(text, ""), " "+e.salt), ""), text), " "), e.model.Dims)
}

func (e *tokenBag) Embed(ctx context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	if e.fail != nil {
		if err := e.fail(texts); err != nil {
			return nil, err
		}
	}
	e.calls += len(texts)
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = e.vector(t)
	}
	return out, ctx.Err()
}

func (e *tokenBag) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	vecs, err := e.Embed(ctx, kind, texts)
	out := make([]retrieval.Encoded, len(vecs))
	for i, v := range vecs {
		out[i] = retrieval.Encoded{Vec: v, Rows: e.rows(texts[i])}
		out[i].Tokens = make([]int32, len(out[i].Rows)/rowDims)
	}
	return out, err
}

func (e *tokenBag) rows(text string) []int8 {
	var out []int8
	for _, w := range plainTerms(text, "") {
		for _, x := range bag(e.salt+w, rowDims) {
			out = append(out, int8(100*x))
		}
	}
	return out
}

// pair is a database with an ingest of two models, the second for English alone.
type pair struct {
	*bundle
	first, second *tokenBag
}

func setupPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{bundle: setup(t), first: newTokenBag("first/16", "f"), second: newTokenBag("second/16", "s")}
	p.ingester = p.newPairIngester(3)
	return p
}

func (p *pair) newPairIngester(keep int) *retrieval.Ingester {
	p.t.Helper()
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: p.store, Split: paragraphs{}, Terms: plainTerms, Detect: english,
		Embedder: p.first, More: []retrieval.Space{{Embedder: p.second, Langs: []string{"en"}}},
	}, retrieval.IngestConfig{BM25: testBM25(), WriteEvery: 4, Keep: keep, InFlight: 1})
	if err != nil {
		p.t.Fatal(err)
	}
	return in
}

func (p *pair) needle(site retrieval.SiteID, text string) retrieval.Needle {
	n := p.bundle.needle(site, text)
	n.Vecs = []retrieval.NeedleVec{{Model: "first/16", Vec: p.first.vector(text)}, {Model: "second/16", Vec: p.second.vector(text)}}
	return n
}

// meaning is what two models say of a chunk, computed from the articles alone.
type meaning struct {
	cosine, cosine2, middle, middle2 float64
	hash                             retrieval.TextHash
	whole                            []retrieval.TextHash
}

func (p *pair) meanings(articles []retrieval.Article, audience retrieval.Audience, n retrieval.Needle) map[string]meaning {
	out := map[string]meaning{}
	for _, a := range articles {
		if a.Audience > audience {
			continue
		}
		var whole []retrieval.TextHash
		sums := [2][]float64{make([]float64, 16), make([]float64, 16)}
		chunks := (paragraphs{}).Split(a)
		for _, c := range chunks {
			text := retrieval.EmbedText(a, c)
			whole = append(whole, sha256.Sum256([]byte(text)))
			for m, e := range []*tokenBag{p.first, p.second} {
				for i, x := range e.vector(text) {
					if c.Kind == retrieval.SectionChunk {
						sums[m][i] += float64(x)
					}
				}
			}
		}
		middle := func(m int) float64 {
			var dot, norm float64
			for i, x := range sums[m] {
				dot += x * float64(n.Vecs[m].Vec[i])
				norm += x * x
			}
			return dot / math.Sqrt(norm)
		}
		for i, c := range chunks {
			text := retrieval.EmbedText(a, c)
			k := meaning{cosine: dot(n.Vecs[0].Vec, p.first.vector(text)), middle: middle(0), hash: whole[i], whole: whole}
			if a.Lang == "en" {
				k.cosine2, k.middle2 = dot(n.Vecs[1].Vec, p.second.vector(text)), middle(1)
			}
			out[chunkKey(a.ID, c.Kind, c.Text)] = k
		}
	}
	return out
}

// means says how a result differs from that; empty where it does not.
func means(c retrieval.Candidates, want map[string]meaning) string {
	for _, k := range c.List {
		text := k.Text
		if k.Kind == retrieval.QuestionChunk {
			text = k.Asked
		}
		key := chunkKey(k.ArticleID, k.Kind, text)
		m, ok := want[key]
		switch {
		case !ok:
			return key + " is not to be seen"
		case !same(k.Cosine, m.cosine) || !same(k.Cosine2, m.cosine2):
			return fmt.Sprintf("%s: cosines %g and %g, want %g and %g", key, k.Cosine, k.Cosine2, m.cosine, m.cosine2)
		case !same(k.Middle, m.middle) || !same(k.Middle2, m.middle2):
			return fmt.Sprintf("%s: middles %g and %g, want %g and %g", key, k.Middle, k.Middle2, m.middle, m.middle2)
		case k.Hash != m.hash || !slices.Equal(k.Whole, m.whole):
			return fmt.Sprintf("%s: texts %x of %d, want %x of %d", key, k.Hash[:4], len(k.Whole), m.hash[:4], len(m.whole))
		}
	}
	return ""
}

// nearest are the chunks that a model brings by itself, best first.
func nearest(want map[string]meaning, n int, by func(meaning) float64) []string {
	var keys []string
	for k, m := range want {
		if by(m) != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if by(want[a]) > by(want[b]) {
			return -1
		}
		return 1
	})
	return keys[:min(n, len(keys))]
}

// crossing2 is the property with two models, over two sites with the same
// article ids, texts in two languages, and an older generation behind each: all
// candidates, and the few best of each arm, bear the numbers of the book.
func crossing2(p *pair, s *Store, t *rapid.T, sites *atomic.Int64) string {
	run := sites.Add(1)
	lists := [2][]retrieval.Article{drawArticles(t, "one"), drawArticles(t, "two")}
	var ids [2]retrieval.SiteID
	for i, list := range lists {
		ids[i] = p.site(fmt.Sprintf("%s%d", []string{"one", "two"}[i], run))
		for a := range list {
			if rapid.IntRange(0, 3).Draw(t, "lang") == 0 {
				list[a].Lang = "de"
			}
		}
	}
	defer func() {
		for _, id := range ids {
			if err := p.store.RemoveSite(p.ctx, id); err != nil {
				t.Fatal(err)
			}
		}
	}()
	for i, list := range lists {
		for _, articles := range [][]retrieval.Article{{article("a1", fmt.Sprintf("kettle lid of before %d", i))}, list} {
			if _, err := p.ingester.Ingest(p.ctx, ids[i], articles, retrieval.IngestOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	text := drawText(t, "question", 12)
	for i, list := range lists {
		for _, audience := range []retrieval.Audience{retrieval.Public, retrieval.AgentsOnly} {
			n := p.needle(ids[i], text)
			n.Audience = audience
			if audience == retrieval.Public && !anyPublic(list) {
				continue
			}
			want := p.meanings(list, audience, n)
			for _, near := range []int{1000, 2} {
				n.Near, n.Worded = near, near
				got, err := s.Find(p.ctx, n)
				if err != nil {
					return "the search fails: " + err.Error()
				}
				d := means(got, want)
				if near == 1000 && len(got.List) != len(want) {
					d = fmt.Sprintf("%d candidates, want %d", len(got.List), len(want))
				}
				there := map[string]bool{}
				for _, k := range got.List {
					body := k.Text
					if k.Kind == retrieval.QuestionChunk {
						body = k.Asked
					}
					there[chunkKey(k.ArticleID, k.Kind, body)] = true
				}
				for _, key := range append(nearest(want, near, func(m meaning) float64 { return m.cosine }), nearest(want, near, func(m meaning) float64 { return m.cosine2 })...) {
					if d == "" && !there[key] {
						d = key + " is among the nearest and was not brought"
					}
				}
				if d == "" && got.HasSecond != (len(nearest(want, 1, func(m meaning) float64 { return m.cosine2 })) > 0) {
					d = fmt.Sprintf("it says %v of the second model's vectors", got.HasSecond)
				}
				if d != "" {
					return fmt.Sprintf("site %d, audience %d, the best %d: %s", i+1, audience, near, d)
				}
			}
		}
	}
	return ""
}

func TestFind_WithTwoModelsIsBruteForceAndNothingCrosses(t *testing.T) {
	t.Parallel()
	p := setupPair(t)
	var sites atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		if d := crossing2(p, p.store, t, &sites); d != "" {
			t.Fatal(d)
		}
	})
}

func TestFind_WithTwoModelsCrossesWithoutItsGuards(t *testing.T) {
	t.Parallel()
	const near2 = "v.site_id = $1 AND v.generation = (SELECT generation FROM gen)\n    AND v.model_id = (SELECT model2 FROM gen)\n    AND v.audience <= $2"
	const one2 = "v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.model_id = (SELECT model2 FROM gen)"
	const middles = "m.site_id = $1 AND m.generation = t.generation AND m.model_id"
	const whole = "o.site_id = $1 AND o.generation = t.generation AND o.article"
	without := func(s, part string) [2]string { return [2]string{s, strings.Replace(s, part, "true", 1)} }
	for what, cut := range map[string][2]string{
		"site of the second's vectors":             without(near2, "v.site_id = $1"),
		"generation of the second's vectors":       without(near2, "v.generation = (SELECT generation FROM gen)"),
		"model of the second's vectors":            without(near2, "v.model_id = (SELECT model2 FROM gen)"),
		"audience of the second's vectors":         without(near2, "v.audience <= $2"),
		"site of one of the second's vectors":      without(one2, "v.site_id = $1"),
		"generation of one of them":                without(one2, "v.generation = (SELECT generation FROM gen)"),
		"model of one of them":                     without(one2, "v.model_id = (SELECT model2 FROM gen)"),
		"site of middles":                          without(middles, "m.site_id = $1"),
		"generation of middles":                    without(middles, "m.generation = t.generation"),
		"site of an article's texts":               without(whole, "o.site_id = $1"),
		"generation of an article's texts":         without(whole, "o.generation = t.generation"),
		"the second's model taken for the first's": {"name = $13::text", "name = $8::text"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := setupPair(t)
			cutOut := mutant(t, p.store, cut[0], cut[1])
			var sites atomic.Int64
			seen := ""
			for try := range 40 {
				rapid.Custom(func(r *rapid.T) string {
					seen = crossing2(p, cutOut, r, &sites)
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

func TestFind_ASecondVectorOfAnotherWidthIsAnErrorNotARanking(t *testing.T) {
	t.Parallel()
	p := setupPair(t)
	site := p.site("shop")
	p.ingest(site, article("kettle", "lid"))
	n := p.needle(site, "lid")
	n.Vecs[1].Vec = bag("lid", 8)
	if _, err := p.store.Find(p.ctx, n); err == nil {
		t.Error("it was ranked")
	}
	// A model that nothing here was embedded by brings nothing, and says so.
	n = p.needle(site, "lid")
	n.Vecs[1].Model = "third/16"
	if got := p.find(n); got.HasSecond || !got.HasVectors || len(got.List) != 1 || got.List[0].Cosine2 != 0 {
		t.Errorf("%+v", got)
	}
}

func TestIngest_KilledInTheSecondModelsRunTheNextOneTakesOver(t *testing.T) {
	t.Parallel()
	p := setupPair(t)
	site := p.site("shop")
	var list []retrieval.Article
	for i := range 12 {
		list = append(list, article(name(i), fmt.Sprintf("text number %d", i)))
	}
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	p.second.fail = func([]string) error {
		if p.second.calls < 8 {
			return nil
		}
		for p.count("chunks", site) == 0 && p.ctx.Err() == nil { // vectors belong to texts: these must be in
			time.Sleep(time.Millisecond)
		}
		cancel()
		return context.Canceled
	}
	if _, err := p.ingester.Ingest(ctx, site, list, retrieval.IngestOptions{}); err == nil {
		t.Fatal("it went on")
	}
	kept := p.count("chunk_vectors", site) - 12
	if kept < 1 || kept > 8 || p.count("token_rows", site) != 12+kept {
		t.Fatalf("%d of the second's vectors, %d rows of tokens were kept", kept, p.count("token_rows", site))
	}
	p.first.calls, p.second.calls, p.second.fail = 0, 0, nil
	r := p.ingest(site, list...)
	if p.first.calls != 0 || p.second.calls != 12-kept || r.TakenOver != 12+kept {
		t.Errorf("embedded %d and %d, want 0 and %d; %d taken over", p.first.calls, p.second.calls, 12-kept, r.TakenOver)
	}
	if p.count("token_rows", site) != 24 || p.count("chunk_vectors", site) != 24 || p.count("article_vectors", site) != 24 {
		t.Errorf("%d rows of tokens, %d vectors, %d middles", p.count("token_rows", site), p.count("chunk_vectors", site), p.count("article_vectors", site))
	}
	if r := p.ingest(site, list...); !r.Unchanged {
		t.Errorf("%+v", r)
	}
}
