package stages_test

import (
	"context"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/stages"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// decider reads a wish and a rule into everything.
type decider struct{}

func (decider) Read(context.Context, triage.Message) triage.Reading {
	return triage.Reading{Wish: triage.Wish{P: 1, Outright: true}, Rules: []triage.Fired{{Rule: "danger"}}}
}

func (decider) Decide(context.Context, triage.Reading, retrieval.Evidence, triage.Look) (triage.Decision, error) {
	return triage.Decision{Desk: triage.Support, Topic: "faults", WantsHumanP: 1, Rule: "danger"}, nil
}

func (decider) Safety(triage.Reading, string) string { return "unplug it" }

func found(ids ...string) retrieval.Finder {
	return stages.FinderFunc(func(context.Context, retrieval.Query) (retrieval.Evidence, error) {
		ev := retrieval.Evidence{P: 0.6, Near: 0.7}
		for i, id := range ids {
			ev.Hits = append(ev.Hits, retrieval.Hit{Passage: retrieval.Passage{ArticleID: id, Text: id}, Score: float64(-i)})
		}
		return ev, nil
	})
}

func TestGold_IsInPlaceAsFarAsItIsSet(t *testing.T) {
	t.Parallel()
	c := cases.Case{ID: "x", Turns: []cases.Turn{{Say: "how long", Expect: cases.Expect{
		Action: cases.List{"answer"}, Desk: cases.List{"service"}, Topic: cases.List{"refunds"}, Articles: cases.List{"gold"}, Facts: cases.List{"45 days"}, Handoff: cases.MustNot,
	}}}}
	for _, upto := range []stages.Stage{"", stages.Ranking, stages.Span, stages.Threshold, stages.Triage} {
		g := stages.NewGold(published)
		g.Set(c, upto)
		s := g.Seams()
		at := func(x stages.Stage) bool {
			for _, y := range stages.All() {
				if y == x {
					return upto != ""
				}
				if y == upto {
					return false
				}
			}
			return false
		}
		for name, hits := range map[string][]string{"found second": {"other", "gold"}, "not found": {"other"}, "nothing found": nil, "found first": {"gold", "other"}} {
			ev, err := s.Finder(found(hits...)).Search(t.Context(), retrieval.Query{})
			if err != nil {
				t.Fatal(err)
			}
			first := len(ev.Hits) > 0 && ev.Hits[0].ArticleID == "gold"
			if first != (at(stages.Ranking) || name == "found first") {
				t.Errorf("%s, gold up to %q: %+v", name, upto, ev.Hits)
			}
			if pieces := len(ev.Hits) > 0 && len(ev.Hits[0].Pieces) == 1 && ev.Hits[0].Pieces[0].Text == "Within 45 days."; pieces != at(stages.Span) {
				t.Errorf("%s, gold up to %q: quotes %+v", name, upto, ev.Hits)
			}
			if sure := ev.P > 0.9; sure != (at(stages.Threshold) || at(stages.Ranking) && name != "found first") {
				t.Errorf("%s, gold up to %q: %v", name, upto, ev.P)
			}
		}
		sure, _ := s.Thresholds(func(float64) (float64, float64) { return 0.7, 0.3 })(0.2)
		if (sure == 0.7) == at(stages.Threshold) {
			t.Errorf("gold up to %q: sure from %v", upto, sure)
		}
		d := s.Decider(decider{})
		r := d.Read(t.Context(), triage.Message{})
		got, err := d.Decide(t.Context(), r, retrieval.Evidence{}, nil)
		if right := err == nil && !r.Wish.Outright && len(r.Rules) == 0 && got.Desk == triage.Service && got.Topic == "refunds" && got.Rule == "" && got.WantsHumanP == 0; right != at(stages.Triage) {
			t.Errorf("gold up to %q: %+v %+v %v", upto, r, got, err)
		}
	}
}

func TestGold_OfWhatThereIsNoAnswerTo(t *testing.T) {
	t.Parallel()
	g := stages.NewGold(published)
	g.Set(cases.Case{Turns: []cases.Turn{{Say: "x", Expect: cases.Expect{Missing: true}}}}, stages.Threshold)
	ev, err := g.Seams().Finder(found("other")).Search(t.Context(), retrieval.Query{})
	if err != nil || len(ev.Hits) > 0 || ev.P > 0.1 {
		t.Errorf("%+v %v", ev, err)
	}
}

func TestGold_OfAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expect cases.Expect
		tags   []string
		wish   bool
		rules  int
	}{
		"a wish":          {cases.Expect{Handoff: cases.Must, Reason: cases.List{"asked"}}, nil, true, 1},
		"no wish":         {cases.Expect{Handoff: cases.MustNot}, nil, false, 0},
		"a danger":        {cases.Expect{Handoff: cases.Must, Reason: cases.List{"sensitive"}}, nil, true, 1},
		"nothing is said": {cases.Expect{Desk: cases.List{"service"}}, nil, true, 1},
	} {
		g := stages.NewGold(published)
		g.Set(cases.Case{Tags: c.tags, Turns: []cases.Turn{{Say: "x", Expect: c.expect}}}, stages.Triage)
		r := g.Seams().Decider(decider{}).Read(t.Context(), triage.Message{})
		if r.Wish.Outright != c.wish || len(r.Rules) != c.rules {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
