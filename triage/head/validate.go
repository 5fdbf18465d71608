package head

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
)

// solverSteps bounds a fit: those of this size stand still after 100.
const solverSteps = 300

// Unseen is what fits that had not seen an example's group said of it.
type Unseen struct {
	P       float64 // calibrated by the other folds' scores
	Without float64 // the same of the fit that has no vector
	Share   []float64
	score   float64
	plain   float64
}

// Validate fits as many times as there are folds, each time without one fold's
// groups, and says of every example what the fit without it says. Calibration
// of a fold comes from the scores of the others.
func Validate(list []Example, cfg FitConfig, folds int, fold func(group string) int) ([]Unseen, error) {
	out := make([]Unseen, len(list))
	in := make([]int, len(list))
	for i, e := range list {
		in[i] = fold(e.Group) % folds
	}
	for f := range folds {
		var rest []Example
		for i, e := range list {
			if in[i] != f {
				rest = append(rest, e)
			}
		}
		if len(rest) == len(list) {
			continue
		}
		m, err := Fit(rest, cfg)
		if err != nil {
			return nil, err
		}
		for i, e := range list {
			if in[i] == f {
				out[i].score, out[i].Share = m.With.score(e.Vec, e.Signals)
				out[i].plain, _ = m.Without.score(nil, e.Signals)
			}
		}
	}
	for f := range folds {
		with, without := calibrate(list, out, func(i int) bool { return in[i] != f })
		for i := range out {
			if in[i] == f {
				out[i].P = sigmoid(with.A*out[i].score + with.B)
				out[i].Without = sigmoid(without.A*out[i].plain + without.B)
			}
		}
	}
	return out, nil
}

// Fold spreads groups over folds by their names.
func Fold(folds int) func(string) int {
	return func(group string) int {
		h := fnv.New32a()
		h.Write([]byte(group))
		return int(h.Sum32() % uint32(folds))
	}
}

// Calibrate sets A and B of m by what was said of unseen examples, each with its
// Count.
func (m *Model) Calibrate(list []Example, unseen []Unseen) {
	with, without := calibrate(list, unseen, func(int) bool { return true })
	m.With.A, m.With.B = round(with.A), round(with.B)
	m.Without.A, m.Without.B = round(without.A), round(without.B)
}

func calibrate(list []Example, unseen []Unseen, use func(i int) bool) (with, without Weights) {
	var a, b, counts []float64
	var yes []bool
	for i := range list {
		if use(i) {
			a, b = append(a, unseen[i].score), append(b, unseen[i].plain)
			yes, counts = append(yes, list[i].Class != 0), append(counts, cmp.Or(list[i].Count, 1))
		}
	}
	return platt(a, yes, counts), platt(b, yes, counts)
}

// platt fits a slope and a shift that make probabilities of scores, towards
// targets a little inside 0 and 1, as Platt proposed, so that scores that part
// the classes entirely do not make certainties.
func platt(scores []float64, yes []bool, counts []float64) Weights {
	var n0, n1 float64
	for i, y := range yes {
		if y {
			n1 += counts[i]
		} else {
			n0 += counts[i]
		}
	}
	hi, lo := (n1+1)/(n1+2), 1/(n0+2)
	x := Minimise(2, solverSteps, func(x, g []float64) float64 {
		total := 1e-3 / 2 * x[0] * x[0]
		g[0], g[1] = 1e-3*x[0], 0
		for i, s := range scores {
			t := lo
			if yes[i] {
				t = hi
			}
			z := x[0]*s + x[1]
			total += counts[i] * (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - t*z)
			d := counts[i] * (sigmoid(z) - t)
			g[0] += d * s
			g[1] += d
		}
		return total
	})
	return Weights{A: math.Max(x[0], 0), B: x[1]}
}

// ECE is the expected calibration error over bins of equal mass: the mean
// distance of what was said from what was true. Each message counts as often as
// counts says; nil: once.
func ECE(p []float64, yes []bool, counts []float64, bins int) float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	count := func(i int) float64 {
		if counts == nil {
			return 1
		}
		return counts[i]
	}
	all := 0.0
	for _, i := range order {
		all += count(i)
	}
	total, mass, said, was := 0.0, 0.0, 0.0, 0.0
	bin := 1
	for k, i := range order {
		mass += count(i)
		said += p[i] * count(i)
		if yes[i] {
			was += count(i)
		}
		if mass >= all*float64(bin)/float64(bins) || k == len(order)-1 {
			total += math.Abs(said - was)
			said, was = 0, 0
			bin++
		}
	}
	return total / max(all, 1)
}
