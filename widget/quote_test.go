package widget

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLocate_SaysWhatBecameOfAQuote(t *testing.T) {
	t.Parallel()
	const then = "First line.\nYou have 45 days.\nLast line."
	quote := "You have 45 days."
	from := strings.Index(then, quote)
	ref := quoteRef{Generation: 3, From: from, To: from + len(quote), Sum: checksum(quote), Summed: true}
	unsummed := ref
	unsummed.Summed = false
	for name, tc := range map[string]struct {
		now        string
		generation int
		ref        quoteRef
		earlier    string
		want       quoteState
		words      string
	}{
		"the same generation":                       {then, 3, ref, then, quoteSame, quote},
		"the same generation, without a checksum":   {then, 3, unsummed, then, quoteSame, quote},
		"an article that stayed as it was":          {then, 9, ref, "", quoteSame, quote},
		"words that moved, their old text kept":     {"New.\n" + then, 9, unsummed, then, quoteMoved, quote},
		"words that moved, their old text gone":     {"A new line.\n" + then, 9, ref, "", quoteMoved, quote},
		"a sentence in the middle of a line":        {"As before. And now: You have 45 days. So it is.", 9, ref, "", quoteMoved, quote},
		"words that changed":                        {strings.Replace(then, "45", "30", 1), 9, ref, then, quoteChanged, ""},
		"words that changed, their old text gone":   {strings.Replace(then, "45", "30", 1), 9, ref, "", quoteChanged, ""},
		"an old text gone, and no checksum":         {then, 9, unsummed, "", quoteChanged, ""},
		"an article that got shorter":               {"Short.", 9, ref, "", quoteChanged, ""},
		"an empty article":                          {"", 9, ref, then, quoteChanged, ""},
		"a checksum of other words":                 {then, 3, quoteRef{Generation: 3, From: 0, To: 5, Sum: 1, Summed: true}, then, quoteChanged, ""},
		"a span that ends within a character":       {"é is a letter", 3, quoteRef{Generation: 3, From: 1, To: 4}, "é is a letter", quoteChanged, ""},
		"a span that ends behind the article's end": {then, 3, quoteRef{Generation: 3, From: 10, To: 10_000}, then, quoteChanged, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, state := locate(tc.now, tc.generation, tc.ref, tc.earlier)
			if state != tc.want || tc.now[at.From:at.To] != tc.words {
				t.Errorf("%q, %s; want %q, %s", tc.now[at.From:at.To], state, tc.words, tc.want)
			}
		})
	}
}

// Whatever was edited around it: a quote that is said to be there is there,
// byte for byte, and one that still begins a line is found.
func TestLocate_NeverPointsAtOtherWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[a-cé]{0,6}`)
		lines := rapid.SliceOfN(line, 1, 12).Draw(t, "then")
		then := strings.Join(lines, "\n")
		n := rapid.IntRange(0, len(lines)-1).Draw(t, "quoted line")
		quote := lines[n]
		if quote == "" {
			return
		}
		from := len(strings.Join(lines[:n], "\n")) + min(n, 1)
		if then[from:from+len(quote)] != quote {
			t.Fatalf("the test is wrong: %q", then[from:from+len(quote)])
		}
		edited := rapid.SliceOfN(line, 0, 12).Draw(t, "now")
		stays := rapid.Bool().Draw(t, "stays")
		if stays {
			at := rapid.IntRange(0, len(edited)).Draw(t, "at")
			edited = append(append(append([]string{}, edited[:at]...), quote), edited[at:]...)
		}
		now := strings.Join(edited, "\n")
		ref := quoteRef{Generation: 1, From: from, To: from + len(quote), Sum: checksum(quote), Summed: true}
		at, state := locate(now, 2, ref, rapid.SampledFrom([]string{"", then}).Draw(t, "earlier"))
		if state != quoteChanged && now[at.From:at.To] != quote {
			t.Fatalf("%s: points at %q, quoted was %q", state, now[at.From:at.To], quote)
		}
		if stays && state == quoteChanged {
			t.Fatalf("%q is in %q and was not found", quote, now)
		}
	})
}

func TestLocate_GivesUpOnHugeArticles(t *testing.T) {
	t.Parallel()
	now := strings.Repeat("x\n", 4<<20)
	ref := quoteRef{Generation: 1, From: 0, To: maxQuote, Sum: 1, Summed: true}
	if _, state := locate(now, 2, ref, ""); state != quoteChanged {
		t.Errorf("found %s", state)
	}
}
