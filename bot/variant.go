package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// ReasonVariant: the message does not say which of several products, places or
// plans it is about, and the answer is another one for each.
const ReasonVariant = "variant"

// Variants are the hits that differ in nothing but what they are for, where the
// message does not say it; none, or at least two.
func Variants(hits []retrieval.Hit) []retrieval.Hit {
	if len(hits) == 0 || hits[0].Variant == "" {
		return nil
	}
	var out []retrieval.Hit
	for _, h := range hits {
		if h.Variant != "" && h.Text != "" && h.Superseded == "" {
			out = append(out, h)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// which asks back for which of some variants, where an answer, or choices,
// would be given otherwise: a quote about the wrong one is wrong, however well
// it fits.
func (p Policy) which(e retrieval.Evidence) (plan Plan, ok bool) {
	list := Variants(e.Hits)
	if len(list) == 0 || p.Choices < 2 || !p.sure(e) && nearness(e) < p.Maybe {
		return Plan{}, false
	}
	list = list[:min(len(list), p.Choices)]
	slices.SortStableFunc(list, func(a, b retrieval.Hit) int { return natural(a.Variant, b.Variant) })
	return Plan{Action: ActClarify, Reason: ReasonVariant, Band: BandMaybe, Offers: list, P: e.P, Near: nearness(e)}, true
}

// natural compares names so that numbers come in their order: whoever answers
// "2" then means the second one and Feeder 2 alike.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digitsAt(a), digitsAt(b)
		if x > 0 && y > 0 {
			n, m := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if c := cmp.Or(cmp.Compare(len(n), len(m)), strings.Compare(n, m)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digitsAt is how many digits a text begins with.
func digitsAt(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// variantChoices are the names as choices: no lines, since all of them would say
// the same for something else.
func variantChoices(ev retrieval.Evidence, offers []retrieval.Hit) []convo.Choice {
	out := make([]convo.Choice, len(offers))
	for i, h := range offers {
		out[i] = convo.Choice{Article: h.ArticleID, Title: h.Variant, Generation: ev.Generation, From: h.From, To: h.To, Pieces: writePieces(h.Pieces)}
	}
	return out
}

// askedWhich says whether choices that were offered were names only.
func askedWhich(offered []convo.Choice) bool {
	return len(offered) > 1 && !slices.ContainsFunc(offered, func(c convo.Choice) bool { return c.Quote != "" })
}

// named is which of the names a text names; -1: none, or more than one. A name
// that is part of another one ("K2" of "K2 Mini") is named where no word of the
// other's own is.
func (e *Engine) named(text string, offered []convo.Choice) int {
	said := e.Terms(text, "")
	terms := make([][]string, len(offered))
	for i, c := range offered {
		terms[i] = e.Terms(c.Title, "")
	}
	best, most := -1, 0
	for i, own := range terms {
		told, all := 0, true
		for _, t := range own {
			everywhere := !slices.ContainsFunc(terms, func(o []string) bool { return !slices.Contains(o, t) })
			switch held := slices.Contains(said, t); {
			case held && !everywhere:
				told += 2 // it tells this one from another
			case held:
				told++
			case !everywhere:
				all = false
			}
		}
		switch {
		case told == 0 || !all && told < 2:
		case told > most:
			best, most = i, told
		case told == most:
			best = -1
		}
	}
	return best
}

// fewBeside is how many words of its own a message may have, beside a name, that
// answers which one is meant: "the white S3 we bought in May" still does, a
// question about the S3 is a new one.
const fewBeside = 3

// answersWhich is which of the names a message answers with; -1: it does not.
func (e *Engine) answersWhich(text string, offered []convo.Choice) int {
	if strings.ContainsAny(text, "?？؟") {
		return -1
	}
	i := e.named(text, offered)
	if i < 0 {
		return -1
	}
	held := e.Terms(offered[i].Title, "")
	beside := 0
	for _, t := range e.Terms(strings.Join(e.Triage.Own(text), " "), "") {
		if !slices.Contains(held, t) {
			beside++
		}
	}
	if beside > fewBeside {
		return -1
	}
	return i
}

// knownWhich looks for the name in what the customer said, or chose, before:
// who asked about the S3 means the S3. The message is then looked up with it.
func (t *Turn) knownWhich(ctx context.Context, policy Policy, text string, plan Plan, ev retrieval.Evidence) (Plan, retrieval.Evidence) {
	offered := variantChoices(ev, plan.Offers)
	for _, m := range t.rec.Past {
		if m.Author != convo.Customer {
			continue
		}
		i := t.e.named(m.Text, offered)
		if i < 0 {
			continue
		}
		with, err := t.look(ctx, text+"\n"+offered[i].Title)
		if err != nil || len(with.Hits) == 0 {
			return plan, ev
		}
		t.trace.evidence(with)
		return policy.AfterSearch(with), with
	}
	return plan, ev
}
