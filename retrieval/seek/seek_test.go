package seek

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func reader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestSought(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, c := range []struct {
		lang, question string
		want           Kinds
	}{
		{"en", "How much is a replacement lid?", Money},
		{"en", "how long do i have to send it back", Time},
		{"en", "How many cups does it hold?", Number},
		{"en", "Where do I find the serial number?", Way},
		{"en", "Can it go in the dishwasher?", May},
		{"en", "I can see steam", 0}, // no question of leave: the word does not begin it
		{"en", "Is it £20 or less", Money | May},
		{"en", "thanks", 0},
		{"de", "Was kostet der Versand?", Money},
		{"de", "Bis wann kann ich zurückschicken", Time},
		{"fr", "Combien de temps dure la garantie ?", Time | Number},
		{"es", "¿Dónde está el número de serie?", Way},
		{"it", "Posso lavarlo in lavastoviglie?", May},
		{"pt", "Quanto custa o envio?", Money},
		{"nl", "Hoe lang duurt het?", Time},
		{"pl", "Ile kosztuje wysyłka?", Money | Number},
		{"tr", "Bu ne kadar sürer?", Time | Number},
		{"ar", "متى يصل الطلب؟", Time},
		{"ja", "送料はいくらですか", Money | May},
		{"zh", "多久能到?", Time},
		{"xx", "How much is it?", 0}, // nobody's words
	} {
		if got := r.Sought(c.question, c.lang); got != c.want {
			t.Errorf("%s %q: seeks %05b, want %05b", c.lang, c.question, got, c.want)
		}
	}
}

func TestHeld(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, c := range []struct {
		lang, text string
		want       Kinds
	}{
		{"en", "It costs €9.90.", Money | Number},
		{"en", "You have 45 days.", Time | Number},
		{"en", "You have three working days.", Time},
		{"en", "We answer until 16:30.", Time | Number},
		{"en", "Press **Reset**.", Way},
		{"en", "Open Settings › Keys.", Way},
		{"en", "It must not get wet.", May},
		{"en", "Part KW-2", Number},
		{"en", "It is a good day.", 0},
		{"de", "innerhalb von 14 Werktagen", Time | Number},
		{"de", "Das geht nicht.", May},
		{"ja", "3営業日以内に届きます", Time | Number},
		{"zh", "7天内可以退货", Time | Number | May},
		{"pl", "Kosztuje 20 zł", Money | Number},
		{"xx", "3 foos for €2", Money | Number},
	} {
		if got := r.Held(c.text, c.lang); got != c.want {
			t.Errorf("%s %q: holds %05b, want %05b", c.lang, c.text, got, c.want)
		}
	}
}

// Each of the product's languages has words for all that can be sought.
func TestEveryLanguageSeeksEverything(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, lang := range []string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"} {
		var all Kinds
		for _, p := range r.asks[lang] {
			all |= p.kind
		}
		if all.Count() != 5 {
			t.Errorf("%s has words for %05b only", lang, all)
		}
		var roles role
		for _, is := range r.holds[lang].words {
			roles |= is
		}
		if roles != roleMay|roleSpan|roleNumber {
			t.Errorf("%s: roles %03b to look for in texts", lang, roles)
		}
	}
}

// What a text holds is held by every text that it is part of, set off by a space.
func TestMoreTextHoldsNoLess(t *testing.T) {
	t.Parallel()
	r := reader(t)
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]string{"en", "de", "tr", "ar", "ja", "zh", "xx"}).Draw(t, "lang")
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		one, both := r.Held(a, lang), r.Held(a+" . "+b, lang)
		if !both.Has(one) {
			t.Fatalf("%05b by itself, %05b with more", one, both)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add("How much?", "en")
	f.Add("7天内\x00\xff", "zh")
	f.Add("10: 3", "ja")
	r := reader(f)
	f.Fuzz(func(t *testing.T, text, lang string) {
		if !utf8.ValidString(text) {
			t.Log("bytes that are no text")
		}
		if r.Sought(text, lang).Count() > 5 || r.Held(text, lang).Count() > 5 {
			t.Error("more than there is")
		}
	})
}

func BenchmarkHeld(b *testing.B) {
	r := reader(b)
	for b.Loop() {
		r.Held("You may send back what you bought within 45 days, and the postage of £4.90 is on us where it was our fault.", "en")
	}
}

func BenchmarkSought(b *testing.B) {
	r := reader(b)
	for b.Loop() {
		r.Sought("My kettle came with a lid that does not close, how long do I have to send it back and who pays?", "en")
	}
}
