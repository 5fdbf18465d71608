package maxsim

import (
	"fmt"
	"math"
)

// block is how many tokens of a question are multiplied at a time: two AVX2
// registers of eight sums.
const block = 16

// step is what Dims must be a multiple of: the int8 that are widened at once.
const step = 16

// Question is a question's rows, laid out so that a text's row is read once for
// 16 of them. It is safe for concurrent use.
type Question struct {
	dims, tokens int
	// For each block of 16 tokens, for each pair of dimensions, the pair of each
	// token: what one multiply-and-add instruction takes. Missing tokens are 0.
	rows    []int16
	weights []float64
	total   float64
}

// NewQuestion lays out a question of len(weights) rows. A weight is how much
// its token counts; none may be negative. scale is what one unit of the rows'
// products stands for: 1 / (127 × 127) where a component of 1 is stored as 127.
func NewQuestion(rows []int8, weights []float64, dims int, scale float64) *Question {
	if dims <= 0 || dims%step != 0 || len(rows) != len(weights)*dims {
		panic(fmt.Sprintf("maxsim: %d numbers for %d rows of %d", len(rows), len(weights), dims))
	}
	q := &Question{dims: dims, tokens: len(weights), weights: make([]float64, len(weights))}
	blocks := (q.tokens + block - 1) / block
	q.rows = make([]int16, blocks*block*dims)
	for t := range q.tokens {
		in := q.rows[t/block*block*dims:]
		for d := range dims {
			in[d/2*2*block+t%block*2+d%2] = int16(rows[t*dims+d])
		}
	}
	for _, w := range weights {
		q.total += w
	}
	for t, w := range weights {
		if q.total > 0 {
			q.weights[t] = w * scale / q.total
		}
	}
	return q
}

// Tokens is how many rows the question has.
func (q *Question) Tokens() int { return q.tokens }

// Best is the highest product of each token of a question; whole blocks long.
type Best []int32

// NewBest is a Best that has seen nothing.
func (q *Question) NewBest() Best {
	b := make(Best, len(q.rows)/q.dims)
	b.Reset()
	return b
}

// Reset forgets what b has seen.
func (b Best) Reset() {
	for i := range b {
		b[i] = math.MinInt32
	}
}

// Max takes over what is higher in another Best of the same question: the best
// of a whole text from those of its parts.
func (b Best) Max(other Best) {
	for i, v := range other {
		b[i] = max(b[i], v)
	}
}

// Read raises best by a text's rows, one after another.
func (q *Question) Read(best Best, rows []int8) {
	n := len(rows) / q.dims
	if len(rows)%q.dims != 0 || len(best) != len(q.rows)/q.dims {
		panic(fmt.Sprintf("maxsim: %d numbers are no rows of %d", len(rows), q.dims))
	}
	if n == 0 {
		return
	}
	for b := 0; b < len(best); b += block {
		maxDots(best[b:b+block], q.rows[b*q.dims:(b+block)*q.dims], rows, n, q.dims)
	}
}

// Score is the weighted mean of what the tokens found, about a cosine; 0 where
// best has seen nothing or no token counts.
func (q *Question) Score(best Best) float64 {
	sum := 0.0
	for t, w := range q.weights {
		if best[t] != math.MinInt32 {
			sum += w * float64(best[t])
		}
	}
	return sum
}

// maxDotsGo is maxDots for every machine, and what the fast one is held against.
func maxDotsGo(best []int32, q []int16, rows []int8, n, dims int) {
	for r := range n {
		row := rows[r*dims : (r+1)*dims]
		var sums [block]int32
		for d := 0; d < dims; d += 2 {
			a, b := int32(row[d]), int32(row[d+1])
			pairs := q[d*block : (d+2)*block]
			for t := range block {
				sums[t] += a*int32(pairs[2*t]) + b*int32(pairs[2*t+1])
			}
		}
		for t, s := range sums {
			best[t] = max(best[t], s)
		}
	}
}
