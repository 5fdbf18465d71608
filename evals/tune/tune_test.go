package tune

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

func shippedCosts(t *testing.T) Costs {
	t.Helper()
	c, err := ShippedCosts()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShippedCosts_SayWhyAndKeepTheirOrder(t *testing.T) {
	t.Parallel()
	c := shippedCosts(t)
	if !(c[Delay] < c[NeedlessHandoff] && c[NeedlessHandoff] < c[WrongAnswer] && c[WrongAnswer] < c[MissedHandoff]) || c[Right] != 0 {
		t.Errorf("%v", c)
	}
	if strings.Count(string(shipped), "why: ") != 4 {
		t.Error("a cost without a word on it")
	}
}

const whole = "wrong_answer: {cost: 10}\nneedless_handoff: {cost: 4}\nmissed_handoff: {cost: 12}\ndelay: {cost: 0}\n"

func TestParseCosts_NamesFileAndLine(t *testing.T) {
	t.Parallel()
	if c, err := ParseCosts("mine.yaml", []byte(whole)); err != nil || c[WrongAnswer] != 10 {
		t.Fatalf("%v %v", c, err)
	}
	for name, c := range map[string]struct{ in, want string }{
		"nothing":             {"", "mine.yaml: is empty"},
		"no YAML":             {"wrong_answer: [", "mine.yaml: "},
		"a list":              {"- 1\n", "mine.yaml:1: is no table"},
		"an unknown ending":   {whole + "anger: {cost: 1}\n", `mine.yaml:5: there is no ending "anger"`},
		"an unknown field":    {"wrong_answer: {cost: 10, price: 2}\n", `mine.yaml:1: there is no field "price"`},
		"twice":               {whole + "delay: {cost: 1}\n", "mine.yaml:5: delay stands there twice"},
		"no number":           {"wrong_answer: {cost: much}\n", "mine.yaml:1: wrong_answer needs a cost"},
		"no cost":             {"\nwrong_answer: {why: x}\n", "mine.yaml:2: wrong_answer needs a cost"},
		"below zero":          {"wrong_answer: {cost: -1}\n", "from 0 on"},
		"no number at all":    {"wrong_answer: {cost: .nan}\n", "from 0 on"},
		"one that is missing": {"wrong_answer: {cost: 1}\n", "has no cost for"},
		"nothing costs":       {strings.NewReplacer("10", "0", "4", "0", "12", "0").Replace(whole), "nothing costs anything"},
	} {
		if _, err := ParseCosts("mine.yaml", []byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzParseCosts(f *testing.F) {
	f.Add(whole)
	f.Add("a: &b [*b]")
	f.Add("? {}\n: 1")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCosts("f", []byte(s))
		if err == nil && c.check("f") != nil {
			t.Errorf("%q: %v", s, c)
		}
	})
}

func TestEndingOf_WhatItIsWorth(t *testing.T) {
	t.Parallel()
	answer := cases.Expect{Articles: cases.List{"a"}, Facts: cases.List{"45 days"}}
	nothing := cases.Expect{Missing: true}
	person := cases.Expect{Handoff: cases.Must}
	choice := cases.Expect{Action: cases.List{"clarify"}, Articles: cases.List{"a"}}
	either := cases.Expect{Action: cases.List{"answer", "clarify"}, Articles: cases.List{"a"}}
	quote := func(article, text string) grade.Reply {
		return grade.Reply{Action: "answer", Citations: []grade.Citation{{Article: article, Quote: text}}}
	}
	offer := func(article string) grade.Reply {
		return grade.Reply{Action: "clarify", Choices: []grade.Choice{{Article: article, Title: "x"}}}
	}
	none, handoff, asked := grade.Reply{Action: "none"}, grade.Reply{Action: "handoff"}, grade.Reply{Action: "clarify"}
	small := grade.Reply{Action: "answer", Reason: "smalltalk", Text: "You're welcome"}
	for name, c := range map[string]struct {
		e    cases.Expect
		r    grade.Reply
		want Ending
	}{
		"the right article with its facts":    {answer, quote("a", "within 45 days"), Right},
		"the right article without its facts": {answer, quote("a", "soon"), WrongAnswer},
		"another article":                     {answer, quote("b", "within 45 days"), WrongAnswer},
		"small talk instead of an answer":     {answer, small, WrongAnswer},
		"choices with the right one":          {answer, offer("a"), Delay},
		"choices without it":                  {answer, offer("b"), NeedlessHandoff},
		"a question back":                     {answer, asked, Delay},
		"a no":                                {answer, none, NeedlessHandoff},
		"a person":                            {answer, handoff, NeedlessHandoff},
		"choices that the case allows":        {either, offer("a"), Right},
		"a quote of what is not there":        {nothing, quote("a", "x"), WrongAnswer},
		"choices about it":                    {nothing, offer("a"), Delay},
		"the honest no":                       {nothing, none, Right},
		"a person for it":                     {nothing, handoff, Right},
		"small talk to small talk":            {nothing, small, Right},
		"a person who is due":                 {person, handoff, Right},
		"an answer instead":                   {person, quote("a", "x"), MissedHandoff},
		"choices instead":                     {person, offer("a"), MissedHandoff},
		"a no, which offers one":              {person, none, Delay},
		"choices where two are meant":         {choice, offer("a"), Right},
		"one answer where two are meant":      {choice, quote("a", "x"), WrongAnswer},
		"a no where two are meant":            {choice, none, NeedlessHandoff},
	} {
		w, ok := WantsOf(c.e)
		if got := EndingOf(c.e, w, c.r); !ok || got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, e := range []cases.Expect{{}, {Handoff: cases.MustNot}, {Forbid: cases.List{"x"}}, {Action: cases.List{"none"}, Articles: cases.List{"a"}}} {
		if w, ok := WantsOf(e); ok {
			t.Errorf("%+v wants %s", e, w)
		}
	}
}

func TestClusterOf_ConversationThenArticle(t *testing.T) {
	t.Parallel()
	turn := []cases.Turn{{Expect: cases.Expect{Articles: cases.List{"a", "b"}}}}
	for want, c := range map[string]cases.Case{
		"article a":           {ID: "x", Source: "written", Turns: turn},
		"conversation 0f1e2d": {ID: "x", Source: "harvest 0f1e2d 2026-11-22 abstained", Turns: turn},
		"case x":              {ID: "x", Turns: []cases.Turn{{}}},
	} {
		if got := ClusterOf(c, 0); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// drawn is an item of a world where the surer is the righter, by how much.
func drawn(rng *rand.Rand, n int, honest float64) Item {
	p := math.Round(rng.Float64()*1e4) / 1e4
	i := Item{Case: fmt.Sprint(n), Cluster: fmt.Sprint(n / 2), Wants: WantsAnswer, P: p, Near: math.Round(math.Sqrt(p)*1e4) / 1e4}
	i.Ends = [bands]Ending{WrongAnswer, Delay, NeedlessHandoff}
	i.Does = [bands]string{"answer", "clarify", "none"}
	if rng.Float64() < honest*p+(1-honest)*.5 {
		i.Ends[Sure] = Right
	}
	if rng.Float64() > i.Near {
		i.Ends[Maybe] = NeedlessHandoff
	}
	return i
}

func world(seed uint64, n int, honest float64) []Item {
	rng := rand.New(rand.NewPCG(seed, 1))
	var list []Item
	for i := range n {
		list = append(list, drawn(rng, i, honest))
	}
	return list
}

func TestCheapest_IsThatOfEveryPair(t *testing.T) {
	t.Parallel()
	costs := shippedCosts(t)
	rapid.Check(t, func(t *rapid.T) {
		items := world(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 20).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "honest"))
		now := Thresholds{rapid.Float64Range(0, 1).Draw(t, "sure"), rapid.Float64Range(0, 1).Draw(t, "maybe")}
		found := cheapest(items, costs, now)
		got, best := mean(items, costs, found), mean(items, costs, now)
		nearest := 0.0
		if best > got+1e-9 {
			nearest = math.Inf(1)
		}
		for s := range grid + 1 {
			for m := range grid + 1 {
				p := Thresholds{float64(s) / grid, float64(m) / grid}
				c := mean(items, costs, p)
				best = min(best, c)
				if c <= got+1e-9 {
					nearest = min(nearest, far(p, now))
				}
			}
		}
		if math.Abs(best-got) > 1e-9 || far(found, now) > nearest+1e-9 {
			t.Fatalf("%+v costs %v, the cheapest %v; it is %v away, the nearest %v", found, got, best, far(found, now), nearest)
		}
	})
}

func TestSplit_KeepsClustersTogetherAndFrozenOnesApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := world(3, 200, 1)
		for i := range items {
			items[i].Frozen = rapid.IntRange(0, 9).Draw(t, "frozen") == 0
		}
		seed := rapid.Uint64().Draw(t, "seed")
		calibration, check := split(items, seed)
		in := map[string]bool{}
		for _, i := range calibration {
			in[i.Cluster] = true
			if i.Frozen {
				t.Fatal("a frozen case calibrates")
			}
		}
		for _, i := range check {
			if in[i.Cluster] {
				t.Fatalf("%s is in both splits", i.Cluster)
			}
		}
		again, _ := split(items, seed)
		if len(calibration)+len(check) != len(items) || len(again) != len(calibration) {
			t.Fatal("items were lost, or the split is chance")
		}
	})
}

func find(t *testing.T, items []Item, now Thresholds, seed uint64) Result {
	t.Helper()
	r, err := Find(items, Config{Costs: shippedCosts(t), Seed: seed, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFind_FindsWhatPays(t *testing.T) {
	t.Parallel()
	// Quoting costs (1-p)·10, so that quoting everything is far too much.
	r := find(t, world(1, 1200, 1), Thresholds{0.05, 0.05}, 1)
	if !r.Pays || r.Found.Sure < .7 || r.Check.Change.Value > -1 || r.Check.Change.High > 0 {
		t.Errorf("%+v %+v %s", r.Found, r.Check, r.Why)
	}
	if l := r.Learning; len(l) != 5 || l[0].Mean < l[4].Mean || l[4].Items != r.Calibration.Items {
		t.Errorf("%+v", l)
	}
	sum := 0
	for _, row := range r.After {
		for _, n := range row {
			sum += n
		}
	}
	if sum != r.Check.Items {
		t.Errorf("%d of %d turns are in the table", sum, r.Check.Items)
	}
	if again := find(t, world(1, 1200, 1), Thresholds{0.05, 0.05}, 1); fmt.Sprint(again) != fmt.Sprint(r) {
		t.Error("the same again gives another result")
	}
}

// Where thresholds change nothing that lasts, hardly anything is proposed: the
// calibration split always shows something, and the check split says no.
func TestFind_DoesNotProposeChance(t *testing.T) {
	t.Parallel()
	const runs = 120
	proposed := 0
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 7))
		items := world(seed, 160, 0)
		for i := range items { // whatever is done, it ends well as often
			for band := range items[i].Ends {
				items[i].Ends[band] = Right
				if rng.Float64() < .3 {
					items[i].Ends[band] = NeedlessHandoff
				}
			}
		}
		if find(t, items, Thresholds{.5, .3}, seed).Pays {
			proposed++
		}
	}
	if proposed > runs*5/100 {
		t.Errorf("%d of %d were proposed", proposed, runs)
	} else {
		t.Logf("%d of %d were proposed", proposed, runs)
	}
}

func TestFind_OfTooLittle(t *testing.T) {
	t.Parallel()
	if _, err := Find(world(1, 40, 1), Config{Costs: shippedCosts(t), Seed: 1}); err == nil || !strings.Contains(err.Error(), "label more cases") {
		t.Error(err)
	}
	if _, err := Find(world(1, 400, 1), Config{Seed: 1}); err == nil {
		t.Error("no costs and no error")
	}
	same := world(1, 400, 1)
	for i := range same {
		same[i].Ends = [bands]Ending{Delay, Delay, Delay}
	}
	now := Thresholds{.613, .2}
	if r := find(t, same, now, 1); r.Found != now || r.Pays {
		t.Errorf("%+v %s", r.Found, r.Why)
	}
}
