package packet

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/bot/convo"
)

// caseLines fills in what the case and the conversation's events say by
// themselves.
func caseLines(p *Packet, in Input, t *transcript) {
	c := in.Case
	own := []Ref{{Kind: RefCase, ID: c.ID.String()}}
	told := own
	if c.Call != (convo.ID{}) {
		told = []Ref{{Kind: RefCall, ID: c.Call.String()}}
	}
	desk, topic, deskFrom, topicFrom := c.Desk, c.Topic, told, told
	reason, reasonFrom := c.Reason, own
	for _, d := range slices.Backward(t.decisions) {
		ref := []Ref{{Kind: RefEvent, Seq: d.seq}}
		if desk == "" && d.Desk != "" {
			desk, deskFrom = d.Desk, ref
		}
		if topic == "" && d.Topic != "" {
			topic, topicFrom = d.Topic, ref
		}
		if d.Action == "handoff" && (reason == "" || reason == d.Reason) && d.Reason != "" {
			reason, reasonFrom = d.Reason, ref
			break
		}
	}
	if desk != "" {
		p.Desk = &Guess{Value: desk, From: deskFrom}
		weigh(p.Desk, c.DeskP)
	}
	if topic != "" {
		p.Topic = &Guess{Value: topic, P: c.TopicP, From: topicFrom}
	}
	if c.Product != "" {
		p.Product = &Guess{Value: c.Product, P: c.ProductP, From: told}
	} else if line, from := productLine(in, t, p.Facts); line != "" {
		p.Product = &Guess{Value: line, From: from}
	}
	if reason != "" {
		p.Reason = &Line{Value: reason, From: reasonFrom}
	}
	if c.Contact != "" {
		p.Contact = &Line{Value: c.Contact, From: own}
	}
	if t.lang != "" && len(t.customer) > 0 {
		p.Language = &Line{Value: t.lang, From: []Ref{t.customer[0].whole()}}
	}
	if in.Page != (Page{}) {
		p.Page = &PageLine{URL: in.Page.URL, Title: in.Page.Title, From: []Ref{{Kind: RefPage, ID: cmp.Or(in.Page.URL, in.Page.Title)}}}
	}
	if n := len(t.customer); n > 0 {
		zone := in.Zone
		if zone == nil {
			zone = time.UTC
		}
		a, b := t.customer[0], t.customer[n-1]
		p.Time = &Clock{Began: stamp(a.At.In(zone)), Last: stamp(b.At.In(zone)), Part: partOf(b.At.In(zone).Hour()), From: []Ref{a.whole(), b.whole()}}
	}
}

// weigh adds a guess's probability and the next values'.
func weigh(g *Guess, by map[string]float64) {
	for value, p := range by {
		if value == g.Value {
			g.P = &p
		} else if p >= .05 {
			g.Others = append(g.Others, Weighed{value, p})
		}
	}
	slices.SortFunc(g.Others, func(a, b Weighed) int {
		return cmp.Or(cmp.Compare(b.P, a.P), cmp.Compare(a.Value, b.Value))
	})
}

// productLine is the line of the product that the customer named last.
func productLine(in Input, t *transcript, facts []Fact) (string, []Ref) {
	for _, f := range slices.Backward(facts) {
		if f.Label != Product || f.Superseded {
			continue
		}
		if line := in.Catalogue.line(f.Value); line != "" {
			return line, f.From[:1]
		}
	}
	return "", nil
}

// partOf is the part of the day that an hour lies in.
func partOf(hour int) string {
	switch {
	case hour < 6:
		return "night"
	case hour < 12:
		return "morning"
	case hour < 18:
		return "afternoon"
	default:
		return "evening"
	}
}

// who fills in who the customer is: by the shop's signature, else by what they
// say.
func who(p *Packet, in Input, t *transcript) {
	id := &Identity{Verified: ByNothing}
	if in.Identity != nil && (in.Identity.Name != "" || in.Identity.Email != "") {
		id.Name, id.Email, id.Verified = in.Identity.Name, in.Identity.Email, ByWord
		if in.Identity.Signed {
			id.Verified = BySignature
		}
		id.From = []Ref{{Kind: RefVisitor, ID: in.Identity.Visitor.String()}}
		p.Identity = id
		return
	}
	for _, f := range p.Facts {
		switch {
		case f.Superseded:
		case f.Label == Email && id.Email == "":
			id.Email = f.Value
			id.From = append(id.From, f.From[0])
		case f.Label == Name && id.Name == "":
			id.Name = f.Value
			id.From = append(id.From, f.From[0])
		}
	}
	if id.From != nil {
		id.Verified = ByWord
		p.Identity = id
	}
}

func consents(in Input) []Consent {
	out := []Consent{}
	for _, c := range in.Consent {
		one := Consent{To: c.To, Given: c.Given, From: []Ref{c.From}}
		if !c.At.IsZero() {
			one.At = stamp(c.At)
		}
		out = append(out, one)
	}
	return out
}

// mostEarlier is how many earlier cases a packet lists, the latest.
const mostEarlier = 5

func earlier(in Input) []EarlierCase {
	out := []EarlierCase{}
	for _, c := range in.Earlier[max(0, len(in.Earlier)-mostEarlier):] {
		out = append(out, EarlierCase{
			Reference: c.Reference, Topic: c.Topic, State: c.State, Ended: c.Ended, At: stamp(c.At),
			From: []Ref{{Kind: RefCase, ID: c.ID.String()}},
		})
	}
	return out
}

// promised lists what the service told the customer would happen: its own words
// at a change of owner, and those that say so.
func (m *Maker) promised(t *transcript) []Promise {
	out := []Promise{}
	for i, s := range t.messages {
		if s.Author != convo.System {
			continue
		}
		from := []Ref{s.whole()}
		if o := t.ownerBefore(i); o != nil {
			from = append(from, Ref{Kind: RefEvent, Seq: o.seq})
		} else if len(s.hits[promise]) == 0 {
			continue
		}
		out = append(out, Promise{Text: s.Text, At: stamp(s.At), From: from})
	}
	return out
}

// ownerBefore is the change of owner to a queue that a message was said with:
// the one right before it, with no other message between.
func (t *transcript) ownerBefore(i int) *owned {
	s := t.messages[i]
	prev := int64(0)
	if i > 0 {
		prev = t.messages[i-1].seq
	}
	for k := range t.owners {
		if o := &t.owners[k]; o.seq > prev && o.seq < s.seq && o.Owner == convo.OwnerQueue && o.Case != nil {
			return o
		}
	}
	return nil
}
