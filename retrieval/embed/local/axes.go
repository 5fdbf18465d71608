package local

import (
	"cmp"
	"math"
	"slices"
)

// principalAxes are the n directions along which what has this covariance
// differs most, the first one most, each of unit length with its largest number
// positive. cov (size × size) is overwritten.
//
// One-sided Jacobi (Hestenes, 1958): rows are turned in pairs until all stand at
// right angles; those of a symmetric matrix are then its eigenvectors times
// their eigenvalues. It needs no random start, so that equal sums give equal
// bits, and a few seconds at 384.
func principalAxes(cov []float64, size, n int) [][]float64 {
	const (
		sweeps  = 30    // it takes about ten
		right   = 1e-12 // cosine of what is as good as a right angle
		nothing = 1e-12 // of the longest row's length: rounding has more
	)
	row := func(i int) []float64 { return cov[i*size : (i+1)*size] }
	square := make([]float64, size) // of each row's length
	for range sweeps {
		turned := false
		for i := range size {
			square[i] = dot(row(i), row(i))
		}
		least := nothing * nothing * slices.Max(square)
		for i := range size {
			for j := i + 1; j < size; j++ {
				if square[i] <= least || square[j] <= least {
					continue // a direction that is not there
				}
				a, b := row(i), row(j)
				ab := dot(a, b)
				if math.Abs(ab) <= right*math.Sqrt(square[i]*square[j]) {
					continue
				}
				turned = true
				zeta := (square[j] - square[i]) / (2 * ab)
				t := math.Copysign(1, zeta) / (math.Abs(zeta) + math.Sqrt(1+zeta*zeta))
				c := 1 / math.Sqrt(1+t*t)
				s := c * t
				for k, x := range a {
					a[k], b[k] = c*x-s*b[k], s*x+c*b[k]
				}
				square[i] = max(square[i]-t*ab, 0)
				square[j] += t * ab
			}
		}
		if !turned {
			break
		}
	}
	type axis struct {
		length float64
		row    []float64
	}
	axes := make([]axis, size)
	for i := range axes {
		axes[i] = axis{math.Sqrt(dot(row(i), row(i))), row(i)}
	}
	slices.SortStableFunc(axes, func(a, b axis) int { return cmp.Compare(b.length, a.length) })
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, size)
		if axes[i].length == 0 {
			continue // fewer directions than asked for
		}
		largest := slices.MaxFunc(axes[i].row, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
		scale := math.Copysign(1/axes[i].length, largest)
		for k, x := range axes[i].row {
			out[i][k] = scale * x
		}
	}
	return out
}

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
