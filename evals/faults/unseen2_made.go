package faults

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/retrieval"
	"frontdesk/retrieval/quote"
	"frontdesk/triage"
)

func regionsKept(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) {
		switch a.Lang {
		case "":
		case "en":
			a.Lang = "en-gb"
		default:
			a.Lang += "-" + a.Lang
		}
	})
}

func nothingReplaced(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) { a.SupersededBy = "" })
}

// asPassages encodes questions as passages.
func asPassages(next retrieval.Embedder) retrieval.Embedder {
	p := passages{next}
	if t, ok := next.(retrieval.TokenEmbedder); ok {
		return passageTokens{p, t}
	}
	return p
}

type passages struct{ retrieval.Embedder }

func (e passages) Embed(ctx context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	return e.Embedder.Embed(ctx, retrieval.EmbedPassage, texts)
}

type passageTokens struct {
	passages
	tokens retrieval.TokenEmbedder
}

func (e passageTokens) TokenDims() int { return e.tokens.TokenDims() }

func (e passageTokens) EmbedTokens(ctx context.Context, _ retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	list, err := e.tokens.EmbedTokens(ctx, retrieval.EmbedPassage, texts)
	out := slices.Clone(list)
	for i := range out {
		out[i].Places = nil
	}
	return out, err
}

// firstLanguage finds the language of an English question, whatever is asked.
func firstLanguage(next retrieval.DetectFunc) retrieval.DetectFunc {
	return func(_ string, prior []string) (string, float64) {
		return next("How long do I have to send something back?", prior)
	}
}

func bare(r *retrieval.Ranking) { r.Asked, r.Lenses = nil, nil }

func piecesBestFirst(h *retrieval.Hit) {
	h.Pieces = slices.Clone(h.Pieces)
	slices.Reverse(h.Pieces)
}

// withoutException leaves out of each piece what limits the unit before it, where
// it ends with that.
func withoutException(h *retrieval.Hit) {
	h.Pieces = slices.Clone(h.Pieces)
	for i := range h.Pieces {
		p := &h.Pieces[i]
		units := quote.Cut(p.Text)
		for len(units) > 1 && units[len(units)-1].Bound {
			text := strings.TrimRight(p.Text[:units[len(units)-1].From], " \n\t")
			p.To, p.Text = p.From+len(text), text
			units = units[:len(units)-1]
		}
	}
}

func nearLost(ev *retrieval.Evidence) { ev.Near = 0 }

func choicesReadReversed(r bot.Recorded) bot.Recorded {
	r.Past = slices.Clone(r.Past)
	for i := range r.Past {
		r.Past[i].Choices = slices.Clone(r.Past[i].Choices)
		slices.Reverse(r.Past[i].Choices)
	}
	return r
}

func ownersDeskLost(ev *retrieval.Evidence) {
	if ev.Around == nil {
		return
	}
	around := *ev.Around
	around.Articles = slices.Clone(around.Articles)
	for i := range around.Articles {
		around.Articles[i].Desk = ""
	}
	ev.Around = &around
}

func scopeTurned(_ triage.Reading, d triage.Decision) triage.Decision {
	d.InScopeP = 1 - d.InScopeP
	return d
}

func alwaysOffered(r bot.Recorded) bot.Recorded {
	r.Past = slices.Clone(r.Past)
	for i := range r.Past {
		if m := &r.Past[i]; m.Author == convo.Bot && len(m.Choices) == 0 {
			m.OfferPerson = true
		}
	}
	return r
}

func lastMatterFirst(_ triage.Reading, d triage.Decision) triage.Decision {
	if len(d.Matters) < 2 {
		return d
	}
	first, last := d.Matters[0], d.Matters[len(d.Matters)-1]
	d.Desk, d.Topic, d.Article = last.Desk, last.Topic, last.Article
	a, b := share(&d.DeskP, first.Desk), share(&d.DeskP, last.Desk)
	if a != nil && b != nil {
		*a, *b = *b, *a
	}
	return d
}

// share is where a desk's probability stands; nil: there is none of that name.
func share(p *triage.Desks, d triage.Desk) *float64 {
	switch d {
	case triage.Service:
		return &p.Service
	case triage.Support:
		return &p.Support
	case triage.Both:
		return &p.Both
	case triage.None:
		return &p.None
	}
	return nil
}

func spansInCharacters(r triage.Reading, d triage.Decision) triage.Decision {
	d.Personal = slices.Clone(d.Personal)
	for i := range d.Personal {
		p := &d.Personal[i]
		p.From, p.To = utf8.RuneCountInString(r.Message.Text[:p.From]), utf8.RuneCountInString(r.Message.Text[:p.To])
	}
	return d
}

func firstMessageOnly(e bot.End) bot.End {
	said := false
	e.Events = slices.DeleteFunc(slices.Clone(e.Events), func(d convo.Draft) bool {
		again := d.Kind == convo.KindMessage && said
		said = said || d.Kind == convo.KindMessage
		return again
	})
	return e
}

func routesReversed(list []handoff.Route) []handoff.Route {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// lastBubble forgets what a message was merged with.
func lastBubble(next stages.Store) stages.Store { return forgetful{next} }

type forgetful struct{ stages.Store }

func (f forgetful) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	out, err := f.Store.Record(ctx, r)
	if err == nil && out.Merged != (convo.ID{}) {
		out.Input = r.Message.Text
	}
	return out, err
}

func settlesNothing(a convo.Append) convo.Append {
	a.Settles = false
	return a
}

func noLanguageFirst(next stages.Decider) stages.Decider { return wordsInNoLanguage{next} }

type wordsInNoLanguage struct{ stages.Decider }

func (w wordsInNoLanguage) Safety(r triage.Reading, rule string) string {
	r.Lang = ""
	return w.Decider.Safety(r, rule)
}

var longestNumber = regexp.MustCompile(`\d(?:[ .-]?\d){12,18}`)

func longestMasked(r bot.Record) bot.Record {
	r.Message.Text = longestNumber.ReplaceAllStringFunc(r.Message.Text, shortMask)
	return r
}
