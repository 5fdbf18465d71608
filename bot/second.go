package bot

import (
	"context"
	"slices"

	"frontdesk/retrieval"
)

// Both decides about a message that seems to ask two things: whole is what was
// found for all of it, and plan what came of that; first and second are what was
// found for its parts. Two quotes are given where each part is sure by itself, of
// another article than the other; one alone only where nothing answers the other
// part, which is then said. Else choices begin with the parts' own best ones: of 29
// messages of the corpus' training businesses that were quoted to as a whole, and
// of whose parts one at most was sure, 22 lacked what the other one asked for. A
// part that finds the same article as the other is no question of its own, and the
// plan stays.
func (p Policy) Both(plan Plan, whole, first, second retrieval.Evidence) Plan {
	a, b := best(first), best(second)
	if a == nil || b == nil || sameArticle(*a, *b) {
		return plan
	}
	sureA, sureB := p.sure(first), p.sure(second)
	openA, openB := nearness(first) >= p.Maybe, nearness(second) >= p.Maybe
	quoted := plan.Action == ActAnswer && plan.Hit != nil
	switch {
	case sureA && sureB:
		return Plan{Action: ActAnswer, Band: BandSure, Hit: a, Second: b, P: min(first.P, second.P)}
	case quoted && (!openA || !openB):
		return plan
	case sureA && !openB:
		return Plan{Action: ActAnswer, Band: BandSure, Hit: a, P: first.P}
	case sureB && !openA:
		return Plan{Action: ActAnswer, Band: BandSure, Hit: b, P: second.P}
	case p.Choices < 2 || len(plan.Offers) == 0 && (!openA || !openB):
		return plan
	}
	offers := []retrieval.Hit{*a, *b}
	for _, h := range plan.Offers {
		if !slices.ContainsFunc(offers, func(o retrieval.Hit) bool { return o.ArticleID == h.ArticleID }) {
			offers = append(offers, h)
		}
	}
	return Plan{Action: ActClarify, Band: BandMaybe, Offers: offers[:min(len(offers), p.Choices)], P: min(first.P, second.P)}
}

// best is the first hit that can be quoted; nil: none.
func best(e retrieval.Evidence) *retrieval.Hit {
	if len(e.Hits) == 0 || e.Hits[0].Text == "" || e.Hits[0].Superseded != "" {
		return nil
	}
	return &e.Hits[0]
}

func sameArticle(a, b retrieval.Hit) bool { return a.ArticleID == b.ArticleID }

// both looks the parts of a message up, where its words say that it has two. A
// search that fails leaves the plan as it is: the whole was found.
func (t *Turn) both(ctx context.Context, policy Policy, plan Plan, whole retrieval.Evidence) Plan {
	text := t.rec.Input
	first, second, ok := Parts(text, whole.Lang)
	if !ok {
		return plan
	}
	a, err := t.look(ctx, text[first[0]:first[1]])
	if err != nil {
		return plan
	}
	b, err := t.look(ctx, text[second[0]:second[1]])
	if err != nil {
		return plan
	}
	t.trace.Parts = []TracePart{partOf(first, a), partOf(second, b)}
	t.two = &twoMatters{whole: plan, said: [2]string{text[first[0]:first[1]], text[second[0]:second[1]]}, found: [2]retrieval.Evidence{a, b}}
	return policy.Both(plan, whole, a, b)
}

func partOf(span [2]int, e retrieval.Evidence) TracePart {
	p := TracePart{Span: span, P: round(e.P)}
	if h := best(e); h != nil {
		p.Article = h.ArticleID
	}
	return p
}
