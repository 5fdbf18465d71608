package matters

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	s := newSplitter(t)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"English", "Cancel my second order, and the kettle leaks.", []string{"Cancel my second order", "the kettle leaks"}},
		{"German", "Bitte stornieren Sie meine zweite Bestellung, und der Wasserkocher ist undicht.", []string{"Bitte stornieren Sie meine zweite Bestellung", "der Wasserkocher ist undicht"}},
		{"French", "Annulez ma deuxième commande, et la bouilloire fuit.", []string{"Annulez ma deuxième commande", "la bouilloire fuit"}},
		{"Spanish", "Quiero cancelar mi segundo pedido, y además el hervidor gotea.", []string{"Quiero cancelar mi segundo pedido", "el hervidor gotea"}},
		{"Italian", "Vorrei annullare il secondo ordine, e il bollitore perde.", []string{"Vorrei annullare il secondo ordine", "il bollitore perde"}},
		{"Portuguese", "Quero cancelar a segunda encomenda, e a chaleira pinga.", []string{"Quero cancelar a segunda encomenda", "a chaleira pinga"}},
		{"Dutch", "Ik wil mijn tweede bestelling annuleren, en de waterkoker lekt.", []string{"Ik wil mijn tweede bestelling annuleren", "de waterkoker lekt"}},
		{"Polish", "Proszę anulować drugie zamówienie, a poza tym czajnik przecieka.", []string{"Proszę anulować drugie zamówienie", "czajnik przecieka"}},
		{"Turkish", "İkinci siparişimi iptal edin, ayrıca su ısıtıcısı sızdırıyor.", []string{"İkinci siparişimi iptal edin", "su ısıtıcısı sızdırıyor"}},
		{"Arabic", "أريد إلغاء طلبي الثاني، وأيضا الغلاية تسرب الماء.", []string{"أريد إلغاء طلبي الثاني", "الغلاية تسرب الماء"}},
		{"Japanese", "2番目の注文をキャンセルしてください。それと、ケトルから水が漏れます。", []string{"2番目の注文をキャンセルしてください", "ケトルから水が漏れます"}},
		{"Chinese", "我想取消第二个订单,另外水壶漏水。", []string{"我想取消第二个订单", "水壶漏水"}},
		{"Chinese without a word between", "请帮我取消第二个订单,那个新买的水壶漏了。", []string{"请帮我取消第二个订单", "那个新买的水壶漏了"}},
		{"two questions", "What's the tyre pressure, and can I pay in parts?", []string{"What's the tyre pressure", "can I pay in parts?"}},
		{"another sentence that begins with and", "Is it waterproof? And do you ship to Malta?", []string{"Is it waterproof?", "do you ship to Malta?"}},
		{"a list", "1) where is my order 2) how do I descale the kettle", []string{"where is my order", "how do I descale the kettle"}},
		{"a story around two", "We moved in June. Can I change the address? Also, the lid doesn't close. Thanks and bye.", []string{"Can I change the address?", "the lid doesn't close"}},
		{"three", "Where is my order? Also the kettle leaks. And can I pay by invoice?", []string{"Where is my order?", "the kettle leaks", "can I pay by invoice?"}},
		{"by the way", "The kettle leaks. By the way, is your shop open on Sundays?", []string{"The kettle leaks", "is your shop open on Sundays?"}},
		{"a postscript", "Der Wasserkocher ist undicht. PS: wann kommt mein Paket?", []string{"Der Wasserkocher ist undicht", "wann kommt mein Paket?"}},
		{"a postscript with full stops", "La bouilloire fuit. P.S. quand arrive mon colis ?", []string{"La bouilloire fuit", "quand arrive mon colis ?"}},
		{"a plus sign", "please cancel the second order + the kettle leaks", []string{"please cancel the second order", "the kettle leaks"}},
		{"a list that is announced", "Two things. The fan rattles at night. The invoice has my old name.", []string{"The fan rattles at night", "The invoice has my old name"}},
		{"two questions about different things", "Can I pay by bank transfer? Does the kettle whistle?", []string{"Can I pay by bank transfer?", "Does the kettle whistle?"}},
		{"what is added at the end", "I never got my refund. I would also like to change my address.", []string{"I never got my refund", "I would also like to change my address"}},
		{"Arabic in one word with and", "أريد حجز مقعدين في الدورة. وشهادة الدورة السابقة فيها خطأ", []string{"أريد حجز مقعدين في الدورة", "وشهادة الدورة السابقة فيها خطأ"}},
		{"Swedish", "Är poolen uppvärmd? En sak till: skickar ni till Malta?", []string{"Är poolen uppvärmd?", "skickar ni till Malta?"}},
		{"a question about the same", "How long is the cable, and what does it cost?", nil},
		{"a question that refers back", "The lid is stuck and can you fix it?", nil},
		{"the same asked twice", "When do you open? I mean on Sundays, when do you open?", nil},
		{"a condition", "Can I move it to Friday, but only in the morning?", nil},
		{"two verbs of one", "My brother is blind and does everything by ear. Will your app do?", nil},
		{"one fault told at length", "The light blinks red and the robot won't come out.", nil},
		{"a fault and its reason", "The kettle leaks because I dropped it and the lid fell off", nil},
		{"a story", "We bought it in spring and took it to the lake and had a lovely time. Now it leaks.", nil},
		{"two things of one kind", "do you have it in black and white", nil},
		{"one question", "Can I return it if I opened the box?", nil},
		{"greeting and thanks", "Hello and thanks! Where is my order?", nil},
		{"one word", "refund", nil},
		{"one letter", "k", nil},
		{"emoji", "🔥🔥", nil},
		{"nothing", "", nil},
		{"homoglyphs and marks of no width", "Cаncel my second order, аnd the kettle le\u200baks", []string{"Cаncel my second order", "the kettle le\u200baks"}},
		{"old mail is no matter", "where is my order\n\nOn Mon, 3 Nov 2025, Ann <a@shop.example> wrote:\n> also, the kettle leaks. And can I pay by invoice?", nil},
		{"a log is no matter", "what is this?\n2026-01-02 10:11:12 ERROR [main] cannot start, and also the pump is broken", nil},
		{"base64", strings.Repeat("aGVsbG8gd29ybGQ", 20), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := s.Split(tt.in)
			want := tt.want
			if want == nil {
				want = []string{strings.TrimSpace(tt.in)}
			}
			if d := cmp.Diff(want, pieces(tt.in, got)); d != "" {
				t.Errorf("%q: %s", tt.in, d)
			}
		})
	}
}

func TestTwo_KeepsTheStory(t *testing.T) {
	t.Parallel()
	s := newSplitter(t)
	for text, want := range map[string][]string{
		"We moved in June. Can I change the address? Also, the lid doesn't close. Thanks and bye.": {"We moved in June. Can I change the address?", "the lid doesn't close. Thanks and bye."},
		"Where is my order? Also the kettle leaks. And can I pay by invoice?":                      {"Where is my order?", "the kettle leaks. And can I pay by invoice?"},
		"Where is my order?": nil,
		"":                   nil,
	} {
		a, b, ok := s.Two(text, "en")
		var got []string
		if ok {
			got = pieces(text, []Span{a, b})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

type failer interface{ Errorf(string, ...any) }

func holds(t failer, s *Splitter, in string) {
	if a, b, ok := s.Two(in, "de"); ok && (a.From < 0 || a.From >= a.To || a.To > b.From || b.From >= b.To || b.To > len(in)) {
		t.Errorf("%q: two parts %+v and %+v", in, a, b)
	}
	got := s.Split(in)
	if len(got) == 0 {
		t.Errorf("%q has no part", in)
	}
	last := 0
	for _, p := range got {
		if p.From < last || p.To < p.From || p.To > len(in) || utf8.ValidString(in) && !utf8.ValidString(in[p.From:p.To]) {
			t.Errorf("%q: part %+v after %d", in, p, last)
		}
		last = p.To
	}
}

func TestSplit_PartsAreInOrder(t *testing.T) {
	t.Parallel()
	s := newSplitter(t)
	rapid.Check(t, func(t *rapid.T) {
		holds(t, s, rapid.OneOf(rapid.String(), rapid.StringMatching(`((and|also|can I|where|not|leaks|1\)|2\)|kettle|order|my|另外|坏了|怎么|ve|ayrıca)[ ,.?\n]{1,2}){0,20}`)).Draw(t, "text"))
	})
}

// Long texts of every shape are read to the end; a reader that slows down with
// the square of the length would be seen here.
func TestSplit_LongTexts(t *testing.T) {
	t.Parallel()
	s := newSplitter(t)
	for _, unit := range []string{"a", "a ", "🔥", "返", "> a\n", "12:00:01 ERROR [x] y\n", "a\n\n", "h\u200bi. ", "aGVsbG8", "can I go, and where? ", "1) a "} {
		holds(t, s, strings.Repeat(unit, 100_000/len(unit)))
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "Cancel it, and the kettle leaks.", "a? And b?", "1) a b 2) c d", "另外水壶漏水", "\xff, and can I", " & "} {
		f.Add(s)
	}
	s := newSplitter(f)
	f.Fuzz(func(t *testing.T, in string) { holds(t, s, in) })
}

func BenchmarkSplit(b *testing.B) {
	s := newSplitter(b)
	for name, in := range map[string]string{
		"message": "Hello, please cancel my second order from last week, and the kettle leaks at the bottom. Thanks!",
		"long":    strings.Repeat("Where is my order, and the kettle leaks. ", 2400),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Split(in)
			}
		})
	}
}
