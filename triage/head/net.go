package head

import (
	"math"
	"math/rand/v2"

	"frontdesk/retrieval/dots"
)

// Of the fit of a member. The numbers are those at which messages of groups left
// out were told apart best; none of them matters within a factor of two.
const (
	inputScale = 8    // of the vector, whose numbers are about 1/20
	batchSize  = 64   // examples a step
	stepSize   = 2e-3 // of Adam
	adam1      = 0.9
	adam2      = 0.999
	adamEps    = 1e-8
)

// net is a member while it learns: dims × units, then (units + signals) × classes.
type net struct {
	dims, units, signals, classes int
	x                             []float32 // all parameters
	w1, b1, w2, b2                []float32 // parts of x
	grad, m1, m2                  []float32
	g1, gb1, g2, gb2              []float32 // parts of grad
	steps                         int

	hidden, in, scores, back []float32
}

func newNet(dims, units, signals, classes int, rng *rand.Rand) *net {
	n := &net{dims: dims, units: units, signals: signals, classes: classes}
	total := dims*units + units + (units+signals)*classes + classes
	n.x, n.grad, n.m1, n.m2 = make([]float32, total), make([]float32, total), make([]float32, total), make([]float32, total)
	cut := func(all []float32) (a, b, c, d []float32) {
		i := dims * units
		j := i + units
		k := j + (units+signals)*classes
		return all[:i], all[i:j], all[j:k], all[k:]
	}
	n.w1, n.b1, n.w2, n.b2 = cut(n.x)
	n.g1, n.gb1, n.g2, n.gb2 = cut(n.grad)
	n.hidden, n.in = make([]float32, units), make([]float32, units+signals)
	n.scores, n.back = make([]float32, classes), make([]float32, units)
	bound1, bound2 := math.Sqrt(6/float64(dims+units)), math.Sqrt(6/float64(units+classes))
	for i := range n.w1 {
		n.w1[i] = float32((2*rng.Float64() - 1) * bound1)
	}
	for c := range classes {
		for u := range units { // the signals begin at zero
			n.w2[c*(units+signals)+u] = float32((2*rng.Float64() - 1) * bound2)
		}
	}
	return n
}

// learn goes through the examples in an order drawn anew each time.
func (n *net) learn(list []Example, cfg FitConfig, rng *rand.Rand) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	for range cfg.Rounds {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for from := 0; from < len(order); from += batchSize {
			batch := order[from:min(from+batchSize, len(order))]
			clear(n.grad)
			for _, i := range batch {
				n.example(&list[i], rng.Float64() < cfg.Blind)
			}
			n.step(float32(len(batch)), float32(cfg.L2))
		}
	}
}

// example adds an example's gradient; a blind one has no signals.
func (n *net) example(e *Example, blind bool) {
	for u := range n.units {
		n.hidden[u] = max(0, dots.Dot(n.w1[u*n.dims:(u+1)*n.dims], e.Vec)*inputScale+n.b1[u])
	}
	copy(n.in, n.hidden)
	for i, s := range e.Signals {
		n.in[n.units+i] = float32(s)
		if blind {
			n.in[n.units+i] = 0
		}
	}
	width := n.units + n.signals
	for c := range n.scores {
		row := n.w2[c*width : (c+1)*width]
		sum := n.b2[c]
		for i, x := range n.in {
			sum += row[i] * x
		}
		n.scores[c] = sum
	}
	softmax(n.scores)
	clear(n.back)
	for c, p := range n.scores {
		d := p
		if c == e.Class {
			d--
		}
		d *= float32(e.Weight)
		n.gb2[c] += d
		row, grad := n.w2[c*width:(c+1)*width], n.g2[c*width:(c+1)*width]
		for i, x := range n.in {
			grad[i] += d * x
		}
		for u := range n.back {
			n.back[u] += d * row[u]
		}
	}
	for u, d := range n.back {
		if n.hidden[u] <= 0 {
			continue
		}
		n.gb1[u] += d
		grad := n.g1[u*n.dims : (u+1)*n.dims]
		d *= inputScale
		for i, x := range e.Vec {
			grad[i] += d * x
		}
	}
}

func softmax(s []float32) {
	top := s[0]
	for _, x := range s {
		top = max(top, x)
	}
	var sum float32
	for i, x := range s {
		s[i] = float32(math.Exp(float64(x - top)))
		sum += s[i]
	}
	for i := range s {
		s[i] /= sum
	}
}

// step moves the parameters against the mean gradient of a batch, as Adam does.
func (n *net) step(size, l2 float32) {
	n.steps++
	c1 := 1 - math.Pow(adam1, float64(n.steps))
	c2 := 1 - math.Pow(adam2, float64(n.steps))
	rate := float32(stepSize * math.Sqrt(c2) / c1)
	biases := len(n.w1) + len(n.b1) + len(n.w2)
	for i, g := range n.grad {
		if i < len(n.w1) || i >= len(n.w1)+len(n.b1) && i < biases {
			g += l2 * n.x[i]
		}
		g /= size
		n.m1[i] = adam1*n.m1[i] + (1-adam1)*g
		n.m2[i] = adam2*n.m2[i] + (1-adam2)*g*g
		n.x[i] -= rate * n.m1[i] / (float32(math.Sqrt(float64(n.m2[i]))) + adamEps)
	}
}

// add puts a member among weights, of which it is one of so many: they are for
// vectors as they were before the frame.
func (n *net) add(w *Weights, members int, f *frame) {
	share := 1 / float64(members)
	for u := range n.units {
		row := make([]float64, n.dims)
		for i, x := range n.w1[u*n.dims : (u+1)*n.dims] {
			row[i] = float64(x) * inputScale * f.scaleOf(i)
		}
		v, scale := packed(row)
		w.Units = append(w.Units, Unit{Bias: round(float64(n.b1[u]) - f.shift(v, scale)), Scale: scale, Vector: v})
	}
	width := n.units + n.signals
	for c := range w.Rows {
		r := &w.Rows[c]
		r.Bias += float64(n.b2[c]) * share
		for u := range n.units {
			r.Units = append(r.Units, round(float64(n.w2[c*width+u])*share))
		}
		for i := range r.Signals {
			r.Signals[i] += float64(n.w2[c*width+n.units+i]) * share
		}
	}
}

// packed rounds weights to whole steps of a scale, -127 … 127.
func packed(row []float64) ([]byte, float64) {
	top := 0.0
	for _, x := range row {
		top = max(top, math.Abs(x))
	}
	out := make([]byte, len(row))
	scale := math.Ceil(top/127*1e6) / 1e6
	if scale == 0 {
		return out, 0
	}
	for i, x := range row {
		out[i] = byte(int8(math.Round(x / scale)))
	}
	return out, scale
}

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
