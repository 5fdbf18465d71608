package packet_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
	"frontdesk/triage/pii"
)

// shop is the products that the tests' conversations are about.
func shop() *packet.Catalogue {
	return packet.NewCatalogue([]packet.Article{
		{Title: "Descaling the Wick K2", Product: "kettle"},
		{Title: "Temperatures on the Wick K2 Mini", Product: "kettle"},
		{Title: "Setting up the Brisa S3", Product: "coffee"},
		{Title: "Grind settings for the Mill 60", Product: "grinder"},
		{Title: "Grind settings for the Mill 40", Product: "grinder"},
		{Title: "Gram Pro, capacity and timer", Product: "scale"},
		{Title: "Managing your beans", Body: "| Coffee | Roast |\n|---|---|\n| Harbour Blend | medium |\n| Cinder (dark) | dark |\n"},
	})
}

func newMaker(tb testing.TB) *packet.Maker {
	tb.Helper()
	f, err := pii.New()
	if err != nil {
		tb.Fatal(err)
	}
	m, err := packet.New(packet.Deps{PII: f})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// at is when the tests' conversations begin.
func at() time.Time { return time.Date(2026, 10, 3, 18, 22, 10, 0, time.FixedZone("", 2*3600)) }

// said makes events of lines: "c: words of the customer's", "b:" of the bot's,
// "s:" of the service's own, "a:" of an agent's. A line of the bot's may end in
// " [article: quote]".
func said(lines ...string) []convo.Event {
	var out []convo.Event
	for i, l := range lines {
		who, text, _ := strings.Cut(l, ": ")
		m := convo.Message{ID: messageID(i + 1), Text: text, At: at().Add(time.Duration(i) * time.Minute)}
		switch who {
		case "b":
			m.Author = convo.Bot
			if before, cited, ok := strings.Cut(text, " ["); ok {
				article, quote, _ := strings.Cut(strings.TrimSuffix(cited, "]"), ": ")
				m.Text = before
				m.Citations = []convo.Citation{{Article: article, Title: strings.ToUpper(article), Quote: quote}}
			}
		case "s":
			m.Author = convo.System
		case "a":
			m.Author = convo.Agent
		default:
			m.Author = convo.Customer
		}
		out = append(out, event(i+1, m))
	}
	return out
}

func event(seq int, m convo.Message) convo.Event {
	body, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return convo.Event{Seq: int64(seq), Kind: convo.KindMessage, At: m.At, Body: body}
}

func messageID(n int) convo.ID { return uuid.NewSHA1(uuid.Nil, []byte{byte(n >> 8), byte(n)}) }

func input(lang string, events []convo.Event) packet.Input {
	return packet.Input{
		Events: events, Case: packet.Case{ID: messageID(9999), Language: lang, Reason: "asked"},
		Catalogue: shop(), Now: at().Add(time.Hour), Zone: at().Location(),
	}
}

// told writes facts as the tests' tables have them: "label=value", a value that
// was corrected with a cross.
func told(list []packet.Fact) string {
	var out []string
	for _, f := range list {
		s := f.Label + "=" + f.Value
		if f.Superseded {
			s += "†"
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}
