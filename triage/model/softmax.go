package model

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"frontdesk/triage/head"
)

// Softmax is a softmax regression over named numbers.
type Softmax struct {
	Classes  []string    `json:"classes"`
	Features []string    `json:"features"`
	Bias     []float64   `json:"bias"`
	Weights  [][]float64 `json:"weights"` // by class, then by feature
}

// Validate says what is wrong with a model that was read.
func (m Softmax) Validate() error {
	if len(m.Classes) < 2 || len(m.Bias) != len(m.Classes) || len(m.Weights) != len(m.Classes) {
		return errors.New("a softmax has as many biases and rows of weights as classes, two at least")
	}
	for _, row := range append(slices.Clone(m.Weights), m.Bias) {
		if len(row) != len(m.Features) && &row[0] != &m.Bias[0] {
			return fmt.Errorf("a row has %d weights for %d features", len(row), len(m.Features))
		}
		for _, w := range row {
			if math.IsNaN(w) || math.IsInf(w, 0) {
				return errors.New("a weight is no number")
			}
		}
	}
	return nil
}

// Logits are the classes' log-odds up to a constant; x goes with Features.
func (m Softmax) Logits(x []float64) []float64 {
	out := slices.Clone(m.Bias)
	for c := range out {
		for i, w := range m.Weights[c] {
			out[c] += w * x[i]
		}
	}
	return out
}

// P are the classes' probabilities.
func (m Softmax) P(x []float64) []float64 { return normalised(m.Logits(x)) }

func normalised(logits []float64) []float64 {
	top := slices.Max(logits)
	sum := 0.0
	for i, l := range logits {
		logits[i] = math.Exp(l - top)
		sum += logits[i]
	}
	for i := range logits {
		logits[i] /= sum
	}
	return logits
}

// Rounded keeps so many digits behind the point.
func (m Softmax) Rounded(digits int) Softmax {
	unit := math.Pow(10, float64(digits))
	out := m
	out.Bias, out.Weights = slices.Clone(m.Bias), make([][]float64, len(m.Weights))
	for i := range out.Bias {
		out.Bias[i] = math.Round(out.Bias[i]*unit) / unit
	}
	for c, row := range m.Weights {
		out.Weights[c] = slices.Clone(row)
		for i := range row {
			out.Weights[c][i] = math.Round(row[i]*unit) / unit
		}
	}
	return out
}

// Sample is one row to learn from.
type Sample struct {
	X      []float64
	Class  int
	Weight float64
}

// Fit fits a softmax regression: features are taken in units of their standard
// deviation, weights are pulled towards 0 by l2 a sample's worth each.
func Fit(list []Sample, classes, features []string, l2 float64) (Softmax, error) {
	k, d := len(classes), len(features)
	if len(list) == 0 || k < 2 {
		return Softmax{}, errors.New("fit: no samples, or fewer than two classes")
	}
	mean, scale := spread(list, d)
	rows := make([][]float64, len(list))
	for i, s := range list {
		rows[i] = make([]float64, d)
		for j := range d {
			rows[i][j] = (s.X[j] - mean[j]) / scale[j]
		}
	}
	w := head.Minimise(k*(d+1), 300, func(w, grad []float64) float64 {
		clear(grad)
		value := 0.0
		logits := make([]float64, k)
		for i := range list {
			value += list[i].Weight * softmaxLoss(w, grad, rows[i], logits, list[i].Class, list[i].Weight)
		}
		for c := range k {
			for j := range d { // not the bias, which is the last of each class
				x := w[c*(d+1)+j]
				value += l2 * x * x / 2
				grad[c*(d+1)+j] += l2 * x
			}
		}
		return value
	})
	m := Softmax{Classes: classes, Features: features, Bias: make([]float64, k), Weights: make([][]float64, k)}
	for c := range k {
		m.Weights[c] = make([]float64, d)
		m.Bias[c] = w[c*(d+1)+d]
		for j := range d {
			m.Weights[c][j] = w[c*(d+1)+j] / scale[j]
			m.Bias[c] -= m.Weights[c][j] * mean[j]
		}
	}
	return m, nil
}

// softmaxLoss is one row's loss; its gradient is added to grad.
func softmaxLoss(w, grad, x, logits []float64, class int, weight float64) float64 {
	d := len(x)
	for c := range logits {
		row := w[c*(d+1) : (c+1)*(d+1)]
		logits[c] = row[d] + inner(row[:d], x)
	}
	top := slices.Max(logits)
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(l - top)
	}
	loss := top + math.Log(sum) - logits[class]
	for c := range logits {
		g := math.Exp(logits[c]-top) / sum
		if c == class {
			g--
		}
		g *= weight
		row := grad[c*(d+1) : (c+1)*(d+1)]
		for j := range x {
			row[j] += g * x[j]
		}
		row[d] += g
	}
	return loss
}

func spread(list []Sample, d int) (mean, scale []float64) {
	mean, scale = make([]float64, d), make([]float64, d)
	total := 0.0
	for _, s := range list {
		total += s.Weight
		for j := range d {
			mean[j] += s.Weight * s.X[j]
		}
	}
	for j := range d {
		mean[j] /= total
	}
	for _, s := range list {
		for j := range d {
			scale[j] += s.Weight * (s.X[j] - mean[j]) * (s.X[j] - mean[j])
		}
	}
	for j := range d {
		if scale[j] = math.Sqrt(scale[j] / total); scale[j] < 1e-9 {
			scale[j] = 1
		}
	}
	return mean, scale
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
