package handoff

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"frontdesk/internal/fault"
)

func TestReference_IsReadAloudWithoutMistakes(t *testing.T) {
	t.Parallel()
	seen, counts := map[string]bool{}, map[byte]int{}
	for range 5000 {
		ref, err := NewReference(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if len(ref) != 9 || ref[4] != '-' || seen[ref] {
			t.Fatalf("got %q", ref)
		}
		seen[ref] = true
		for i := range len(ref) {
			if i == 4 {
				continue
			}
			if strings.IndexByte("01258OILSBZUVAE", ref[i]) >= 0 {
				t.Fatalf("%q has a character that is taken for another", ref)
			}
			counts[ref[i]]++
		}
	}
	for ch, n := range counts { // 40,000 draws of 21: 1,905 each, give or take five deviations
		if n < 1690 || n > 2120 {
			t.Errorf("%c came %d times", ch, n)
		}
	}
	if _, err := NewReference(bytes.NewReader([]byte{1, 2})); err == nil {
		t.Error("a source that ends gave a reference")
	}
}

func TestTexts_NameTheReferenceInEveryLanguage(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		text, got := texts.Connecting("K7QM-4T3P", lang)
		if got != lang || !strings.Contains(text, "K7QM-4T3P") || strings.Contains(text, "{") {
			t.Errorf("%s: %s %q", lang, got, text)
		}
	}
	if _, got := texts.Connecting("x", "xx", "de-AT"); got != "de" {
		t.Errorf("de-AT is told in %s", got)
	}
	if _, got := texts.Connecting("x"); got != "en" {
		t.Errorf("nothing known is told in %s", got)
	}
}

func TestParseReason(t *testing.T) {
	t.Parallel()
	if r, err := ParseReason(""); err != nil || r != Asked {
		t.Errorf("%v, %v", r, err)
	}
	if r, err := ParseReason("angry"); err != nil || r != Angry {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := ParseReason("because"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}
