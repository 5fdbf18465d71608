package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNormal_Forms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"case and accents", "Où est MA commande ?", "ou est ma commande"},
		{"German sharp s", "Straße, GRÖẞE", "strasse grosse"},
		{"Turkish i", "İADE ISITICI ısı", "iade isitici isi"},
		{"Polish l", "Łódź, zepsuła", "lodz zepsula"},
		{"English contraction", "I don’t, it's", "i dont its"},
		{"French and Italian elision", "l'argent j’ai dell'ordine qu'elle", "l argent j ai dell ordine qu elle"},
		{"Arabic spellings", "أين طلبيّةٌ إلى", "اين طلبيه الي"},
		{"Arabic digits", "٣ ۴", "3 4"},
		{"full width", "ＨＥＬＰ　１２", "help 12"},
		{"half-width kana with its mark", "ｶﾞｽ", "ガ ス"},
		{"Japanese as characters", "返品したい", "返 品 し た い"},
		{"Chinese beside Latin", "我的K2坏了", "我 的 k2 坏 了"},
		{"Korean stays a word", "주문 취소", "주문 취소"},
		{"zero width and soft hyphen", "hu\u200bm\u00adan \u202eagent\u202c", "human agent"},
		{"marks piled up", "h\u0335e\u0336\u030al\u0337p", "help"},
		{"Cyrillic for Latin inside a word", "humаn реrson", "human person"},
		{"a word of nothing but look-alikes in a Latin text", "I am а сор here", "i am a cop here"},
		{"Russian stays Russian", "Мой заказ не пришел", "мои заказ не пришел"},
		{"Greek stays Greek", "Πού είναι", "που ειναι"},
		{"mathematical and circled letters", "𝐡𝐮𝐦𝐚𝐧 ⓗⓔⓛⓟ", "human help"},
		{"small capitals", "ʜᴇʟᴘ ᴍᴇ", "help me"},
		{"leetspeak", "t4lk to a hum4n, p3rs0n 5u1c1de", "talk to a human person suicide"},
		{"signs inside a word", "hum@n $20 a@b", "human 20 a@b"},
		{"codes keep their digits", "K2 E04 mp3 usb3 iphone15 3months rtx3080 h264", "k2 e04 mp3 usb3 iphone15 3months rtx3080 h264"},
		{"letters held down", "sooooo heeelp", "so help"},
		{"letters apart", "h u m a n or h.u.m.a.n", "human or human"},
		{"initials are not joined", "J R R was here", "j r r was here"},
		{"base64 is no word", strings.Repeat("QUJD", 30) + " help", "help"},
		{"emoji alone", "🔥🔥👍🏽", ""},
		{"one letter", "k", "k"},
		{"nothing", "", ""},
		{"not UTF-8", "he\xffllo \xc3", "he llo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Forms(Normal(tt.in).Words); got != tt.want {
				t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNormal_SecondReading(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"he1p": "help", "cooool": "cool", "sm0ke": "sm0ke"} {
		if got := Normal(in).Words[0].Alt; !strings.HasPrefix(got, want) && Normal(in).Words[0].Form != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestNormal_Spans(t *testing.T) {
	t.Parallel()
	const s = "Où est mа\u200b comm\u00adande, 返品?"
	var got []string
	for _, w := range Normal(s).Words {
		got = append(got, s[w.From:w.To])
	}
	want := []string{"Où", "est", "mа\u200b", "comm\u00adande", "返", "品"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNormal_Sentences(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"It leaks. Can I return it? Thanks!!", []string{"It leaks.", "Can I return it?", "Thanks!!"}},
		{"v2.5 fails, e.g. at 3.5 bar. See shop.example now", []string{"v2.5 fails, e.g. at 3.5 bar.", "See shop.example now"}},
		{"z. B. der Deckel. Und nun?", []string{"z. B. der Deckel.", "Und nun?"}},
		{"壊れました。返品できますか？はい", []string{"壊れました。", "返品できますか？", "はい"}},
		{"أين طلبي؟ شكرا", []string{"أين طلبي؟", "شكرا"}},
		{"one\ntwo\n\n", []string{"one", "two"}},
		{"well... no", []string{"well...", "no"}},
	} {
		var got []string
		for _, s := range Normal(tt.in).Sentences {
			got = append(got, tt.in[s.From:s.To])
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
}

func TestNormal_OldMailDoesNotSpeak(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"marked lines", "thanks\n> i want a refund\n> now\nbye", "thanks bye"},
		{"On … wrote, marked", "ok\n\nOn Mon, 3 Nov 2025 at 10:12, Ann <a@shop.example> wrote:\n> useless bot\n\nstill here", "ok still here"},
		{"On … wrote, not marked", "ok\n\nOn 3/11/25, Ann wrote:\nuseless bot\nlawyer", "ok"},
		{"the line broken in two", "ok\nOn Mon, Nov 3, 2025 at 10:12 AM Somebody With A Long Name\n<somebody@shop.example> wrote:\n> lawyer", "ok"},
		{"German", "danke\nAm 03.11.2025 um 10:12 schrieb Anna <a@shop.example>:\nAnwalt", "danke"},
		{"French", "merci\nLe lun. 3 nov. 2025 à 10:12, Anne <a@shop.example> a écrit :\n> avocat", "merci"},
		{"Spanish", "gracias\nEl 3/11/2025 a las 10:12, Ana escribió:\nabogado", "gracias"},
		{"Italian", "grazie\nIl giorno 3 nov 2025 alle 10:12 Anna ha scritto:\navvocato", "grazie"},
		{"Portuguese", "obrigada\nEm 3 de nov. de 2025, Ana escreveu:\nadvogado", "obrigada"},
		{"Dutch", "bedankt\nOp 3 nov. 2025 om 10:12 schreef Anna:\nadvocaat", "bedankt"},
		{"Polish", "dziękuję\npon., 3 lis 2025 o 10:12 Anna napisał(a):\nprawnik", "dziekuje"},
		{"Turkish", "teşekkürler\nAyşe, 3 Kas 2025 Pzt, 10:12 tarihinde şunu yazdı:\navukat", "tesekkurler"},
		{"Japanese", "はい\n2025年11月3日(月) 10:12 <a@shop.example>のメール:\n弁護士", "は い"},
		{"Chinese", "好\n2025年11月3日 10:12，安娜写道：\n律师", "好"},
		{"Arabic", "شكرا\nفي ٣ نوفمبر ٢٠٢٥ ١٠:١٢، كتب أحمد <a@shop.example>:\nمحامي", "شكرا"},
		{"original message", "see below\n-----Original Message-----\nFrom: shop\nlawyer", "see below"},
		{"headers", "siehe unten\nVon: Laden\nGesendet: Montag\nBetreff: Anwalt\n\nAnwalt", "siehe unten"},
		{"a face is no quotation", ">:( this is bad", "this is bad"},
		{"he wrote, in a story", "Your colleague wrote:\ncome by", "your colleague wrote come by"},
		{"from alone is no header", "From: me\nhelp", "from me help"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Forms(Normal(tt.in).Words); got != tt.want {
				t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
			}
			if s := Speech(tt.in); len(s) != len(tt.in) || strings.Count(s, "\n") != strings.Count(tt.in, "\n") {
				t.Errorf("speech has %d bytes, not %d, or other lines", len(s), len(tt.in))
			}
		})
	}
}

func TestNormal_ProgramsDoNotSpeak(t *testing.T) {
	t.Parallel()
	const log = `2026-01-02 10:11:12,345 ERROR [main] shop.Pump - FATAL: process killed!!!
Jan 02 10:11:12 kettle pump[123]: child died
Traceback (most recent call last):
  File "/opt/pump.py", line 3, in <module>
    at shop.Pump.run(Pump.java:12)
java.lang.NullPointerException: attack
level=error msg=dead code=7
{"error": "kill", "at": 3}
0000: 48 65 6c 70 20 6d 65 20`
	for _, l := range strings.Split(log, "\n") {
		if got := Normal(l); len(got.Machine) != 1 || len(got.Words) != 0 {
			t.Errorf("%q: machine %v, words %q", l, got.Machine, Forms(got.Words))
		}
	}
	if got := Forms(Normal("what does this mean?\n" + log + "\nplease help").Words); got != "what does this mean please help" {
		t.Errorf("%q", got)
	}
	for _, said := range []string{
		"2026-11-02 I ordered a kettle and it died", "10:30 works for me: see you", "order=12 please", "Error: it says nothing", "at the shop (in Bonn)",
		"ERROR ERROR it does not work!!!", "it says {\"error\"} on the screen", "the code is 1234 5678 and the name is Ann",
	} {
		if got := Normal(said); len(got.Machine) > 0 {
			t.Errorf("%q is taken for a program's", said)
		}
	}
}

func TestPhrases(t *testing.T) {
	t.Parallel()
	var all PhraseList
	list := []string{"where is my …  order*", "talk to a human|person", "pip*", "我的订单", "l'argent", "… slow"}
	for i, s := range list {
		if err := all.Add(s, i); err != nil {
			t.Fatal(err)
		}
	}
	p := all.Phrases()
	for in, want := range map[string][]Found{
		"so where is my damn second orders please":  {{0, 1, 7}},
		"where is my one two three four five order": nil,
		"t4lk to a pers0n":                          {{1, 0, 4}},
		"siparişim pipeline":                        {{2, 1, 2}},
		"请问我的订单呢":                                   {{3, 2, 6}},
		"rends l’argent":                            {{4, 1, 3}},
		"nothing of the kind":                       nil,
		"WHERE IS MY ORDER and talk to a ｈｕｍａｎ":     {{0, 0, 4}, {1, 5, 9}},
		"where is my":                               nil,
		"where is my order my order where is order": {{0, 0, 4}},
	} {
		var got []Found
		for _, f := range p.In(Normal(in).Words) {
			if f.ID != 5 {
				got = append(got, f)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
	if err := all.Add("how many|much … have i|are left", 0); err != nil {
		t.Fatal(err)
	}
	q := all.Phrases()
	for in, want := range map[string]int{"how many points have I": 1, "how much are left": 1, "how many i": 0, "how many points are i": 0} {
		if got := q.In(Normal(in).Words); len(got) != want {
			t.Errorf("%q: %v", in, got)
		}
	}
	if err := all.Add("a|b|c|d|e a|b|c|d|e a|b|c|d|e a|b|c|d|e a|b|c|d|e", 9); err == nil {
		t.Error("a phrase of 3125 ways was taken")
	}
	if err := all.Add("…", 9); err == nil {
		t.Error("a phrase without words was taken")
	}
}

func TestTongues(t *testing.T) {
	t.Parallel()
	tongues, err := NewTongues()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"where is my order": "en", "wo ist mein Paket": "de", "où est mon colis": "fr", "¿Cómo cancelo y cómo pago?": "es", "dov'è il mio ordine": "it",
		"onde está a minha encomenda": "pt", "waar is het pakket": "nl", "gdzie jest moja paczka": "pl", "siparişim ne zaman gelir": "tr", "أين طلبي من فضلك هل": "ar",
		"注文はどこですか": "ja", "我的订单在哪里": "zh", "": "en", "K2": "en",
	} {
		if got := tongues.Of(Normal(in).Words, nil); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := tongues.Of(Normal("K2").Words, map[string]int{"pl": 1}); got != "pl" {
		t.Errorf("votes given do not count: %s", got)
	}
}

func TestNormal_SpansAreWithinTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-zA-Z0-9@$!'>: .\n]|ß|I|İ|а|返|ﾞ|ガ|\x{200b}|ｶ){0,60}`)).Draw(t, "text"))
	})
}

type failer interface{ Errorf(string, ...any) }

func check(t failer, s string) {
	n := Normal(s)
	last := 0
	for _, w := range n.Words {
		if w.From < last || w.To <= w.From || w.To > len(s) || w.Form == "" || !utf8.ValidString(w.Form) {
			t.Errorf("word %+v after %d in %q", w, last, s)
		}
		last = w.To
	}
	for _, list := range [][]Span{n.Sentences, n.Quoted, n.Machine} {
		last = 0
		for _, p := range list {
			if p.From < last || p.To < p.From || p.To > len(s) {
				t.Errorf("span %+v after %d in %q", p, last, s)
			}
			last = p.To
		}
	}
	if got := Speech(s); len(got) != len(s) {
		t.Errorf("speech of %q has %d bytes", s, len(got))
	}
	for i, w := range n.Words {
		if from, to := n.Range(Span{w.From, w.To}); from != i || to != i+1 {
			t.Errorf("word %d of %q is found at %d to %d", i, s, from, to)
		}
	}
}

// Long texts of every shape are read to the end; a reader that slows down with
// the square of the length would be seen here.
func TestNormal_LongTexts(t *testing.T) {
	t.Parallel()

	for _, unit := range []string{"a", "a ", "🔥", "返", "> a\n", "12:00:01 ERROR [x] y\n", "a\n\n", "h\u200bi. ", "aGVsbG8", "On 1/2/25 a@b wrote:\n", "a b c d e "} {
		check(t, strings.Repeat(unit, 100_000/len(unit)))
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"", "Où est l'ordre?", "ok\nOn 1/2/25 a@b wrote:\n> x", "h\u200bum\u00adan", "ｶﾞ返品。", "p3rs0n", "\xff\xc3(", "a b c d e", "12:00:01 ERROR [x] y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

func BenchmarkNormal(b *testing.B) {
	for name, s := range map[string]string{
		"message": "Hello, I ordered the kettle two weeks ago (order 12345) and it hasn't arrived. Where is it?",
		"long":    strings.Repeat("Où est ma commande, l'argent n'est pas là. ", 2300),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Normal(s)
			}
		})
	}
}
