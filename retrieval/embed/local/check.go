package local

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// reference is a text and what the model says of it in float32, computed by
// testdata/reference.py.
type reference struct {
	Kind   Kind    `json:"kind"`
	Text   string  `json:"text"`
	IDs    []int32 `json:"ids"`
	Vector string  `json:"vector"` // half precision, little endian, base64
}

// enough is the least cosine to the reference with which a graph is taken.
// Measured over the reference texts, the worst of them: fp32 1.0000 for both;
// int8 .9964 for e5 and .9885 for MiniLM; int7 .9957 and .9754.
func enough(p Precision) float64 {
	switch p {
	case FP32:
		return 0.9995
	case Int7:
		return 0.965
	default:
		return 0.98
	}
}

// errTokens says that a text came out as other tokens than the original's.
var errTokens = errors.New("a reference text has other tokens than it should")

func references(model string) ([]reference, error) {
	b, err := fs.ReadFile(dataFS, "data/reference.json")
	if err != nil {
		return nil, err
	}
	var all map[string][]reference
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("read the reference vectors: %w", err)
	}
	if len(all[model]) == 0 {
		return nil, fmt.Errorf("there are no reference vectors of %s", model)
	}
	return all[model], nil
}

func (r reference) vector() ([]float32, error) {
	b, err := base64.StdEncoding.DecodeString(r.Vector)
	if err != nil {
		return nil, fmt.Errorf("read a reference vector: %w", err)
	}
	out := make([]float32, len(b)/2)
	for i := range out {
		out[i] = halfToFloat(binary.LittleEndian.Uint16(b[i*2:]))
	}
	return unit(out)
}

// compare returns the least cosine between what the model says of the
// reference texts and what it should.
func (m *Model) compare() (float64, error) {
	refs, err := references(m.spec.name)
	if err != nil {
		return 0, err
	}
	least := 1.0
	for _, r := range refs {
		ids, _, _ := m.tokenise(r.Kind, r.Text, false)
		if !slices.Equal(ids, r.IDs) {
			return 0, fmt.Errorf("check %s: %w", m.spec.name, errTokens)
		}
		want, err := r.vector()
		if err != nil {
			return 0, err
		}
		got, err := m.run(ids, false, false)
		if errors.Is(err, ErrNotFinite) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("check %s: %w", m.spec.name, err)
		}
		least = min(least, cosine(got.Pooled, want))
	}
	return least, nil
}

// cosine is of two vectors of length one.
func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
