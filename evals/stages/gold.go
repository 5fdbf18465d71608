package stages

import (
	"context"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/handoff"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Published reads what customers can be shown of an article, as it is published
// now; none where it is not.
type Published func(ctx context.Context, article string) ([]retrieval.Passage, error)

// Gold puts what a case says is right into the parts of one player's engine.
// Set and Turn are called between turns, by whoever plays.
type Gold struct {
	published Published
	c         cases.Case
	upto      int // index of the last stage in place; -1: none
	turn      int
	found     [][]string // articles among the candidates, by turn
	first     []string   // found first, by turn
}

// NewGold makes a Gold that is in place nowhere.
func NewGold(p Published) *Gold { return &Gold{published: p, upto: -1} }

// Set takes a case; from then on gold is in place at a stage and at all before
// it. An empty stage: nowhere.
func (g *Gold) Set(c cases.Case, upto Stage) {
	g.c, g.upto = c, slices.Index(All(), upto)
	g.found, g.first = make([][]string, len(c.Turns)), make([]string, len(c.Turns))
}

// Turn says which turn of the case comes next, from 0.
func (g *Gold) Turn(i int) { g.turn = i }

func (g *Gold) at(s Stage) bool { return g.upto >= slices.Index(All(), s) }

func (g *Gold) expect() cases.Expect {
	if g.turn >= len(g.c.Turns) {
		return cases.Expect{}
	}
	return g.c.Turns[g.turn].Expect
}

// Seams are those that gold is put in by.
func (g *Gold) Seams() Seams {
	return Seams{
		Finds: func(next Finds) Finds {
			return func(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
				out, err := next(ctx, n)
				g.note(out)
				return out, err
			}
		},
		Finder: func(next retrieval.Finder) retrieval.Finder {
			return FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
				ev, err := next.Search(ctx, q)
				if err != nil {
					return ev, err
				}
				g.noteFirst(ev)
				return g.evidence(ctx, ev)
			})
		},
		Decider: func(next Decider) Decider {
			return Around{Decider: next, AsRead: g.reading, Decided: func(_ triage.Reading, d triage.Decision) triage.Decision { return g.decision(d) }}
		},
		Thresholds: func(next Thresholds) Thresholds {
			return func(risk float64) (float64, float64) {
				if _, want := g.outcome(); want && g.at(Threshold) {
					return goldThreshold, goldThreshold
				}
				return next(risk)
			}
		},
		Desk: func(next Desk) Desk {
			return AroundDesk{Desk: next, Opening: func(r handoff.Request) handoff.Request { return g.request(r) }}
		},
	}
}

// note keeps which articles were among the candidates.
func (g *Gold) note(c retrieval.Candidates) {
	if g.turn >= len(g.found) {
		return
	}
	for _, x := range c.List {
		if !slices.Contains(g.found[g.turn], x.ArticleID) {
			g.found[g.turn] = append(g.found[g.turn], x.ArticleID)
		}
	}
}

func (g *Gold) noteFirst(ev retrieval.Evidence) {
	if g.turn < len(g.first) && g.first[g.turn] == "" && len(ev.Hits) > 0 {
		g.first[g.turn] = ev.Hits[0].ArticleID
	}
}

// goldOf are the articles that are right, the ones to stand first before others.
func goldOf(e cases.Expect) cases.List {
	if len(e.Top) > 0 {
		return e.Top
	}
	return e.Articles
}

// Probabilities that stand for certainty, and thresholds between them.
const (
	certain       = 0.99
	hardly        = 0.01
	goldThreshold = 0.5
)

// evidence puts the right article first, its right words into what is quoted,
// and certainty where it belongs.
func (g *Gold) evidence(ctx context.Context, ev retrieval.Evidence) (retrieval.Evidence, error) {
	e := g.expect()
	gold := goldOf(e)
	if g.at(Ranking) && len(gold) > 0 {
		var err error
		if ev, err = g.rank(ctx, ev, gold, e); err != nil {
			return ev, err
		}
	}
	if g.at(Span) && len(e.Facts) > 0 && len(ev.Hits) > 0 {
		sections, err := g.published(ctx, ev.Hits[0].ArticleID)
		if err != nil {
			return ev, err
		}
		if pieces := withFacts(sections, e.Facts); pieces != nil {
			ev.Hits = slices.Clone(ev.Hits)
			ev.Hits[0].Pieces, ev.Hits[0].Line = pieces, nil
		}
	}
	if out, want := g.outcome(); want && g.at(Threshold) {
		switch out {
		case "answer":
			ev.P, ev.Near = certain, certain
			for i := range ev.Hits {
				ev.Hits[i].Variant = ""
			}
		case "clarify":
			ev.P, ev.Near = hardly, certain
		default:
			ev.P, ev.Near, ev.Hits = hardly, hardly, nil
		}
	}
	return ev, nil
}

// rank puts the first of the right articles first. Where another one stood
// there, what spoke for that one says nothing of this one: it is as sure as an
// article can be, unless choices are what is right.
func (g *Gold) rank(ctx context.Context, ev retrieval.Evidence, gold cases.List, e cases.Expect) (retrieval.Evidence, error) {
	if len(ev.Hits) > 0 && gold.Has(ev.Hits[0].ArticleID) {
		return ev, nil
	}
	hits := slices.Clone(ev.Hits)
	at := slices.IndexFunc(hits, func(h retrieval.Hit) bool { return gold.Has(h.ArticleID) })
	var first retrieval.Hit
	if at >= 0 {
		first = hits[at]
		hits = slices.Delete(hits, at, at+1)
	} else {
		p, ok, err := g.passage(ctx, gold, e.Facts)
		if err != nil || !ok {
			return ev, err
		}
		first = retrieval.Hit{Passage: p}
	}
	first.Score, first.Variant, first.Superseded = 1, "", ""
	if len(hits) > 0 {
		first.Score = hits[0].Score + 1
	}
	ev.Hits = append([]retrieval.Hit{first}, hits...)
	if len(e.Action) == 0 || e.Action.Has("answer") {
		ev.P, ev.Near = certain, certain
	} else {
		ev.Near = certain
	}
	return ev, nil
}

// passage is the section of a right article that holds most of the facts.
func (g *Gold) passage(ctx context.Context, gold, facts cases.List) (best retrieval.Passage, ok bool, err error) {
	for _, id := range gold {
		sections, err := g.published(ctx, id)
		if err != nil {
			return best, false, err
		}
		most := -1
		for _, s := range sections {
			n := 0
			for _, f := range facts {
				if strings.Contains(s.Text, f) {
					n++
				}
			}
			if n > most {
				best, most, ok = s, n, true
			}
		}
		if ok {
			return best, true, nil
		}
	}
	return best, false, nil
}

// withFacts are the sections that hold the facts, as pieces; nil where one is in
// none.
func withFacts(sections []retrieval.Passage, facts cases.List) []retrieval.Piece {
	var out []retrieval.Piece
	held := map[string]bool{}
	for _, s := range sections {
		holds := false
		for _, f := range facts {
			if !held[f] && strings.Contains(s.Text, f) {
				held[f], holds = true, true
			}
		}
		if holds {
			out = append(out, retrieval.Piece{Chunk: s.Chunk, From: s.From, To: s.To, Text: s.Text})
		}
	}
	if len(held) < len(facts) {
		return nil
	}
	return out
}

// outcome is which side of the thresholds is right; want is false where the case
// does not say.
func (g *Gold) outcome() (out string, want bool) {
	e := g.expect()
	switch {
	case e.Missing || len(e.Action) > 0 && !e.Action.Has("answer") && !e.Action.Has("clarify"):
		return "none", e.Missing || e.Action.Has("none") && !slices.Contains(e.Reason, "smalltalk")
	case e.Action.Has("answer"):
		return "answer", true
	case e.Action.Has("clarify"):
		return "clarify", true
	case len(goldOf(e))+len(e.Facts) > 0:
		return "answer", true
	}
	return "", false
}

// person says whether a person is what is right now, and whether the case says
// so at all.
func (g *Gold) person() (yes, known bool) {
	e := g.expect()
	switch {
	case e.Handoff == cases.Must, len(e.Action) == 1 && e.Action.Has("handoff"):
		return true, true
	case e.Handoff == cases.MustNot, len(e.Action) > 0 && !e.Action.Has("handoff") && !e.Action.Has("relay"):
		return false, true
	}
	if by, ok := e.By(); ok {
		return g.turn+1 >= by, g.turn+1 >= by
	}
	return false, false
}

// goldRule stands for a must-go rule that should have fired.
const goldRule = "gold"

// reading is what should have been read of the words alone.
func (g *Gold) reading(_ triage.Message, r triage.Reading) triage.Reading {
	if !g.at(Triage) {
		return r
	}
	e := g.expect()
	if len(goldOf(e)) > 0 {
		r.Small = triage.NoSmall
	}
	if g.c.Lang != "" {
		r.Lang = g.c.Lang
	}
	yes, known := g.person()
	switch {
	case !known:
	case !yes:
		r.Wish, r.Rules, r.Rule = triage.Wish{}, nil, ""
	case e.Reason.Has("sensitive") || len(e.Reason) == 0 && slices.ContainsFunc(g.c.Tags, func(t string) bool { return strings.Contains(t, "must") || strings.Contains(t, "danger") }):
		if len(r.Rules) == 0 {
			r.Rules = []triage.Fired{{Rule: goldRule, P: 1}}
		}
	case len(e.Reason) == 0 || e.Reason.Has("asked"):
		r.Wish = triage.Wish{P: 1, Outright: true, Rule: goldRule}
	}
	return r
}

// decision is what should have been decided.
func (g *Gold) decision(d triage.Decision) triage.Decision {
	if !g.at(Triage) {
		return d
	}
	e := g.expect()
	if len(e.Desk) > 0 && !e.Desk.Has(string(d.Desk)) {
		d.Desk = triage.Desk(e.Desk[0])
	}
	if len(e.Topic) > 0 && !e.Topic.Has(d.Topic) {
		d.Topic, d.TopicP = e.Topic[0], 1
	}
	if yes, known := g.person(); known && !yes {
		d.Rule, d.RuleP, d.WantsHumanP = "", 0, 0
	}
	switch {
	case e.Missing:
		d.InScopeP = 0
	case len(goldOf(e)) > 0:
		d.InScopeP = max(d.InScopeP, goldThreshold)
		if e.Action.Has("answer") {
			d.OwnDataP = 0
		}
	}
	return d
}

// request is what should have been told the desk.
func (g *Gold) request(r handoff.Request) handoff.Request {
	if !g.at(Triage) || r.Triage == nil {
		return r
	}
	e, t := g.expect(), *r.Triage
	if len(e.Desk) > 0 && !e.Desk.Has(t.Desk) {
		t.Desk = e.Desk[0]
	}
	if len(e.Topic) > 0 && !e.Topic.Has(t.Topic) {
		t.Topic = e.Topic[0]
	}
	if len(e.Reason) > 0 && !e.Reason.Has(string(r.Reason)) {
		r.Reason = handoff.Reason(e.Reason[0])
	}
	r.Triage = &t
	return r
}
