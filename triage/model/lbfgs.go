package model

import "math"

// minimise lowers a smooth function from w on by limited-memory BFGS, at most
// so many steps; f fills grad and returns the value. It ends early where a step
// gains less than a hundred-thousandth part.
func minimise(f func(w, grad []float64) float64, w []float64, steps int) []float64 {
	const history = 8
	n := len(w)
	grad, next, nextGrad := make([]float64, n), make([]float64, n), make([]float64, n)
	var s, y [][]float64
	var rho []float64
	value := f(w, grad)
	for range steps {
		dir := direction(grad, s, y, rho)
		slope := inner(dir, grad)
		if !(slope < 0) {
			return w
		}
		step, found := 1.0, false
		if len(s) == 0 {
			step = 1 / max(1, math.Sqrt(inner(grad, grad)))
		}
		var fresh float64
		for range 30 {
			for i := range w {
				next[i] = w[i] + step*dir[i]
			}
			if fresh = f(next, nextGrad); fresh <= value+1e-4*step*slope {
				found = true
				break
			}
			step /= 2
		}
		if !found {
			return w
		}
		ds, dy := make([]float64, n), make([]float64, n)
		for i := range w {
			ds[i], dy[i] = next[i]-w[i], nextGrad[i]-grad[i]
		}
		if c := inner(ds, dy); c > 1e-12 {
			s, y, rho = append(s, ds), append(y, dy), append(rho, 1/c)
			if len(s) > history {
				s, y, rho = s[1:], y[1:], rho[1:]
			}
		}
		done := value-fresh < 1e-5*math.Abs(value)
		w, next, grad, nextGrad, value = next, w, nextGrad, grad, fresh
		if done {
			return w
		}
	}
	return w
}

// direction is minus the gradient times what is known of the curvature.
func direction(grad []float64, s, y [][]float64, rho []float64) []float64 {
	q := make([]float64, len(grad))
	for i, g := range grad {
		q[i] = -g
	}
	a := make([]float64, len(s))
	for k := len(s) - 1; k >= 0; k-- {
		a[k] = rho[k] * inner(s[k], q)
		for i := range q {
			q[i] -= a[k] * y[k][i]
		}
	}
	if k := len(s) - 1; k >= 0 {
		scale := 1 / (rho[k] * inner(y[k], y[k]))
		for i := range q {
			q[i] *= scale
		}
	}
	for k := range s {
		b := rho[k] * inner(y[k], q)
		for i := range q {
			q[i] += (a[k] - b) * s[k][i]
		}
	}
	return q
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
