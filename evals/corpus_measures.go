package evals

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// measure is a share, or a mean, over the messages that count for it.
type measure struct {
	name   string // in JSON and in tables
	single bool   // over messages that stand alone and ask one thing, except in a table of that kind
	of     func(j *Judgement) (value float64, counts bool)
}

// Names of measures that others refer to.
const (
	measureR1       = "r1"
	measureShown    = "shown"
	measureQuoted   = "quoted"
	measureWrong    = "quotes_wrong"
	measureR5       = "r5"
	measureFacts    = "facts_inside"
	measureUnQuoted = "unanswerable_quoted"
)

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func within(k int) func(*Judgement) (float64, bool) {
	return func(j *Judgement) (float64, bool) {
		return yes(j.Rank > 0 && j.Rank <= k), j.Message.Answerable()
	}
}

// measures lists all of them, in the order they are shown.
func measures() []measure {
	answerable := func(f func(*Judgement) float64) func(*Judgement) (float64, bool) {
		return func(j *Judgement) (float64, bool) { return f(j), j.Message.Answerable() }
	}
	return []measure{
		{measureR1, true, within(1)},
		{"r3", true, within(3)},
		{measureR5, true, within(5)},
		{"mrr", true, answerable(func(j *Judgement) float64 {
			if j.Rank == 0 {
				return 0
			}
			return 1 / float64(j.Rank)
		})},
		{"ndcg10", true, answerable(func(j *Judgement) float64 { return j.ndcg })},
		{"all_gold5", false, answerable(func(j *Judgement) float64 {
			return yes(allWithin(j.Message.Gold, j.Decision.Hits[:min(5, len(j.Decision.Hits))]))
		})},
		{measureQuoted, false, answerable(func(j *Judgement) float64 { return yes(j.Quoted()) })},
		{"quoted_right", false, answerable(func(j *Judgement) float64 { return yes(j.Quoted() && j.Verdict == RightQuote) })},
		{measureWrong, false, func(j *Judgement) (float64, bool) { return yes(j.Verdict != RightQuote), j.Quoted() }},
		{"wrong_article", false, func(j *Judgement) (float64, bool) { return yes(j.Verdict == WrongArticle), j.Quoted() }},
		{"wrong_fact_missing", false, func(j *Judgement) (float64, bool) { return yes(j.Verdict == FactMissing), j.Quoted() }},
		{"wrong_not_to_quote", false, func(j *Judgement) (float64, bool) { return yes(j.Verdict == NotToQuote), j.Quoted() }},
		{measureShown, false, answerable(func(j *Judgement) float64 { return yes(j.Shown()) })},
		{measureUnQuoted, false, func(j *Judgement) (float64, bool) { return yes(j.Quoted()), j.Message.Unanswerable() }},
		{"unanswerable_choices", false, func(j *Judgement) (float64, bool) { return yes(j.Offered()), j.Message.Unanswerable() }},
		{"not_covered_quoted", false, func(j *Judgement) (float64, bool) {
			return yes(j.Quoted()), j.Message.Expect == ExpectNotCovered
		}},
		{measureFacts, false, func(j *Judgement) (float64, bool) {
			return yes(j.Verdict == RightQuote), j.Message.Answerable() && (j.Verdict == RightQuote || j.Verdict == FactMissing)
		}},
		{"choices", false, func(j *Judgement) (float64, bool) { return yes(j.Offered()), true }},
		{"choices_hit", false, func(j *Judgement) (float64, bool) {
			return yes(j.Message.reached(j.Decision.Choices)), j.Offered() && !j.Message.Unanswerable()
		}},
		{"two_firsts", false, func(j *Judgement) (float64, bool) {
			return yes(j.Message.reached(j.Decision.Firsts)), j.Message.Answerable() && len(j.Message.Matters) > 1
		}},
		{"ambiguous_shown", false, func(j *Judgement) (float64, bool) {
			return yes(j.Offered() && allWithin(j.Message.Between, j.Decision.Choices)), j.Message.Expect == ExpectAmbiguous
		}},
	}
}

// Score is a measure's value with its interval, and over how many messages.
type Score struct {
	Interval
	Of int `json:"of"`
}

// clusterDraws is how often clusters are drawn again for an interval; its
// ends move by less than half a point between seeds.
const clusterDraws = 1000

// tally is what a cluster adds to each measure.
type tally struct {
	sum, of []float64
}

// tallies gathers judgements by cluster, in the order clusters first appear.
// everyone: also measures over single questions take all messages.
func tallies(list []Judgement, ms []measure, everyone bool) []tally {
	place := map[string]int{}
	var out []tally
	for i := range list {
		j := &list[i]
		at, ok := place[j.cluster()]
		if !ok {
			at = len(out)
			place[j.cluster()] = at
			out = append(out, tally{make([]float64, len(ms)), make([]float64, len(ms))})
		}
		for k, m := range ms {
			if m.single && !everyone && !j.Message.Single() {
				continue
			}
			if v, counts := m.of(j); counts {
				out[at].sum[k] += v
				out[at].of[k]++
			}
		}
	}
	return out
}

func shares(list []tally, pick []int, n int) (share, of []float64) {
	share, of = make([]float64, n), make([]float64, n)
	for _, i := range pick {
		for k := range n {
			share[k] += list[i].sum[k]
			of[k] += list[i].of[k]
		}
	}
	for k := range n {
		if of[k] > 0 {
			share[k] /= of[k]
		}
	}
	return share, of
}

// score measures a list of judgements. A measure that no message counts for is
// left out: there is no share of nothing. Draws are seeded.
func score(list []Judgement, everyone bool) map[string]Score {
	ms := measures()
	cells := tallies(list, ms, everyone)
	value, of := shares(cells, everyIndex(len(cells)), len(ms))
	drawn := make([][]float64, len(ms))
	drawClusters(len(cells), func(pick []int) {
		s, o := shares(cells, pick, len(ms))
		for k := range ms {
			if o[k] > 0 {
				drawn[k] = append(drawn[k], s[k])
			}
		}
	})
	out := map[string]Score{}
	for k, m := range ms {
		if of[k] > 0 {
			out[m.name] = Score{Interval: spread(value[k], drawn[k]), Of: int(of[k])}
		}
	}
	return out
}

func everyIndex(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// drawClusters draws as many clusters as there are, with repeats, again and again.
func drawClusters(n int, use func(pick []int)) {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	pick := make([]int, n)
	for range clusterDraws {
		for i := range pick {
			pick[i] = rng.IntN(n)
		}
		use(pick)
	}
}

// spread is a value with the interval that holds 95 % of what was drawn.
func spread(value float64, drawn []float64) Interval {
	i := Interval{Value: value, Low: value, High: value}
	if len(drawn) > 0 {
		slices.Sort(drawn)
		i.Low, i.High = drawn[len(drawn)*25/1000], drawn[len(drawn)-1-len(drawn)*25/1000]
	}
	return i
}

// Difference is what a part brings to a measure: with it, less without.
type Difference struct {
	Measure string   `json:"measure"`
	With    float64  `json:"with"`
	Without float64  `json:"without"`
	Brings  Interval `json:"brings"`
}

// Compare measures the same messages, asked with a part and without it. The
// interval is of the difference: the same messages are drawn on both sides.
func Compare(with, without []Judgement) ([]Difference, error) {
	if len(with) != len(without) || slices.CompareFunc(with, without, func(a, b Judgement) int {
		return cmp.Or(cmp.Compare(a.Business, b.Business), cmp.Compare(a.Message.ID, b.Message.ID))
	}) != 0 {
		return nil, badCorpus("two runs can be compared over the same messages only")
	}
	ms := measures()
	a, b := tallies(with, ms, false), tallies(without, ms, false)
	va, oa := shares(a, everyIndex(len(a)), len(ms))
	vb, ob := shares(b, everyIndex(len(b)), len(ms))
	drawn := make([][]float64, len(ms))
	drawClusters(len(a), func(pick []int) {
		sa, na := shares(a, pick, len(ms))
		sb, nb := shares(b, pick, len(ms))
		for k := range ms {
			if na[k] > 0 && nb[k] > 0 {
				drawn[k] = append(drawn[k], sa[k]-sb[k])
			}
		}
	})
	var out []Difference
	for k, m := range ms {
		if oa[k] > 0 && ob[k] > 0 {
			out = append(out, Difference{Measure: m.name, With: va[k], Without: vb[k], Brings: spread(va[k]-vb[k], drawn[k])})
		}
	}
	return out, nil
}
