package bot

import (
	"frontdesk/handoff"
	"frontdesk/triage"
)

// Known is what people are told of a matter that triage decided about.
func Known(d triage.Decision) handoff.Triage {
	t := handoff.Triage{
		Desk: string(d.Desk), Topic: d.Topic, Product: d.Product, Language: d.Language,
		Mood: d.Mood, Urgency: d.Urgency, Rule: d.Rule, DeskP: d.DeskP.Of(d.Desk), TopicP: d.TopicP,
	}
	if d.UnsureOf("product") {
		t.Product = ""
	}
	return t
}

// OtherMatter is the second matter of a message that is about two for different
// desks; nil where it is about one. A sale is one matter, whatever it asks.
func OtherMatter(d triage.Decision) *handoff.Triage {
	if d.Desk != triage.Service && d.Desk != triage.Support {
		return nil
	}
	for _, m := range d.Matters {
		if m.Desk != d.Desk && (m.Desk == triage.Service || m.Desk == triage.Support) {
			return &handoff.Triage{Desk: string(m.Desk), Topic: m.Topic, Language: d.Language, Mood: d.Mood, Urgency: d.Urgency}
		}
	}
	return nil
}

// known is what the turn's handoff goes by; nil: triage did not get to it, and
// the case is routed once more when it has.
func (t *Turn) known() *handoff.Triage {
	if t.decided == nil {
		return nil
	}
	k := Known(*t.decided)
	return &k
}

// otherMatter is the second matter of the turn's message.
func (t *Turn) otherMatter() *handoff.Triage {
	if t.decided == nil {
		return nil
	}
	return OtherMatter(*t.decided)
}
