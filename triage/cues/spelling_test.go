package cues

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/triage/text"
)

func TestSpelling_FindsEveryTokenThatAWordIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.StringOfN(rapid.RuneFrom([]rune("abé烟")), 1, 5, -1)
		exact, prefixes := rapid.SliceOfN(form, 0, 8).Draw(t, "exact"), rapid.SliceOfN(form, 0, 8).Draw(t, "prefixes")
		var s spelling
		for _, f := range exact {
			s.id(f, false)
		}
		for _, f := range prefixes {
			s.id(f, true)
		}
		w := text.Word{Form: form.Draw(t, "word")}
		var want []tokenID
		for _, f := range exact {
			if w.Form == f {
				want = append(want, s.id(f, false))
			}
		}
		for _, f := range prefixes {
			if strings.HasPrefix(w.Form, f) {
				want = append(want, s.id(f, true))
			}
		}
		got := s.read(w, nil)
		slices.Sort(got)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Fatalf("%q is %v, want %v", w.Form, got, want)
		}
	})
}
