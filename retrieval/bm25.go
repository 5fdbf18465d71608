package retrieval

import (
	"cmp"
	"fmt"
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
	// sections hold it: it says little, and reading its long list costs most.
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

// indexer gathers term frequencies and turns them into postings. A document is
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

// postings scores every term of every document, in the order of the key.
func (ix *indexer) postings(sections, publicSections int) []Posting {
	type key struct {
		term     string
		audience Audience
	}
	byKey := map[key]*Posting{}
	chunkMean, articleMean := ix.chunkLen.mean(), ix.articleLen.mean()
	for _, d := range ix.docs {
		mean := chunkMean
		if d.doc < 0 {
			mean = articleMean
		}
		norm := ix.p.K1 * (1 - ix.p.B + ix.p.B*d.length/mean)
		for t, tf := range d.tf {
			p := byKey[key{t, d.audience}]
			if p == nil {
				p = &Posting{Term: t, Audience: d.audience}
				byKey[key{t, d.audience}] = p
			}
			if d.section {
				p.DF++
			}
			p.Docs = append(p.Docs, d.doc)
			p.Weights = append(p.Weights, float32(tf*(ix.p.K1+1)/(tf+norm)))
		}
	}
	dfAll := map[string]int{}
	for k, p := range byKey {
		dfAll[k.term] += p.DF
	}
	list := make([]Posting, 0, len(byKey))
	for k, p := range byKey {
		public := 0
		if pub := byKey[key{k.term, Public}]; pub != nil {
			public = pub.DF
		}
		if ix.p.common(public, publicSections) && ix.p.common(dfAll[k.term], sections) {
			p.Docs, p.Weights = nil, nil
		}
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Posting) int {
		return cmp.Or(strings.Compare(a.Term, b.Term), cmp.Compare(a.Audience, b.Audience))
	})
	return list
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
