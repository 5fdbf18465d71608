package lang

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDetect_WhereTheTextSaysLittle(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	for _, tt := range []struct {
		name, in, page, want string
		atMost               float64
	}{
		{"nothing at all", "", "", "", 0},
		{"digits, the page's language", "404?", "nl", "nl", .3},
		{"a code", "K2", "de", "de", .9},
		{"emoji", "👍👍", "fr", "fr", .3},
		{"emoji without a page", "👍", "", "", 0},
		{"one letter", "k", "de", "de", .99},
		{"a link alone", "https://shop.example/the-best-kettle", "it", "it", .3},
		{"a page's tag with a region", "ok", "pt-BR", "pt", .99},
		{"a page in another language than the message", "Wo ist denn bloß mein Paket geblieben?", "en", "de", 1},
		{"a Japanese customer's few characters", "返品", "ja", "ja", .8},
		{"the same on a Chinese page", "送料", "zh", "zh", .9},
		{"Chinese on a Japanese page", "我的订单还没到", "ja", "zh", 1},
		{"Japanese on an English page", "K2のエラーE-04とは", "en", "ja", 1},
		{"Danish by its letters", "Hvor er min ordre? Jeg har ikke fået nøglen på døren", "", "da", 1},
		{"Norwegian page", "Hvor er pakken min? Jeg har ikke fått nøkkelen", "no", "nb", 1},
		{"Danish page without such letters", "Hvor er min pakke", "da", "da", 1},
		{"Swedish on a Danish page", "Var är mitt paket? Jag har väntat i två veckor nu", "da", "sv", 1},
		{"a page whose language nobody knows", "where is my order", "xx", "en", 1},
		{"Korean", "주문 취소해 주세요", "en", "ko", 1},
		{"Greek", "Πού είναι η παραγγελία μου", "en", "el", 1},
		{"Persian letters", "چگونه رمز عبور را تغییر دهم", "", "fa", 1},
		{"Belarusian letter", "дзе мой заказ ў краме", "", "be", 1},
		{"a Chinese word in an English text", "What does 保温 on the kettle mean?", "", "en", 1},
		{"an English word in a Japanese text", "Kettleの電源が入りません", "", "ja", 1},
		{"zero-width marks", "wo\u200b ist\u200b me\u00adin Pa\u200bket", "", "de", 1},
		{"old mail in another language", "wo bleibt meine Bestellung denn jetzt\n\nOn Mon, 3 Nov 2025, Ann <a@shop.example> wrote:\n> we have sent your order and it will arrive soon\n> thank you for waiting", "", "de", 1},
		{"nothing but old mail", "> where is my order, it has not arrived yet", "", "en", 1},
		{"a log", "est-ce que quelqu'un sait pourquoi ça plante\n2026-01-02 10:11:12 ERROR [main] the server has failed to start the process", "", "fr", 1},
		{"base64", strings.Repeat("aGVsbG8", 20), "pl", "pl", 1},
		{"shouting", "WO IST MEIN PAKET", "", "de", 1},
		{"Turkish capitals", "SİPARİŞİM NEREDE KALDI", "", "tr", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, p := d.Detect(tt.in, tt.page)
			if got != tt.want || p > tt.atMost || p < 0 {
				t.Errorf("%q on a page in %q: %s with %.2f, want %s with at most %.2f", tt.in, tt.page, got, p, tt.want, tt.atMost)
			}
		})
	}
}

func TestDetect_CharactersOfOneLanguage(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	if got, p := d.Detect("我们的订单还没到", "ja"); got != "zh" || p < .9 {
		t.Errorf("%s with %.2f", got, p)
	}
	if got, p := d.Detect("再発行", "ja"); got != "ja" || p < .75 {
		t.Errorf("%s with %.2f", got, p)
	}
}

// What is said with a probability comes true as often, in tenths of it.
func TestDetect_Calibrated(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	list := heldOut(t)
	var n, said, came [10]float64
	for _, words := range []int{2, 3, 5, 8} {
		for i, s := range list {
			page := []string{"", s.Lang, s.Lang, "en"}[i%4]
			got, p := d.Detect(firstWords(s.Text, words), page)
			b := min(9, int(p*10))
			n[b]++
			said[b] += p
			if got == s.Lang {
				came[b]++
			}
		}
	}
	all, gap := 0.0, 0.0
	for b := range n {
		if n[b] > 0 {
			t.Logf("%5.0f answers: said %.3f, came true %.3f", n[b], said[b]/n[b], came[b]/n[b])
			gap += max(said[b]-came[b], came[b]-said[b])
			all += n[b]
		}
	}
	t.Logf("expected calibration error %.4f", gap/all)
	if gap/all > .03 {
		t.Errorf("expected calibration error %.4f", gap/all)
	}
}

func TestTrain_SameBytesTwice(t *testing.T) {
	t.Parallel()
	c := Corpus{Phrases: 20}
	for _, code := range classes() {
		c.Words = append(c.Words, Sample{code, code + "one " + code + "zwei " + code + "trois"})
		c.Sentences = append(c.Sentences, Sample{code, "the sentence of " + code + "one and " + code + "zwei"})
	}
	one, err := Train(c)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Train(c)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("training twice gives other bytes: %v", err)
	}
	d, err := newDetector(one)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := d.Detect("plzwei", ""); got != "pl" {
		t.Errorf("learned nothing: %s", got)
	}
	if _, err := Train(Corpus{}); err == nil {
		t.Error("trained on nothing")
	}
	if _, err := newDetector([]byte("no weights")); err == nil {
		t.Error("read what are no weights")
	}
}

func TestDetect_AnyText(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	rapid.Check(t, func(t *rapid.T) {
		holds(t, d, rapid.String().Draw(t, "text"), rapid.SampledFrom([]string{"", "en", "ja", "da", "zz", "pt-BR"}).Draw(t, "page"))
	})
}

type failer interface{ Errorf(string, ...any) }

func holds(t failer, d *Detector, s, page string) {
	got, p := d.Detect(s, page)
	if p < 0 || p > 1 || p != p || got == "" && p != 0 || page != "" && got == "" && len(page) == 2 {
		t.Errorf("%q on a page in %q: %q with %v", s, page, got, p)
	}
	if again, q := d.Detect(s, page); again != got || q != p {
		t.Errorf("%q on a page in %q: %s, then %s", s, page, got, again)
	}
}

// Long texts of every shape are read to the end; a reader that slows down with
// the square of the length would be seen here.
func TestDetect_LongTexts(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	for _, unit := range []string{"a", "a ", "🔥", "返", "> a\n", "12:00:01 ERROR [x] y\n", "a\n\n", "h\u200bi. ", "aGVsbG8", "wo ist "} {
		holds(t, d, strings.Repeat(unit, 100_000/len(unit)), "de")
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"", "wo ist mein Paket", "где", "返品です", "أين", "\xff", "ø", "'", "a@b"} {
		f.Add(s, "en")
	}
	d := newTestDetector(f)
	f.Fuzz(func(t *testing.T, s, page string) {
		if len(base(page)) == 2 || page == "" {
			holds(t, d, s, page)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	d := newTestDetector(b)
	for name, s := range map[string]string{
		"message": "Hello, I ordered the kettle two weeks ago (order 12345) and it hasn't arrived. Where is it?",
		"short":   "wo bleibt mein Paket",
		"long":    strings.Repeat("Où est ma commande, l'argent n'est pas là. ", 2300),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Detect(s, "en")
			}
		})
	}
}
