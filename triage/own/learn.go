package own

import (
	"fmt"
	"math"
)

// Example is a message and whether it can only be answered from the customer's
// own data.
type Example struct {
	Text string
	Own  bool
}

const (
	rounds  = 400
	penalty = 2.0 // of the squares of the weights: a normal prior of variance 1/2
)

// Learn fits weights to examples: logistic regression by Newton's method, the
// same on every machine.
func Learn(r *Reader, list []Example) (Weights, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("learn: no examples")
	}
	n := len(names())
	x := make([][]float64, len(list))
	for i, e := range list {
		x[i], _ = r.features(e.Text)
	}
	w := make([]float64, n)
	for range rounds {
		step, err := newton(x, list, w)
		if err != nil {
			return nil, err
		}
		size := 0.0
		for i := range w {
			w[i] -= step[i]
			size = max(size, math.Abs(step[i]))
		}
		if size < 1e-9 {
			break
		}
	}
	out := Weights{}
	for i, name := range names() {
		out[name] = math.Round(w[i]*1e4) / 1e4
	}
	return out, nil
}

// newton is the step from w to where a parabola through the loss has its
// lowest point.
func newton(x [][]float64, list []Example, w []float64) ([]float64, error) {
	n := len(w)
	h := make([][]float64, n)
	for i := range h {
		h[i] = make([]float64, n+1)
		lambda := penalty
		if i == 0 {
			lambda = 1e-6 // the bias is free
		}
		h[i][i] = lambda
		h[i][n] = lambda * w[i]
	}
	for k, f := range x {
		z := 0.0
		for i, v := range f {
			z += v * w[i]
		}
		p := 1 / (1 + math.Exp(-z))
		d := p
		if list[k].Own {
			d--
		}
		for i, v := range f {
			if v == 0 {
				continue
			}
			h[i][n] += d * v
			for j, u := range f {
				h[i][j] += p * (1 - p) * v * u
			}
		}
	}
	return solve(h)
}

// solve solves n linear equations, the right side in the last column.
func solve(a [][]float64) ([]float64, error) {
	n := len(a)
	for c := range n {
		top := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[top][c]) {
				top = r
			}
		}
		a[c], a[top] = a[top], a[c]
		if math.Abs(a[c][c]) < 1e-12 {
			return nil, fmt.Errorf("learn: the equations have no one solution")
		}
		for r := range n {
			if r == c {
				continue
			}
			k := a[r][c] / a[c][c]
			for j := c; j <= n; j++ {
				a[r][j] -= k * a[c][j]
			}
		}
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = a[i][n] / a[i][i]
	}
	return out, nil
}
