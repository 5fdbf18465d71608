package words

import (
	"bufio"
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// customers are messages as customers of a shop write them, most of them short.
var customers = map[string][]string{
	"en": {"Where is my order?", "the kettle wont turn on", "How do I reset my password", "can i return this if i opened the box?", "Thanks, that helped!", "What does the red light on the scale mean?", "I want to talk to a person"},
	"de": {"Wo ist meine Bestellung?", "der Wasserkocher geht nicht an", "Wie kann ich mein Passwort zurücksetzen", "kann ich das zurückschicken wenn ich es schon geöffnet habe?", "Danke, das hat geholfen", "Was bedeutet das rote Licht an der Waage?", "Ich möchte mit einem Menschen sprechen"},
	"fr": {"Où est ma commande ?", "la bouilloire ne s'allume pas", "comment changer mon mot de passe", "est-ce que je peux le renvoyer si je l'ai ouvert ?", "Merci beaucoup", "Que veut dire la lumière rouge sur la balance ?", "je veux parler a quelqu'un"},
	"es": {"¿Dónde está mi pedido?", "el hervidor no enciende", "como cambio mi contraseña", "¿lo puedo devolver si ya abrí la caja?", "Muchas gracias", "¿Qué significa la luz roja de la báscula?", "quiero hablar con una persona"},
	"it": {"Dov'è il mio ordine?", "il bollitore non si accende", "come cambio la password del mio account", "posso restituirlo se ho già aperto la scatola?", "Grazie mille", "Cosa significa la luce rossa sulla bilancia?", "vorrei parlare con una persona"},
	"pt": {"Onde está a minha encomenda?", "a chaleira não liga", "como mudo a minha senha", "posso devolver se já abri a caixa?", "Muito obrigada", "O que significa a luz vermelha da balança?", "quero falar com uma pessoa"},
	"nl": {"Waar is mijn bestelling?", "de waterkoker gaat niet aan", "hoe wijzig ik mijn wachtwoord", "kan ik het terugsturen als ik het al geopend heb?", "Bedankt voor de hulp", "Wat betekent het rode lampje op de weegschaal?", "ik wil iemand spreken"},
	"pl": {"Gdzie jest moje zamówienie?", "czajnik się nie włącza", "jak zmienić hasło", "czy mogę to zwrócić jeśli już otworzyłem pudełko?", "Dziękuję bardzo", "Co oznacza czerwona lampka na wadze?", "chce porozmawiac z czlowiekiem"},
	"tr": {"Siparişim nerede?", "su ısıtıcısı açılmıyor", "şifremi nasıl değiştirebilirim", "kutuyu açtıysam iade edebilir miyim?", "Teşekkürler", "Tartıdaki kırmızı ışık ne demek?", "bir insanla konuşmak istiyorum"},
	"ar": {"أين طلبي؟", "الغلاية لا تعمل", "كيف أغير كلمة المرور", "هل يمكنني إرجاعه إذا فتحت العلبة؟", "شكرا", "أريد التحدث مع شخص"},
	"ja": {"注文はどこですか?", "ケトルの電源が入りません", "パスワードを変更したい", "開けた後でも返品できますか?", "ありがとう", "K2のエラーE-04とは", "人と話したい"},
	"zh": {"我的订单在哪里?", "水壶打不开", "怎么改密码", "打开包装后还能退货吗?", "谢谢", "秤上的红灯是什么意思?", "我想和人说话"},
}

func TestDetectLanguage(t *testing.T) {
	t.Parallel()
	for lang, texts := range customers {
		for _, text := range texts {
			if got, p := DetectLanguage(text, nil); got != lang || p <= 0 || p > 1 {
				t.Errorf("%q: %s with %.2f, want %s", text, got, p, lang)
			}
			if got, p := DetectLanguage(text, []string{"en", "de"}); got != lang {
				t.Errorf("%q, English and German expected: %s with %.2f, want %s", text, got, p, lang)
			}
		}
	}
}

func TestDetectLanguage_WhereTheTextSaysLittle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		prior      []string
		want       string
		atMost     float64
	}{
		{"nothing at all", "", nil, "", 0},
		{"digits, the site's language", "404?", []string{"nl"}, "nl", 0.4},
		{"a code, the site's language", "K2", []string{"de", "en"}, "de", 0.4},
		{"emoji", "👍👍", []string{"fr"}, "fr", 0.4},
		{"a name, the site's language", "Mira Solberg", []string{"en"}, "en", 0.9},
		{"Chinese characters of a Japanese customer", "返品", []string{"ja"}, "ja", 0.7},
		{"the same without a prior", "返品", nil, "zh", 1},
		{"Ukrainian letters", "де моє замовлення", nil, "uk", 1},
		{"Cyrillic otherwise", "где мой заказ", nil, "ru", 1},
		{"Persian letters", "چگونه رمز عبور را تغییر دهم", nil, "fa", 1},
		{"Korean", "주문 취소해 주세요", []string{"en"}, "ko", 1},
		{"Greek", "Πού είναι η παραγγελία μου", nil, "el", 1},
		{"Hebrew", "איפה ההזמנה שלי", nil, "he", 1},
		{"Thai", "คำสั่งซื้อของฉันอยู่ที่ไหน", nil, "th", 1},
		{"a site in a language with no word list", "Var är min beställning? Jag har inte fått något paket ännu", []string{"sv"}, "sv", 1},
		{"an English site does not make German English", "Wo ist mein Paket", []string{"en"}, "de", 1},
		{"a few foreign letters in an English text", "What does 保温 on the kettle mean?", nil, "en", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, p := DetectLanguage(tt.text, tt.prior)
			if got != tt.want || p > tt.atMost {
				t.Errorf("%q: %s with %.2f, want %s with at most %.2f", tt.text, got, p, tt.want, tt.atMost)
			}
		})
	}
}

// The sentences are news, and longer than what customers write: the first words
// alone come nearer. Floors are a little under what was measured.
func TestDetectLanguage_Sentences(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(cmp.Or(os.Getenv("FRONTDESK_EVAL_DATA"), filepath.FromSlash("../../../shared/data")), "lingua_langid")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("SKIPPED: no language test set at %s; set FRONTDESK_EVAL_DATA to the folder that holds lingua_langid", folder)
	}
	for _, tt := range []struct {
		name  string
		words int
		floor float64
	}{{"whole sentences", 1 << 20, 0.98}, {"eight words", 8, 0.965}, {"five words", 5, 0.93}, {"three words", 3, 0.85}} {
		right, all := 0, 0
		sure, sureRight := 0, 0
		for lang := range customers {
			f, err := os.Open(filepath.Join(folder, lang+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			ok, n := 0, 0
			for in := bufio.NewScanner(f); in.Scan(); n++ {
				words := strings.Fields(in.Text())
				got, p := DetectLanguage(strings.Join(words[:min(tt.words, len(words))], " "), nil)
				if got == lang {
					ok++
				}
				if p >= 0.9 {
					sure++
					if got == lang {
						sureRight++
					}
				}
			}
			f.Close()
			t.Logf("%s, %s: %.3f of %d", tt.name, lang, float64(ok)/float64(n), n)
			right, all = right+ok, all+n
		}
		accuracy := float64(right) / float64(all)
		t.Logf("%s: %.4f of %d; %d with p ≥ .9, of which %.4f right", tt.name, accuracy, all, sure, float64(sureRight)/float64(sure))
		if accuracy < tt.floor {
			t.Errorf("%s: accuracy %.4f is under %.3f", tt.name, accuracy, tt.floor)
		}
		if float64(sureRight) < 0.98*float64(sure) {
			t.Errorf("%s: of %d sure ones %d are right", tt.name, sure, sureRight)
		}
	}
}

func BenchmarkDetectLanguage(b *testing.B) {
	for name, text := range map[string]string{
		"clear": "How long does it take until my order arrives at the new address?",
		"short": "Garantie kettle",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				DetectLanguage(text, []string{"en"})
			}
		})
	}
}
