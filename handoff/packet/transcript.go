package packet

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/triage/text"
)

// longestSaid is how much of one message is read, in bytes: what is longer is a
// paste, whose beginning says what it is.
const longestSaid = 8000

// longestServed is how much of what others said is read: whether they asked for
// something.
const longestServed = 1000

// mostSaid is how many of a customer's messages are read: the first ones, where
// the matter stands, and the latest.
const mostSaid = 40

// said is a message with what was found in it.
type said struct {
	convo.Message
	seq  int64
	body string // what is read of its text
	low  string // the same in small letters, once it was asked for

	words []text.Word
	lang  *language
	hits  [groups][]hit
	parts []text.Span // sentences, of a customer's message
}

// owned is an owner event.
type owned struct {
	convo.OwnerChange
	seq int64
}

// decided is a decision event.
type decided struct {
	convo.Decision
	seq int64
}

// transcript is a conversation as it is read here.
type transcript struct {
	messages  []*said
	customer  []*said // those of the customer, within messages
	owners    []owned
	decisions []decided
	last      int64
	lang      string
}

// read takes the events apart. One that cannot be read is left out.
func (m *Maker) read(in Input) *transcript {
	t := &transcript{}
	for _, e := range in.Events {
		t.last = max(t.last, e.Seq)
		switch e.Kind {
		case convo.KindMessage:
			s := &said{seq: e.Seq}
			if json.Unmarshal(e.Body, &s.Message) != nil {
				continue
			}
			if s.At.IsZero() {
				s.At = e.At
			}
			s.body = head(s.Text, longestSaid)
			t.messages = append(t.messages, s)
		case convo.KindOwner:
			o := owned{seq: e.Seq}
			if json.Unmarshal(e.Body, &o.OwnerChange) == nil {
				t.owners = append(t.owners, o)
			}
		case convo.KindDecision:
			d := decided{seq: e.Seq}
			if json.Unmarshal(e.Body, &d.Decision) == nil {
				t.decisions = append(t.decisions, d)
			}
		}
	}
	for _, s := range t.messages {
		if s.Author == convo.Customer {
			t.customer = append(t.customer, s)
		}
	}
	if n := len(t.customer); n > mostSaid {
		t.customer = slices.Concat(t.customer[:mostSaid/4], t.customer[n-3*mostSaid/4:])
	}
	m.understand(in, t)
	return t
}

// understand finds the words and phrases of what was said, in the language of
// the conversation and, where a message is in another one, in that.
func (m *Maker) understand(in Input, t *transcript) {
	t.lang = in.Case.Language
	var all []text.Word
	for _, s := range t.customer {
		s.words = text.Folded(s.body)
		s.parts = text.Normal(s.body).Sentences
		all = append(all, s.words[:min(len(s.words), 200)]...)
	}
	if t.lang == "" {
		t.lang = m.book.tongues.Of(all, nil)
	}
	for _, s := range t.messages {
		if s.Author == convo.Bot && !asks(s.body) {
			continue // an answer's words say nothing about the customer
		}
		if s.Author != convo.Customer {
			s.words = text.Folded(head(s.body, longestServed))
		}
		if s.words != nil {
			m.find(s, t.lang)
		}
	}
}

// mentions says whether one of some parts of words, in small letters, stands in a
// message: what spares the usual one an expression that costs more.
func (s *said) mentions(parts ...string) bool {
	if s.low == "" {
		s.low = strings.ToLower(s.body)
	}
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s.low, p) })
}

// figured says whether a message has a digit.
func (s *said) figured() bool {
	return strings.ContainsFunc(s.body, func(r rune) bool { _, ok := text.Digit(r); return ok })
}

// head is the beginning of a text, up to a bound of characters.
func head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// asks says whether a text asks something, by its marks.
func asks(s string) bool {
	for _, r := range s {
		if r == '?' || r == '？' || r == '؟' {
			return true
		}
	}
	return false
}

// find lists the phrases of a message.
func (m *Maker) find(s *said, lang string) {
	own := s.Lang
	if own == "" {
		// Half of a message's words would be usual ones of the other language.
		own = m.book.tongues.Of(s.words, map[string]int{lang: 3 + len(s.words)/2})
	}
	s.lang = m.book.of(own)
	s.lang.classed(s.body, s.words)
	for _, f := range s.lang.phrases.In(s.words) {
		e := m.book.entries[f.ID]
		first := min(f.From+e.lead, f.To-1)
		s.hits[e.group] = append(s.hits[e.group], hit{first, f.To - 1, s.words[first].From, s.words[f.To-1].To, e.lead > 0})
	}
}

// ref is a part of a message.
func (s *said) ref(from, to int) Ref {
	r := s.whole()
	r.From, r.To = from, to
	return r
}

// whole is the message itself.
func (s *said) whole() Ref { return Ref{Kind: RefMessage, ID: s.ID.String(), Seq: s.seq} }

// wordAt is the first word that begins at a byte or after it.
func (s *said) wordAt(at int) int {
	i, _ := slices.BinarySearchFunc(s.words, at, func(w text.Word, at int) int { return w.From - at })
	return i
}

// within lists the hits of a group that lie in a part of the text.
func (s *said) within(g group, from, to int) []hit {
	var out []hit
	for _, h := range s.hits[g] {
		if h.from >= from && h.to <= to {
			out = append(out, h)
		}
	}
	return out
}

func (s *said) has(g group, from, to int) bool {
	return slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from >= from && h.to <= to })
}

// sentence is the sentence that holds a byte; the whole text where none does.
func (s *said) sentence(at int) text.Span {
	for _, p := range s.parts {
		if p.From <= at && at < p.To {
			return p
		}
	}
	return text.Span{From: 0, To: len(s.body)}
}
