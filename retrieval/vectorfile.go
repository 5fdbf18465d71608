package retrieval

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// VectorFile holds vectors by model and text, so that knowledge can be shipped
// with its vectors and ingested without computing them.
//
// The file: the line "frontdesk vectors 1\n"; the model's name (uint16 length,
// bytes); dims (uint16); count (uint32), all little-endian; then per vector the
// sha256 of the embedded text and dims half-precision floats, in the order of
// the hashes; then the sha256 of everything before it. A half keeps 11 bits: a
// cosine moves by less than 0.0005.
type VectorFile struct {
	Model   Model
	vectors map[[32]byte][]float32
}

const vectorMagic = "frontdesk vectors 1\n"

// maxVectors bounds what a file may claim to hold: 4 GiB of vectors is no
// knowledge base, and a damaged count must not ask for all memory.
const maxVectors = 2 << 20

// NewVectorFile returns an empty file for one model.
func NewVectorFile(m Model) *VectorFile {
	return &VectorFile{Model: m, vectors: map[[32]byte][]float32{}}
}

// Put adds the vector of a text by the text's sha256.
func (f *VectorFile) Put(hash [32]byte, vec []float32) { f.vectors[hash] = vec }

// Get finds a vector; never on a nil file or for another model.
func (f *VectorFile) Get(model string, hash [32]byte) ([]float32, bool) {
	if f == nil || f.Model.Name != model {
		return nil, false
	}
	v, ok := f.vectors[hash]
	return v, ok
}

// Len is how many vectors there are.
func (f *VectorFile) Len() int {
	if f == nil {
		return 0
	}
	return len(f.vectors)
}

// WriteTo writes the file; the same vectors give the same bytes.
func (f *VectorFile) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	b.WriteString(vectorMagic)
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(f.Model.Name))))
	b.WriteString(f.Model.Name)
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(f.Model.Dims)))
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(f.vectors))))
	hashes := make([][32]byte, 0, len(f.vectors))
	for h := range f.vectors {
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, h := range hashes {
		if len(f.vectors[h]) != f.Model.Dims {
			return 0, fmt.Errorf("write vectors: one has %d numbers, the model %d", len(f.vectors[h]), f.Model.Dims)
		}
		b.Write(h[:])
		for _, x := range f.vectors[h] {
			b.Write(binary.LittleEndian.AppendUint16(nil, toHalf(x)))
		}
	}
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	n, err := w.Write(b.Bytes())
	return int64(n), err
}

// ReadVectorFile reads what WriteTo wrote; ErrVectorFile for anything else.
func ReadVectorFile(data []byte) (*VectorFile, error) {
	bad := func(what string) (*VectorFile, error) {
		return nil, fmt.Errorf("%w (%s)", ErrVectorFile, what)
	}
	if len(data) < len(vectorMagic)+sha256.Size || string(data[:len(vectorMagic)]) != vectorMagic {
		return bad("it does not begin as one")
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return bad("its checksum differs")
	}
	rest := body[len(vectorMagic):]
	if len(rest) < 2 {
		return bad("it ends early")
	}
	nameLen := int(binary.LittleEndian.Uint16(rest))
	rest = rest[2:]
	if len(rest) < nameLen+6 {
		return bad("it ends early")
	}
	f := NewVectorFile(Model{Name: string(rest[:nameLen]), Dims: int(binary.LittleEndian.Uint16(rest[nameLen:]))})
	count := int(binary.LittleEndian.Uint32(rest[nameLen+2:]))
	rest = rest[nameLen+6:]
	size := sha256.Size + 2*f.Model.Dims
	if f.Model.Dims == 0 || count > maxVectors || len(rest) != count*size {
		return bad("its length is not that of its vectors")
	}
	for ; len(rest) > 0; rest = rest[size:] {
		vec := make([]float32, f.Model.Dims)
		var sum float64
		for i := range vec {
			vec[i] = fromHalf(binary.LittleEndian.Uint16(rest[sha256.Size+2*i:]))
			sum += float64(vec[i]) * float64(vec[i])
		}
		// Rounding moved the length a little; it is made 1 again.
		norm := float32(1 / math.Sqrt(cmp.Or(sum, 1)))
		for i := range vec {
			vec[i] *= norm
		}
		if err := CheckVector(vec, f.Model.Dims); err != nil {
			return bad("a vector in it has no direction")
		}
		f.vectors[[32]byte(rest[:sha256.Size])] = vec
	}
	return f, nil
}

// toHalf rounds to the nearest half-precision float. What a unit vector holds
// lies in -1…1; anything too large becomes infinite, too small becomes zero.
func toHalf(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	exp := int(bits>>23&0xff) - 127
	man := bits & 0x7fffff
	switch {
	case exp > 15:
		return sign | 0x7c00
	case exp < -25:
		return sign
	case exp < -14: // subnormal
		man |= 0x800000
		shift := uint(-exp - 1)
		return sign + uint16(roundShift(man, shift))
	}
	// Rounding up may carry into the exponent, which is then right as it is.
	return sign + uint16(uint32(exp+15)<<10+roundShift(man, 13))
}

// roundShift is v / 2^n, ties to even.
func roundShift(v uint32, n uint) uint32 {
	q, rest, half := v>>n, v&(1<<n-1), uint32(1)<<(n-1)
	if rest > half || rest == half && q&1 == 1 {
		q++
	}
	return q
}

func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, man := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		v := float32(man) / (1 << 24)
		if sign != 0 {
			v = -v
		}
		return v
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | man<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | man<<13)
}
