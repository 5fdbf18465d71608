package head

import (
	"fmt"
	"math"
)

// gramSpace is how many numbers a piece of writing may have.
const gramSpace = 1 << 16

// Of the fit of pieces.
const (
	gramSteps = 60  // of the solver: from there on unseen messages gain nothing
	gramL2    = 0.5 // pulls weights to zero, in units of a message
)

// Spelling says how the pieces of a message's writing speak for any class but
// the first: a weight a piece, of all the pieces that a message has by their
// direction, so that a long message says no more than a short one.
type Spelling struct {
	Bias    float64 `json:"bias"`
	Scale   float64 `json:"scale"`
	Weights []byte  `json:"weights"` // each an int8 in steps of Scale, as base64
}

func (s *Spelling) check() error {
	switch {
	case s == nil:
		return nil
	case len(s.Weights) != gramSpace:
		return fmt.Errorf("weights of %d pieces of writing, there are %d", len(s.Weights), gramSpace)
	case !finite(s.Bias) || !finite(s.Scale):
		return fmt.Errorf("a number of the pieces of writing is none")
	}
	return nil
}

// score is what the pieces say, in logits; 0 where there are none.
func (s *Spelling) score(grams []uint16) float64 {
	if s == nil || len(grams) == 0 {
		return 0
	}
	sum, norm := 0.0, 0.0
	counted(grams, func(at uint16, n float64) {
		sum += n * float64(int8(s.Weights[at]))
		norm += n * n
	})
	return s.Bias + s.Scale*sum/math.Sqrt(norm)
}

// counted calls use with every piece of a sorted list and how often it is there.
func counted(grams []uint16, use func(at uint16, n float64)) {
	for i := 0; i < len(grams); {
		j := i + 1
		for j < len(grams) && grams[j] == grams[i] {
			j++
		}
		use(grams[i], float64(j-i))
		i = j
	}
}

// fitSpelling is a logistic regression over the pieces, of any class but the
// first against the first; nil where no example has any.
func fitSpelling(list []Example) *Spelling {
	rows, some := make([]gramRow, len(list)), false
	for i, e := range list {
		rows[i] = newGramRow(e.Grams)
		some = some || len(e.Grams) > 0
	}
	if !some {
		return nil
	}
	x := Minimise(gramSpace+1, gramSteps, func(x, g []float64) float64 {
		total := 0.0
		for i, w := range x[:gramSpace] {
			total += gramL2 / 2 * w * w
			g[i] = gramL2 * w
		}
		g[gramSpace] = 0
		for i, e := range list {
			z := x[gramSpace]
			for k, at := range rows[i].at {
				z += x[at] * rows[i].x[k]
			}
			y := 0.0
			if e.Class != 0 {
				y = 1
			}
			total += e.Weight * (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - y*z)
			d := e.Weight * (sigmoid(z) - y)
			for k, at := range rows[i].at {
				g[at] += d * rows[i].x[k]
			}
			g[gramSpace] += d
		}
		return total
	})
	w, scale := packed(x[:gramSpace])
	return &Spelling{Bias: round(x[gramSpace]), Scale: scale, Weights: w}
}

// gramRow are a message's pieces as the fit multiplies with them.
type gramRow struct {
	at []uint16
	x  []float64
}

func newGramRow(grams []uint16) gramRow {
	var r gramRow
	norm := 0.0
	counted(grams, func(at uint16, n float64) {
		r.at, r.x = append(r.at, at), append(r.x, n)
		norm += n * n
	})
	for i := range r.x {
		r.x[i] /= math.Sqrt(norm)
	}
	return r
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
