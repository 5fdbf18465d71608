package triage

import (
	"slices"
	"testing"
)

// Texts without such characters are not looked at for these phrases.
func TestReader_PhrasesWithoutSpacesHaveTheirScriptsCharacters(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, l := range r.langs {
		if l.p.Unspaced {
			for _, s := range slices.Concat(l.p.Wish, l.p.Alone, l.p.Greeting, l.p.Thanks) {
				if seen++; !unspaced(s) {
					t.Errorf("%s: %q", l.code, s)
				}
			}
		}
	}
	for _, l := range r.leaners {
		if l.unspaced {
			for _, s := range slices.Concat(l.flatLead, l.flatTail, l.flatFailed, l.flatFails, l.flatRefer) {
				if seen++; !unspaced(s) {
					t.Errorf("%s: %q", l.code, s)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no such phrase")
	}
}
