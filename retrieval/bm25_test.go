package retrieval

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testDraft(articles []Article) *Draft {
	return newDraft(articles, lines{}, testTerms, testDetect, BM25{K1: 1.2, B: 0.75, MaxDF: 0.4, TitleWeight: 1.5})
}

func drawKnowledge(t *rapid.T) []Article {
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"kettle", "lid", "refund", "the", "a", "code"}), 1, 10)
	list := make([]Article, rapid.IntRange(1, 15).Draw(t, "articles"))
	for i := range list {
		list[i] = Article{ID: fmt.Sprintf("a%d", i), Title: fmt.Sprint(words.Draw(t, "title")), Lang: "en", Audience: Audience(rapid.IntRange(0, 1).Draw(t, "audience"))}
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			list[i].Body += fmt.Sprint(words.Draw(t, "line")) + "\n"
		}
		if rapid.Bool().Draw(t, "asked") {
			list[i].Questions = []string{fmt.Sprint(words.Draw(t, "question"))}
		}
	}
	return list
}

func TestDraft_SameArticlesGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawKnowledge(t)
		if !reflect.DeepEqual(testDraft(list), testDraft(list)) {
			t.Fatal("two drafts of the same articles differ")
		}
	})
}

// What only agents may read must leave no trace in what the public is ranked
// by: not in frequencies, not in weights, not in average lengths.
func TestDraft_PublicWordsDoNotDependOnAgentsArticles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t0 *rapid.T) {
		list := drawKnowledge(t0)
		var public []Article
		for _, a := range list {
			if a.Audience == Public {
				public = append(public, a)
			}
		}
		if len(public) == 0 {
			return
		}
		// Agents' articles last, so that numbers agree.
		mixed := append([]Article(nil), public...)
		for _, a := range list {
			if a.Audience != Public {
				mixed = append(mixed, a)
			}
		}
		with, without := testDraft(mixed), testDraft(public)
		if with.PublicSections != without.PublicSections {
			t0.Fatalf("%d public sections with, %d without", with.PublicSections, without.PublicSections)
		}
		want, got := publicWords(without), publicWords(with)
		for t, w := range want.df {
			if got.df[t] != w {
				t0.Fatalf("%q is in %d public sections with agents' articles, in %d without", t, got.df[t], w)
			}
		}
		if len(got.df) != len(want.df) {
			t0.Fatalf("%d public terms with agents' articles, %d without", len(got.df), len(want.df))
		}
		for doc, words := range want.words {
			for t, w := range words {
				// Common among the public's alone: listed once there are others.
				if g := got.words[doc][t]; g != w {
					t0.Fatalf("%q weighs %g in text %d with agents' articles, %g without", t, g, doc, w)
				}
			}
		}
	})
}

type indexed struct {
	df    map[string]int
	words map[int32]map[string]float32
}

func publicWords(d *Draft) indexed {
	out := indexed{df: map[string]int{}, words: map[int32]map[string]float32{}}
	names := map[int32]string{}
	for _, t := range d.Terms {
		names[t.Dim] = t.Term
		if t.Audience == Public {
			out.df[t.Term] = t.DF
		}
	}
	for _, w := range d.Words {
		if w.Audience != Public {
			continue
		}
		out.words[w.Doc] = map[string]float32{}
		for i, dim := range w.Dims {
			out.words[w.Doc][names[dim]] = w.Weights[i]
		}
	}
	return out
}

func TestDraft_NumbersAndSpansFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := testDraft(drawKnowledge(t))
		for i, c := range d.Chunks {
			a := d.Articles[c.ArticleNo-1]
			section := d.Chunks[c.SectionNo-1]
			if c.No != i+1 || a.No != c.ArticleNo || section.ArticleNo != c.ArticleNo || section.Kind != SectionChunk || c.Audience != a.Audience {
				t.Fatalf("chunk %+v of article %d", c, a.No)
			}
			if c.Kind == SectionChunk && (a.Body[c.From:c.To] != c.Text || section.No != c.No) {
				t.Fatalf("chunk %d is not its span", c.No)
			}
		}
	})
}

func TestDraft_CommonTermsAreCountedAndNotListed(t *testing.T) {
	t.Parallel()
	var list []Article
	for i := range FewSections {
		list = append(list, Article{ID: fmt.Sprint(i), Title: "x", Lang: "en", Body: fmt.Sprintf("the n%d", i)})
	}
	d := testDraft(list)
	got := publicWords(d)
	for term, df := range got.df {
		listed := 0
		for _, words := range got.words {
			if words[term] > 0 {
				listed++
			}
		}
		switch term {
		case "the", "x":
			if df != FewSections || listed != 0 {
				t.Errorf("%q stands in %d sections, %d listed", term, df, listed)
			}
		default: // the section, and the article as a whole
			if df != 1 || listed != 2 {
				t.Errorf("%q: in %d sections, %d listed", term, df, listed)
			}
		}
	}
	// In a small site every useful word is in most sections.
	small := publicWords(testDraft(list[:FewSections-1]))
	if len(small.words) != 2*(FewSections-1) || small.words[1]["the"] == 0 {
		t.Errorf("words are left out of a small site: %v", small.words)
	}
}

func TestDraft_ABookKeepsItsHeaviestWords(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	for i := range maxWords + 500 {
		fmt.Fprintf(&body, "w%d ", i)
	}
	body.WriteString("heavy heavy heavy heavy heavy")
	d := testDraft([]Article{{ID: "book", Title: "book", Lang: "en", Body: body.String()}})
	for _, w := range d.Words {
		if len(w.Dims) != maxWords || !slices.IsSorted(w.Dims) {
			t.Errorf("text %d: %d words, want %d in order", w.Doc, len(w.Dims), maxWords)
		}
		if publicWords(d).words[w.Doc]["heavy"] == 0 {
			t.Errorf("text %d lost its heaviest word", w.Doc)
		}
	}
}

func TestMainLanguages_ThoseWithATenthOfTheText(t *testing.T) {
	t.Parallel()
	got := mainLanguages(map[string]int{"en": 800, "de": 150, "fr": 40, "": 10})
	if !reflect.DeepEqual(got, []string{"en", "de"}) {
		t.Errorf("%v", got)
	}
}
