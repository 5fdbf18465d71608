package tok

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// meta stands for a space in pieces, and begins every word.
const meta = "\u2581"

// unknownPenalty is sentencepiece's: how much less likely than its rarest piece
// an unknown character is.
const unknownPenalty = 10

// Unigram is sentencepiece's tokenizer as XLM-R and multilingual e5 use it:
// characters are made alike (NFKC, spaces collapsed), then a text is cut into
// the pieces whose probabilities have the greatest product.
//
// Scores are added up as 32-bit numbers from the text's beginning on, in the
// order of the original: where two ways are nearly as good, rounding decides,
// and it has to decide the same.
type Unigram struct {
	chars   charsmap
	pieces  trie
	score   []float32
	unknown float32 // score of an unknown character
	longest int     // piece, in bytes
	marks   Marks
}

var _ Tokenizer = (*Unigram)(nil)

// NewUnigram takes the pieces of a model by id and which of them are marks. The
// error wraps ErrVocabulary: a mark that is no piece, a piece twice, one with a
// space inside or at its end, a score that is not a number. Texts of pieces are
// not kept.
func NewUnigram(pieces []Piece, marks Marks) (*Unigram, error) {
	u := &Unigram{score: make([]float32, len(pieces)), marks: marks}
	texts := make([]string, len(pieces))
	for i, p := range pieces {
		texts[i], u.score[i] = p.Text, p.Score
	}
	for _, id := range append([]int32{marks.Begin, marks.End, marks.Unknown}, marks.Others...) {
		if id < 0 || int(id) >= len(pieces) {
			return nil, fmt.Errorf("read a Unigram vocabulary: mark %d of %d pieces: %w", id, len(pieces), ErrVocabulary)
		}
		texts[id] = ""
	}
	least := float32(0)
	for i, text := range texts {
		if text == "" {
			continue
		}
		if s := float64(u.score[i]); math.IsNaN(s) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("read a Unigram vocabulary: the score of piece %d: %w", i, ErrVocabulary)
		}
		if strings.LastIndex(text, meta) > 0 { // Encode settles the way up to a word's beginning
			return nil, fmt.Errorf("read a Unigram vocabulary: piece %d holds a space: %w", i, ErrVocabulary)
		}
		least = min(least, u.score[i])
		u.longest = max(u.longest, len(text))
	}
	u.unknown = least - unknownPenalty
	var err error
	if u.pieces, err = newTrie(texts); err != nil {
		return nil, fmt.Errorf("read a Unigram vocabulary: %w", err)
	}
	if u.chars, err = newCharsmap(charsmapBin); err != nil {
		return nil, fmt.Errorf("read charsmap.bin: %w", err)
	}
	return u, nil
}

// Encode is Tokenizer's.
func (u *Unigram) Encode(dst []int32, text string, limit int) []int32 {
	r := gathered{ids: dst}
	u.encode(newLattice(u, false), &r, text, limit)
	return r.ids
}

// Place is Tokenizer's; a place is that of the token's first character.
func (u *Unigram) Place(text string, limit int) (ids, places []int32) {
	r := gathered{placed: true}
	u.encode(newLattice(u, true), &r, text, limit)
	return r.ids, r.places
}

func (u *Unigram) encode(l *lattice, dst *gathered, text string, limit int) {
	end := room(dst.ids, limit)
	dst.add(u.marks.Begin, 0)
	gap := true // a word begins with the next character that is no space
	var chars [64]byte
	at := 0
	for at < len(text) && len(dst.ids) < end {
		out, size := u.chars.replace(chars[:0], text[at:])
		for _, c := range out {
			if c == ' ' {
				gap = true
				continue
			}
			if gap {
				l.finish(dst)
				l.add(at, []byte(meta)...)
				gap = false
			}
			l.add(at, c)
		}
		l.settle(dst)
		at += size
	}
	l.finish(dst)
	dst.end(end, u.marks.End, at)
}

// settleAfter is how many bytes of a word are collected before it is tried to
// settle its beginning: far more than any word of a language with spaces.
const settleAfter = 1024

// lattice finds the best way through a word. Where a word is endless (a language
// without spaces, a run of one letter) it settles what all ways still open have
// in common, so that a long text needs not be read to its end.
type lattice struct {
	u    *Unigram
	text []byte
	best []step // [i]: the best way to text[:i]
	at   int    // ways from here on are still to be found
	next int    // length of text at which to try and settle
	path []step // the way that is being read back

	placed bool
	places []int32 // [i]: where in the original the character that text[i] belongs to begins; none unless placed
}

// step is the last piece of a way. A score is that of the way from the
// beginning of the whole text.
type step struct {
	score    float32
	from, id int32 // from < 0: no way leads here yet
}

func newLattice(u *Unigram, placed bool) *lattice {
	return &lattice{u: u, text: make([]byte, 0, 128), best: make([]step, 1, 129), next: settleAfter, placed: placed}
}

// add takes the next bytes of a word, which stand for the character at a place.
func (l *lattice) add(place int, b ...byte) {
	l.text = append(l.text, b...)
	for range b {
		l.best = append(l.best, step{from: -1})
		if l.placed {
			l.places = append(l.places, int32(place))
		}
	}
}

// place is where in the original the piece begins that text[i] begins.
func (l *lattice) place(i int) int {
	if !l.placed {
		return 0
	}
	return int(l.places[i])
}

// forward finds the ways from all characters that begin before to.
func (l *lattice) forward(to int) {
	u := l.u
	for l.at < to {
		from, base := l.at, l.best[l.at].score
		char := from + charSize(l.text[from])
		single := false
		for i, node := from, int32(0); i < len(l.text); {
			if node = u.pieces.next(node, l.text[i]); node == noNode {
				break
			}
			i++
			id := u.pieces.id[node]
			if id < 0 {
				continue
			}
			l.offer(i, step{base + u.score[id], int32(from), id})
			single = single || i == char
		}
		if !single {
			l.offer(char, step{base + u.unknown, int32(from), u.marks.Unknown})
		}
		l.at = char
	}
}

// offer takes a way to i if it is the best so far.
func (l *lattice) offer(i int, s step) {
	if l.best[i].from < 0 || s.score > l.best[i].score {
		l.best[i] = s
	}
}

// charSize is the length of the character that begins with c; what is in a
// lattice is valid UTF-8.
func charSize(c byte) int {
	switch {
	case c < 0xC0:
		return 1
	case c < 0xE0:
		return 2
	case c < 0xF0:
		return 3
	}
	return 4
}

// finish appends the word's pieces to dst and makes room for the next word.
func (l *lattice) finish(dst *gathered) {
	if len(l.text) == 0 {
		return
	}
	l.forward(len(l.text))
	l.way(dst, len(l.text))
	l.drop(len(l.text))
	l.next = settleAfter
}

// settle appends to dst what a long word is sure to begin with: the way to where
// the ways still open part. In a run of one letter they may have nothing in
// common; then the run is kept.
func (l *lattice) settle(dst *gathered) {
	if len(l.text) < l.next {
		return
	}
	l.forward(len(l.text) - l.u.longest)
	fork := l.at
	for i := l.at + 1; i < len(l.best); i++ {
		if l.best[i].from < 0 {
			continue
		}
		for other := i; fork != other; { // where the two ways part
			if fork > other {
				fork = int(l.best[fork].from)
			} else {
				other = int(l.best[other].from)
			}
		}
	}
	if fork > 0 {
		l.way(dst, fork)
		l.drop(fork)
	}
	l.next = max(settleAfter, 2*len(l.text)) // doubled where nothing settles, so that all tries together stay linear
}

// way appends the pieces up to i to dst. Unknown characters in a row are one
// token, as in the original.
func (l *lattice) way(dst *gathered, i int) {
	l.path = l.path[:0]
	for i > 0 {
		from := int(l.best[i].from)
		l.path = append(l.path, step{id: l.best[i].id, from: int32(from)})
		i = from
	}
	for _, s := range slices.Backward(l.path) {
		if s.id == l.u.marks.Unknown && dst.ids[len(dst.ids)-1] == s.id { // there is a mark before the first
			continue
		}
		dst.add(s.id, l.place(int(s.from)))
	}
}

// drop forgets the text before i, to which the way is settled.
func (l *lattice) drop(i int) {
	l.best[i].from = 0
	l.text = append(l.text[:0], l.text[i:]...)
	l.best = append(l.best[:0], l.best[i:]...)
	if l.placed {
		l.places = append(l.places[:0], l.places[i:]...)
	}
	for j := range l.best[1:] {
		if s := &l.best[1+j]; s.from >= 0 {
			s.from = max(s.from-int32(i), 0) // those before i are on no way any more
		}
	}
	l.at -= i
}
