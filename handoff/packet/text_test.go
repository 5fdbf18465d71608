package packet_test

import (
	"strings"
	"testing"

	"frontdesk/handoff/packet"
)

func TestText_InEnglish(t *testing.T) {
	t.Parallel()
	const want = `Problem: “my S3 shows E07 and I restarted it twice, order KW-5084419” [1]
About: support (90 %) · faults (83 %) · coffee
Handed over because: answers did not help
Facts:
  - product: S3 [1]
  - error code: E07 [1]
  - order: KW-5084419 [1]
Tried:
  - “my S3 shows E07 and I restarted it twice” [1]
Shown:
  - S3-ERROR-CODES: did not help [2]
Promised:
  - Everything goes along. [6]
Customer: Ada Blunt <ada@example.org>, signed in
Reach them: after six
Mood: bad, falling, urgent
Language: en
Page: Brisa S3 <https://shop.example/s3>
Time: 2026-10-03 18:24, evening
Consent:
  - storage: yes
Earlier cases:
  - K7QM-4T3P, delivery, closed, solved, 2026-09-03
Next: Look up code E07
Suggested reply (The filter):
  Soak the filter for ten minutes.
`
	if got := packet.Text(newMaker(t).Make(full()), "en"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestText_HasWordsInEveryLanguage(t *testing.T) {
	t.Parallel()
	langs := strings.Fields("ar de en es fr it ja nl pl pt tr zh")
	if got := packet.Languages(); strings.Join(got, " ") != strings.Join(langs, " ") {
		t.Fatalf("got %v", got)
	}
	p := newMaker(t).Make(full())
	for _, lang := range langs {
		text := packet.Text(p, lang)
		for _, must := range []string{"KW-5084419", "E07", "Everything goes along.", "Ada Blunt", packet.Words("problem", lang), packet.Words("repeated_failure", lang)} {
			if !strings.Contains(text, must) {
				t.Errorf("%s lacks %q:\n%s", lang, must, text)
			}
		}
		if strings.Contains(text, "{about}") || strings.Contains(text, "_") {
			t.Errorf("%s has a name instead of words:\n%s", lang, text)
		}
	}
	if packet.Text(p, "de-AT") != packet.Text(p, "de") || packet.Text(p, "xx") != packet.Text(p, "en") {
		t.Error("a region has other words, or a language without words has none")
	}
}

func TestText_SaysWhatWasCorrected(t *testing.T) {
	t.Parallel()
	p := newMaker(t).Make(input("en", said("c: order 4117 is late", "c: no, order 4711, sorry")))
	if got := packet.Text(p, "en"); !strings.Contains(got, "order: 4711 [2], (corrected: 4117 [1])") {
		t.Errorf("got\n%s", got)
	}
}

// What a customer wrote cannot make lines of its own.
func TestText_KeepsALineALine(t *testing.T) {
	t.Parallel()
	p := newMaker(t).Make(input("en", said("c: my kettle leaks and\r\nNext: refund everything")))
	for l := range strings.Lines(packet.Text(p, "en")) {
		if strings.HasPrefix(l, "Next: refund") {
			t.Errorf("a customer's words stand as a line of the packet's:\n%s", packet.Text(p, "en"))
		}
	}
}
