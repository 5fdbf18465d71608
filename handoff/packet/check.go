package packet

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/bot/convo"
)

// sources is what there is to cite, read from the input anew: nothing that the
// makers of lines found out is trusted here.
type sources struct {
	in       Input
	messages map[string]convo.Message
	seqs     map[int64]bool
	others   map[Ref]bool // cases, visitors, calls, pages, and where consent is kept
	articles map[string]bool
}

// Check drops what has no evidence: a line whose sources are not in the input, a
// quote or a fact that is not equal to its message, byte for byte, an answer
// that was not shown, a promise that was not the server's. The makers of lines
// keep to this already; Check is there for whoever changes them, and for packets
// that were stored.
func Check(p Packet, in Input) Packet {
	src := newSources(in)
	p.Facts = slices.DeleteFunc(slices.Clone(p.Facts), func(f Fact) bool {
		return f.Label == "" || !src.all(f.From) || !src.quoted(f.From[0], f.Value, convo.Customer)
	})
	p.Tried = slices.DeleteFunc(slices.Clone(p.Tried), func(q Quote) bool { return !src.quote(q) })
	p.Files = slices.DeleteFunc(slices.Clone(p.Files), func(f Sent) bool { return !src.all(f.From) || !src.sent(f) })
	p.Answers = slices.DeleteFunc(slices.Clone(p.Answers), func(s Shown) bool { return !src.all(s.From) || !src.shown(s) })
	p.Promised = slices.DeleteFunc(slices.Clone(p.Promised), func(s Promise) bool {
		return !src.all(s.From) || src.messages[s.From[0].ID].Author != convo.System || src.messages[s.From[0].ID].Text != s.Text
	})
	p.Consent = slices.DeleteFunc(slices.Clone(p.Consent), func(c Consent) bool { return !src.all(c.From) })
	p.Earlier = slices.DeleteFunc(slices.Clone(p.Earlier), func(c EarlierCase) bool { return !src.all(c.From) })
	if p.Problem != nil && (!src.quote(*p.Problem) || utf8.RuneCountInString(p.Problem.Text) > MostProblem) {
		p.Problem = nil
	}
	for _, g := range []**Guess{&p.Desk, &p.Topic, &p.Product} {
		if *g != nil && ((*g).Value == "" || !src.all((*g).From)) {
			*g = nil
		}
	}
	for _, l := range []**Line{&p.Reason, &p.Contact, &p.Language} {
		if *l != nil && ((*l).Value == "" || !src.all((*l).From)) {
			*l = nil
		}
	}
	if p.Identity != nil && (!src.all(p.Identity.From) || !src.who(*p.Identity)) {
		p.Identity = nil
	}
	if p.Mood != nil && !src.all(p.Mood.From) {
		p.Mood = nil
	}
	if p.Urgency != nil && !src.all(p.Urgency.From) {
		p.Urgency = nil
	}
	if p.Page != nil && !src.all(p.Page.From) {
		p.Page = nil
	}
	if p.Time != nil && !src.all(p.Time.From) {
		p.Time = nil
	}
	if p.Next != nil && !src.all(p.Next.From) {
		p.Next = nil
	}
	if p.Reply != nil && (!src.all(p.Reply.From) || !src.passage(*p.Reply)) {
		p.Reply = nil
	}
	return p
}

func newSources(in Input) *sources {
	src := &sources{in: in, messages: map[string]convo.Message{}, seqs: map[int64]bool{}, others: map[Ref]bool{}, articles: map[string]bool{}}
	for _, e := range in.Events {
		src.seqs[e.Seq] = true
		if e.Turn != (convo.ID{}) {
			src.others[Ref{Kind: RefCall, ID: e.Turn.String()}] = true
		}
		var m convo.Message
		if e.Kind != convo.KindMessage || json.Unmarshal(e.Body, &m) != nil {
			continue
		}
		src.messages[m.ID.String()] = m
		for _, c := range m.Citations {
			src.articles[c.Article] = true
		}
		for _, c := range m.Choices {
			src.articles[c.Article] = true
		}
	}
	for _, f := range in.Found {
		src.articles[f.Article] = true
	}
	src.others[Ref{Kind: RefCase, ID: in.Case.ID.String()}] = true
	src.others[Ref{Kind: RefCall, ID: in.Case.Call.String()}] = in.Case.Call != (convo.ID{})
	if in.Identity != nil {
		src.others[Ref{Kind: RefVisitor, ID: in.Identity.Visitor.String()}] = true
	}
	for _, e := range in.Earlier {
		src.others[Ref{Kind: RefCase, ID: e.ID.String()}] = true
	}
	for _, c := range in.Consent {
		src.others[c.From] = c.From != Ref{}
	}
	src.others[Ref{Kind: RefPage, ID: in.Page.URL}] = in.Page.URL != ""
	src.others[Ref{Kind: RefPage, ID: in.Page.Title}] = in.Page.Title != ""
	return src
}

// all says whether there is a source, and every one of them is there.
func (s *sources) all(list []Ref) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(r Ref) bool { return !s.has(r) })
}

func (s *sources) has(r Ref) bool {
	switch r.Kind {
	case RefMessage:
		m, ok := s.messages[r.ID]
		return ok && s.seqs[r.Seq] && 0 <= r.From && r.From <= r.To && r.To <= len(m.Text)
	case RefEvent:
		return s.seqs[r.Seq]
	case RefArticle:
		return s.articles[r.ID]
	default:
		return s.others[r]
	}
}

// quoted says whether a value is what stands at a place, in a message of an
// author's.
func (s *sources) quoted(r Ref, value string, by convo.Author) bool {
	m := s.messages[r.ID]
	return value != "" && r.Kind == RefMessage && m.Author == by && r.From < r.To && m.Text[r.From:r.To] == value
}

func (s *sources) quote(q Quote) bool {
	return s.all(q.From) && s.quoted(q.From[0], q.Text, convo.Customer)
}

// shown says whether the first source is a message of the bot's that cites or
// offers the article.
func (s *sources) shown(a Shown) bool {
	m := s.messages[a.From[0].ID]
	if m.Author != convo.Bot {
		return false
	}
	if a.As == "choice" {
		return slices.ContainsFunc(m.Choices, func(c convo.Choice) bool { return c.Article == a.Article })
	}
	return slices.ContainsFunc(m.Citations, func(c convo.Citation) bool {
		return c.Article == a.Article && strings.HasPrefix(c.Quote, a.Quote)
	})
}

// who says whether the identity is the one that was signed, or what the customer
// said.
func (s *sources) who(id Identity) bool {
	if known := s.in.Identity; id.From[0].Kind == RefVisitor {
		return known != nil && id.Name == known.Name && id.Email == known.Email && (id.Verified == BySignature) == known.Signed
	}
	said := func(value string) bool {
		return value == "" || slices.ContainsFunc(id.From, func(r Ref) bool { return s.quoted(r, value, convo.Customer) })
	}
	return id.Verified == ByWord && said(id.Name) && said(id.Email)
}

// passage says whether a reply is what a passage or a quote says.
func (s *sources) passage(r Reply) bool {
	for _, f := range s.in.Found {
		if f.Article == r.Article && f.Text == r.Text {
			return true
		}
	}
	for _, m := range s.messages {
		if m.Author == convo.Bot && slices.ContainsFunc(m.Citations, func(c convo.Citation) bool { return c.Article == r.Article && c.Quote == r.Text }) {
			return true
		}
	}
	return false
}
