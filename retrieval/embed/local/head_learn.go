package local

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
)

// HeadSums are what a head is learned from: sums over texts as a Bare gives
// them. Those of several businesses add up, so that leaving one out costs
// nothing. The zero value has seen nothing.
type HeadSums struct {
	sides  map[Kind]*sideSums
	square []float64 // hidden × hidden: of each passage's tokens with themselves
}

type sideSums struct {
	texts, tokens float64
	text, token   []float64 // sums of unit vectors
}

// Add counts a text in, and all of its tokens but the marks: signs and common
// words, which are not served, tell as much about how a model leans.
func (b *Bare) Add(s *HeadSums, kind Kind, v Vectors) {
	h := b.Dims()
	side := s.side(kind, h)
	side.texts++
	addTo(side.text, v.Pooled)
	from, to := b.m.head.inner(kind, v.TokenIDs)
	for i := from; i < to; i++ {
		row := v.Tokens[i*h:][:h]
		side.tokens++
		addTo(side.token, row)
		if kind != Passage {
			continue
		}
		for a, x := range row { // the upper half; the lower one is the same
			square := s.square[a*h+a : (a+1)*h]
			for j, y := range row[a:] {
				square[j] += float64(x) * float64(y)
			}
		}
	}
}

func addTo(sum []float64, v []float32) {
	for i, x := range v {
		sum[i] += float64(x)
	}
}

func (s *HeadSums) side(kind Kind, hidden int) *sideSums {
	if s.sides == nil {
		s.sides, s.square = map[Kind]*sideSums{}, make([]float64, hidden*hidden)
	}
	if s.sides[kind] == nil {
		s.sides[kind] = &sideSums{text: make([]float64, hidden), token: make([]float64, hidden)}
	}
	return s.sides[kind]
}

// Join counts another's texts in.
func (s *HeadSums) Join(o *HeadSums) {
	for _, kind := range []Kind{Query, Passage} {
		from := o.sides[kind]
		if from == nil {
			continue
		}
		to := s.side(kind, len(from.text))
		to.texts, to.tokens = to.texts+from.texts, to.tokens+from.tokens
		for i := range from.text {
			to.text[i] += from.text[i]
			to.token[i] += from.token[i]
		}
	}
	for i, x := range o.square {
		s.square[i] += x
	}
}

// Texts is how many texts of a kind were counted in.
func (s *HeadSums) Texts(kind Kind) int {
	if s.sides[kind] == nil {
		return 0
	}
	return int(s.sides[kind].texts)
}

// ErrTooLittle says that a head cannot be learned from what was counted in.
var ErrTooLittle = errors.New("a head is learned from passages and questions, and from more tokens than it has axes")

// Learn makes a head: the means of both sides, and the axes along which the
// tokens of passages differ most. The bytes are a head file's; equal sums give
// equal bytes.
func (s *HeadSums) Learn() ([]byte, error) {
	p, q := s.sides[Passage], s.sides[Query]
	if p == nil || q == nil || p.tokens <= TokenDims || q.tokens == 0 {
		return nil, ErrTooLittle
	}
	h := len(p.text)
	cov := make([]float64, h*h)
	for i := range h {
		for j := i; j < h; j++ {
			c := s.square[i*h+j]/p.tokens - p.token[i]/p.tokens*(p.token[j]/p.tokens)
			cov[i*h+j], cov[j*h+i] = c, c
		}
	}
	rows := [][]float64{
		scaled(p.token, p.tokens), scaled(q.token, q.tokens), scaled(p.text, p.texts), scaled(q.text, q.texts),
	}
	rows = append(rows, principalAxes(cov, h, TokenDims)...)
	out := make([]byte, 0, 2*h*len(rows))
	for _, row := range rows {
		for _, x := range row {
			out = binary.LittleEndian.AppendUint16(out, floatToHalf(float32(x)))
		}
	}
	return out, nil
}

func scaled(v []float64, by float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / by
	}
	return out
}

// Head is a head that can be tried on what a Bare gives.
type Head struct {
	data headData
	head *head
}

// HeadFile is the name of a model's head file below data.
func HeadFile(name string) (string, error) {
	s, err := specOf(name)
	return s.head, err
}

// BuiltInHead is the head file that ships with a model.
func BuiltInHead(name string) ([]byte, error) {
	s, err := specOf(name)
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(dataFS, "data/"+s.head)
}

// Head reads a head file of the model.
func (b *Bare) Head(file []byte) (*Head, error) {
	d, err := parseHead(file, b.m.spec)
	if err != nil {
		return nil, err
	}
	h := *b.m.head
	h.take(d)
	return &Head{data: d, head: &h}, nil
}

// Apply is what a model with this head would have served of a text; v is not
// changed.
func (h *Head) Apply(kind Kind, v Vectors) (Vectors, error) {
	hidden := len(v.Pooled)
	turned := make([]float32, 0, len(v.TokenIDs)*TokenDims)
	for i := range v.TokenIDs {
		turned = append(turned, h.data.turned(v.Tokens[i*hidden:][:hidden])...)
	}
	v.Tokens, v.TokenDims = turned, TokenDims
	err := h.head.apply(kind, &v)
	return v, err
}

// Kept is a text without a head: nothing is taken off, and its tokens are those
// that would be served, as wide as they are.
func (b *Bare) Kept(kind Kind, v Vectors) Vectors {
	out := Vectors{Pooled: v.Pooled, TokenDims: v.TokenDims}
	for _, i := range b.m.head.keep(kind, v.TokenIDs) {
		out.TokenIDs, out.Places = append(out.TokenIDs, v.TokenIDs[i]), append(out.Places, v.Places[i])
		out.Tokens = append(out.Tokens, v.Tokens[i*v.TokenDims:][:v.TokenDims]...)
	}
	return out
}

// Likeness says how near two heads are: the cosine of their means, the least of
// the four, and how much of the one's axes lies in the space of the other's.
func (h *Head) Likeness(o *Head) (means, axes float64) {
	means = 1
	for _, kind := range []Kind{Query, Passage} {
		for _, pair := range [][2][]float32{{h.data.tokens[kind], o.data.tokens[kind]}, {h.data.pooled[kind], o.data.pooled[kind]}} {
			means = min(means, cosine(pair[0], pair[1])/math.Sqrt(cosine(pair[0], pair[0])*cosine(pair[1], pair[1])))
		}
	}
	for _, a := range h.data.axes {
		for _, b := range o.data.axes {
			axes += cosine(a, b) * cosine(a, b) / TokenDims
		}
	}
	return means, axes
}

// floatToHalf rounds a number to half precision, to even where two are as near.
// What is too large becomes infinite.
func floatToHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	x := math.Abs(float64(f))
	switch {
	case x != x:
		return sign | 0x7e00
	case x >= 65520:
		return sign | 0x7c00
	case x < 1.0/(1<<14): // below the least normal one: whole multiples of 2⁻²⁴
		return sign | uint16(math.RoundToEven(x*(1<<24)))
	}
	frac, exp := math.Frexp(x) // frac in [½, 1)
	whole := uint16(math.RoundToEven(frac * (1 << 11)))
	return sign | (uint16(exp+13)<<10 + whole)
}

// Halves are numbers in half precision, little endian, as head files have them;
// FromHalves reads them.
func Halves(v []float32) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint16(out, floatToHalf(x))
	}
	return out
}

// FromHalves is the inverse of Halves, as far as half precision goes.
func FromHalves(b []byte) []float32 {
	out := make([]float32, len(b)/2)
	for i := range out {
		out[i] = halfToFloat(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}
