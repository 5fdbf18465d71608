package packet_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

// pieces are what conversations are drawn of: real words beside signs that break
// readers.
var pieces = []string{
	"my S3", "shows", "E07", "order", "KW-5084419", "no,", "sorry", "4711", "12.09.2026", "yesterday", "£45", "45", "€", ",", ".", "\n", "?", "！", "。", "“", "\"", "'",
	"jo@example.org", "07700 900 118", "my name is", "Ada Blunt", "I restarted it", "didn't work", "thanks", "talk to a human", "Bestellung", "seit", "drei", "Wochen",
	"注文番号は", "一昨日", "订单号", "上周五", "رقم الطلب", "٤٤٨", "ı", "İ", "\u200b", "\u0301", "🙈", "\xff", "\x00", "S3-24-118820", "serial number", "not the", "K2", "K2 Mini", "instead of", "put",
	"12b Marl Terrace", ", Leeds", "postcode", "BN7", "two", "nine hundred pounds", "engraved", "«", "»", "(", "–", "a", "I", "ＫＷ-５０８４４１９", "1Z", "-", "//", "......", "…", strings.Repeat("x", 300), strings.Repeat("7", 40), strings.Repeat("ab ", 90),
}

func conversation(t *rapid.T) packet.Input {
	in := input(rapid.SampledFrom([]string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh", "", "xx"}).Draw(t, "language"), nil)
	n := rapid.IntRange(0, 12).Draw(t, "events")
	for i := range n {
		m := convo.Message{
			ID: messageID(i + 1), At: at().Add(time.Duration(i) * time.Minute),
			Author: rapid.SampledFrom([]convo.Author{convo.Customer, convo.Customer, convo.Customer, convo.Bot, convo.System, convo.Agent}).Draw(t, "author"),
			Text:   strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "words"), rapid.SampledFrom([]string{" ", ""}).Draw(t, "between")),
		}
		if m.Author == convo.Bot && rapid.Bool().Draw(t, "cites") {
			m.Citations = []convo.Citation{{Article: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "article"), Title: "T", Quote: m.Text}}
		}
		if m.Author != convo.System && rapid.IntRange(0, 3).Draw(t, "sends") == 0 {
			m.Files = []convo.File{{ID: messageID(700 + rapid.IntRange(0, 3).Draw(t, "file")), Name: "a.png", Type: "image/png", Size: 9, Width: 3, Height: 3}}
		}
		e := event(i+1, m)
		if rapid.IntRange(0, 20).Draw(t, "broken") == 0 {
			e.Body = json.RawMessage(`{"author":`)
		}
		in.Events = append(in.Events, e)
		if rapid.Bool().Draw(t, "pressed") {
			in.Feedback = append(in.Feedback, packet.Feedback{Message: m.ID, Helpful: rapid.Bool().Draw(t, "helpful")})
		}
	}
	return in
}

func TestMake_AnyConversation(t *testing.T) {
	t.Parallel()
	m, s := newMaker(t), schema(t)
	rapid.Check(t, func(t *rapid.T) {
		in := conversation(t)
		p := m.Make(in)
		hold(t, p, in)
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if again := m.Make(in); !reflect.DeepEqual(p, again) {
			t.Fatalf("not the same twice:\n%+v\n%+v", p, again)
		}
		if checked := packet.Check(p, in); !reflect.DeepEqual(p, checked) {
			t.Fatal("a packet that was made does not pass its own check")
		}
		packet.Text(p, "en")
	})
}

// failer is what rapid, fuzzing and tests have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// hold holds what is quoted of the customer against the messages, byte for byte.
func hold(t failer, p packet.Packet, in packet.Input) {
	t.Helper()
	texts := map[string]convo.Message{}
	for _, e := range in.Events {
		var m convo.Message
		if e.Kind == convo.KindMessage && json.Unmarshal(e.Body, &m) == nil {
			texts[m.ID.String()] = m
		}
	}
	stands := func(what string, r packet.Ref, words string) {
		m := texts[r.ID]
		if m.Author != convo.Customer || r.From < 0 || r.To > len(m.Text) || r.From >= r.To || m.Text[r.From:r.To] != words {
			t.Fatalf("%s %q does not stand at %d–%d of %q", what, words, r.From, r.To, m.Text)
		}
		if !utf8.ValidString(words) {
			t.Fatalf("%s %q is cut within a character", what, words)
		}
	}
	for _, f := range p.Facts {
		if len(f.From) == 0 {
			t.Fatalf("fact %q has no source", f.Value)
		}
		stands("fact", f.From[0], f.Value)
		if f.By != "" && !f.Superseded {
			t.Fatalf("fact %q holds and was replaced", f.Value)
		}
	}
	for _, q := range p.Tried {
		stands("tried", q.From[0], q.Text)
	}
	if p.Problem != nil {
		stands("problem", p.Problem.From[0], p.Problem.Text)
		if n := utf8.RuneCountInString(p.Problem.Text); n > packet.MostProblem {
			t.Fatalf("the problem has %d characters", n)
		}
	}
}

func FuzzMake(f *testing.F) {
	for _, s := range []string{
		"no, order 4711, sorry", "E07 on my S3 since 12.09.2026", "订单号448120，上周五收到的", "رقم الطلب ٤٤٨١٢٠", "j'avais mis jo@example.org au lieu de jo.b@example.org",
		"12b Marl Terrace, HX1, ", "my name is ", "«\"“", "KW- 508", "\xff\xfe9", "engrave \"", "9 Ekim'de", "1.029,00 €€",
	} {
		f.Add(s, "that didn't work", "en")
		f.Add("order 4117", s, "tr")
	}
	m := newMaker(f)
	f.Fuzz(func(t *testing.T, a, b, lang string) {
		in := input(lang, said("c: "+a, "b: Which order number? [x: "+b+"]", "c: "+b, "s: "+a))
		p := m.Make(in)
		hold(t, p, in)
		packet.Text(p, lang)
	})
}
