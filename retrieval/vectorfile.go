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

// VectorFile holds a model's vectors by text, those of tokens with them, so
// that knowledge can be shipped with its vectors and ingested without computing
// them.
//
// The file: the line "frontdesk vectors 3\n"; the model's name (uint16 length,
// bytes); dims, width of a token's row (uint16 each); count (uint32), all
// little-endian; then per text the sha256 of what was embedded, dims
// half-precision floats, the number of tokens (uint16), their rows of int8, the
// number of places (uint16: that of the tokens, or none) and the places (uint16
// each), in the order of the hashes; then the sha256 of everything before it. A
// half keeps 11 bits: a cosine moves by less than 0.0005. Files of version 2,
// which had no places, and of version 1, without tokens, are read too.
type VectorFile struct {
	Model     Model
	TokenDims int // 0: no token vectors
	texts     map[[32]byte]Encoded
}

const (
	vectorMagic  = "frontdesk vectors 3\n"
	vectorMagic2 = "frontdesk vectors 2\n"
	vectorMagic1 = "frontdesk vectors 1\n"
)

// maxVectors bounds what a file may claim to hold: 4 GiB of vectors is no
// knowledge base, and a damaged count must not ask for all memory.
const maxVectors = 2 << 20

// NewVectorFile returns an empty file for one model.
func NewVectorFile(m Model) *VectorFile {
	return &VectorFile{Model: m, texts: map[[32]byte]Encoded{}}
}

// Put adds the vector of a text by the text's sha256.
func (f *VectorFile) Put(hash [32]byte, vec []float32) {
	e := f.texts[hash]
	e.Vec = vec
	f.texts[hash] = e
}

// PutRows adds the rows of the text's tokens, and their places where known.
func (f *VectorFile) PutRows(hash [32]byte, rows []int8, places []uint16) {
	e := f.texts[hash]
	e.Rows, e.Places = rows, places
	f.texts[hash] = e
}

// Get finds a text's vector; never on a nil file or for another model.
func (f *VectorFile) Get(model string, hash [32]byte) ([]float32, bool) {
	e, ok := f.Encoded(model, hash)
	return e.Vec, ok
}

// Encoded is Get with the rows of the text's tokens. The tokens' ids, which
// nobody asks of a passage, are not kept.
func (f *VectorFile) Encoded(model string, hash [32]byte) (Encoded, bool) {
	if f == nil || f.Model.Name != model {
		return Encoded{}, false
	}
	e, ok := f.texts[hash]
	return e, ok
}

// Len is how many texts there are.
func (f *VectorFile) Len() int {
	if f == nil {
		return 0
	}
	return len(f.texts)
}

// WriteTo writes the file; the same vectors give the same bytes.
func (f *VectorFile) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	b.WriteString(vectorMagic)
	put := func(n int) { b.Write(binary.LittleEndian.AppendUint16(nil, uint16(n))) }
	put(len(f.Model.Name))
	b.WriteString(f.Model.Name)
	put(f.Model.Dims)
	put(f.TokenDims)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(f.texts))))
	hashes := make([][32]byte, 0, len(f.texts))
	for h := range f.texts {
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, h := range hashes {
		e := f.texts[h]
		tokens := 0
		if f.TokenDims > 0 {
			tokens = len(e.Rows) / f.TokenDims
		}
		if len(e.Vec) != f.Model.Dims || tokens*f.TokenDims != len(e.Rows) || tokens > math.MaxUint16 || len(e.Places) > 0 && len(e.Places) != tokens {
			return 0, fmt.Errorf("write vectors: a text has %d numbers and %d of tokens at %d places, the model %d and %d a token", len(e.Vec), len(e.Rows), len(e.Places), f.Model.Dims, f.TokenDims)
		}
		b.Write(h[:])
		for _, x := range e.Vec {
			put(int(toHalf(x)))
		}
		put(tokens)
		for _, x := range e.Rows {
			b.WriteByte(byte(x))
		}
		put(len(e.Places))
		for _, p := range e.Places {
			put(int(p))
		}
	}
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	n, err := w.Write(b.Bytes())
	return int64(n), err
}

// ReadVectorFile reads what WriteTo wrote; ErrVectorFile for anything else.
func ReadVectorFile(data []byte) (*VectorFile, error) {
	files, err := ReadVectorFiles(data)
	if err == nil && len(files) > 1 {
		return nil, fmt.Errorf("%w (it holds several models)", ErrVectorFile)
	}
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

// ReadVectorFiles reads one or more files that lie one after another, each of
// another model.
func ReadVectorFiles(data []byte) ([]*VectorFile, error) {
	var out []*VectorFile
	for {
		f, size, err := readVectorFile(data)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		if data = data[size:]; len(data) == 0 {
			return out, nil
		}
	}
}

// readVectorFile reads the file that data begins with, and says how long it is.
func readVectorFile(data []byte) (f *VectorFile, size int, err error) {
	bad := func(what string) (*VectorFile, int, error) {
		return nil, 0, fmt.Errorf("%w (%s)", ErrVectorFile, what)
	}
	if len(data) < len(vectorMagic)+sha256.Size {
		return bad("it is too short")
	}
	magic := string(data[:len(vectorMagic)])
	if magic != vectorMagic && magic != vectorMagic2 && magic != vectorMagic1 {
		return bad("it does not begin as one")
	}
	r := reader{rest: data[len(vectorMagic):]}
	f = NewVectorFile(Model{Name: string(r.take(r.number()))})
	f.Model.Dims = r.number()
	if magic != vectorMagic1 {
		f.TokenDims = r.number()
	}
	count := r.count()
	if r.short || f.Model.Dims == 0 || count > maxVectors {
		return bad("it ends early, or says of itself what cannot be")
	}
	for range count {
		hash := r.take(sha256.Size)
		e, wrong := r.text(magic, f.Model, f.TokenDims)
		if wrong != "" {
			return bad(wrong)
		}
		f.Put([32]byte(hash), e.Vec)
		if len(e.Rows) > 0 {
			f.PutRows([32]byte(hash), e.Rows, e.Places)
		}
	}
	body := data[:len(data)-len(r.rest)]
	want := r.take(sha256.Size)
	if got := sha256.Sum256(body); r.short || !bytes.Equal(got[:], want) {
		return bad("its checksum differs")
	}
	return f, len(data) - len(r.rest), nil
}

// reader takes a file apart; after a read beyond its end short is set.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if r.short || n > len(r.rest) {
		r.short = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) number() int {
	if b := r.take(2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (r *reader) count() int {
	if b := r.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// text takes apart what stands behind a text's hash; wrong says why it cannot.
func (r *reader) text(magic string, m Model, tokenDims int) (e Encoded, wrong string) {
	vec := unit(r.take(2 * m.Dims))
	var rows, places []byte
	if magic != vectorMagic1 {
		rows = r.take(r.number() * tokenDims)
	}
	if magic == vectorMagic {
		places = r.take(r.number() * 2)
	}
	switch {
	case r.short:
		return e, "it ends early"
	case len(places) > 0 && len(places)/2*tokenDims != len(rows):
		return e, "a text in it has more or fewer places than tokens"
	case CheckVector(vec, m.Dims) != nil:
		return e, "a vector in it has no direction"
	}
	e.Vec = vec
	if len(rows) > 0 {
		e.Rows, e.Places = signed(rows), numbers(places)
	}
	return e, ""
}

// unit reads halves. Rounding moved the length a little; it is made 1 again.
func unit(halves []byte) []float32 {
	vec := make([]float32, len(halves)/2)
	var sum float64
	for i := range vec {
		vec[i] = fromHalf(binary.LittleEndian.Uint16(halves[2*i:]))
		sum += float64(vec[i]) * float64(vec[i])
	}
	norm := float32(1 / math.Sqrt(cmp.Or(sum, 1)))
	for i := range vec {
		vec[i] *= norm
	}
	return vec
}

// numbers are uint16, little-endian, in memory of their own; nil of none.
func numbers(b []byte) []uint16 {
	if len(b) == 0 {
		return nil
	}
	out := make([]uint16, len(b)/2)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return out
}

// signed is bytes as the int8 they are, in memory of their own.
func signed(b []byte) []int8 {
	out := make([]int8, len(b))
	for i, v := range b {
		out[i] = int8(v)
	}
	return out
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
