package retrieval

import (
	"math"
	"slices"
)

// fitSigned is fitLogistic with weights that are not below zero, or not above
// it, where sign says so.
func fitSigned(names []string, x [][]float64, y []float64, sign func(name string) int) Logistic {
	mean, spread := standardise(x)
	signs := make([]int, len(names)+1)
	for k, n := range names {
		signs[k+1] = sign(n)
	}
	return told(names, newtonWithin(x, y, signs), mean, spread)
}

// newtonWithin is newton under signs, by an active set: the weight that is most
// wrong is held at zero, until none is; then the one is let go whose likelihood
// grows most in its right direction, until there is none.
func newtonWithin(x [][]float64, y []float64, signs []int) []float64 {
	held := make([]bool, len(signs))
	for range 8 * len(signs) { // more than it takes; bounds a cycle of equals
		b := newtonOver(x, y, held)
		if k := mostWrong(b, signs); k > 0 {
			held[k] = true
			continue
		}
		k := mostWanted(x, y, b, held, signs)
		if k < 0 {
			return b
		}
		held[k] = false
		if slices.Equal(newtonOver(x, y, held), b) {
			return b
		}
	}
	b := newtonOver(x, y, held)
	for k := range b {
		if float64(signs[k])*b[k] < 0 {
			b[k] = 0
		}
	}
	return b
}

// newtonOver fits the columns that are not held at zero.
func newtonOver(x [][]float64, y []float64, held []bool) []float64 {
	var columns []int
	for k, h := range held {
		if !h {
			columns = append(columns, k)
		}
	}
	rows := make([][]float64, len(x))
	for i, row := range x {
		rows[i] = make([]float64, len(columns))
		for j, k := range columns {
			rows[i][j] = row[k]
		}
	}
	b := make([]float64, len(held))
	for j, v := range newton(rows, y) {
		b[columns[j]] = v
	}
	return b
}

// mostWrong is the weight farthest on the wrong side of zero; 0: none is.
func mostWrong(b []float64, signs []int) int {
	worst, at := 0.0, 0
	for k, s := range signs {
		if wrong := -float64(s) * b[k]; wrong > worst {
			worst, at = wrong, k
		}
	}
	return at
}

// mostWanted is the held weight by which the likelihood grows most; -1: by none.
func mostWanted(x [][]float64, y, b []float64, held []bool, signs []int) int {
	const least = 1e-6
	slope := make([]float64, len(b))
	for i, row := range x {
		s := 0.0
		for k, v := range row {
			s += v * b[k]
		}
		miss := y[i] - sigmoid(s)
		for k, v := range row {
			slope[k] += v * miss
		}
	}
	best, at := least*math.Sqrt(float64(len(x))), -1
	for k, h := range held {
		if want := float64(signs[k]) * slope[k]; h && want > best {
			best, at = want, k
		}
	}
	return at
}
