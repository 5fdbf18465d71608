package bot

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParts(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct{ lang, first, second string }{
		"Is the pool heated and can I charge a car there?":                 {"en", "Is the pool heated", "can I charge a car there?"},
		"The feeder keeps jamming. Also how do I earn those points?":       {"en", "The feeder keeps jamming", "how do I earn those points?"},
		"Do you have cots, and is there a charge for a baby?":              {"en", "Do you have cots", "is there a charge for a baby?"},
		"The lid leaks and it is old.":                                     {"en", "", ""},
		"How long does it take? I need it soon.":                           {"en", "", ""},
		"Hi and how do I return this?":                                     {"en", "", ""},
		"Der Akku hält kaum drei Tage. Und wann wird eigentlich gebucht?":  {"de", "Der Akku hält kaum drei Tage", "wann wird eigentlich gebucht?"},
		"Kann ich die Farbe ändern, und wie lange dauert der Versand?":     {"de", "Kann ich die Farbe ändern", "wie lange dauert der Versand?"},
		"Quel est le prix et est-ce que vos recettes ont du poulet ?":      {"fr", "Quel est le prix", "est-ce que vos recettes ont du poulet ?"},
		"¿Hay bañador en la sauna? Y otra cosa, ¿a qué hora abren?":        {"es", "¿Hay bañador en la sauna?", "a qué hora abren?"},
		"送料はいくらですか。それと返品はできますか。":                                           {"ja", "送料はいくらですか", "返品はできますか。"},
		"运费多少钱？另外可以退货吗？":                                                   {"zh", "运费多少钱？", "可以退货吗？"},
		"Kan jag byta färg och hur lång tid tar det?":                      {"sv", "Kan jag byta färg", "hur lång tid tar det?"},
		"Is it heated, n can u charge a car there":                         {"", "Is it heated", "can u charge a car there"},
		"Wear is nice and howling. Android and iscsi. Whatever and whale.": {"en", "", ""},
		"": {"en", "", ""},
	} {
		a, b, ok := Parts(text, c.lang)
		if ok != (c.first != "") || text[a[0]:a[1]] != c.first || text[b[0]:b[1]] != c.second {
			t.Errorf("%q: %q and %q, %v", text, text[a[0]:a[1]], text[b[0]:b[1]], ok)
		}
	}
}

// The tables can be read, and every language that the bot speaks has its words.
func TestParts_KnowsEveryLanguageOfTheTexts(t *testing.T) {
	t.Parallel()
	if _, err := splitter(); err != nil {
		t.Fatal(err)
	}
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{
		"en": "Is it heated? Also, do you ship to Malta?",
		"de": "Ist es beheizt? Außerdem: liefern Sie nach Malta?",
		"fr": "Est-ce chauffé ? Autre question : livrez-vous à Malte ?",
		"es": "¿Está climatizada? Otra cosa: ¿envían a Malta?",
		"it": "È riscaldata? Un'altra domanda: spedite a Malta?",
		"pt": "É aquecida? Outra coisa: enviam para Malta?",
		"nl": "Is het verwarmd? Nog een vraag: leveren jullie op Malta?",
		"pl": "Czy jest ogrzewany? Jeszcze jedno: czy wysyłacie na Maltę?",
		"tr": "Havuz ısıtmalı mı? Ayrıca Malta'ya gönderiyor musunuz?",
		"ar": "هل المسبح مدفأ؟ وسؤال آخر: هل تشحنون إلى مالطا؟",
		"ja": "プールは温水ですか。それと、マルタへの配送はできますか。",
		"zh": "泳池是恒温的吗？另外，可以寄到马耳他吗？",
		"sv": "Är poolen uppvärmd? En sak till: skickar ni till Malta?",
		"da": "Er poolen opvarmet? En ting mere: sender I til Malta?",
		"nb": "Er bassenget oppvarmet? En ting til: sender dere til Malta?",
	}
	for lang := range texts.byLang {
		if text := list[lang]; text == "" {
			t.Errorf("%s has no message here", lang)
		} else if _, _, ok := Parts(text, lang); !ok {
			t.Errorf("%s: %q has one part", lang, text)
		}
	}
}

func TestParts_AreSpansApartOfAnyText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"How long", " and ", "how ", "Also ", ". ", "? ", "？", "それと", "\n", "ü", "\xff", ", und wie "})
	rapid.Check(t, func(rt *rapid.T) {
		text := ""
		for _, s := range rapid.SliceOfN(rapid.OneOf(piece, rapid.String()), 0, 15).Draw(rt, "pieces") {
			text += s
		}
		lang := rapid.SampledFrom([]string{"en", "de", "ja", "ar", "", "xx"}).Draw(rt, "lang")
		a, b, ok := Parts(text, lang)
		if !ok {
			return
		}
		if a[0] < 0 || a[1] <= a[0] || b[0] < a[1] || b[1] > len(text) || b[0] >= b[1] {
			rt.Fatalf("%q: %v and %v", text, a, b)
		}
		if utf8.ValidString(text) && (!utf8.ValidString(text[:a[1]]) || !utf8.ValidString(text[b[0]:])) {
			rt.Fatalf("%q is cut in a character", text)
		}
	})
}
