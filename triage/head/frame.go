package head

import "math"

// frame is where the vectors of a fit lie: their mean, and what brings each block of
// them to the same length. Means over the tokens of inner layers differ from text to
// text by a small part of themselves, and nothing is learned from them as they are.
// nil: vectors are taken as they come.
type frame struct {
	block int
	mean  []float64
	scale []float64 // of each block
}

// frameOf is the frame of vectors in blocks of so many numbers; nil for 0.
func frameOf(list []Example, block, dims int) *frame {
	if block == 0 {
		return nil
	}
	f := &frame{block: block, mean: make([]float64, dims), scale: make([]float64, dims/block)}
	for _, e := range list {
		for i, x := range e.Vec {
			f.mean[i] += float64(x) / float64(len(list))
		}
	}
	for _, e := range list {
		for i, x := range e.Vec {
			d := float64(x) - f.mean[i]
			f.scale[i/block] += d * d / float64(len(list))
		}
	}
	for b, square := range f.scale {
		if square > 0 { // else all are the same: they say nothing
			f.scale[b] = 1 / math.Sqrt(square*float64(len(f.scale)))
		}
	}
	return f
}

// framed are the examples with their vectors in the frame; copies.
func (f *frame) framed(list []Example) []Example {
	if f == nil {
		return list
	}
	out := make([]Example, len(list))
	for k, e := range list {
		vec := make([]float32, len(e.Vec))
		for i, x := range e.Vec {
			vec[i] = float32((float64(x) - f.mean[i]) * f.scale[i/f.block])
		}
		e.Vec = vec
		out[k] = e
	}
	return out
}

// scaleOf is what number i of a vector is multiplied by.
func (f *frame) scaleOf(i int) float64 {
	if f == nil {
		return 1
	}
	return f.scale[i/f.block]
}

// shift is what packed weights make of the mean.
func (f *frame) shift(packed []byte, scale float64) float64 {
	if f == nil {
		return 0
	}
	sum := 0.0
	for i, b := range packed {
		sum += float64(int8(b)) * scale * f.mean[i]
	}
	return sum
}
