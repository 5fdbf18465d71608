package evals

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a value with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// rankOf is the place of the first right article, from 1; 0 where there is none.
func rankOf(q Question, ranking []string, strict bool) int {
	return 1 + slices.IndexFunc(ranking, func(a string) bool { return q.Right(a, strict) })
}

// ndcgAt10 is the discounted gain of the right articles among the first ten
// over that of a ranking that has every gold article on top. An article of
// also counts like gold where it is found, and is not missed where it is not.
func ndcgAt10(q Question, ranking []string, strict bool) float64 {
	gain, ideal := 0.0, 0.0
	for i, a := range ranking[:min(10, len(ranking))] {
		if q.Right(a, strict) {
			gain += 1 / math.Log2(float64(i)+2)
		}
	}
	for i := range min(10, len(q.Gold)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return min(1, gain/ideal)
}

// Rate is k of n with Wilson's interval; n must be above 0.
func Rate(k, n int) Interval {
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	d := 1 + z*z/m
	mid := (p + z*z/(2*m)) / d
	half := z / d * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{Value: p, Low: max(0, mid-half), High: min(1, mid+half)}
}

// resamples is how often a mean is drawn again; the ends of the interval move
// by less than a hundredth of a point between seeds.
const resamples = 4000

// Mean is the mean of values with an interval by resampling; values must not
// be empty. The draws are seeded: the same values give the same interval.
func Mean(values []float64) Interval {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	n := len(values)
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	means := make([]float64, resamples)
	for i := range means {
		s := 0.0
		for range n {
			s += values[rng.IntN(n)]
		}
		means[i] = s / float64(n)
	}
	slices.Sort(means)
	return Interval{
		Value: sum / float64(n),
		Low:   means[int(0.025*resamples)],
		High:  means[int(0.975*resamples)-1],
	}
}
