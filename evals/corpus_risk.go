package evals

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// CorpusCalibration says how honest the probability is. ECE is the mean gap
// between said and true over 15 bins of equal mass; Perfect is what a perfectly
// honest probability of the same values would show by chance, by simulation.
type CorpusCalibration struct {
	N       int     `json:"n"`    // messages for which something could be quoted
	Base    float64 `json:"base"` // part of them that it is true of
	ECE     float64 `json:"ece"`
	Perfect float64 `json:"perfect"`
	Excess  float64 `json:"excess"` // ECE less Perfect, not below 0
	AUROC   float64 `json:"auroc"`
}

const (
	calibrationBins  = 15
	calibrationDraws = 400
)

// calibrate measures judged probabilities; ok is false for an empty list.
func calibrate(list []Judged) (c CorpusCalibration, ok bool) {
	if len(list) == 0 {
		return c, false
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Judged) int { return cmp.Compare(a.P, b.P) })
	c.N = len(list)
	for _, j := range list {
		c.Base += yes(j.Right) / float64(len(list))
	}
	c.ECE = binnedError(list)
	c.AUROC = auroc(list)
	rng := rand.New(rand.NewPCG(3, uint64(len(list))))
	honest := slices.Clone(list)
	for range calibrationDraws {
		for i := range honest {
			honest[i].Right = rng.Float64() < honest[i].P
		}
		c.Perfect += binnedError(honest) / calibrationDraws
	}
	c.Excess = max(0, c.ECE-c.Perfect)
	return c, true
}

// binnedError is over a list in order of P.
func binnedError(list []Judged) float64 {
	sum := 0.0
	for b := range calibrationBins {
		gap := 0.0
		for _, j := range list[b*len(list)/calibrationBins : (b+1)*len(list)/calibrationBins] {
			gap += j.P - yes(j.Right)
		}
		sum += math.Abs(gap)
	}
	return sum / float64(len(list))
}

// Risk is what quoting from a probability on leads to.
type Risk struct {
	Threshold   float64 `json:"threshold"`
	Quotes      int     `json:"quotes"`
	Wrong       float64 `json:"wrong"`               // of all quotes
	Quoted      float64 `json:"quoted"`              // of the answerable messages
	QuotedRight float64 `json:"quoted_right"`        // of them, rightly
	Unanswered  float64 `json:"unanswerable_quoted"` // of the unanswerable ones
}

// AllowedRisk is the most that can be quoted while at most Allowed of the quotes
// are wrong. Its threshold is chosen on the very messages it is measured on:
// what a threshold is worth on others, its calibration says.
type AllowedRisk struct {
	Allowed float64 `json:"allowed"`
	Risk
}

// Choosing is what offering choices from a probability on leads to, where no
// quote is shown.
type Choosing struct {
	Threshold float64 `json:"threshold"`
	Shown     float64 `json:"shown"`                // of the answerable messages: right article quoted or among the choices
	Given     float64 `json:"unanswerable_choices"` // of the unanswerable ones
	Offered   float64 `json:"choices"`              // of all messages
}

// riskAt counts what is quoted from a probability on.
func riskAt(list []Judgement, threshold float64) Risk {
	r := Risk{Threshold: threshold}
	var wrong, can, right, quotedCan, cannot, quotedCannot float64
	for i := range list {
		j := &list[i]
		quoted := j.Verdict != NoQuote && j.Decision.P >= threshold
		if quoted {
			r.Quotes++
			wrong += yes(j.Verdict != RightQuote)
		}
		switch {
		case j.Message.Answerable():
			can++
			quotedCan += yes(quoted)
			right += yes(quoted && j.Verdict == RightQuote)
		case j.Message.Unanswerable():
			cannot++
			quotedCannot += yes(quoted)
		}
	}
	r.Wrong = part(wrong, float64(r.Quotes))
	r.Quoted, r.QuotedRight, r.Unanswered = part(quotedCan, can), part(right, can), part(quotedCannot, cannot)
	return r
}

func part(n, of float64) float64 {
	if of == 0 {
		return 0
	}
	return n / of
}

// riskAllowing finds the lowest probability from which on no more than the
// allowed part of the quotes is wrong; without any, nothing is quoted.
func riskAllowing(list []Judgement, allowed float64) AllowedRisk {
	var quotes []Judged
	for _, j := range list {
		if j.Verdict != NoQuote {
			quotes = append(quotes, Judged{P: j.Decision.P, Right: j.Verdict == RightQuote})
		}
	}
	slices.SortStableFunc(quotes, func(a, b Judged) int { return cmp.Compare(b.P, a.P) })
	threshold, wrong := math.Inf(1), 0
	for i, q := range quotes {
		wrong += int(yes(!q.Right))
		last := i+1 == len(quotes) || quotes[i+1].P < q.P // of those that are equally sure
		if last && float64(wrong) <= allowed*float64(i+1) {
			threshold = q.P
		}
	}
	r := AllowedRisk{Allowed: allowed, Risk: riskAt(list, threshold)}
	if math.IsInf(threshold, 1) {
		r.Threshold = 1 // JSON knows no infinity
	}
	return r
}

// riskCovering is what quoting the surest part of all messages leads to.
func riskCovering(list []Judgement, coverage float64) Risk {
	var ps []float64
	for _, j := range list {
		if j.Verdict != NoQuote {
			ps = append(ps, j.Decision.P)
		}
	}
	slices.Sort(ps)
	n := min(len(ps), int(math.Round(coverage*float64(len(list)))))
	if n == 0 {
		return riskAt(list, math.Nextafter(1, 2))
	}
	return riskAt(list, ps[len(ps)-n])
}

// choosingAt counts what is shown when everything that was not quoted gets its
// choices from a probability on.
func choosingAt(list []Judgement, threshold float64) Choosing {
	c := Choosing{Threshold: threshold}
	var can, shown, cannot, given, offered float64
	for i := range list {
		j := list[i]
		if !j.Quoted() && len(j.Decision.Choices) > 0 {
			j.Decision.Action = ActNone
			if j.Decision.P >= threshold {
				j.Decision.Action = ActClarify
			}
		}
		offered += yes(j.Offered())
		switch {
		case j.Message.Answerable():
			can++
			shown += yes(j.Shown())
		case j.Message.Unanswerable():
			cannot++
			given += yes(j.Offered())
		}
	}
	c.Shown, c.Given, c.Offered = part(shown, can), part(given, cannot), part(offered, float64(len(list)))
	return c
}
