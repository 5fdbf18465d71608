package evals

import (
	"slices"
	"strings"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

// packetLine is a line of a packet, and whether what it cites says so.
type packetLine struct {
	what   string
	backed bool
}

// lines lists the lines of a packet. One is backed where every source exists, is
// by whom the line says, and holds the line's words; a fact also has to be of
// the label that it was labelled with, where it was labelled at all, and how an
// answer was received has to be said by a press or in a customer's later message.
func (p Packed) lines() []packetLine {
	var out []packetLine
	add := func(what string, from []packet.Ref, more bool) {
		out = append(out, packetLine{what, len(from) > 0 && p.exist(from) && more})
	}
	k := p.Packet
	if k.Problem != nil {
		add("problem "+k.Problem.Text, k.Problem.From, p.stands(k.Problem.From[0], k.Problem.Text, convo.Customer))
	}
	for _, g := range []*packet.Guess{k.Desk, k.Topic, k.Product} {
		if g != nil {
			add("guess "+g.Value, g.From, g.Value != "")
		}
	}
	for _, f := range k.Facts {
		add("fact "+f.Label+" "+f.Value, f.From, p.stands(f.From[0], f.Value, convo.Customer) && p.labelAgrees(f))
	}
	for _, q := range k.Tried {
		add("tried "+q.Text, q.From, p.stands(q.From[0], q.Text, convo.Customer))
	}
	for _, s := range k.Answers {
		add("answer "+s.Article+" "+s.Received, s.From, p.wasShown(s) && p.wasReceived(s))
	}
	for _, s := range k.Promised {
		add("promised "+s.Text, s.From, p.event(s.From[0]).Author == convo.System && p.event(s.From[0]).Text == s.Text)
	}
	if id := k.Identity; id != nil {
		add("identity "+id.Name+" "+id.Email, id.From, p.isWho(*id))
	}
	if k.Language != nil {
		add("language "+k.Language.Value, k.Language.From, k.Language.Value == p.Language)
	}
	if k.Mood != nil {
		add("mood "+k.Mood.Word, k.Mood.From, p.customers(k.Mood.From))
	}
	if k.Urgency != nil {
		add("urgency", k.Urgency.From, p.customers(k.Urgency.From))
	}
	if k.Page != nil {
		add("page "+k.Page.URL, k.Page.From, k.Page.URL == p.Page.URL)
	}
	if k.Time != nil {
		add("time "+k.Time.Began, k.Time.From, p.customers(k.Time.From))
	}
	if k.Next != nil {
		add("next "+k.Next.Do, k.Next.From, k.Next.About == "" || p.linesSay(k.Next.About))
	}
	if k.Reply != nil {
		add("reply "+k.Reply.Article, k.Reply.From, p.cites(k.Reply.Article, k.Reply.Text))
	}
	return out
}

// event is what a reference names; empty where there is none.
func (p Packed) event(r packet.Ref) PacketEvent {
	if r.Kind != packet.RefMessage || r.Seq < 1 || int(r.Seq) > len(p.Events) || r.ID != p.id('m', int(r.Seq)).String() {
		return PacketEvent{}
	}
	return p.Events[r.Seq-1]
}

func (p Packed) stands(r packet.Ref, words string, by convo.Author) bool {
	e := p.event(r)
	return words != "" && e.Author == by && 0 <= r.From && r.From <= r.To && r.To <= len(e.Text) && e.Text[r.From:r.To] == words
}

func (p Packed) exist(list []packet.Ref) bool {
	return !slices.ContainsFunc(list, func(r packet.Ref) bool {
		switch r.Kind {
		case packet.RefMessage:
			return p.event(r).N == 0
		case packet.RefArticle:
			return !slices.ContainsFunc(p.Events, func(e PacketEvent) bool { return e.names(r.ID) })
		case packet.RefVisitor:
			return p.Identity == nil
		case packet.RefPage:
			return r.ID != p.Page.URL && r.ID != p.Page.Title
		case packet.RefCase:
			return r.ID != p.id('c', 0).String()
		default:
			return true
		}
	})
}

// names says whether an event cites or offers an article.
func (e PacketEvent) names(article string) bool {
	for _, c := range e.Citations {
		if c.Article == article {
			return true
		}
	}
	for _, c := range e.Choices {
		if c.Article == article {
			return true
		}
	}
	return false
}

// labelAgrees says whether a fact that lies on a labelled one has its label.
func (p Packed) labelAgrees(f packet.Fact) bool {
	on := false
	for _, l := range p.Labels.Facts {
		if int(f.From[0].Seq) == l.N && p.common(f.From[0], l.N, l.Value) >= .5 {
			on = true
			if factLabel(f.Label) == l.Label {
				return true
			}
		}
	}
	return !on
}

func (p Packed) wasShown(s packet.Shown) bool {
	e := p.event(s.From[0])
	return e.Author == convo.Bot && e.names(s.Article)
}

func (p Packed) wasReceived(s packet.Shown) bool {
	if s.Received == packet.Unknown {
		return true
	}
	if e := p.event(s.From[0]); e.Feedback != nil && *e.Feedback == (s.Received == packet.Helped) {
		return true
	}
	return slices.ContainsFunc(s.From, func(r packet.Ref) bool {
		e := p.event(r)
		return e.Author == convo.Customer && e.N > int(s.From[0].Seq)
	})
}

func (p Packed) isWho(id packet.Identity) bool {
	if p.Identity != nil {
		return id.Name == p.Identity.Name && id.Email == p.Identity.Email && id.Verified == packet.BySignature
	}
	said := func(value string) bool {
		return value == "" || slices.ContainsFunc(id.From, func(r packet.Ref) bool { return p.stands(r, value, convo.Customer) })
	}
	return id.Verified == packet.ByWord && said(id.Name) && said(id.Email)
}

func (p Packed) customers(list []packet.Ref) bool {
	return !slices.ContainsFunc(list, func(r packet.Ref) bool { return p.event(r).Author != convo.Customer })
}

// linesSay says whether some words stand in the conversation.
func (p Packed) linesSay(words string) bool {
	return slices.ContainsFunc(p.Events, func(e PacketEvent) bool { return strings.Contains(e.Text, words) })
}

func (p Packed) cites(article, text string) bool {
	for _, e := range p.Events {
		for _, c := range e.Citations {
			if c.Article == article && c.Quote == text {
				return true
			}
		}
	}
	return false
}
