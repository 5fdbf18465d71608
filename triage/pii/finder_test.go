package pii

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"e-mail", "write to Ann.O'Neill+shop@mail.shop.example.", []string{"email Ann.O'Neill+shop@mail.shop.example"}},
		{"e-mail beside Japanese", "メールはann@shop.exampleです", []string{"email ann@shop.example"}},
		{"at sign of East Asian width", "ann＠shop.example", []string{"email ann＠shop.example"}},
		{"no e-mail", "@shop is at 5@ and a@b", nil},
		{"card in groups", "my card 4111 1111 1111 1111 was charged", []string{"card 4111 1111 1111 1111"}},
		{"card in Arabic digits", "٤١١١١١١١١١١١١١١١", []string{"card ٤١١١١١١١١١١١١١١١"}},
		{"card of full width", "４１１１ー１ ４１１１１１１１１１１１１１１１", []string{"card ４１１１１１１１１１１１１１１１"}},
		{"card that fails its check", "4111 1111 1111 1112", nil},
		{"old card of twelve digits", "my card 060426070011 please", []string{"card 060426070011"}},
		{"IBAN in groups", "IBAN DE89 3704 0044 0532 0130 00, please", []string{"iban DE89 3704 0044 0532 0130 00"}},
		{"IBAN in small letters", "gb82west12345698765432", []string{"iban gb82west12345698765432"}},
		{"IBAN that fails its check", "DE88370400440532013000", nil},
		{"country's code", "reach me: +49 (0) 171 555 0199", []string{"phone +49 (0) 171 555 0199"}},
		{"extension", "555-010-1234x99 is it", []string{"phone 555-010-1234x99"}},
		{"German", "Bitte rufen Sie mich unter 0171/5550199 an", []string{"phone 0171/5550199"}},
		{"French", "Rappelez-moi au 06 55 50 01 99 merci", []string{"phone 06 55 50 01 99"}},
		{"Spanish", "mi teléfono es 655 501 999", []string{"phone 655 501 999"}},
		{"Italian", "chiamatemi al 335 5550199", []string{"phone 335 5550199"}},
		{"Portuguese", "o meu telemóvel é 912 555 019", []string{"phone 912 555 019"}},
		{"Dutch", "bel mij op 06-55501999", []string{"phone 06-55501999"}},
		{"Polish", "proszę zadzwonić: 601 555 019", []string{"phone 601 555 019"}},
		{"Turkish", "0532 555 01 99 numaramı arayın", []string{"phone 0532 555 01 99"}},
		{"Arabic", "رقمي ٠٥٠١٢٣٤٥٦٧", []string{"phone ٠٥٠١٢٣٤٥٦٧"}},
		{"Japanese", "電話番号は090-5550-1999です", []string{"phone 090-5550-1999"}},
		{"Chinese", "我的手机13855501999", []string{"phone 13855501999"}},
		{"order by its company", "where is order #A-10293? Bestellnummer: 4455667", []string{"order A-10293", "order 4455667"}},
		{"order in other languages", "commande n° 20931, pedido 20932, zamówienie nr 20933, siparişim 20934, 注文番号は20935です, 订单号20936", []string{"order 20931", "order 20932", "order 20933", "order 20934", "order 20935", "order 20936"}},
		{"street, English", "ship it to 12 Harbour View Road, please", []string{"address 12 Harbour View Road"}},
		{"street, German", "Ich wohne Lindenstraße 12a, 50667 Köln.", []string{"address Lindenstraße 12a, 50667 Köln"}},
		{"street, French", "j'habite 12 bis rue de la Paix, 75002 Paris", []string{"address 12 bis rue de la Paix, 75002 Paris"}},
		{"street, Spanish", "vivo en Calle Mayor 12, 28013 Madrid", []string{"address Calle Mayor 12, 28013 Madrid"}},
		{"street, Polish", "mieszkam na ul. Długa 5/7, 00-950 Warszawa", []string{"address ul. Długa 5/7, 00-950 Warszawa"}},
		{"street, Turkish", "evim Barış Mah. Gül Sok. No: 5", []string{"address Barış Mah. Gül Sok. No: 5"}},
		{"street, Japanese", "住所は東京都港区芝公園4丁目です", []string{"address 東京都港区芝公園4丁目"}},
		{"street, Chinese", "地址是上海市浦东新区世纪大道100号", []string{"address 上海市浦东新区世纪大道100号"}},
		{"two kinds", "ann@shop.example / +33 6 55 50 01 99", []string{"email ann@shop.example", "phone +33 6 55 50 01 99"}},
		{"dates", "on 2026-11-03 or 03.11.2026 or 3/11/26 at 10:30", nil},
		{"amounts", "I paid 1.299,00 € and $1,299.00, 12000 steps, 230 V, 1 000 000 points", nil},
		{"codes", "K2-1000 shows E04, serial number 12345678, firmware 10.2.33.4, IP 192.168.10.20", nil},
		{"years", "from 2019-2024 to 2030", nil},
		{"an insurance number is no phone's", "my number is 460-89-9847", nil},
		{"things in small numbers", "2 kettles, 14 days, page 120", nil},
		{"emoji", "☎️ 🔥", nil},
		{"one letter", "k", nil},
		{"nothing", "", nil},
		{"not UTF-8", "\xff4111\xc3", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tt.want, shown(tt.in, f.Find(tt.in))); d != "" {
				t.Errorf("%q: %s", tt.in, d)
			}
		})
	}
}

func shown(text string, found []Span) (out []string) {
	for _, s := range found {
		out = append(out, s.Kind+" "+text[s.From:s.To])
	}
	return out
}

func TestFindWith_SitePatterns(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	const text = "KT-2931-X and 0171 5550199 and KT-77-A"
	want := []string{"order KT-2931-X", "phone 0171 5550199", "order KT-77-A"}
	for range 2 { // the second time the pattern is kept
		if d := cmp.Diff(want, shown(text, f.FindWith(text, []string{`KT-\d+-[A-Z]`, `(`}))); d != "" {
			t.Error(d)
		}
	}
	for pattern, ok := range map[string]bool{`KT-\d+`: true, `(`: false, `\d*`: false} {
		if err := Patterns([]string{pattern}); (err == nil) != ok {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestFind_SpansAreInOrder(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	rapid.Check(t, func(t *rapid.T) {
		holds(t, f, rapid.OneOf(rapid.String(), rapid.StringMatching(`([0-9 +()./@a-zA-Z-]|４|٤|Е|а|\x{200b}|１|＠| at | dot |order |call |\n){0,80}`)).Draw(t, "text"))
	})
}

type failer interface{ Errorf(string, ...any) }

func holds(t failer, f *Finder, s string) {
	last := 0
	for _, x := range f.FindWith(s, []string{`[A-Z]\d+`}) {
		if x.From < last || x.To <= x.From || x.To > len(s) {
			t.Errorf("%+v after %d in %q", x, last, s)
			return
		}
		if utf8.ValidString(s) && !utf8.ValidString(s[x.From:x.To]) {
			t.Errorf("%+v cuts a character of %q", x, s)
		}
		last = x.To
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"", "4111 1111 1111 1111", "a@b.example", "+49 171 5550199", "order 12345", "Lindenstraße 12, 50667 Köln", "(((1((2)))", "\xff1", "DЕ89\u200b1", "ann (at) shop dot example"} {
		f.Add(s)
	}
	finder := newFinder(f)
	f.Fuzz(func(t *testing.T, s string) { holds(t, finder, s) })
}

// Every text of this length must be read in time that grows with it alone.
func TestFind_LongTexts(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	for _, unit := range []string{"4", "1 ", "a@", "order ", "12 Foo ", "call me (", "☎", "12.34-"} {
		f.Find(strings.Repeat(unit, 100000/len(unit)))
	}
}

func BenchmarkFind(b *testing.B) {
	f := newFinder(b)
	for name, s := range map[string]string{
		"message": "Hello, I ordered the kettle two weeks ago (order 12345) and it hasn't arrived. Call me on +49 171 5550199.",
		"plain":   "Hello, I ordered the kettle a while ago and it hasn't arrived. Where is it?",
		"long":    strings.Repeat("call 0171 5550199 or order 12345 at 12 Main Street, ", 1900),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				f.Find(s)
			}
		})
	}
}
