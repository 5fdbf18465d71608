package head

import "math"

const (
	memory   = 8    // steps the solver remembers
	standing = 1e-5 // part of the loss below which a step is none
)

// Minimise finds the least of a smooth convex function of n numbers, from 0 on,
// by L-BFGS with halved steps, in at most so many of them. loss fills g with the
// gradient at x. It never draws a random number: the same function gives the
// same result.
func Minimise(n, steps int, loss func(x, g []float64) float64) []float64 {
	x, g := make([]float64, n), make([]float64, n)
	next, ng := make([]float64, n), make([]float64, n)
	var ss, ys [][]float64
	at := loss(x, g)
	for range steps {
		d := direction(g, ss, ys)
		slope := dot(g, d)
		if slope >= 0 {
			break
		}
		step := 1.0
		if len(ss) == 0 {
			step = 1 / math.Max(1, math.Sqrt(dot(g, g)))
		}
		to := math.Inf(1)
		for range 30 {
			for i := range x {
				next[i] = x[i] + step*d[i]
			}
			if to = loss(next, ng); to <= at+1e-4*step*slope {
				break
			}
			step /= 2
		}
		if !(to < at) {
			break
		}
		s, y := make([]float64, n), make([]float64, n)
		for i := range x {
			s[i], y[i] = next[i]-x[i], ng[i]-g[i]
		}
		if dot(s, y) > 1e-12 {
			if len(ss) == memory {
				ss, ys = ss[1:], ys[1:]
			}
			ss, ys = append(ss, s), append(ys, y)
		}
		done := at-to < standing*math.Abs(to)
		x, next, g, ng, at = next, x, ng, g, to
		if done {
			break
		}
	}
	return x
}

// direction is minus the gradient bent by what the last steps tell of the
// curvature.
func direction(g []float64, ss, ys [][]float64) []float64 {
	d := make([]float64, len(g))
	for i := range g {
		d[i] = -g[i]
	}
	if len(ss) == 0 {
		return d
	}
	alpha := make([]float64, len(ss))
	for k := len(ss) - 1; k >= 0; k-- {
		alpha[k] = dot(ss[k], d) / dot(ss[k], ys[k])
		for i := range d {
			d[i] -= alpha[k] * ys[k][i]
		}
	}
	last := len(ss) - 1
	scale := dot(ss[last], ys[last]) / dot(ys[last], ys[last])
	for i := range d {
		d[i] *= scale
	}
	for k := range ss {
		b := dot(ys[k], d) / dot(ss[k], ys[k])
		for i := range d {
			d[i] += (alpha[k] - b) * ss[k][i]
		}
	}
	return d
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}
