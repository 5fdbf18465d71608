package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// bertSizes are the sizes of a BERT encoder.
type bertSizes struct {
	hidden, layers, heads, inner int
	words, places                int
	// depths are the layers, counted from 1, whose means over tokens are given
	// beside the last one's.
	depths []int
}

func (s bertSizes) plausible() bool {
	return s.hidden > 0 && s.hidden <= 4096 && s.hidden%q4Block == 0 && s.layers > 0 && s.layers <= 64 &&
		s.heads > 0 && s.hidden%s.heads == 0 && s.inner > 0 && s.inner <= 1<<15 && s.inner%q4Block == 0 &&
		s.words > 0 && s.words <= 1<<22 && s.places > 0 && s.places <= 1<<14
}

// Precision is how a graph multiplies.
type Precision string

const (
	// Int8 has the weights of the big products in 8 bits, one scale a column,
	// and what is multiplied with them rounded to 8 bits on the way.
	Int8 Precision = "int8"
	// Int7 has the weights in 7 bits: processors without VNNI add pairs of
	// products in 16 bits, which 8-bit weights can overflow.
	Int7 Precision = "int7"
	// FP32 is the model as it was trained.
	FP32 Precision = "fp32"
)

// levels is the largest weight of a precision in whole numbers.
func (p Precision) levels() float64 {
	if p == Int7 {
		return 63
	}
	return 127
}

// Names in a graph. There is no batch and no padding: what a text becomes must
// not depend on the texts beside it, and with one scale for all that is
// multiplied at once it would.
const (
	inputWords   = "words"  // [tokens, hidden]: word + place + kind vectors
	outputPooled = "pooled" // [1, hidden]: the mean over tokens
	outputTokens = "tokens" // [tokens, axes]: each token's unit vector, turned
	outputDepths = "depths" // [depths, hidden]: likewise of layers before the last
)

const (
	layerNormEpsilon = 1e-12 // of both models' configurations
	weightAlign      = 64    // a cache line, and the widest vector load
)

// graphWriter writes an encoder's graph and, as it goes, the weights.
type graphWriter struct {
	g         onnxGraph
	src       source
	sizes     bertSizes
	precision Precision
	file      string // the weights' file name, beside the graph's
	weights   io.Writer
	at        int64
	errs      []error
}

// writeGraph writes the weights and returns the graph's file. axes (hidden × as
// many as there are, row by row) is what tokens' unit vectors are turned to.
func writeGraph(src source, sizes bertSizes, p Precision, axes []float32, file string, weights io.Writer) ([]byte, error) {
	w := &graphWriter{src: src, sizes: sizes, precision: p, file: file, weights: weights}
	h, width := sizes.hidden, len(axes)/sizes.hidden
	w.g.port(graphInput, inputWords, "tokens", h)
	w.g.port(graphOutput, outputPooled, 1, h)
	first := w.g.ints("first", 0) // the first dimension
	x := w.norm(inputWords, "", "embeddings.LayerNorm", "embedded")
	var depths []string
	for i := range sizes.layers {
		x = w.layer(i, x, first)
		if slices.Contains(sizes.depths, i+1) {
			name := "depth" + strconv.Itoa(i+1)
			depths = append(depths, w.g.node("", "ReduceMean", []string{x, first}, []string{name}, attr{"keepdims", int64(1)}))
		}
	}
	if len(depths) > 0 {
		w.g.node("", "Concat", depths, []string{outputDepths}, attr{"axis", int64(0)})
		w.g.port(graphOutput, outputDepths, len(depths), h)
	}
	w.g.node("", "ReduceMean", []string{x, first}, []string{outputPooled}, attr{"keepdims", int64(1)})
	u := w.g.node("", "LpNormalization", []string{x}, []string{"unit"}, attr{"axis", int64(-1)}, attr{"p", int64(2)})
	w.g.node("", "MatMul", []string{u, w.f32("axes", axes, h, width)}, []string{outputTokens})
	w.g.port(graphOutput, outputTokens, "tokens", width)
	if err := errors.Join(w.errs...); err != nil {
		return nil, fmt.Errorf("write graph: %w", err)
	}
	return w.g.model("encoder"), nil
}

// layer writes one layer: attention, then two products with a bend between.
func (w *graphWriter) layer(i int, x, first string) string {
	o := "l" + strconv.Itoa(i) + "."
	h := w.sizes.hidden
	// Queries, keys and values in one product: what is multiplied is rounded to
	// whole numbers once instead of three times, to the same result.
	parts := []string{"attention.self.query", "attention.self.key", "attention.self.value"}
	all := w.linear(x, i, parts, h, h, o+"qkv")
	w.g.node("", "Split", []string{all}, []string{o + "q", o + "k", o + "v"}, attr{"axis", int64(-1)}, attr{"num_outputs", int64(3)})
	one := func(name string) string { // a batch of one
		return w.g.node("", "Unsqueeze", []string{o + name, first}, []string{o + name + ".b"})
	}
	c := w.g.node(contrib, "MultiHeadAttention", []string{one("q"), one("k"), one("v")}, []string{o + "mixed"},
		attr{"num_heads", int64(w.sizes.heads)})
	c = w.g.node("", "Squeeze", []string{c, first}, []string{o + "merged"})
	a := w.linear(c, i, []string{"attention.output.dense"}, h, h, o+"attended")
	x = w.norm(a, x, layerName(i, "attention.output.LayerNorm"), o+"x1")
	f := w.linear(x, i, []string{"intermediate.dense"}, h, w.sizes.inner, o+"wide")
	f = w.g.node("", "Gelu", []string{f}, []string{o + "bent"})
	f = w.linear(f, i, []string{"output.dense"}, w.sizes.inner, h, o+"narrow")
	return w.norm(f, x, layerName(i, "output.LayerNorm"), o+"x2")
}

// norm adds skip, where there is one, and normalises.
func (w *graphWriter) norm(x, skip, name, out string) string {
	weight := w.f32(out+".w", w.read(name+".weight", w.sizes.hidden))
	bias := w.f32(out+".b", w.read(name+".bias", w.sizes.hidden))
	eps := attr{"epsilon", float32(layerNormEpsilon)}
	if skip != "" {
		// Not SkipLayerNormalization, which does both: it takes four times as long.
		x = w.g.node("", "Add", []string{x, skip}, []string{out + ".sum"})
	}
	return w.g.node("", "LayerNormalization", []string{x, weight, bias}, []string{out}, eps)
}

// linear writes x·Wᵀ + b for one matrix, or for several side by side.
func (w *graphWriter) linear(x string, layer int, parts []string, in, out int, name string) string {
	cols := len(parts) * out
	m, b := make([]float32, 0, in*cols), make([]float32, 0, cols)
	for _, p := range parts {
		m = append(m, w.read(layerName(layer, p)+".weight", out, in)...)
		b = append(b, w.read(layerName(layer, p)+".bias", out)...)
	}
	if len(m) < in*cols || len(b) < cols {
		return name // the reason is in errs
	}
	bias := w.f32(name+".b", b)
	if w.precision == FP32 {
		return w.g.node("", "Gemm", []string{x, w.f32(name+".w", transposed(m, cols, in), in, cols), bias}, []string{name})
	}
	q, scales := quantise(m, cols, in, w.precision.levels())
	ins := []string{x, w.store(name+".w", onnxI8, []int{in, cols}, q), w.f32(name+".s", scales), "", bias}
	return w.g.node(contrib, "DynamicQuantizeMatMul", ins, []string{name})
}

func (w *graphWriter) read(name string, shape ...int) []float32 {
	v, err := w.src.floats(name, shape...)
	if err != nil {
		w.errs = append(w.errs, err)
	}
	return v
}

func (w *graphWriter) f32(name string, v []float32, shape ...int) string {
	if len(shape) == 0 {
		shape = []int{len(v)}
	}
	b := make([]byte, 0, len(v)*4)
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return w.store(name, onnxF32, shape, b)
}

// store writes numbers into the file beside the graph.
func (w *graphWriter) store(name string, kind int64, shape []int, b []byte) string {
	w.write(make([]byte, (weightAlign-w.at%weightAlign)%weightAlign))
	w.g.stored(name, kind, shape, w.file, w.at, int64(len(b)))
	w.write(b)
	return name
}

func (w *graphWriter) write(b []byte) {
	n, err := w.weights.Write(b)
	w.at += int64(n)
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// transposed turns rows × cols into cols × rows.
func transposed(m []float32, rows, cols int) []float32 {
	out := make([]float32, len(m))
	for r := range rows {
		for c := range cols {
			out[c*rows+r] = m[r*cols+c]
		}
	}
	return out
}

// quantise rounds a matrix (rows × cols, a row for each output) to whole
// numbers up to levels with one scale a row, and turns it as transposed does.
func quantise(m []float32, rows, cols int, levels float64) (q []byte, scales []float32) {
	q, scales = make([]byte, len(m)), make([]float32, rows)
	for r := range rows {
		row := m[r*cols:][:cols]
		most := 0.0
		for _, v := range row {
			most = max(most, math.Abs(float64(v)))
		}
		scale := float32(most / levels)
		if scale == 0 {
			scale = 1 // a row of zeros stays one
		}
		scales[r] = scale
		for c, v := range row {
			q[c*rows+r] = byte(int8(math.RoundToEven(float64(v / scale))))
		}
	}
	return q, scales
}
