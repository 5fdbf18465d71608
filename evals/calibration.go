package evals

import (
	"math"
	"slices"
)

// Judged is a probability that was given and what turned out.
type Judged struct {
	P     float64
	Right bool
}

// Calibration says how honest and how sharp probabilities are.
type Calibration struct {
	N       int     `json:"n"`
	Base    float64 `json:"base"`     // part that was right
	LogLoss float64 `json:"log_loss"` // lower is better; Base alone gives its entropy
	Brier   float64 `json:"brier"`
	ECE     float64 `json:"ece"`   // mean gap between said and true, ten bins of equal size
	AUROC   float64 `json:"auroc"` // a right one stands above a wrong one; 0.5 where all are alike
}

// Calibrate measures judged results; list must not be empty.
func Calibrate(list []Judged) Calibration {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Judged) int {
		switch {
		case a.P < b.P:
			return -1
		case a.P > b.P:
			return 1
		}
		return 0
	})
	n := float64(len(list))
	c := Calibration{N: len(list)}
	for _, j := range list {
		y := 0.0
		if j.Right {
			y = 1
			c.Base += 1 / n
		}
		p := min(max(j.P, 1e-9), 1-1e-9)
		c.LogLoss -= (y*math.Log(p) + (1-y)*math.Log(1-p)) / n
		c.Brier += (y - j.P) * (y - j.P) / n
	}
	const bins = 10
	for b := range bins {
		from, to := b*len(list)/bins, (b+1)*len(list)/bins
		said, true1 := 0.0, 0.0
		for _, j := range list[from:to] {
			said += j.P
			if j.Right {
				true1++
			}
		}
		c.ECE += math.Abs(said-true1) / n
	}
	c.AUROC = auroc(list)
	return c
}

// auroc over a list in order of P; ties count half.
func auroc(list []Judged) float64 {
	var right, wrong, sum float64
	for i := 0; i < len(list); {
		j, r := i, 0
		for ; j < len(list) && list[j].P == list[i].P; j++ {
			if list[j].Right {
				r++
			}
		}
		w := float64(j - i - r)
		sum += float64(r) * (wrong + w/2)
		right, wrong = right+float64(r), wrong+w
		i = j
	}
	if right == 0 || wrong == 0 {
		return 0.5
	}
	return sum / (right * wrong)
}

// Quoting is what a threshold leads to.
type Quoting struct {
	Threshold float64 `json:"threshold"`
	Quoted    float64 `json:"quoted"`       // part of all answerable questions that get a right quote
	Wrong     float64 `json:"wrong"`        // part of the quotes that do not answer
	Refused   float64 `json:"not_answered"` // part of the unanswerable ones that get no quote
}

// QuoteAt is what quoting from the threshold on leads to. answerable goes with
// list, entry by entry.
func QuoteAt(list []Judged, answerable []bool, threshold float64) Quoting {
	q := Quoting{Threshold: threshold}
	var quotes, wrong, can, right, cannot, refused float64
	for i, j := range list {
		quoted := j.P >= threshold
		if quoted {
			quotes++
			if !j.Right {
				wrong++
			}
		}
		if answerable[i] {
			can++
			if quoted && j.Right {
				right++
			}
		} else {
			cannot++
			if !quoted {
				refused++
			}
		}
	}
	if quotes > 0 {
		q.Wrong = wrong / quotes
	}
	if can > 0 {
		q.Quoted = right / can
	}
	if cannot > 0 {
		q.Refused = refused / cannot
	}
	return q
}
