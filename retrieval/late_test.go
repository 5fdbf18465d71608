package retrieval

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

const testTokenDims = 16

// tokened is an embedder with token vectors: a row for each word of a text.
type tokened struct {
	*scripted
	dims   int
	tokens atomic.Int64 // calls that wanted them
}

func newTokened(family string, embed func(context.Context, []string) ([][]float32, error)) *tokened {
	s := newScripted(embed)
	s.model.Name = family + "/r/4"
	return &tokened{scripted: s, dims: testTokenDims}
}

func (e *tokened) TokenDims() int { return e.dims }

func (e *tokened) EmbedTokens(ctx context.Context, kind EmbedKind, texts []string) ([]Encoded, error) {
	e.tokens.Add(1)
	vecs, err := e.Embed(ctx, kind, texts)
	out := make([]Encoded, len(vecs))
	for i, v := range vecs {
		out[i].Vec = v
		for _, w := range strings.Fields(texts[i]) {
			out[i].Tokens = append(out[i].Tokens, int32(w[0]))
			out[i].Rows = append(out[i].Rows, wordRow(w, e.dims)...)
		}
		if kind == EmbedPassage {
			out[i].Places = textPlaces(texts[i])
		}
	}
	return out, err
}

// wordRow is a direction for a word, the same each time.
func wordRow(w string, dims int) []int8 {
	seed := uint64(7)
	for _, b := range []byte(w) {
		seed = seed*131 + uint64(b)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	row := make([]float64, dims)
	sum := 0.0
	for i := range row {
		row[i] = rng.NormFloat64()
		sum += row[i] * row[i]
	}
	out := make([]int8, dims)
	for i, x := range row {
		out[i] = int8(max(-127, min(127, math.RoundToEven(x/math.Sqrt(sum)*TokenScale))))
	}
	return out
}

// textPlaces are where a text's words begin, from its end.
func textPlaces(text string) []uint16 {
	var out []uint16
	at := 0
	for _, w := range strings.Fields(text) {
		at += strings.Index(text[at:], w)
		out = append(out, PlaceFromEnd(len(text), at))
		at += len(w)
	}
	return out
}

func textRows(text string, dims int) []int8 {
	var out []int8
	for _, w := range strings.Fields(text) {
		out = append(out, wordRow(w, dims)...)
	}
	return out
}

// naiveScore is late interaction by the book, in floating point.
func naiveScore(question string, weight func(token int32) float64, texts []string) float64 {
	var sum, total float64
	for _, w := range strings.Fields(question) {
		best := math.Inf(-1)
		q := wordRow(w, testTokenDims)
		for _, text := range texts {
			for _, p := range strings.Fields(text) {
				dot := 0.0
				for i, x := range wordRow(p, testTokenDims) {
					dot += float64(x) / TokenScale * float64(q[i]) / TokenScale
				}
				best = max(best, dot)
			}
		}
		if !math.IsInf(best, -1) {
			sum += weight(int32(w[0])) * best
		}
		total += weight(int32(w[0]))
	}
	return sum / total
}

// text is a chunk of an article whose other chunks' texts are given.
type text struct {
	article int
	lang    string
	words   string
	whole   []string
}

// twoModels is a site in memory that has vectors of two models, and a searcher
// over it. English is for both, everything else for the first alone.
type twoModels struct {
	store         *memory
	tokens        *tokenRowsOf
	first, second *tokened
	searcher      *Searcher
}

func newTwoModels(t *testing.T, asked AskedTokens, list ...text) *twoModels {
	t.Helper()
	w := &twoModels{
		store:  &memory{current: Generation{Number: 1, Stats: GenerationStats{Languages: []string{"en"}, Models: []string{"one/r/4", "two/r/4"}}}},
		tokens: &tokenRowsOf{rows: map[tokenKey][]int8{}},
		first:  newTokened("one", nil), second: newTokened("two", nil),
	}
	w.store.found = func(n Needle) (Candidates, error) {
		c := Candidates{Generation: 1, Sections: 50, HasVectors: len(n.Vecs) > 0, HasSecond: len(n.Vecs) > 1, Terms: []TermUse{{"lid", 3, 2}}}
		for i, x := range list {
			k := candidate(x.article, i+1, 0, 0)
			k.Text, k.Lang, k.Hash = x.words, x.lang, hashOf(x.words)
			for _, other := range x.whole {
				k.Whole = append(k.Whole, hashOf(other))
			}
			c.List = append(c.List, k)
		}
		return c, nil
	}
	for _, x := range list {
		for _, words := range append(x.whole, x.words) {
			w.tokens.rows[tokenKey{1, "one/r/4", hashOf(words)}] = textRows(words, testTokenDims)
			if x.lang == "en" {
				w.tokens.rows[tokenKey{1, "two/r/4", hashOf(words)}] = textRows(words, testTokenDims)
			}
		}
	}
	r := testRanking(t)
	single := testPlan()
	single.Name, single.Langs, single.Models, single.Tokens = "single", nil, []string{"one"}, "one"
	bothBare, singleBare := bare(testPlan()), bare(single)
	bothBare.Name, singleBare.Name = "both bare", "single bare"
	r.Plans, r.Asked = []Plan{*testPlan(), *bothBare, *single, *singleBare}, asked
	var err error
	w.searcher, err = NewSearcher(SearchDeps{
		Store: w.store, Embedder: w.first, More: []Space{{Embedder: w.second, Langs: []string{"en"}}}, Tokens: w.tokens,
		Terms: testTerms, Detect: testDetect,
	}, SearchConfig{Ranking: &r})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func hashOf(words string) (h TextHash) {
	rng := rand.New(rand.NewPCG(uint64(len(words)), 3))
	for _, b := range []byte(words) {
		rng = rand.New(rand.NewPCG(rng.Uint64(), uint64(b)))
	}
	for i := range h {
		h[i] = byte(rng.Uint32())
	}
	return h
}

func (w *twoModels) find(t *testing.T, question, lang string) Found {
	t.Helper()
	f, err := w.searcher.Find(t.Context(), Query{Site: 1, Text: question, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *twoModels) search(t *testing.T, question, lang string) Evidence {
	t.Helper()
	ev, err := w.searcher.Search(t.Context(), Query{Site: 1, Text: question, Lang: lang, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func TestLate_ScoresAreThoseOfTheBook(t *testing.T) {
	t.Parallel()
	asked := AskedTokens{"two": {Default: 250, Tokens: map[int32]int{'h': 10, 'l': 400, 'x': 0}}}
	weight := func(token int32) float64 {
		if n, ok := asked["two"].Tokens[token]; ok {
			return float64(n) / 100
		}
		return 2.5
	}
	words := rapid.SampledFrom([]string{"how", "lid", "leak", "kettle", "open", "refund", "parcel", "x", "spout"})
	draw := func(t *rapid.T, most int) string {
		return strings.Join(rapid.SliceOfN(words, 1, most).Draw(t, "text"), " ")
	}
	rapid.Check(t, func(rt *rapid.T) {
		var list []text
		for a := range rapid.IntRange(1, 4).Draw(rt, "articles") {
			var whole []string
			for range rapid.IntRange(1, 3).Draw(rt, "chunks") {
				whole = append(whole, draw(rt, 20))
			}
			for _, c := range whole {
				list = append(list, text{a + 1, "en", c, whole})
			}
		}
		question := "lid " + draw(rt, 40)
		f := newTwoModels(t, asked, list...).find(t, question, "en")
		if f.Plan == nil || f.Plan.Name != "both" {
			rt.Fatalf("by plan %v", f.Plan)
		}
		for i, c := range f.List {
			one, all := naiveScore(question, weight, []string{list[i].words}), naiveScore(question, weight, list[i].whole)
			if math.Abs(c.MaxSim-one) > 1e-9 || math.Abs(c.ArticleMaxSim-all) > 1e-9 {
				rt.Fatalf("%q of %q: %.9f and %.9f, want %.9f and %.9f", question, list[i].words, c.MaxSim, c.ArticleMaxSim, one, all)
			}
		}
	})
}

func TestLate_WhereAnyRowsAreMissingAPlanWithoutThemIsFollowedAndSaid(t *testing.T) {
	t.Parallel()
	list := []text{{1, "en", "the lid leaks", []string{"the lid leaks", "parcel by van"}}, {2, "en", "refund in days", []string{"refund in days"}}}
	for name, damage := range map[string]func(*tokenRowsOf, tokenKey){
		"of a candidate":                  func(s *tokenRowsOf, _ tokenKey) { delete(s.rows, tokenKey{1, "two/r/4", hashOf("refund in days")}) },
		"of another chunk of its article": func(s *tokenRowsOf, _ tokenKey) { delete(s.rows, tokenKey{1, "two/r/4", hashOf("parcel by van")}) },
		"all":                             func(s *tokenRowsOf, _ tokenKey) { clear(s.rows) },
		"cut off in the middle of a row":  func(s *tokenRowsOf, k tokenKey) { s.rows[k] = s.rows[k][:testTokenDims+3] },
		"there for the first model only":  func(s *tokenRowsOf, k tokenKey) { delete(s.rows, k) },
		"there for another site only":     func(s *tokenRowsOf, k tokenKey) { s.rows[tokenKey{2, k.model, k.hash}] = s.rows[k]; delete(s.rows, k) },
		"there under another text's hash": func(s *tokenRowsOf, k tokenKey) {
			s.rows[tokenKey{1, k.model, textHash(1)}] = s.rows[k]
			delete(s.rows, k)
		},
		"there under another model's name": func(s *tokenRowsOf, k tokenKey) {
			s.rows[tokenKey{1, "two/s/4", k.hash}] = s.rows[k]
			delete(s.rows, k)
		},
	} {
		w := newTwoModels(t, nil, list...)
		damage(w.tokens, tokenKey{1, "two/r/4", hashOf("the lid leaks")})
		ev := w.search(t, "lid leaks", "en")
		if ev.Late || ev.Plan != "both bare" || len(ev.Hits) != 2 || !slices.Equal(ev.Models, []string{"one/r/4", "two/r/4"}) || len(ev.Degraded) != 0 {
			t.Errorf("%s: late %v by %q, %d hits, degraded %v", name, ev.Late, ev.Plan, len(ev.Hits), ev.Degraded)
			continue
		}
		if why := strings.Join(ev.Hits[0].Why, "\n"); !strings.Contains(why, "no token vectors took part") {
			t.Errorf("%s: not said in\n%s", name, why)
		}
	}
	w := newTwoModels(t, nil, list...)
	if ev := w.search(t, "lid leaks", "en"); !ev.Late || ev.Hits[0].ArticleID != "a1" {
		t.Errorf("nothing missing: late %v, first %s", ev.Late, ev.Hits[0].ArticleID)
	}
	for _, c := range w.find(t, "lid leaks", "en").List {
		if c.MaxSim == 0 || c.ArticleMaxSim == 0 {
			t.Errorf("%s has no score", c.ArticleID)
		}
	}
	// No article found, no token vectors kept anywhere: no term, and no error.
	if f := newTwoModels(t, nil).find(t, "lid", "en"); f.Plan.Name != "both bare" {
		t.Error("late interaction with nothing")
	}
}

// The German article has no vectors of the second model, by intent. It must not
// cost all others their token vectors, and be no better for lacking them.
func TestLate_AnArticleTheModelIsNotForTakesNothingFromTheOthers(t *testing.T) {
	t.Parallel()
	german := text{3, "de", "der Deckel", []string{"der Deckel", "noch mehr"}}
	list := []text{{1, "en", "the lid leaks", []string{"the lid leaks"}}, german, {2, "en", "refund in days", []string{"refund in days"}}}
	ev := newTwoModels(t, nil, list...).search(t, "the lid leaks", "en")
	if !ev.Late || ev.Plan != "both" || len(ev.Hits) != 3 || ev.Hits[0].ArticleID != "a1" {
		t.Fatalf("late %v by %q, %d hits", ev.Late, ev.Plan, len(ev.Hits))
	}
	f := newTwoModels(t, nil, list...).find(t, "the lid leaks", "en")
	if f.List[1].MaxSim != f.List[2].MaxSim || f.List[1].ArticleMaxSim != f.List[2].ArticleMaxSim {
		t.Errorf("the German one scores %.3f, the lowest of the others is %.3f", f.List[1].MaxSim, f.List[2].MaxSim)
	}
	// An English one without rows is another matter.
	w := newTwoModels(t, nil, list...)
	delete(w.tokens.rows, tokenKey{1, "two/r/4", hashOf("refund in days")})
	if f := w.find(t, "the lid leaks", "en"); f.Plan.Name != "both bare" {
		t.Error("an English article's rows are missing, and late interaction took part")
	}
	// Nothing but German ones: there is nothing to compare.
	if f := newTwoModels(t, nil, german).find(t, "the lid leaks", "en"); f.Plan.Name != "both bare" {
		t.Error("late interaction with articles that have no rows")
	}
}

func TestLate_ADatabaseErrorKeepsItsKind(t *testing.T) {
	t.Parallel()
	w := newTwoModels(t, nil, text{1, "en", "lid", []string{"lid"}})
	w.tokens.err = errAway
	if _, err := w.searcher.Find(t.Context(), Query{Site: 1, Text: "lid", Lang: "en"}); !errors.Is(err, errAway) {
		t.Errorf("%v", err)
	}
}
