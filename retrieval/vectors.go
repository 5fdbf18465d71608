package retrieval

import (
	"fmt"
	"math"

	"frontdesk/internal/fault"
)

// CheckVectors holds an embedder's answer against what was asked: n vectors of
// dims numbers each, finite, and of a length that a cosine can be taken of. The
// error is of kind fault.Invalid.
func CheckVectors(vecs [][]float32, n, dims int) error {
	if len(vecs) != n {
		return fault.New(fault.Invalid, "embedder_count", fmt.Sprintf("The embedder answered %d texts with %d vectors.", n, len(vecs)))
	}
	for _, v := range vecs {
		if err := CheckVector(v, dims); err != nil {
			return err
		}
	}
	return nil
}

// CheckVector is CheckVectors for one vector.
func CheckVector(v []float32, dims int) error {
	if len(v) != dims {
		return fault.New(fault.Invalid, "embedder_dims", fmt.Sprintf("The embedder answered with %d numbers where %d are stored. Ingest again after a change of model.", len(v), dims))
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	// NaN and infinities carry through the sum; a zero vector has no direction.
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fault.New(fault.Invalid, "embedder_nan", "The embedder answered with numbers that are not finite.")
	}
	if math.Abs(sum-1) > 0.01 {
		return fault.New(fault.Invalid, "embedder_length", "The embedder answered with a vector that is not of unit length.")
	}
	return nil
}

func errTokenShape(numbers, tokens, dims int) error {
	return fault.New(fault.Invalid, "embedder_tokens", fmt.Sprintf("The embedder answered with %d numbers for %d tokens of %d.", numbers, tokens, dims))
}
