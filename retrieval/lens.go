package retrieval

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"frontdesk/retrieval/dots"
)

// Lens bends the vector of a question before it is compared: q becomes the
// direction of q + M·q. It was learned on questions and the articles that answer
// them, by contrast: a question and its answer are different kinds of text, and
// an encoder that never saw such pairs puts them near by what they are like
// rather than by what answers. Passages stay as they are, so that nothing has
// to be embedded again.
//
// M is kept in 8 bits, with a scale for each of its rows.
type Lens struct {
	Dims  int
	rows  []int8 // Dims × Dims, row by row
	scale []float32
	bend  []float32 // rows times scale: M, as it is multiplied
}

// Lenses are those of the models that have one, by family.
type Lenses map[string]Lens

// newLens rounds a matrix.
func newLens(m []float32, dims int) Lens {
	l := Lens{Dims: dims, rows: make([]int8, dims*dims), scale: make([]float32, dims)}
	for i := range dims {
		row := m[i*dims : (i+1)*dims]
		most := float32(0)
		for _, x := range row {
			most = max(most, float32(math.Abs(float64(x))))
		}
		if most == 0 {
			continue
		}
		l.scale[i] = most / 127
		for j, x := range row {
			l.rows[i*dims+j] = int8(math.Round(float64(x / l.scale[i])))
		}
	}
	l.unfold()
	return l
}

// unfold makes M of its rows and scales.
func (l *Lens) unfold() {
	l.bend = make([]float32, len(l.rows))
	for i, scale := range l.scale {
		for j := i * l.Dims; j < (i+1)*l.Dims; j++ {
			l.bend[j] = scale * float32(l.rows[j])
		}
	}
}

// Through is a vector of unit length seen through the lens; one of another
// length, or where there is no lens, stays as it is.
func (l Lens) Through(q []float32) []float32 {
	if l.Dims == 0 || len(q) != l.Dims {
		return q
	}
	out := make([]float32, l.Dims)
	for i := range out {
		out[i] = q[i] + dots.Dot(l.bend[i*l.Dims:(i+1)*l.Dims], q)
	}
	toUnit(out)
	return out
}

// toUnit gives v length one; one without a direction stays as it is.
func toUnit(v []float32) (length float32) {
	length = float32(math.Sqrt(float64(dots.Dot(v, v))))
	if length > 0 {
		for i := range v {
			v[i] /= length
		}
	}
	return length
}

// through is a question's vector as it is compared under a model.
func (l Lenses) through(model string, q []float32) []float32 {
	return l[modelFamily(model)].Through(q)
}

type lensJSON struct {
	Dims  int    `json:"dims"`
	Scale string `json:"scale"` // Dims little-endian float32, base64
	Rows  string `json:"rows"`  // Dims × Dims int8, base64
}

// MarshalJSON writes the numbers as base64: as text they would be four times as long.
func (l Lens) MarshalJSON() ([]byte, error) {
	scale := make([]byte, 0, 4*len(l.scale))
	for _, x := range l.scale {
		scale = binary.LittleEndian.AppendUint32(scale, math.Float32bits(x))
	}
	rows := make([]byte, len(l.rows))
	for i, x := range l.rows {
		rows[i] = byte(x)
	}
	enc := base64.StdEncoding.EncodeToString
	return json.Marshal(lensJSON{Dims: l.Dims, Scale: enc(scale), Rows: enc(rows)})
}

// UnmarshalJSON refuses a lens whose parts do not fit together.
func (l *Lens) UnmarshalJSON(data []byte) error {
	var j lensJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	scale, err := base64.StdEncoding.DecodeString(j.Scale)
	if err != nil {
		return fmt.Errorf("lens: scale: %w", err)
	}
	rows, err := base64.StdEncoding.DecodeString(j.Rows)
	if err != nil {
		return fmt.Errorf("lens: rows: %w", err)
	}
	if j.Dims < 1 || len(scale) != 4*j.Dims || len(rows) != j.Dims*j.Dims {
		return fmt.Errorf("lens: %d dimensions, and %d bytes of scales and %d of rows", j.Dims, len(scale), len(rows))
	}
	*l = Lens{Dims: j.Dims, rows: make([]int8, len(rows)), scale: make([]float32, j.Dims)}
	for i, b := range rows {
		l.rows[i] = int8(b)
	}
	for i := range l.scale {
		l.scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(scale[4*i:]))
	}
	if slices.ContainsFunc(l.scale, func(x float32) bool { return !(x >= 0) || x > 1 }) {
		return errors.New("lens: a scale is negative, above 1 or no number")
	}
	l.unfold()
	return nil
}
