package pii

import (
	"bufio"
	_ "embed"
	"strings"
	"testing"
)

//go:embed testdata/written.txt
var writtenText string

// Forms of twelve countries, each on a line of its own: alone where the form
// says what it is, else in company.
func TestFind_FormsOfTwelveCountries(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	in := bufio.NewScanner(strings.NewReader(strings.ReplaceAll(writtenText, `\u200b`, "\u200b")))
	seen := map[string]int{}
	for in.Scan() {
		kind, rest, ok := strings.Cut(in.Text(), "|")
		if !ok || strings.HasPrefix(kind, "#") {
			continue
		}
		want, text, more := strings.Cut(rest, "|")
		if !more {
			text = want
		}
		seen[kind]++
		got := shown(text, f.Find(text))
		if kind == "none" {
			if len(got) > 0 {
				t.Errorf("%q: %q", text, got)
			}
			continue
		}
		if len(got) != 1 || got[0] != kind+" "+want {
			t.Errorf("%q: %q, want %s %q", text, got, kind, want)
		}
	}
	for kind, least := range map[string]int{Phone: 60, Email: 15, Order: 30, Address: 35, Card: 2, IBAN: 3, "none": 30} {
		if seen[kind] < least {
			t.Errorf("%s: %d lines are left", kind, seen[kind])
		}
	}
}
