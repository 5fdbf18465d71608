package retrieval

import (
	"fmt"
	"testing"
)

func TestAhead_FindsTheLanguageOnceForItsSearch(t *testing.T) {
	t.Parallel()
	asked := 0
	s, err := NewSearcher(SearchDeps{
		Store: published("en"), Embedder: newScripted(nil), Terms: testTerms,
		Detect: func(text string, prior []string) (string, float64) {
			asked++
			return testDetect(text, prior)
		},
	}, SearchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s.Ahead(t.Context(), Query{Site: 1, Text: "my lid "})
	for i, want := range []int{1, 2} { // the second search was not looked at ahead
		if _, err := s.Search(t.Context(), Query{Site: 1, Text: " my lid"}); err != nil {
			t.Fatal(err)
		}
		if asked != want {
			t.Errorf("search %d: the language was looked for %d times, want %d", i, asked, want)
		}
	}
}

// What is embedded ahead is what the search will ask for: a run without the inner
// layers would be made once more.
func TestAhead_AsksForWhatTheSearchWillAskFor(t *testing.T) {
	t.Parallel()
	e := deepened{newTokened("scripted", nil)}
	e.model.Name = "scripted/4"
	s := newTestSearcher(t, published("en"), e, SearchConfig{})
	s.Ahead(t.Context(), Query{Site: 1, Text: "lid", Around: true})
	if e.calls() != 1 || e.tokens.Load() != 1 {
		t.Errorf("%d runs, %d of them with more than the vector", e.calls(), e.tokens.Load())
	}
}

func TestFoundLangs_BelongToASiteAndAreBounded(t *testing.T) {
	t.Parallel()
	var l foundLangs
	l.put(langKey{1, "lid"}, "en")
	if _, ok := l.take(langKey{2, "lid"}); ok {
		t.Error("one site's is another's")
	}
	if lang, ok := l.take(langKey{1, "lid"}); !ok || lang != "en" {
		t.Errorf("%q, %v", lang, ok)
	}
	for i := range 3 * mostLangs {
		l.put(langKey{1, fmt.Sprint(i)}, "en")
	}
	if n := len(l.known); n > mostLangs {
		t.Errorf("%d wait for searches that never come, at most %d should", n, mostLangs)
	}
}
