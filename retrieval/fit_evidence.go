package retrieval

import "math"

// ridge pulls the evidence's weights towards zero, on features of unit spread.
// 3 was best of 0.3 to 30 by cross-validation on the demo shop; it hardly matters.
const ridge = 3

// fitEvidence fits the probability that the first passage answers, by Newton's
// method on features of zero mean and unit spread; the weights are then told
// for the features as they are.
func fitEvidence(examples []Example, j Judge) Logistic {
	names := evidenceFeatures()
	var x [][]float64
	var y []float64
	for i := range examples {
		e := &examples[i]
		list := j.rank(e.Found.Candidates, e.Found.Lang)
		if len(list) == 0 {
			continue
		}
		f := features(e.Found, list)
		row := make([]float64, len(names)+1)
		row[0] = 1
		for k, n := range names {
			row[k+1] = f[n]
		}
		x = append(x, row)
		label := 0.0
		if e.Answerable && e.Answers(list[0].lead.ArticleID, list[0].show.Text) {
			label = 1
		}
		y = append(y, label)
	}
	if len(x) == 0 {
		return j.Evidence
	}
	return fitLogistic(names, x, y)
}

// fitLogistic fits to rows of an intercept and the named features; the weights
// are told for the features as they are.
func fitLogistic(names []string, x [][]float64, y []float64) Logistic {
	mean, spread := standardise(x)
	return told(names, newton(x, y), mean, spread)
}

// told are fitted weights for the features as they are.
func told(names []string, b, mean, spread []float64) Logistic {
	out := Logistic{Intercept: b[0], Weights: map[string]float64{}}
	for k, n := range names {
		w := b[k+1] / spread[k+1]
		out.Weights[n] = w
		out.Intercept -= w * mean[k+1]
	}
	return out
}

// standardise gives every column but the first zero mean and unit spread.
func standardise(x [][]float64) (mean, spread []float64) {
	n, d := float64(len(x)), len(x[0])
	mean, spread = make([]float64, d), make([]float64, d)
	for k := 1; k < d; k++ {
		for _, row := range x {
			mean[k] += row[k] / n
		}
		for _, row := range x {
			spread[k] += (row[k] - mean[k]) * (row[k] - mean[k]) / n
		}
		spread[k] = math.Sqrt(spread[k])
		if spread[k] < 1e-12 {
			spread[k] = 1 // the same everywhere: it tells nothing and gets no weight
		}
		for _, row := range x {
			row[k] = (row[k] - mean[k]) / spread[k]
		}
	}
	return mean, spread
}

// newton maximises the penalised likelihood. The first column is the intercept
// and free of the penalty.
func newton(x [][]float64, y []float64) []float64 {
	d := len(x[0])
	b := make([]float64, d)
	for range 50 {
		h := make([][]float64, d) // the negative Hessian, with the gradient beside it
		for k := range h {
			h[k] = make([]float64, d+1)
			h[k][k] = 1e-9
			if k > 0 {
				h[k][k] = ridge
				h[k][d] = -ridge * b[k]
			}
		}
		for i, row := range x {
			s := 0.0
			for k := range row {
				s += row[k] * b[k]
			}
			p := sigmoid(s)
			for k := range row {
				h[k][d] += row[k] * (y[i] - p)
				for l := range row {
					h[k][l] += row[k] * row[l] * p * (1 - p)
				}
			}
		}
		step := solve(h)
		most := 0.0
		for k := range b {
			b[k] += step[k]
			most = max(most, math.Abs(step[k]))
		}
		if most < 1e-10 {
			break
		}
	}
	return b
}

// solve is Gaussian elimination with pivoting on [A | v].
func solve(m [][]float64) []float64 {
	d := len(m)
	for k := range d {
		pivot := k
		for i := k + 1; i < d; i++ {
			if math.Abs(m[i][k]) > math.Abs(m[pivot][k]) {
				pivot = i
			}
		}
		m[k], m[pivot] = m[pivot], m[k]
		for i := k + 1; i < d; i++ {
			f := m[i][k] / m[k][k]
			for l := k; l <= d; l++ {
				m[i][l] -= f * m[k][l]
			}
		}
	}
	out := make([]float64, d)
	for k := d - 1; k >= 0; k-- {
		s := m[k][d]
		for l := k + 1; l < d; l++ {
			s -= m[k][l] * out[l]
		}
		out[k] = s / m[k][k]
	}
	return out
}
