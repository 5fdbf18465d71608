package own

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRead(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, tt := range []struct {
		name, in string
		own      bool
	}{
		{"English", "where is my order", true},
		{"German", "wo ist meine Bestellung", true},
		{"French", "où est ma commande", true},
		{"Spanish", "dónde está mi pedido", true},
		{"Italian", "dov'è il mio ordine", true},
		{"Portuguese", "onde está a minha encomenda", true},
		{"Dutch", "waar is mijn bestelling", true},
		{"Polish", "gdzie jest moje zamówienie", true},
		{"Turkish", "siparişim nerede", true},
		{"Arabic", "أين طلبي", true},
		{"Japanese", "私の注文はどこですか", true},
		{"Chinese", "我的订单在哪里", true},
		{"homoglyphs, marks of no width, leetspeak", "whеre is my\u200b 0rd3r", true},
		{"in the middle of a story", "We moved house in June and it has been chaos. Anyway, did you receive the router I posted back last week?", true},
		{"English, a rule", "how long does an order take", false},
		{"German, a rule", "wie lange dauert eine Bestellung", false},
		{"French, a rule", "combien de temps prend une commande", false},
		{"Spanish, a rule", "en qué plazo llega un pedido", false},
		{"Italian, a rule", "quanto tempo ci vuole per un ordine", false},
		{"Portuguese, a rule", "quanto tempo demora uma encomenda", false},
		{"Dutch, a rule", "hoe lang duurt een bestelling", false},
		{"Polish, a rule", "ile trwa realizacja zamówienia", false},
		{"Turkish, a rule", "sipariş ne kadar sürer", false},
		{"Arabic, a rule", "كم يستغرق الطلب", false},
		{"Japanese, a rule", "注文はどのくらいかかりますか", false},
		{"Chinese, a rule", "订单一般要多久", false},
		{"nothing", "", false},
		{"one letter", "k", false},
		{"emoji", "📦📦", false},
		{"base64", strings.Repeat("aGVsbG8gd29ybGQ", 20), false},
		{"old mail does not ask", "ok thanks\n\nOn Mon, 3 Nov 2025, Ann <a@shop.example> wrote:\n> where is my order? I still have not received my refund", false},
		{"a log does not ask", "what is this\n2026-01-02 10:11:12 ERROR [main] where is my order 12345, still not received", false},
		{"mixed scripts", "спасибо 返品 kettle", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if p, why := r.Read(tt.in); (p >= .5) != tt.own {
				t.Errorf("%q: %.3f, %s", tt.in, p, why)
			}
		})
	}
}

func TestRead_SaysWhy(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	if _, why := r.Read("where is my order 12345"); !strings.Contains(why, "where is my") {
		t.Error(why)
	}
	if _, why := r.Read(""); why != "nothing speaks of the customer's own data" {
		t.Error(why)
	}
}

func TestLearn_SameWeightsTwice(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	list := []Example{{"where is my order", true}, {"did you get my return", true}, {"how long does it take", false}, {"do you ship to Malta", false}}
	var was []byte
	for range 2 {
		w, err := Learn(r, list)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if was != nil && !bytes.Equal(was, data) {
			t.Errorf("%s, then %s", was, data)
		}
		was = data
		learned, err := NewWith(w)
		if err != nil {
			t.Fatal(err)
		}
		yes, _ := learned.Read("where is my parcel")
		if no, _ := learned.Read("how long does it take"); yes <= no {
			t.Errorf("learned nothing: %.3f and %.3f", yes, no)
		}
	}
	if _, err := Learn(r, nil); err == nil {
		t.Error("learned from nothing")
	}
}

type failer interface{ Errorf(string, ...any) }

func holds(t failer, r *Reader, s string) {
	if p, why := r.Read(s); !(p >= 0 && p <= 1) || why == "" {
		t.Errorf("%q: %v, %q", s, p, why)
	}
}

func TestRead_AnyText(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	rapid.Check(t, func(t *rapid.T) {
		holds(t, r, rapid.OneOf(rapid.String(), rapid.StringMatching(`((where|is|my|order|how|long|still|not|我的|订单|meine|[0-9]{5})[ ?]){0,30}`)).Draw(t, "text"))
	})
}

// Long texts of every shape are read to the end; a reader that slows down with
// the square of the length would be seen here.
func TestRead_LongTexts(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, unit := range []string{"a", "a ", "🔥", "返", "> a\n", "12:00:01 ERROR [x] y\n", "a\n\n", "h\u200bi. ", "aGVsbG8", "where is my order "} {
		holds(t, r, strings.Repeat(unit, 100_000/len(unit)))
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "where is my order?", "我的订单在哪里", "أين طلبي", "\xff my", "12345"} {
		f.Add(s)
	}
	r := newReader(f)
	f.Fuzz(func(t *testing.T, s string) { holds(t, r, s) })
}

func BenchmarkRead(b *testing.B) {
	r := newReader(b)
	for name, s := range map[string]string{
		"message": "Hello, I ordered the kettle two weeks ago (order 12345) and it hasn't arrived. Where is it?",
		"long":    strings.Repeat("Where is my order, I still have not received it. ", 2000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Read(s)
			}
		})
	}
}
