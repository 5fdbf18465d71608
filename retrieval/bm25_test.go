package retrieval

import (
	"fmt"
	"reflect"
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
func TestDraft_PublicPostingsDoNotDependOnAgentsArticles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawKnowledge(t)
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
			t.Fatalf("%d public sections with, %d without", with.PublicSections, without.PublicSections)
		}
		byTerm := map[string]Posting{}
		for _, p := range without.Postings {
			byTerm[p.Term] = p
		}
		for _, p := range with.Postings {
			want := byTerm[p.Term]
			if p.Audience != Public || len(want.Docs) == 0 {
				continue // of agents; or left out as common in the smaller one
			}
			if p.DF != want.DF || len(p.Docs) > 0 && !reflect.DeepEqual(p, want) {
				t.Fatalf("%q: %+v with agents' articles, %+v without", p.Term, p, want)
			}
		}
	})
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
	for _, p := range testDraft(list).Postings {
		switch p.Term {
		case "the", "x":
			if p.DF != FewSections || len(p.Docs) != 0 {
				t.Errorf("%q stands in %d sections, %d listed", p.Term, p.DF, len(p.Docs))
			}
		default:
			if p.DF != 1 || len(p.Docs) != 2 || p.Docs[1] != -p.Docs[0] {
				t.Errorf("%q: %+v", p.Term, p)
			}
		}
	}
	// In a small site every useful word is in most sections.
	for _, p := range testDraft(list[:FewSections-1]).Postings {
		if len(p.Docs) == 0 {
			t.Errorf("%q is left out of a small site", p.Term)
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
