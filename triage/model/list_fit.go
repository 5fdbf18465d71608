package model

import (
	"math"
	"math/rand/v2"
	"slices"

	"frontdesk/triage/head"
)

// fewer are at most so many places, the same number of each class as far as there are.
func fewer(class []int, classes, most int) []int {
	if len(class) <= most {
		out := make([]int, len(class))
		for i := range out {
			out[i] = i
		}
		return out
	}
	each := max(2, most/classes)
	counts := make([]int, classes)
	var out []int
	for _, i := range rand.New(rand.NewPCG(3, uint64(len(class)))).Perm(len(class)) {
		if counts[class[i]] < each {
			counts[class[i]]++
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// fitHead fits the regression to some of the rows: a row of weights and a bias
// a class.
func fitHead(rows [][]float32, class, some []int, classes int) []float32 {
	width := len(rows[0])
	counts := make([]float64, classes)
	for _, i := range some {
		counts[class[i]]++
	}
	mean := float64(len(some)) / float64(classes)
	stride := width + 1
	w32, logits, g := make([]float32, classes*stride), make([]float64, classes), make([]float32, classes*stride)
	w := head.Minimise(classes*stride, listSteps, func(w, grad []float64) float64 {
		for i, x := range w {
			w32[i] = float32(x)
		}
		clear(g)
		value := 0.0
		for _, i := range some {
			weight := mean / counts[class[i]] // rare entries count as much as common ones
			value += weight * headLoss(w32, g, rows[i], logits, class[i], float32(weight))
		}
		for c := range classes {
			for j := range stride {
				at := c*stride + j
				grad[at] = float64(g[at])
				if j < width {
					value += listPull * w[at] * w[at] / 2
					grad[at] += listPull * w[at]
				}
			}
		}
		return value
	})
	out := make([]float32, len(w))
	for i, x := range w {
		out[i] = float32(x)
	}
	return out
}

func headLoss(w, grad, x []float32, logits []float64, class int, weight float32) float64 {
	stride := len(x) + 1
	headLogits(w, x, logits)
	top := slices.Max(logits)
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(l - top)
	}
	loss := top + math.Log(sum) - logits[class]
	for c := range logits {
		p := math.Exp(logits[c]-top) / sum
		if c == class {
			p--
		}
		if math.Abs(p) < 1e-5 {
			continue // of a class that is out of the question already
		}
		k := float32(p) * weight
		row := grad[c*stride : (c+1)*stride]
		for j, v := range x {
			row[j] += k * v
		}
		row[stride-1] += k
	}
	return loss
}

func headLogits(w, x []float32, logits []float64) {
	stride := len(x) + 1
	for c := range logits {
		row := w[c*stride : (c+1)*stride]
		logits[c] = float64(Dot(row[:stride-1], x) + row[stride-1])
	}
}

// Dot is the inner product, four sums at once: the processor adds them in parallel.
func Dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// examine keeps parts of the entries from a regression and sees what it says of
// their examples, and of others that it was kept from.
func examine(dims []int, rows [][]float32, class, some []int, classes int) Exam {
	folds := 4
	if classes >= 100 {
		folds = 3
	}
	rng := rand.New(rand.NewPCG(7, uint64(len(some))))
	fold := make([]int, classes)
	for i, c := range rng.Perm(classes) {
		fold[c] = i % folds
	}
	var in, out [3][]float64
	for f := range folds {
		var keep, inside, outside []int
		held, counts := make([]int, classes), make([]int, classes)
		for _, i := range some {
			counts[class[i]]++
		}
		for _, at := range rng.Perm(len(some)) {
			i := some[at]
			c := class[i]
			switch {
			case fold[c] == f:
				outside = append(outside, i)
			case counts[c] >= 3 && held[c] < max(1, int(math.Round(.25*float64(counts[c])))) && len(inside) < examRows:
				held[c]++
				inside = append(inside, i)
			default:
				keep = append(keep, i)
			}
		}
		left := map[int]bool{}
		for _, i := range keep {
			left[class[i]] = true
		}
		if len(inside) == 0 || len(outside) == 0 || len(left) < 2 {
			continue
		}
		w, known := fitSome(rows, class, keep, classes)
		for part, list := range [][]int{inside, outside[:min(len(outside), examRows)]} {
			for _, i := range list {
				n := numbers(dims, rows, class, keep, w, known, rows[i])
				for k := range n {
					if part == 0 {
						in[k] = append(in[k], n[k])
					} else {
						out[k] = append(out[k], n[k])
					}
				}
			}
		}
	}
	var e Exam
	for k := range in {
		e.In[k], e.Out[k] = spreadOf(in[k]), spreadOf(out[k])
	}
	return e
}

// fitSome fits a regression to the classes that some rows have; known are these.
func fitSome(rows [][]float32, class, keep []int, classes int) (w []float32, known []int) {
	place := make([]int, classes)
	for i := range place {
		place[i] = -1
	}
	packed := make([]int, len(class))
	for _, i := range keep {
		if place[class[i]] < 0 {
			place[class[i]] = len(known)
			known = append(known, class[i])
		}
		packed[i] = place[class[i]]
	}
	return fitHead(rows, packed, keep, len(known)), known
}

// numbers are the three numbers of a message: how near the nearest entry's
// examples are, the regression's total, and how far its best is ahead of all others.
func numbers(dims []int, rows [][]float32, class, keep []int, w []float32, known []int, x []float32) [3]float64 {
	logits := make([]float64, len(known))
	headLogits(w, x, logits)
	near := newNearness()
	for _, i := range keep {
		near.add(class[i], cosines(dims, rows[i], x))
	}
	total, ahead := totals(logits)
	return [3]float64{near.best(), total, ahead}
}

// cosines is the mean of the models' cosines.
func cosines(dims []int, a, b []float32) float64 {
	sum, from := 0.0, 0
	for _, d := range dims {
		sum += float64(Dot(a[from:from+d], b[from:from+d]))
		from += d
	}
	if len(dims) == 1 {
		sum /= 2 // see List.unit
	}
	return sum / float64(len(dims))
}

// totals are the logarithm of the summed exponentials, and the best one's
// log-odds.
func totals(logits []float64) (total, ahead float64) {
	top := slices.Max(logits)
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(l - top)
	}
	p := 1 / sum
	return top + math.Log(sum), math.Log(p / (1 - p + 1e-6))
}

// nearness keeps the nearest examples of each entry.
type nearness struct {
	top map[int]*[topExamples]float64
	n   map[int]int
}

func newNearness() *nearness {
	return &nearness{map[int]*[topExamples]float64{}, map[int]int{}}
}

func (n *nearness) add(class int, c float64) {
	t := n.top[class]
	if t == nil {
		t = &[topExamples]float64{-2, -2, -2}
		n.top[class] = t
	}
	n.n[class]++
	for i := range t {
		if c > t[i] {
			copy(t[i+1:], t[i:topExamples-1])
			t[i] = c
			return
		}
	}
}

// best is the mean of the nearest examples of the entry where it is highest.
func (n *nearness) best() float64 {
	best := -1.0
	for class, t := range n.top {
		k := min(n.n[class], topExamples)
		sum := 0.0
		for _, c := range t[:k] {
			sum += c
		}
		best = max(best, sum/float64(k))
	}
	return best
}

func spreadOf(list []float64) Spread {
	if len(list) == 0 {
		return Spread{}
	}
	var s Spread
	for _, x := range list {
		s.Mean += x / float64(len(list))
	}
	for _, x := range list {
		s.SD += (x - s.Mean) * (x - s.Mean) / float64(len(list))
	}
	s.SD = math.Sqrt(s.SD)
	return s
}
