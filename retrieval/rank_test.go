package retrieval

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func testJudge() Judge {
	return Judge{
		Fusion:  Fusion{Cosine: 1, Middle: 0.5, BM25: 1, ArticleBM25: 1, QuestionHandicap: 1, OtherLanguage: 0.5},
		Section: SectionPick{Cosine: 1, Length: 1},
	}
}

// candidate has a cosine of z standard deviations, 0.02 each, above a mean of 0.8.
func candidate(article, chunk int, z, bm25 float64) Candidate {
	return Candidate{
		Passage: Passage{ArticleNo: article, Chunk: chunk, ArticleID: fmt.Sprintf("a%d", article), Lang: "en", Text: fmt.Sprintf("text %d", chunk)},
		ChunkNo: chunk, Words: 20, Cosine: 0.8 + 0.02*z, Middle: 0.8 + 0.02*z, BM25: bm25, ArticleBM25: bm25,
	}
}

func candidates(list ...Candidate) Candidates {
	return Candidates{Generation: 1, Sections: 100, HasVectors: true, Terms: []TermUse{{"lid", 3, 2}}, List: list}
}

func articlesOf(list []ranked) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.lead.ArticleID)
	}
	return out
}

func TestRank_OneHitAnArticleByItsBestChunk(t *testing.T) {
	t.Parallel()
	list := testJudge().rank(candidates(candidate(1, 1, 0, 0), candidate(2, 2, 1, 0), candidate(1, 3, 2, 0), candidate(2, 4, 0.5, 0)), "en")
	if got := articlesOf(list); !slices.Equal(got, []string{"a1", "a2"}) {
		t.Fatalf("%v", got)
	}
	if list[0].lead.ChunkNo != 3 || list[1].lead.ChunkNo != 2 {
		t.Errorf("led by chunks %d and %d, want 3 and 2", list[0].lead.ChunkNo, list[1].lead.ChunkNo)
	}
}

func TestRank_WordsLiftWhatVectorsMiss(t *testing.T) {
	t.Parallel()
	list := testJudge().rank(candidates(candidate(1, 1, 1, 0), candidate(2, 2, 0.5, 2), candidate(3, 3, -1, 0), candidate(4, 4, -2, 0)), "en")
	if got := articlesOf(list); !slices.Equal(got, []string{"a2", "a1", "a3", "a4"}) {
		t.Errorf("%v", got)
	}
}

func TestRank_WordsOfAnotherLanguageCountLess(t *testing.T) {
	t.Parallel()
	german := candidate(2, 2, 0.5, 1)
	german.Lang = "de"
	c := candidates(candidate(1, 1, 1, 0), german, candidate(3, 3, -1, 0), candidate(4, 4, -2, 0))
	if got := articlesOf(testJudge().rank(c, "de")); got[0] != "a2" {
		t.Errorf("asked in German: %v", got)
	}
	if got := articlesOf(testJudge().rank(c, "en")); got[0] != "a1" {
		t.Errorf("asked in English: %v", got)
	}
}

func TestRank_AQuestionEntryLeadsToASectionOfItsArticle(t *testing.T) {
	t.Parallel()
	asked := candidate(1, 9, 5, 0)
	asked.Kind, asked.Asked, asked.Chunk, asked.Text = QuestionChunk, "how", 1, "lead section"
	alone := testJudge().rank(candidates(asked), "en")[0]
	if alone.show.Text != "lead section" || alone.question == nil || alone.question.Asked != "how" {
		t.Errorf("%+v", alone)
	}
	beside := testJudge().rank(candidates(asked, candidate(1, 4, 1, 0)), "en")[0]
	if beside.lead.ChunkNo != 9 || beside.show.Text != "text 4" {
		t.Errorf("led by %d, shows %q: a section that was found itself is better", beside.lead.ChunkNo, beside.show.Text)
	}
}

func TestRank_ALongerSectionIsShownWhereTwoAreAlike(t *testing.T) {
	t.Parallel()
	short, long := candidate(1, 1, 1.1, 0), candidate(1, 2, 1, 0)
	short.Words, long.Words = 5, 120
	r := testJudge().rank(candidates(short, long), "en")[0]
	if r.lead.ChunkNo != 1 || r.show.ChunkNo != 2 {
		t.Errorf("led by %d, shows %d", r.lead.ChunkNo, r.show.ChunkNo)
	}
}

func TestRank_AReplacedArticleStandsBehindTheCurrentOne(t *testing.T) {
	t.Parallel()
	replaced := func(a int, z float64, by string) Candidate {
		c := candidate(a, a, z, 0)
		c.Superseded = by
		return c
	}
	for name, row := range map[string]struct {
		list []Candidate
		want []string
	}{
		"both found":             {[]Candidate{replaced(1, 3, "a2"), candidate(2, 2, 1, 0), candidate(3, 3, 2, 0)}, []string{"a3", "a2", "a1"}},
		"behind already":         {[]Candidate{replaced(1, 1, "a2"), candidate(2, 2, 3, 0)}, []string{"a2", "a1"}},
		"only the old one found": {[]Candidate{replaced(1, 3, "gone"), candidate(2, 2, 1, 0)}, []string{"a1", "a2"}},
		"a chain of three":       {[]Candidate{replaced(1, 3, "a2"), replaced(2, 2, "a3"), candidate(3, 3, 1, 0)}, []string{"a3", "a2", "a1"}},
		"a circle":               {[]Candidate{replaced(1, 3, "a2"), replaced(2, 2, "a1")}, nil},
		"by itself":              {[]Candidate{replaced(1, 3, "a1"), candidate(2, 2, 1, 0)}, []string{"a1", "a2"}},
	} {
		got := articlesOf(testJudge().rank(candidates(row.list...), "en"))
		if row.want == nil && len(got) == len(row.list) {
			continue // no order is right; that it ends is enough
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func drawCandidates(t *rapid.T) Candidates {
	n := rapid.IntRange(0, 30).Draw(t, "n")
	c := candidates()
	for i := range n {
		// Few values, so that ties are common.
		k := candidate(rapid.IntRange(1, 8).Draw(t, "article"), i+1, float64(rapid.IntRange(-2, 4).Draw(t, "z")), float64(rapid.IntRange(0, 3).Draw(t, "bm25")))
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			k.Kind, k.Asked = QuestionChunk, "q"
		}
		if rapid.IntRange(0, 5).Draw(t, "replaced") == 0 {
			k.Superseded = fmt.Sprintf("a%d", k.ArticleNo%8+1)
		}
		k.Words = rapid.IntRange(0, 300).Draw(t, "words")
		if rapid.IntRange(0, 9).Draw(t, "no vector") == 0 {
			k.Cosine, k.Middle = 0, 0
		}
		c.List = append(c.List, k)
	}
	c.HasVectors = rapid.Bool().Draw(t, "vectors")
	if rapid.IntRange(0, 9).Draw(t, "flat") == 0 {
		for i := range c.List {
			c.List[i].Cosine, c.List[i].Middle = 0.8, 0.8
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "no terms") == 0 {
		c.Terms = nil
	}
	return c
}

func TestJudge_SameResultInAnyOrderOfCandidatesAndAProbabilityAlways(t *testing.T) {
	t.Parallel()
	r := testRanking(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCandidates(t)
		f := Found{Candidates: c, Lang: rapid.SampledFrom([]string{"en", "de", ""}).Draw(t, "lang"), Asked: rapid.IntRange(0, 9).Draw(t, "asked")}
		k := rapid.IntRange(1, 10).Draw(t, "k")
		var one, two Evidence
		r.Judge(&one, f, k, true)
		f.List = rapid.Permutation(c.List).Draw(t, "order")
		r.Judge(&two, f, k, true)
		if fmt.Sprint(one) != fmt.Sprint(two) {
			t.Fatalf("the order of candidates shows:\n%v\n%v", one, two)
		}
		seen := map[string]bool{}
		for _, h := range one.Hits {
			if seen[h.ArticleID] {
				t.Fatalf("article %s stands twice", h.ArticleID)
			}
			seen[h.ArticleID] = true
			if math.IsNaN(h.Score) {
				t.Fatal("a score is no number")
			}
		}
		if len(one.Hits) > k || len(c.List) > 0 && len(one.Hits) == 0 {
			t.Fatalf("%d hits of %d candidates, k %d", len(one.Hits), len(c.List), k)
		}
		if len(one.Hits) > 0 && !(one.P > 0 && one.P < 1) {
			t.Fatalf("probability %g", one.P)
		}
	})
}
