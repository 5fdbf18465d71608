package head

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
)

// solverSteps bounds a fit: those of this size stand still after 100.
const solverSteps = 300

// voice is what a logit of the spelling counts beside one of the weights: from a
// third to one, writers left out are told apart equally well, by either alone worse.
const voice = 0.6

// Unseen is what fits that had not seen an example's group said of it.
type Unseen struct {
	P       float64 // calibrated by the other folds' scores
	Without float64 // the same of the fit that has no vector
	Share   []float64

	score, plain, spelling float64 // with a vector, without, and of the spelling
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
				out[i].spelling = m.Spelling.score(e.Grams)
			}
		}
	}
	for f := range folds {
		with, without := calibrate(list, out, func(i int) bool { return in[i] != f })
		for i := range out {
			if u := &out[i]; in[i] == f {
				u.P = with.believed(list[i].Said, u.score, u.spelling)
				u.Without = without.believed(list[i].Said, u.plain, u.spelling)
			}
		}
	}
	return out, nil
}

// Together is Between of what two kinds of fits said of unseen examples; of those
// whose words say a class by themselves it is what the first one said.
func Together(list []Example, a, b []Unseen) []Unseen {
	out := make([]Unseen, len(list))
	for i, e := range list {
		if out[i] = a[i]; !e.Said {
			r := Between(Reading{P: a[i].P, Share: slices.Clone(a[i].Share)}, Reading{P: b[i].P, Share: b[i].Share})
			out[i].P, out[i].Share = r.P, r.Share
		}
	}
	return out
}

// believed is the probability of a message whose words say a class, or not.
func (w *Weights) believed(said bool, score, spelling float64) float64 {
	z := w.logit(score, spelling)
	if said {
		z = w.Said.A*z + w.Said.B
	}
	return sigmoid(z)
}

// Fold spreads groups over folds by their names.
func Fold(folds int) func(string) int {
	return func(group string) int {
		h := fnv.New32a()
		h.Write([]byte(group))
		return int(h.Sum32() % uint32(folds))
	}
}

// Calibrate sets A, G, B and Said of m by what was said of unseen examples, each
// with its Count.
func (m *Model) Calibrate(list []Example, unseen []Unseen) {
	with, without := calibrate(list, unseen, func(int) bool { return true })
	for _, w := range []struct{ to, from *Weights }{{&m.With, &with}, {&m.Without, &without}} {
		w.to.A, w.to.G, w.to.B = round(w.from.A), round(w.from.G), round(w.from.B)
		w.to.Said = Bend{A: round(w.from.Said.A), B: round(w.from.Said.B)}
	}
}

func calibrate(list []Example, unseen []Unseen, use func(i int) bool) (with, without Weights) {
	one := func(score func(Unseen) float64) Weights {
		var all, said sample
		for i, e := range list {
			if use(i) {
				all.add(e, score(unseen[i])+voice*unseen[i].spelling)
			}
		}
		a, b := all.platt()
		w := Weights{A: a, G: a * voice, B: b, Said: Bend{A: 1}}
		for i, e := range list {
			if use(i) && e.Said && e.Unheard > 0 {
				e.Count = e.Unheard
				said.add(e, w.logit(score(unseen[i]), unseen[i].spelling))
			}
		}
		if len(said.yes) > 0 {
			a, b := said.platt()
			w.Said = Bend{A: a, B: b}
		}
		return w
	}
	return one(func(u Unseen) float64 { return u.score }), one(func(u Unseen) float64 { return u.plain })
}

// sample is what a calibration is fitted to.
type sample struct {
	scores, counts []float64 // of each, and of how many it stands for
	yes            []bool
}

func (s *sample) add(e Example, score float64) {
	s.scores, s.counts = append(s.scores, score), append(s.counts, cmp.Or(e.Count, 1))
	s.yes = append(s.yes, e.Class != 0)
}

// platt fits a slope and a shift that make probabilities of scores, towards
// targets a little inside 0 and 1, as Platt proposed, so that scores that part
// the classes entirely do not make certainties.
func (s *sample) platt() (slope, shift float64) {
	var n0, n1 float64
	for i, y := range s.yes {
		if y {
			n1 += s.counts[i]
		} else {
			n0 += s.counts[i]
		}
	}
	hi, lo := (n1+1)/(n1+2), 1/(n0+2)
	x := Minimise(2, solverSteps, func(x, g []float64) float64 {
		total := 1e-3 / 2 * x[0] * x[0]
		g[0], g[1] = 1e-3*x[0], 0
		for i, score := range s.scores {
			t := lo
			if s.yes[i] {
				t = hi
			}
			z := x[0]*score + x[1]
			total += s.counts[i] * (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - t*z)
			d := s.counts[i] * (sigmoid(z) - t)
			g[0] += d * score
			g[1] += d
		}
		return total
	})
	return math.Max(x[0], 0), x[1]
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
