package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Sample is what one observation adds: Sum of Of, as 2 of the 3 checks of a
// conversation. All values lie between 0 and Of.
type Sample struct {
	Cluster string
	Sum, Of float64
}

// Pair is an observation made twice.
type Pair struct {
	Cluster       string
	WasSum, WasOf float64
	IsSum, IsOf   float64
}

// Draws is how often clusters are drawn where a call says 0: the ends of an
// interval move by some two hundredths of its width between seeds.
const Draws = 2000

// Mean is the sum over what it is of, with an interval by drawing clusters.
// ok is false where it is of nothing.
func Mean(list []Sample, draws int) (i Interval, ok bool) {
	g := newGroups(len(list))
	for _, s := range list {
		if s.Of > 0 { // what adds nothing makes nothing surer
			g.add(s.Cluster, s.Sum, s.Of, 0, 0)
		}
	}
	if g.all[1] <= 0 {
		return Interval{Low: 0, High: 1}, false
	}
	return g.interval(draws, 0, 1, func(t tally) float64 { return part(t[0], t[1]) }), true
}

// Difference is how much a mean is above what it was, with an interval by
// drawing clusters of pairs. ok is false where either is of nothing.
func Difference(list []Pair, draws int) (i Interval, ok bool) {
	g := newGroups(len(list))
	for _, p := range list {
		if p.IsOf <= 0 && p.WasOf <= 0 {
			continue
		}
		g.add(p.Cluster, p.IsSum, p.IsOf, p.WasSum, p.WasOf)
	}
	if g.all[1] <= 0 || g.all[3] <= 0 {
		return Interval{Low: -1, High: 1}, false
	}
	return g.interval(draws, -1, 1, func(t tally) float64 { return part(t[0], t[1]) - part(t[2], t[3]) }), true
}

func part(sum, of float64) float64 {
	if of <= 0 {
		return 0
	}
	return sum / of
}

type tally [4]float64

func (t *tally) add(o *tally) {
	for i := range t {
		t[i] += o[i]
	}
}

// groups are tallies by cluster, in the order clusters first appear.
type groups struct {
	place map[string]int
	each  []tally
	all   tally
}

func newGroups(n int) *groups { return &groups{place: make(map[string]int, n)} }

func (g *groups) add(cluster string, values ...float64) {
	at, ok := g.place[cluster]
	if !ok {
		at = len(g.each)
		g.place[cluster] = at
		g.each = append(g.each, tally{})
	}
	t := tally(values)
	g.each[at].add(&t)
	g.all.add(&t)
}

// interval draws as many clusters as there are, with replacement, and takes
// percentiles of what comes out: by B. Efron's correction for bias and
// acceleration (Better Bootstrap Confidence Intervals, 1987), and further out than
// 2.5 % by what Student's distribution and n-1 add (T. Hesterberg, What Teachers
// Should Know about the Bootstrap, 2015). Plain percentiles of 40 clusters cover
// 93 % and not 95.
func (g *groups) interval(draws int, low, high float64, of func(tally) float64) Interval {
	value, k := of(g.all), len(g.each)
	if k < 2 {
		return Interval{value, low, high}
	}
	if draws <= 0 {
		draws = Draws
	}
	rng := rand.New(rand.NewPCG(8, uint64(k)))
	drawn := make([]float64, draws)
	for i := range drawn {
		var t tally
		for range k {
			t.add(&g.each[rng.IntN(k)])
		}
		drawn[i] = of(t)
	}
	slices.Sort(drawn)
	if drawn[0] < drawn[draws-1] {
		from, to := g.tails(drawn, value, of)
		if i := (Interval{value, min(value, percentile(drawn, from)), max(value, percentile(drawn, to))}); i.High-i.Low > 1e-9 {
			return i
		}
	}
	// Nothing differs, which says no more than no failure does.
	return Interval{value, max(low, value-Three(k)), min(high, value+Three(k))}
}

// tails are the percentiles to take: corrected for what the draws are off by, and
// for how much the spread changes with the value.
func (g *groups) tails(drawn []float64, value float64, of func(tally) float64) (low, high float64) {
	k := len(g.each)
	below, _ := slices.BinarySearch(drawn, value)
	upTo := below
	for upTo < len(drawn) && drawn[upTo] == value {
		upTo++
	}
	// Draws that are the value itself count half; the ends are kept off.
	share := float64(below+upTo) / 2 / float64(len(drawn))
	bias := quantile(min(max(share, 0.01), 0.99))
	without := make([]float64, k)
	mean := 0.0
	for i := range g.each {
		t := g.all
		for n := range t {
			t[n] -= g.each[i][n]
		}
		without[i] = of(t)
		mean += without[i] / float64(k)
	}
	square, cube := 0.0, 0.0
	for _, v := range without {
		square += (mean - v) * (mean - v)
		cube += (mean - v) * (mean - v) * (mean - v)
	}
	speed := 0.0
	if by := 6 * math.Pow(square, 1.5); by > 0 { // nearly nothing to that power is nothing
		speed = cube / by
	}
	z := math.Sqrt(float64(k)/float64(k-1)) * student((1+level)/2, k-1)
	at := func(z float64) float64 {
		d := 1 - speed*(bias+z)
		if d <= 0.1 { // a handful of clusters, and one unlike all others
			return normal(bias + z)
		}
		return normal(bias + (bias+z)/d)
	}
	return at(-z), at(z)
}

// percentile of sorted values, between neighbours by their distance.
func percentile(sorted []float64, p float64) float64 {
	at := p*float64(len(sorted)+1) - 1
	at = min(max(at, 0), float64(len(sorted)-1))
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}
