package text

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSpelling_FindsEveryTokenThatAWordIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.StringOfN(rapid.RuneFrom([]rune("abé烟")), 1, 5, -1)
		exact, prefixes := rapid.SliceOfN(form, 0, 40).Draw(t, "exact"), rapid.SliceOfN(form, 0, 8).Draw(t, "prefixes")
		var s Spelling
		for _, f := range exact {
			s.ID(f, false)
		}
		for _, f := range prefixes {
			s.ID(f, true)
		}
		if rapid.Bool().Draw(t, "fit") {
			s.Fit()
		}
		w := Word{Form: form.Draw(t, "word")}
		var want []TokenID
		for _, f := range exact {
			if w.Form == f {
				want = append(want, s.ID(f, false))
			}
		}
		for _, f := range prefixes {
			if strings.HasPrefix(w.Form, f) {
				want = append(want, s.ID(f, true))
			}
		}
		got := s.Read(w, nil)
		slices.Sort(got)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Fatalf("%q is %v, want %v", w.Form, got, want)
		}
	})
}

// TestPhrases_AreFoundWhereTheyStand holds the tree against a search for each
// phrase by itself.
func TestPhrases_AreFoundWhereTheyStand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "ab", "abc", "cab", "烟"})
		list := rapid.SliceOfN(rapid.SliceOfN(word, 1, 4), 0, 12).Draw(t, "phrases")
		said := rapid.SliceOfN(word, 0, 8).Draw(t, "said")
		var all PhraseList
		for i, p := range list {
			all.AddForms(p, i)
		}
		p := all.Phrases()
		ws := make([]Word, len(said))
		for i, s := range said {
			ws[i] = Word{Form: s}
		}
		var want []Found
		for i := range said {
			for n, p := range list {
				if len(p) <= len(said)-i && slices.Equal(said[i:i+len(p)], p) {
					want = append(want, Found{n, i, i + len(p)})
				}
			}
		}
		slices.SortFunc(want, byPlace)
		got := p.In(ws)
		slices.SortFunc(got, byPlace)
		if !slices.Equal(got, want) {
			t.Fatalf("%v in %v: %v, want %v", list, said, got, want)
		}
	})
}

func byPlace(x, y Found) int {
	return slices.Compare([]int{x.From, x.To, x.ID}, []int{y.From, y.To, y.ID})
}
