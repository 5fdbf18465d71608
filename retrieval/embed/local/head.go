package local

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"frontdesk/retrieval/embed/local/tok"
)

// TokenDims is the width of a token's vector. Of 384 numbers 64 lose nothing:
// R@1 .612 against .613 on eight businesses, 48 lose half a point.
const TokenDims = 64

// head is what follows a model's own output. All vectors of a model lean the
// same way, and those of questions another way than those of passages; taken
// off, what is left compares better (e5, questions in other languages: R@1 .437
// instead of .315). Token vectors are then turned to the axes along which they
// differ most, and cut to TokenDims: the turning is the graph's last operation,
// because there it costs nothing.
//
// The numbers come from the corpus' training businesses: means of the unit
// vectors of their passages and messages, and the principal axes of their
// passages' token vectors, none of a frozen business. `frontdesk train heads`
// learns them (HeadSums); which ones ship, and why, stands in retrieval/README.md.
type head struct {
	pooled map[Kind][]float32 // means of unit vectors
	tokens map[Kind][]float32 // likewise, turned to the axes
	edge   map[Kind]int       // tokens of the mark and the prefix in front of a text
	skip   map[int32]bool     // tokens of a passage that no question turns on
}

// headData is what a model's head file holds: half-precision rows, little
// endian: the tokens' mean in passages and in questions, the texts' mean
// likewise, then the axes.
type headData struct {
	tokens, pooled map[Kind][]float32 // hidden each
	axes           [][]float32        // TokenDims × hidden
}

func readHead(s spec) (headData, error) {
	b, err := fs.ReadFile(dataFS, "data/"+s.head)
	if err != nil {
		return headData{}, err
	}
	return parseHead(b, s)
}

func parseHead(b []byte, s spec) (headData, error) {
	h := s.sizes.hidden
	if len(b) != 2*h*(4+TokenDims) {
		return headData{}, fmt.Errorf("%s has %d bytes", s.head, len(b))
	}
	rows := make([][]float32, 4+TokenDims)
	for i := range rows {
		rows[i] = make([]float32, h)
		for j := range h {
			rows[i][j] = halfToFloat(binary.LittleEndian.Uint16(b[2*(i*h+j):]))
		}
	}
	return headData{
		tokens: map[Kind][]float32{Passage: rows[0], Query: rows[1]},
		pooled: map[Kind][]float32{Passage: rows[2], Query: rows[3]},
		axes:   rows[4:],
	}, nil
}

// matrix is the axes as the graph multiplies with them: hidden × TokenDims.
func (d headData) matrix() []float32 {
	hidden := len(d.axes[0])
	out := make([]float32, hidden*TokenDims)
	for a, axis := range d.axes {
		for j, w := range axis {
			out[j*TokenDims+a] = w
		}
	}
	return out
}

// turned is a vector on the axes.
func (d headData) turned(v []float32) []float32 {
	out := make([]float32, TokenDims)
	for a, axis := range d.axes {
		var sum float64
		for j, w := range axis {
			sum += float64(w) * float64(v[j])
		}
		out[a] = float32(sum)
	}
	return out
}

func newHead(s spec, d headData, tokens tok.Tokenizer, vocab []byte) *head {
	out := &head{edge: map[Kind]int{}, skip: map[int32]bool{}}
	out.take(d)
	for _, k := range []Kind{Query, Passage} {
		ids := tokens.Encode(nil, s.prefix[k], s.maxTokens)
		out.edge[k] = len(ids) - 1 // all but the mark of the end
	}
	if s.skips {
		for i, line := range bytes.Split(bytes.TrimSuffix(vocab, []byte("\n")), []byte("\n")) {
			if piece := strings.TrimSuffix(string(line), "\r"); emptyPiece(piece) {
				out.skip[int32(i)] = true
			}
		}
	}
	return out
}

// take gives a head other means.
func (d *head) take(data headData) {
	d.pooled, d.tokens = data.pooled, map[Kind][]float32{}
	for k, mean := range data.tokens {
		d.tokens[k] = data.turned(mean)
	}
}

// emptyPiece says whether a piece of English says nothing by itself: signs, and
// the commonest words. Without them a passage has half as many rows and ranks
// better (R@1 .623 instead of .613).
func emptyPiece(piece string) bool {
	piece = strings.TrimPrefix(piece, "##")
	if slices.Contains(commonWords(), piece) {
		return true
	}
	return !strings.ContainsFunc(piece, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

func commonWords() []string {
	return strings.Fields(`the a an and or of to in on at for with by from is are was were be been it its this that
		these those as if then than but not no so do does did have has had can could will would may might must shall
		should you your we our us they them their he she i me my`)
}

// apply makes what is served of what the graph gave: v's pooled vector is of
// unit length, its tokens are the whole text's with the marks around it, each a
// unit vector turned to the axes.
func (d *head) apply(kind Kind, v *Vectors) error {
	pooled, err := centred(v.Pooled, d.pooled[kind])
	if err != nil {
		return err
	}
	v.Pooled = pooled
	if len(v.TokenIDs) == 0 {
		v.TokenDims, v.Places = TokenDims, nil
		return nil
	}
	keep := d.keep(kind, v.TokenIDs)
	out := Vectors{Pooled: v.Pooled, Depths: v.Depths, Truncated: v.Truncated, TokenDims: TokenDims}
	row := make([]float32, TokenDims)
	for _, i := range keep {
		for a, x := range v.Tokens[i*TokenDims:][:TokenDims] {
			row[a] = x - d.tokens[kind][a]
		}
		turned, err := unit(row)
		if err != nil {
			continue // on the mean itself: no direction is left
		}
		out.TokenIDs, out.Places = append(out.TokenIDs, v.TokenIDs[i]), append(out.Places, v.Places[i])
		out.Tokens = append(out.Tokens, turned...)
	}
	*v = out
	return nil
}

// keep is which tokens of a text are served: not the marks around it, and of a
// passage none that no question turns on, unless it has no others.
func (d *head) keep(kind Kind, ids []int32) []int {
	from, to := d.inner(kind, ids)
	out, all := make([]int, 0, to-from), make([]int, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, i)
		if kind != Passage || !d.skip[ids[i]] {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// inner is a text without the marks around it; with them where there is nothing
// else.
func (d *head) inner(kind Kind, ids []int32) (from, to int) {
	from, to = d.edge[kind], len(ids)-1
	if from >= to {
		return 0, len(ids)
	}
	return from, to
}

// centred takes the mean off a unit vector and makes it one again; a vector on
// the mean itself stays as it is.
func centred(v, mean []float32) ([]float32, error) {
	x := make([]float32, len(v))
	for j := range v {
		x[j] = v[j] - mean[j]
	}
	out, err := unit(x)
	if err != nil {
		return v, nil //nolint:nilerr // no direction is left
	}
	return out, nil
}
