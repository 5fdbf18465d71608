package stats

import (
	"cmp"
	"math"
	"slices"
)

// Paired says how likely it is that as many pairs changed one way by chance
// alone. P decides; MidP stands beside it, since P errs to the safe side (M. W.
// Fagerland, S. Lydersen and P. Laake, 2013).
type Paired struct {
	P    float64 `json:"p"`     // exact, two-sided
	MidP float64 `json:"mid_p"` // half of the outcome's own probability left out
}

// McNemar is the exact conditional test of McNemar for pairs of which so many
// were lost and so many gained; those that stayed as they were say nothing.
func McNemar(lost, gained int) Paired {
	n, m := lost+gained, min(lost, gained)
	if n == 0 {
		return Paired{1, 1}
	}
	below, at := 0.0, 0.0
	for i := range m + 1 {
		at = math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
		below += at
	}
	if lost == gained {
		return Paired{P: 1, MidP: 1 - at/2}
	}
	return Paired{P: min(1, 2*below), MidP: min(1, 2*below-at)}
}

// Holm adjusts p-values for being looked at together (S. Holm, 1979): those at
// or below a level are significant at it in all. The order stays.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]float64, len(p))
	most := 0.0
	for rank, i := range order {
		most = max(most, min(1, p[i]*float64(len(p)-rank)))
		out[i] = most
	}
	return out
}

// PassK is the probability that k tries of a case all succeed, when so many of
// its trials did: pass^k without bias (S. Yao and others, arXiv 2406.12045). The
// pass^k of several cases is the mean of theirs. ok is false where there are
// fewer trials than k.
func PassK(successes, trials, k int) (p float64, ok bool) {
	if k < 1 || trials < k || successes < 0 || successes > trials {
		return 0, false
	}
	if successes < k {
		return 0, true
	}
	return math.Exp(logChoose(successes, k) - logChoose(trials, k)), true
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return a - b - c
}
