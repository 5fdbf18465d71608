package handoff

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

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
		text, got := texts.Opened(Case{Reference: "K7QM-4T3P"}, 1, Outlook{}, lang)
		if got != lang || !strings.Contains(text, "K7QM-4T3P") || strings.Contains(text, "{") {
			t.Errorf("%s: %s %q", lang, got, text)
		}
	}
	if _, got := texts.Opened(Case{}, 1, Outlook{}, "xx", "de-AT"); got != "de" {
		t.Errorf("de-AT is told in %s", got)
	}
	if _, got := texts.Opened(Case{}, 1, Outlook{}); got != "en" {
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

func TestTexts_SayAllThatIsSoAndNothingElse(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	c := Case{Reference: "K7QM-4T3P", Reason: Angry}
	for name, x := range map[string]struct {
		position int
		outlook  Outlook
		c        Case
		has      []string
		not      []string
	}{
		"next in line":           {1, Outlook{}, c, []string{"sorry", "K7QM-4T3P"}, []string{"number", "Nobody"}},
		"in line":                {3, Outlook{Estimate: "5 to 15 minutes"}, c, []string{"number 3", "5 to 15 minutes"}, []string{"Nobody"}},
		"nobody there":           {3, Outlook{Nobody: true, Estimate: "x"}, c, []string{"Nobody", "e-mail"}, []string{"number", "probably"}},
		"nobody there, no mail":  {3, Outlook{Nobody: true, NoMail: true}, c, []string{"Nobody", "in this conversation"}, []string{"e-mail"}},
		"back at a known moment": {3, Outlook{Nobody: true, Opens: time.Date(2026, 11, 24, 7, 0, 0, 0, time.FixedZone("CET", 3600))}, c, []string{"We are back at 2026-11-24 07:00 CET."}, nil},
		"address left":           {1, Outlook{Nobody: true}, Case{Reference: "K7QM-4T3P", Contact: "ada@example.org"}, []string{"Nobody"}, []string{"Leave", "sorry"}},
	} {
		text, _ := texts.Opened(x.c, x.position, x.outlook, "en")
		for _, part := range x.has {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in %q", name, part, text)
			}
		}
		for _, part := range x.not {
			if strings.Contains(text, part) {
				t.Errorf("%s: %q in %q", name, part, text)
			}
		}
		if strings.Contains(text, "{") {
			t.Errorf("%s: not filled in: %q", name, text)
		}
	}
	// What is filled in is text: it fills nothing in itself.
	if text, _ := texts.ClosedBy(Case{Reference: "R", Memo: "{name}", Ended: Solved}, "Mara", true, "en"); !strings.Contains(text, "{name}") {
		t.Errorf("got %q", text)
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		for _, err := range []error{ErrManyOpen, ErrManyToday, ErrBlocked} {
			if text, got := texts.Refused(err, 3, lang); got != lang || text == "" || strings.Contains(text, "{") {
				t.Errorf("%s, %v: %s %q", lang, err, got, text)
			}
		}
		for _, action := range []WaitAction{WaitCancel, WaitAssistant, WaitResume} {
			if text, got := texts.Wait(c, action, Left{}, lang); got != lang || text == "" || strings.Contains(text, "{") {
				t.Errorf("%s, %s: %s %q", lang, action, got, text)
			}
		}
	}
}

// What comes of an address that was left is said as it is: it goes there, it will
// once somebody has confirmed it, or it is only noted.
func TestTexts_PromiseNoMailThatDoesNotGo(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		said := map[string]bool{}
		for _, how := range []Reach{ReachMail, ReachAsked, ReachNoted} {
			text, got := texts.Wait(Case{}, WaitContact, Left{Contact: "ann@example.org", How: how}, lang)
			if got != lang || strings.Count(text, "ann@example.org") != 1 || strings.Contains(text, "{") || said[text] {
				t.Errorf("%s, %d: %s %q", lang, how, got, text)
			}
			said[text] = true
		}
		for _, f := range []func(o Outlook) (string, string){
			func(o Outlook) (string, string) { return texts.Opened(Case{}, 1, o, lang) },
			func(o Outlook) (string, string) { return texts.Reopened(Case{}, 1, o, lang) },
		} {
			with, _ := f(Outlook{Nobody: true})
			without, _ := f(Outlook{Nobody: true, NoMail: true})
			asks := func(text string) bool {
				return slices.ContainsFunc(texts.Asks(), func(ask string) bool { return strings.Contains(text, ask) })
			}
			if !asks(with) || asks(without) || without == "" {
				t.Errorf("%s: %q, without mail %q", lang, with, without)
			}
		}
	}
}

func TestTexts_TellTheMemoInEveryLanguage(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	const memo = "New base sent, {name}"
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		for _, how := range []Ended{Solved, NoReply} {
			c := Case{Reference: "K7QM-4T3P", Ended: how, Memo: memo}
			text, got := texts.ClosedBy(c, "Mara", true, lang)
			if got != lang || strings.Count(text, memo) != 1 || how == Solved && !strings.Contains(text, "Mara") {
				t.Errorf("%s, %s: %s %q", lang, how, got, text)
			}
			c.Memo = ""
			without, _ := texts.ClosedBy(c, "Mara", true, lang)
			if strings.Contains(without, "{") || len(without) >= len(text)-len(memo) {
				t.Errorf("%s, %s: nothing was done, and yet: %q", lang, how, without)
			}
		}
	}
}
