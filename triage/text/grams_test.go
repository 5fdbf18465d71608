package text

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGrams_AreOfTheWordsAlone(t *testing.T) {
	t.Parallel()
	of := func(s string) []uint16 { return Normal(s).Grams() }
	for name, pair := range map[string][2]string{
		"case and signs":             {"Smoke, from the TOASTER!", "smoke from the toaster"},
		"letters of another script":  {"smоke from the toaster", "smoke from the toaster"},
		"the order of words":         {"toaster smoke", "smoke toaster"},
		"old mail below":             {"it smokes\n\n> my kettle burns\n> and burns", "it smokes"},
		"full width":                 {"ｓｍｏｋｅ", "smoke"},
		"signs within unspaced text": {"煙が出た。", "煙が出た"},
	} {
		if !slices.Equal(of(pair[0]), of(pair[1])) {
			t.Errorf("%s: %q and %q differ", name, pair[0], pair[1])
		}
	}
	if slices.Equal(of("smoke"), of("smoky")) || slices.Equal(of("煙が出た"), of("煙 が 出 た")) {
		t.Error("other words have the same pieces")
	}
	// " ab " has two, three and four characters: ␣a ab b␣, ␣ab ab␣, ␣ab␣.
	if got := len(of("ab")); got != 6 {
		t.Errorf("%d pieces of a word of two letters", got)
	}
}

func TestGrams_OfAnyTextAreSortedAndBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		got := Normal(s).Grams()
		if !slices.IsSorted(got) {
			t.Fatalf("not sorted: %v", got)
		}
		if len(Normal(s).Words) == 0 && len(got) > 0 {
			t.Fatalf("%d pieces of no words", len(got))
		}
		if n := len(got); n > 2*mostGrams {
			t.Fatalf("%d pieces", n)
		}
	})
	for name, long := range map[string]string{"many words": strings.Repeat("smouldering ", 20_000), "one long word": strings.Repeat("煙", 20_000)} {
		if n := len(Normal(long).Grams()); n > 0 {
			t.Errorf("%s: %d pieces of a text that is too long", name, n)
		}
	}
}

func FuzzGrams(f *testing.F) {
	for _, s := range []string{"", "a", "smoke!", "煙が出た", "هل يوجد دخان", "\x00\xff", "ｶﾞｽ臭い"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Normal(s).Grams(); !slices.IsSorted(got) {
			t.Errorf("%q: not sorted", s)
		}
	})
}
