package lang

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// classes are the languages that the model tells apart, in the order of its
// weights.
func classes() []string {
	return []string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "cs", "sv", "id", "vi", "ru", "uk"}
}

// latin is how many of the classes are in Latin letters; the rest are Cyrillic.
const latin = 13

//go:embed weights.bin.gz
var weightsGz []byte

// model is a linear model: by class and bucket, a weight.
type model struct {
	step    float64 // of the quantised weights
	weights []int8  // bucket by bucket, the classes of a bucket together
}

// readModel unpacks weights: a step, then the weights.
func readModel(packed []byte) (*model, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("language model: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, 1<<22))
	if err != nil {
		return nil, fmt.Errorf("language model: %w", err)
	}
	if want := 8 + buckets*len(classes()); len(raw) != want {
		return nil, fmt.Errorf("language model has %d bytes, not %d", len(raw), want)
	}
	m := &model{step: math.Float64frombits(binary.LittleEndian.Uint64(raw)), weights: make([]int8, buckets*len(classes()))}
	for i := range m.weights {
		m.weights[i] = int8(raw[8+i])
	}
	return m, nil
}

// pack is what readModel reads.
func (m *model) pack() ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 8, 8+len(m.weights))
	binary.LittleEndian.PutUint64(raw, math.Float64bits(m.step))
	for _, x := range m.weights {
		raw = append(raw, byte(x))
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// scores adds the evidence for each class, in logits.
func (m *model) scores(f *features, out []float64) {
	n := len(out)
	sums := make([]int32, n)
	for _, b := range f.at {
		row := m.weights[int(b)*n : int(b)*n+n]
		for c, w := range row {
			sums[c] += int32(w)
		}
	}
	scale := m.step * f.scale()
	for c := range out {
		out[c] += float64(sums[c]) * scale
	}
}
