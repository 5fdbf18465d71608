package retrieval

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// TermsFunc turns text of a language into the terms that are indexed and asked
// for, repeats included. The language may be empty.
type TermsFunc func(text, lang string) []string

// DetectFunc guesses a text's language; prior are the likely ones, best first.
type DetectFunc func(text string, prior []string) (lang string, p float64)

// BM25 is the parameters of the word index. They are data: ranking.json.
type BM25 struct {
	K1 float64 `json:"k1"` // how soon repeats of a term stop counting
	B  float64 `json:"b"`  // how much length counts against a text, 0–1

	// MaxDF leaves a term out of the sum where more than this part of the
	// sections hold it: it says little, and every text would carry it.
	MaxDF float64 `json:"max_df"`

	// TitleWeight is how often a title's and heading's term counts.
	TitleWeight float64 `json:"title_weight"`
}

func (p BM25) String() string {
	return fmt.Sprintf("bm25(k1=%g b=%g max_df=%g title=%g)", p.K1, p.B, p.MaxDF, p.TitleWeight)
}

// FewSections is the size under which no term is left out for being common:
// in a site of five sections every useful word is in most of them.
const FewSections = 20

// indexer gathers term frequencies and turns them into weights. A document is
// a chunk or, under a negative number, a whole article.
type indexer struct {
	terms TermsFunc
	p     BM25

	docs     []indexedDoc
	whole    map[string]float64
	title    []string // of the article under way
	titleFor int

	chunkLen, articleLen lengths
}

type indexedDoc struct {
	doc      int32
	audience Audience
	section  bool
	length   float64
	tf       map[string]float64
}

// lengths is a running mean. Only public texts count where there are any: a
// visitor's result must not depend on what only agents may read.
type lengths struct {
	publicSum, allSum float64
	publicN, allN     int
}

func (l *lengths) add(n float64, a Audience) {
	l.allSum, l.allN = l.allSum+n, l.allN+1
	if a == Public {
		l.publicSum, l.publicN = l.publicSum+n, l.publicN+1
	}
}

func (l *lengths) mean() float64 {
	switch {
	case l.publicSum > 0:
		return l.publicSum / float64(l.publicN)
	case l.allSum > 0:
		return l.allSum / float64(l.allN)
	}
	return 1
}

func newIndexer(terms TermsFunc, p BM25) *indexer {
	return &indexer{terms: terms, p: p, whole: map[string]float64{}}
}

// addChunk indexes one chunk of the article under way.
func (ix *indexer) addChunk(a Article, c DraftChunk) {
	if ix.titleFor != c.ArticleNo {
		ix.titleFor, ix.title = c.ArticleNo, ix.terms(a.Title, a.Lang)
	}
	d := indexedDoc{doc: int32(c.No), audience: a.Audience, section: c.Kind == SectionChunk, tf: map[string]float64{}}
	for _, t := range ix.title {
		d.tf[t] += ix.p.TitleWeight
	}
	if len(c.Heading) > 0 {
		for _, t := range ix.terms(strings.Join(c.Heading, "\n"), a.Lang) {
			d.tf[t] += ix.p.TitleWeight
			ix.whole[t]++
		}
	}
	if c.Context != "" {
		for _, t := range ix.terms(c.Context, a.Lang) {
			d.tf[t]++
		}
	}
	for _, t := range ix.terms(c.Text, a.Lang) {
		d.tf[t]++
		ix.whole[t]++
	}
	d.length = total(d.tf)
	ix.docs = append(ix.docs, d)
	ix.chunkLen.add(d.length, a.Audience)
}

// endArticle indexes the article as a whole: a question whose words are spread
// over several sections matches no section well.
func (ix *indexer) endArticle(a DraftArticle) {
	if ix.titleFor == a.No {
		for _, t := range ix.title {
			ix.whole[t] += ix.p.TitleWeight
		}
	}
	if len(ix.whole) > 0 {
		d := indexedDoc{doc: int32(-a.No), audience: a.Audience, tf: ix.whole, length: total(ix.whole)}
		ix.docs = append(ix.docs, d)
		ix.articleLen.add(d.length, a.Audience)
	}
	ix.whole = map[string]float64{}
}

// maxWords is how many terms the words of one text may have: what a sparse
// vector of pgvector can hold. Only whole articles of book length come near.
const maxWords = 16000

// index lists every term, in the order of the key, and scores every document,
// in the order they were added.
func (ix *indexer) index(sections, publicSections int) ([]Term, []WordVector) {
	type df struct{ public, agents int }
	held := map[string]*[2]bool{} // by audience
	count := map[string]*df{}
	for _, d := range ix.docs {
		for t := range d.tf {
			if held[t] == nil {
				held[t], count[t] = &[2]bool{}, &df{}
			}
			held[t][d.audience] = true
			switch {
			case d.section && d.audience == Public:
				count[t].public++
			case d.section:
				count[t].agents++
			}
		}
	}
	names := slices.Sorted(maps.Keys(held))
	list := make([]Term, 0, len(names))
	dims := make(map[string]int32, len(names))
	for i, t := range names {
		n := count[t]
		for a, c := range map[Audience]int{Public: n.public, AgentsOnly: n.agents} {
			if held[t][a] {
				list = append(list, Term{Term: t, Audience: a, DF: c, Dim: int32(i)})
			}
		}
		if !ix.p.common(n.public, publicSections) || !ix.p.common(n.public+n.agents, sections) {
			dims[t] = int32(i)
		}
	}
	slices.SortFunc(list, func(a, b Term) int {
		return cmp.Or(strings.Compare(a.Term, b.Term), cmp.Compare(a.Audience, b.Audience))
	})
	chunkMean, articleMean := ix.chunkLen.mean(), ix.articleLen.mean()
	words := make([]WordVector, 0, len(ix.docs))
	for _, d := range ix.docs {
		mean := chunkMean
		if d.doc < 0 {
			mean = articleMean
		}
		if w := ix.p.weigh(d, mean, dims); len(w.Dims) > 0 {
			words = append(words, w)
		}
	}
	return list, words
}

// weigh is a document's words. Of more than there is room for, the heaviest stay.
func (p BM25) weigh(d indexedDoc, meanLength float64, dims map[string]int32) WordVector {
	type word struct {
		dim    int32
		weight float32
	}
	norm := p.K1 * (1 - p.B + p.B*d.length/meanLength)
	list := make([]word, 0, len(d.tf))
	for t, tf := range d.tf {
		if dim, ok := dims[t]; ok {
			list = append(list, word{dim, float32(tf * (p.K1 + 1) / (tf + norm))})
		}
	}
	if len(list) > maxWords {
		slices.SortFunc(list, func(a, b word) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.dim, b.dim)) })
		list = list[:maxWords]
	}
	slices.SortFunc(list, func(a, b word) int { return cmp.Compare(a.dim, b.dim) })
	w := WordVector{Doc: d.doc, Audience: d.audience, Dims: make([]int32, len(list)), Weights: make([]float32, len(list))}
	for i, e := range list {
		w.Dims[i], w.Weights[i] = e.dim, e.weight
	}
	return w
}

// common says whether a term that df of n sections hold is left out of the sum.
func (p BM25) common(df, n int) bool {
	return n >= FewSections && float64(df) > p.MaxDF*float64(n)
}

// total sums in a fixed order: floating-point sums depend on it, and the same
// articles must give the same weights.
func total(tf map[string]float64) float64 {
	// All frequencies are multiples of one weight or whole numbers, summed per
	// value so that the order of the map does not matter.
	byValue := map[float64]int{}
	for _, v := range tf {
		byValue[v]++
	}
	values := make([]float64, 0, len(byValue))
	for v := range byValue {
		values = append(values, v)
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v * float64(byValue[v])
	}
	return sum
}
