package local

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
)

// safetensorsFile is a file of named tensors: the length of a JSON head, the
// head (name → kind of numbers, shape, where), the numbers.
type safetensorsFile struct {
	data    []byte
	tensors map[string]safeTensor
}

type safeTensor struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// readSafetensors reads the head; b stays in use.
func readSafetensors(b []byte) (*safetensorsFile, error) {
	const most = 1 << 20 // a hundred times the head of the model used here
	if len(b) < 8 {
		return nil, fmt.Errorf("%w: it has no head", ErrWeights)
	}
	n := binary.LittleEndian.Uint64(b)
	if n > most || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("%w: its head is longer than it", ErrWeights)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &raw); err != nil {
		return nil, fmt.Errorf("%w: its head is not JSON", ErrWeights)
	}
	f := &safetensorsFile{data: b[8+n:], tensors: map[string]safeTensor{}}
	for name, r := range raw {
		if name == "__metadata__" {
			continue
		}
		var t safeTensor
		if err := json.Unmarshal(r, &t); err != nil || t.Offsets[0] < 0 || t.Offsets[0] > t.Offsets[1] || t.Offsets[1] > int64(len(f.data)) {
			return nil, fmt.Errorf("%w: no whole %s in it", ErrWeights, name)
		}
		f.tensors[name] = t
	}
	return f, nil
}

func (f *safetensorsFile) tensor(name string, shape []int) ([]byte, error) {
	t, ok := f.tensors[name]
	if !ok || t.DType != "F32" || !slices.Equal(t.Shape, shape) || t.Offsets[1]-t.Offsets[0] != int64(shapeSize(shape))*4 {
		return nil, fmt.Errorf("%w: no whole %s in it", ErrWeights, name)
	}
	return f.data[t.Offsets[0]:t.Offsets[1]], nil
}

func (f *safetensorsFile) floats(name string, shape ...int) ([]float32, error) {
	b, err := f.tensor(name, shape)
	if err != nil {
		return nil, err
	}
	out := make([]float32, shapeSize(shape))
	readFloats(out, b)
	return out, nil
}

func (f *safetensorsFile) words() (table, error) {
	const name = "embeddings.word_embeddings.weight"
	shape := f.tensors[name].Shape
	if len(shape) != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > 1<<22 || shape[1] > 1<<14 {
		return nil, fmt.Errorf("%w: no whole %s in it", ErrWeights, name)
	}
	b, err := f.tensor(name, shape)
	if err != nil {
		return nil, err
	}
	return f32Table{b: b, width: shape[1], n: shape[0]}, nil
}

// f32Table is a table of words in full, as the file has it.
type f32Table struct {
	b        []byte
	width, n int
}

func (t f32Table) rows() int { return t.n }

func (t f32Table) row(dst []float32, id int32) error {
	if id < 0 || int(id) >= t.n || len(dst) != t.width {
		return errNoRow(id, t.n)
	}
	readFloats(dst, t.b[int(id)*t.width*4:][:t.width*4])
	return nil
}
