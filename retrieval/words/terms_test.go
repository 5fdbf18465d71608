package words

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTerms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, lang, text string
		want             string
	}{
		{"English words are stemmed", "en", "Returned kettles, returning a kettle!", "return kettl return a kettl"},
		{"without a language words stay", "", "Returned Kettles", "returned kettles"},
		{"an unknown language likewise", "xx", "Returned", "returned"},
		{"codes stay whole, however joined", "en", "Error E-04 (e04) on the S3 and K2", "error e04 e04 on the s3 and k2"},
		{"longer codes", "en", "AB-12-C 2FA H2O", "ab12c 2fa h2o"},
		{"ranges, dates and words with numbers come apart", "en", "10-15 2026-09-01 covid-19 30-day", "10 15 2026 09 01 covid 19 30 day"},
		{"a number and its unit come apart", "en", "230V 1.7l 2kg 5 GHz", "230 v 1.7 l 2 kg 5 ghz"},
		{"numbers are written one way", "de", "1,7 1.7 2.000 2,000 1.234.567 0,500", "1.7 1.7 2000 2000 1234567 0.500"},
		{"a sentence's end is no decimal", "en", "It costs 5. Then 6, or 7.", "it cost 5 then 6 or 7"},
		{"short hyphenated words are joined", "en", "e-mail email Wi-Fi wifi T-shirt", "mail email email wifi wifi shirt tshirt"},
		{"long ones come apart", "en", "long-term", "long term"},
		{"English apostrophes", "en", "the customer's don’t", "the custom dont"},
		{"French elisions", "fr", "l'eau de l’huile, aujourd'hui", "eau de huil aujourdhui"},
		{"Italian elisions", "it", "dell'acqua un'altra", "acqua altra"},
		{"Turkish names lose what follows the apostrophe", "tr", "Ankara'da", "ankar"},
		{"Turkish case", "tr", "İADE IŞIK iade ışık", "iade isik iade isik"},
		{"German umlauts and ß", "de", "Größe Häuser Haus", "gross haus haus"},
		{"accents left out find the same", "es", "devolución devolucion devoluciones", "devolu devolu devolu"},
		{"accents left out, Portuguese", "pt", "devolução devolucao não nao", "devolu devolu na na"},
		{"accents left out, French", "fr", "livrée livree annulés annules première premiere", "livr livr annul annul premi premi"},
		{"accents left out, Italian", "it", "qualità qualita", "qualit qualit"},
		{"Polish endings", "pl", "zamówienia zamowienie zamówieniem paczki paczka", "zamow zamow zamow paczk paczk"},
		{"Arabic stems", "ar", "الطلبات الطلب", "طلب طلب"},
		{"Chinese is pairs of characters", "zh", "如何退货?", "如何 何退 退货"},
		{"Japanese, kana and kanji in one run", "ja", "電源が入らない", "電源 源が が入 入ら らな ない"},
		{"Korean pairs stay within words", "ko", "주문 취소", "주문 취소"},
		{"one character stands for itself", "zh", "水 K2 壶", "水 k2 壶"},
		{"mixed scripts", "zh", "我的K2水壶", "我的 k2 水壶"},
		{"full-width forms", "ja", "ＫＥＴＴＬＥ　１２３", "kettle 123"},
		{"trade marks and soft hyphens vanish", "en", "Kettle™ Rück\u00ADgaben", "kettl ruckgaben"},
		{"link targets, tags and entities are not text", "en", "[See](/help/a-b) <img src=\"x y\"> R&amp;D&#x20;now <https://a.b>", "see r d now https a b"},
		{"other marks stay", "hi", "हिन्दी में", "हिन्दी में"},
		{"nothing", "en", " — … !?", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(Terms(tt.text, tt.lang), " "); got != tt.want {
				t.Errorf("terms of %q\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestTerms_LongWordsAreCut(t *testing.T) {
	t.Parallel()
	for _, s := range []string{strings.Repeat("x", 500), strings.Repeat("ж", 500), "K2" + strings.Repeat("é", 500)} {
		got := Terms(s, "ru")
		if len(got) != 1 || len(got[0]) > MaxTerm || !utf8.ValidString(got[0]) {
			t.Errorf("terms of a word of %d bytes: %q", len(s), got)
		}
	}
}

func TestAppendTerms_KeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	got := AppendTerms([]string{"first"}, "second", "en")
	if diff := cmp.Diff([]string{"first", "second"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	tf, n := Counts("The kettle and the kettles", "en")
	if diff := cmp.Diff(map[string]int{"the": 2, "kettl": 2, "and": 1}, tf); diff != "" || n != 5 {
		t.Errorf("%d terms, (-want +got):\n%s", n, diff)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "don't stop E-04": 3, "1 — 2": 2, "打开水箱盖子": 3, "水": 1, "我的 K2": 2, "l’eau": 1,
	} {
		if got := Count(text); got != want {
			t.Errorf("%q counts %d words, want %d", text, got, want)
		}
	}
}

func TestBigrams(t *testing.T) {
	t.Parallel()
	for run, want := range map[string]string{"": "", "水": "水", "水壶": "水壶", "水壶盖": "水壶 壶盖"} {
		if got := strings.Join(Bigrams(run), " "); got != want {
			t.Errorf("bigrams of %q: %q, want %q", run, got, want)
		}
	}
}

// The index and the question must agree: upper case, accents left out, hyphens
// of another kind and full-width digits are the same words.
func TestTerms_CaseAndFormsDoNotMatter(t *testing.T) {
	t.Parallel()
	langs := rapid.SampledFrom([]string{"", "en", "de", "fr", "es", "pl", "nl", "zh"})
	word := rapid.SampledFrom([]string{"kettle", "größe", "e-04", "commandée", "s3", "1.7", "devolución", "paczka", "don't", "水壶", "email"})
	rapid.Check(t, func(t *rapid.T) {
		lang := langs.Draw(t, "lang")
		text := strings.Join(rapid.SliceOfN(word, 1, 8).Draw(t, "words"), " ")
		want := Terms(text, lang)
		other := strings.NewReplacer("-", "\u2011", "'", "’", "1", "１", " ", " — ").Replace(strings.ToUpper(text))
		if lang == "de" || lang == "" {
			other = strings.ReplaceAll(other, "ẞ", "SS")
		}
		if diff := cmp.Diff(want, Terms(other, lang)); diff != "" {
			t.Fatalf("%q and %q differ in %s (-want +got):\n%s", text, other, lang, diff)
		}
	})
}

func FuzzTerms(f *testing.F) {
	for _, lang := range []string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ru", "zh", "sv", "fi", "hu", "ro", "da", "no", ""} {
		f.Add("Größe l'eau E-04 1,7 水壶 don't ваш заказ الطلب [a](b) <c> &amp;", lang)
	}
	f.Add("\xff\x00\u00ad", "en")
	f.Fuzz(func(t *testing.T, text, lang string) {
		terms := Terms(text, lang)
		for _, term := range terms {
			if term == "" || len(term) > MaxTerm || !utf8.ValidString(term) || strings.ContainsAny(term, " \n\x00") {
				t.Fatalf("term %q of %q in %q", term, text, lang)
			}
		}
		if diff := cmp.Diff(terms, Terms(text, lang)); diff != "" {
			t.Fatalf("a second time: %s", diff)
		}
		if code, p := DetectLanguage(text, []string{lang}); p < 0 || p > 1 || p > 0 && code == "" && lang != "" {
			t.Fatalf("language %q with %g", code, p)
		}
	})
}

func BenchmarkTerms(b *testing.B) {
	for name, s := range map[string]struct{ text, lang string }{
		"English": {"How long does it take until my order arrives at the new address, and may I return it? ", "en"},
		"German":  {"Wie lange dauert es, bis meine Bestellung an der neuen Adresse ankommt, und kann ich sie zurückgeben? ", "de"},
		"Chinese": {"我的订单什么时候能送到新地址？可以退货吗？请告诉我怎么操作。", "zh"},
	} {
		text := strings.Repeat(s.text, 10)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Terms(text, s.lang)
			}
		})
	}
}
