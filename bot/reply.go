package bot

import (
	"strings"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func (t *Turn) decision(plan Plan, ev retrieval.Evidence) convo.Decision {
	d := convo.Decision{Turn: t.ID, Action: string(plan.Action), Reason: plan.Reason, P: round(ev.P), Missing: ev.Degraded}
	switch {
	case t.decided != nil:
		d.Desk, d.Topic = string(t.decided.Desk), t.decided.Topic
	case plan.Hit != nil:
		d.Desk, d.Topic = plan.Hit.Desk, plan.Hit.Topic
	case len(plan.Offers) > 0:
		d.Desk, d.Topic = plan.Offers[0].Desk, plan.Offers[0].Topic
	}
	return d
}

// message is what the customer reads.
func (t *Turn) message(plan Plan, ev retrieval.Evidence, words Words, now time.Time) convo.Message {
	if plan.Hit != nil {
		return t.quoted(*plan.Hit, ev.Generation, now)
	}
	m := convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Choices: plan.Choices, At: now.UTC()}
	switch {
	case plan.Small == triage.Thanks:
		m.Text = words.Thanks
	case plan.Small == triage.Greeting:
		m.Text = words.Greeting
	case plan.Small == triage.Ending:
		m.Text = words.Ending
	case plan.Small == triage.Chat:
		m.Text, m.OfferPerson = words.Assistant, true
	case plan.Action == ActClarify:
		m.Text, m.OfferPerson = clarifyWords(plan, words), plan.Reason == ReasonUnhelped
	default:
		m.Text, m.OfferPerson = noWords(plan, words), true
	}
	return m
}

// quoted is a message that quotes a hit.
func (t *Turn) quoted(h retrieval.Hit, generation int, now time.Time) convo.Message {
	return convo.Message{
		ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Text: h.Quote(), Lang: h.Lang, At: now.UTC(),
		Citations: citations(h, generation),
	}
}

// citations are one for each piece that is quoted of a hit, or one for its
// section.
func citations(h retrieval.Hit, generation int) []convo.Citation {
	c := convo.Citation{Article: h.ArticleID, Title: h.Title, URL: h.URL, Quote: h.Text, Generation: generation, From: h.From, To: h.To}
	if len(h.Pieces) == 0 {
		return []convo.Citation{c}
	}
	var out []convo.Citation
	for _, p := range h.Pieces {
		c.Quote, c.From, c.To = p.Text, p.From, p.To
		out = append(out, c)
	}
	return out
}

func clarifyWords(plan Plan, words Words) string {
	switch {
	case plan.Reason == ReasonUnhelped:
		return words.TryThese
	case plan.Own && len(plan.Choices) == 1:
		return words.MeanwhileOne
	case plan.Own:
		return words.Meanwhile
	case plan.Reason == ReasonVariant:
		return whichWords(plan.Choices, words)
	case plan.Reason == ReasonOutOfRange:
		return words.OutOfRange
	case len(plan.Choices) == 1:
		return words.ClarifyOne
	default:
		return words.Clarify
	}
}

// whichWords ask which of two or three is meant: "Brisa S2 or Brisa S3?"
func whichWords(choices []convo.Choice, words Words) string {
	names := make([]string, len(choices))
	for i, c := range choices {
		names[i] = c.Title
	}
	last := len(names) - 1
	list := strings.Join(names[:last], words.WhichComma) + words.WhichOr + names[last]
	return strings.Replace(words.Which, "{names}", list, 1)
}

func noWords(plan Plan, words Words) string {
	switch {
	case plan.Own:
		return words.OwnData
	case plan.Outside:
		return words.Outside
	}
	switch plan.Reason {
	case ReasonFiles:
		return words.Files
	case ReasonUnhelped:
		return words.Unhelped
	case ReasonGone:
		return words.Gone
	default:
		return words.None
	}
}

// ownWords follow a quote, or stand before a choice, where the customer's own
// data would have to be looked up: what is general is said, and a person sees to
// the rest.
func (t *Turn) ownWords(words Words, lang string, now time.Time) convo.Message {
	return convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Text: words.OwnData, OfferPerson: true, Lang: lang, At: now.UTC()}
}
