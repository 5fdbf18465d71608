package bot

import (
	"time"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func (t *Turn) decision(plan Plan, ev retrieval.Evidence) convo.Decision {
	d := convo.Decision{Turn: t.ID, Action: string(plan.Action), Reason: plan.Reason, P: round(ev.P), Missing: ev.Degraded}
	switch {
	case plan.Hit != nil:
		d.Desk, d.Topic = plan.Hit.Desk, plan.Hit.Topic
	case len(plan.Offers) > 0:
		d.Desk, d.Topic = plan.Offers[0].Desk, plan.Offers[0].Topic
	}
	return d
}

// message is what the customer reads.
func (t *Turn) message(plan Plan, ev retrieval.Evidence, words Words, now time.Time) convo.Message {
	m := convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Choices: plan.Choices, At: now.UTC()}
	switch {
	case plan.Hit != nil:
		h := plan.Hit
		m.Text, m.Lang = h.Text, h.Lang
		m.Citations = []convo.Citation{{
			Article: h.ArticleID, Title: h.Title, URL: h.URL, Quote: h.Text,
			Generation: ev.Generation, From: h.From, To: h.To,
		}}
	case plan.Small == triage.Thanks:
		m.Text = words.Thanks
	case plan.Small == triage.Greeting:
		m.Text = words.Greeting
	case plan.Action == ActClarify:
		m.Text, m.OfferPerson = clarifyWords(plan, words), plan.Reason == ReasonUnhelped
	default:
		m.Text, m.OfferPerson = noWords(plan, words), true
	}
	return m
}

func clarifyWords(plan Plan, words Words) string {
	switch {
	case plan.Reason == ReasonUnhelped:
		return words.TryThese
	case plan.Reason == ReasonOutOfRange:
		return words.OutOfRange
	case len(plan.Choices) == 1:
		return words.ClarifyOne
	default:
		return words.Clarify
	}
}

func noWords(plan Plan, words Words) string {
	switch plan.Reason {
	case ReasonUnhelped:
		return words.Unhelped
	case ReasonGone:
		return words.Gone
	default:
		return words.None
	}
}
