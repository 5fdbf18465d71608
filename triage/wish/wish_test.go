package wish

import (
	"math"
	"strings"
	"testing"

	"frontdesk/triage/head"
	"frontdesk/triage/text"
)

func reader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestRead_SaysItOutrightWithNoModel(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, c := range []struct{ lang, text string }{
		{"en", "Can I talk to a human?"},
		{"en", "I want to speak with a real person about my kettle!"},
		{"en", "AGENT"},
		{"en", "connect me to an agent now"},
		{"en", "Could a colleague of yours ring me?"},
		{"en", "The lamp came cracked, the second one too. Before I order a third I'd like to speak to someone on your team."},
		{"de", "Ich möchte mit einem Menschen sprechen"},
		{"de", "Kann ich bitte mit einem Mitarbeiter sprechen?"},
		{"de", "Mitarbeiter bitte"},
		{"fr", "Je voudrais parler à un conseiller"},
		{"fr", "parler à quelqu’un"},
		{"es", "Quiero hablar con una persona real"},
		{"es", "¿Puedo hablar con un agente?"},
		{"it", "Vorrei parlare con un operatore"},
		{"pt", "Quero falar com um atendente"},
		{"pt", "Preciso falar com uma pessoa"},
		{"nl", "Kan ik een medewerker spreken?"},
		{"pl", "Chcę porozmawiać z konsultantem"},
		{"tr", "Bir temsilciye bağlanmak istiyorum"},
		{"tr", "MÜŞTERİ TEMSİLCİSİ"},
		{"ar", "أريد التحدث مع موظف"},
		{"ja", "担当者と話したいです"},
		{"ja", "オペレーターにつないでください"},
		{"zh", "转人工"},
		{"zh", "我要找人工客服，谢谢"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if w := r.Read(c.text, nil); !w.Outright || w.P < outright || !strings.HasPrefix(w.Rule, "person:") {
				t.Errorf("%+v", w)
			}
		})
	}
}

func TestRead_ACryIsASentenceOfItsOwn(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for text, want := range map[string]bool{
		"I have asked ten times. A person. Now!":                true,
		"Zum sechsten Mal: nichts geht. Mitarbeiter bitte!":     true,
		"I have asked ten times which agent orange it is. Now!": false,
		"Nice staff room. Which size?":                          false,
	} {
		if w := r.Read(text, nil); w.Outright != want {
			t.Errorf("%q: %+v", text, w)
		}
	}
}

func TestRead_APleaseBeforeTheFirstCommaOrColon(t *testing.T) {
	t.Parallel()
	p, err := NewPhrases()
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]bool{
		"Bitte einen Mitarbeiter: mein Paket ist weg":                      true,
		"agent please, nothing on this page says where my parcel could be": true,
		"Por favor un agente, el paquete no llega y nadie contesta":        true,
		"Manager, is this the right size for me?":                          false, // somebody is spoken to
		"please, cleaning agent: is it safe for steel":                     false,
	} {
		if got := p.Signals(said)[0] == 1; got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
}

func TestRead_NoWishWhereTheWordsMeanSomethingElse(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, text := range []string{
		"Is the cleaning agent safe for steel?",
		"Do I need a manager's signature on the form?",
		"I spoke to a person yesterday and it worked",
		"I don't want to talk to a human",
		"How do I contact customer service?",
		"The agent who delivered my parcel was rude",
		"Is the human-readable manual online?",
		"Is there a person named on the invoice?",
		"The password manager is empty",
		"Ich möchte nicht mit einem Menschen sprechen",
		"Kommt der Kessel mit einem Deckel?",
		"Ist das Reinigungsmittel gut für Mensch und Tier?",
		"je ne veux pas parler à un conseiller",
		"L'agent nettoyant convient-il à l'inox ?",
		"no quiero hablar con un agente",
		"¿Cuántas personas caben en la tienda?",
		"Il prezzo è a persona?",
		"O preço é por pessoa?",
		"Hoeveel personen passen erin?",
		"Cena jest za osobę?",
		"Fiyat kişi başı mı?",
		"هل السعر للشخص أم للغرفة؟",
		"テントは何人用ですか",
		"人工草坪怎么清洗",
		"人工智能课程适合初学者吗",
		"保修期多长时间？",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if w := r.Read(text, nil); w.Outright || w.P >= 0.5 || w.Rule != "" {
				t.Errorf("%+v", w)
			}
		})
	}
}

func TestRead_BadInput(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"letters of another script":          {"I want to tаlk to a humаn", true},
		"marks of no width":                  {"talk to a hu\u200bm\u200ban", true},
		"digits for letters":                 {"t4lk to a hum4n", true},
		"letters one by one":                 {"talk to h u m a n", true},
		"letters of full width":              {"ｔａｌｋ ｔｏ ａ ｈｕｍａｎ", true},
		"shouted":                            {"TALK TO A HUMAN!!!!!", true},
		"quoted old mail":                    {"All fine now, thanks.\n\nOn 3 May 2026, Ann <ann@shop.example> wrote:\n> I want to talk to a human", false},
		"new above quoted old mail":          {"I want to talk to a human\n\n> How do I descale it?", true},
		"a pasted log":                       {"2026-05-03 10:11:12 ERROR agent: talk to a human failed code=5", false},
		"nothing":                            {"", false},
		"blanks":                             {" \n\t", false},
		"emoji":                              {"😡😡😡", false},
		"one letter":                         {"a", false},
		"bytes that are no text":             {"\xff\xfe\x00", false},
		"base64":                             {strings.Repeat("aHVtYW4gcGxlYXNl", 20), false},
		"100,000 characters, at the end":     {strings.Repeat("the kettle leaks and leaks. ", 3600) + "I want to talk to a human.", true},
		"100,000 characters without a wish":  {strings.Repeat("the kettle leaks and leaks. ", 3600), false},
		"100,000 beginnings of a wish":       {strings.Repeat("talk to the ", 8400), false},
		"two languages in one message":       {"Bonjour, mein Paket fehlt, ich möchte mit einem Menschen sprechen", true},
		"markup and other people's commands": {"{{7*7}} <script>alert(1)</script> '; DROP TABLE turns; --", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if w := r.Read(c.text, nil); w.Outright != c.want || w.P < 0 || w.P > 1 {
				t.Errorf("%+v, want %v", w, c.want)
			}
		})
	}
}

func TestRead_AVectorOfAnotherModelIsNone(t *testing.T) {
	t.Parallel()
	r := reader(t)
	const message = "that took me the whole evening"
	none := r.Read(message, nil)
	if got := r.Read(message, make([]float32, 7)); got != none {
		t.Errorf("%+v with 7 numbers, %+v with none", got, none)
	}
	vec := make([]float32, r.model.Dims)
	vec[3] = 1
	if got := r.Read(message, vec); got.P == none.P {
		t.Error("the vector changes nothing")
	}
}

func TestRead_WordsAreBelievedAsFarAsTheRestOfTheMessageBearsThemOut(t *testing.T) {
	t.Parallel()
	vec := make([]float32, 384)
	vec[3] = 1
	for name, c := range map[string]struct {
		believed float64
		vec      []float32
		want     Wish
	}{
		"believed, no vector":                        {.9, nil, Wish{P: outright, Outright: true, Rule: "person:en"}},
		"doubted, no vector: it holds till there is": {.1, nil, Wish{P: outright, Rule: "person:en"}},
		"believed, with its vector":                  {.9, vec, Wish{P: .9, Outright: true, Rule: "person:en"}},
		"doubted, with its vector":                   {.1, vec, Wish{P: .1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reader(t)
			m := *r.model
			m.With.Said = head.Bend{B: math.Log(c.believed / (1 - c.believed))}
			m.Without.Said = m.With.Said
			r.model = &m
			got := r.Read("talk to a human", c.vec)
			got.P = math.Round(got.P*1e6) / 1e6
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestNewPhrases_EveryLanguageSpeaks(t *testing.T) {
	t.Parallel()
	p, err := NewPhrases()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, message := range []string{
		"live agent", "echter mensch", "un vrai humain", "persona real", "persona vera", "pessoa real", "echt mens",
		"zywy czlowiek", "gercek insan", "شخص حقيقي", "担当者", "真人客服",
	} {
		for _, c := range p.book.Find(text.Normal(message)).Cues {
			seen[c.Lang] = true
		}
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		if !seen[lang] {
			t.Errorf("%s says nothing", lang)
		}
	}
	if n := len(p.Signals("x")); n != len(SignalNames()) {
		t.Errorf("%d signals, %d names", n, len(SignalNames()))
	}
}

func FuzzRead(f *testing.F) {
	r := reader(f)
	for _, s := range []string{"talk to a human", "你好", "\xff\xfe", "İıI", "اَلسَّلامُ", "> a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if w := r.Read(s, nil); w.P < 0 || w.P > 1 {
			t.Fatalf("%+v", w)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	vec := make([]float32, r.model.Dims)
	for i := range vec {
		vec[i] = 0.05
	}
	for b.Loop() {
		r.Read("I ordered a kettle two weeks ago and it still has not arrived, where is it?", vec)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		reader(b)
	}
}
