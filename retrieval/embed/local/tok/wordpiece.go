package tok

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// longestWord is from BERT: a word of more characters is one unknown token.
	longestWord = 100
	// inside marks a piece that stands in the middle of a word.
	inside = "##"
)

// WordPiece is BERT's uncased tokenizer: accents and case go, Han characters
// and punctuation stand alone, words are cut into the longest pieces from the
// left.
type WordPiece struct {
	pieces trie
	within int32 // the node after "##"
	marks  Marks
}

var _ Tokenizer = (*WordPiece)(nil)

// NewWordPiece reads a vocab.txt: a piece a line, its number the id, "##" in
// front of those within a word. It must hold [CLS], [SEP] and [UNK]; an empty
// line is a gap. The error wraps ErrVocabulary.
func NewWordPiece(vocab []byte) (*WordPiece, error) {
	var pieces []string
	for line := range bytes.Lines(vocab) {
		pieces = append(pieces, string(bytes.TrimRight(line, "\r\n")))
	}
	t, err := newTrie(pieces)
	if err != nil {
		return nil, fmt.Errorf("read a WordPiece vocabulary: %w", err)
	}
	w := &WordPiece{pieces: t, within: t.walk(0, inside)}
	for _, m := range []struct {
		text string
		id   *int32
	}{{"[CLS]", &w.marks.Begin}, {"[SEP]", &w.marks.End}, {"[UNK]", &w.marks.Unknown}} {
		node := t.walk(0, m.text)
		if node == noNode || t.id[node] < 0 {
			return nil, fmt.Errorf("read a WordPiece vocabulary: no piece %s: %w", m.text, ErrVocabulary)
		}
		*m.id = t.id[node]
	}
	return w, nil
}

// word collects the characters of a word as they are looked up.
type word struct {
	text  [longestWord * utf8.UTFMax]byte
	size  int
	chars int // may pass longestWord; the rest is not kept
	place int // byte at which it begins
}

func (w *word) add(r rune, place int) {
	if w.chars == 0 {
		w.place = place
	}
	if w.chars++; w.chars <= longestWord {
		w.size += utf8.EncodeRune(w.text[w.size:], r)
	}
}

// Encode is Tokenizer's.
func (w *WordPiece) Encode(dst []int32, text string, limit int) []int32 {
	r := gathered{ids: dst}
	w.encode(&r, text, limit)
	return r.ids
}

// Place is Tokenizer's; a place is that of the token's word.
func (w *WordPiece) Place(text string, limit int) (ids, places []int32) {
	r := gathered{placed: true}
	w.encode(&r, text, limit)
	return r.ids, r.places
}

func (w *WordPiece) encode(dst *gathered, text string, limit int) {
	end := room(dst.ids, limit)
	dst.add(w.marks.Begin, 0)
	var cur word
	for at, r := range text {
		switch classOf(r) {
		case plain:
			cur.add(lowerASCII(r), at)
		case other:
			w.decomposed(dst, &cur, r, at)
		case alone:
			w.flush(dst, &cur)
			w.decomposed(dst, &cur, r, at)
			w.flush(dst, &cur)
		case space:
			w.flush(dst, &cur)
		case dropped:
		}
		if len(dst.ids) >= end {
			break
		}
	}
	w.flush(dst, &cur)
	dst.end(end, w.marks.End, len(text))
}

// decomposed adds what a character is without its accents and case. NFD would
// also put marks in a row in order; all that it moves are left out here, but for
// a few of music and of Hangul, which no vocabulary of this kind has.
func (w *WordPiece) decomposed(dst *gathered, cur *word, r rune, at int) {
	var buf [utf8.UTFMax * 8]byte // the longest decomposition of a character has four
	for part := norm.NFD.AppendString(buf[:0], string(r)); len(part) > 0; {
		d, size := utf8.DecodeRune(part)
		part = part[size:]
		switch classOf(d) {
		case dropped:
			continue
		case alone:
			w.flush(dst, cur)
			cur.add(d, at)
			w.flush(dst, cur)
			continue
		}
		cur.add(unicode.ToLower(d), at)
	}
}

// flush cuts the word collected so far into pieces and begins another.
func (w *WordPiece) flush(dst *gathered, cur *word) {
	if cur.chars == 0 {
		return
	}
	rest, long := cur.text[:cur.size], cur.chars > longestWord
	cur.size, cur.chars = 0, 0
	if long {
		dst.add(w.marks.Unknown, cur.place)
		return
	}
	before, node := len(dst.ids), int32(0)
	for len(rest) > 0 {
		id, size := int32(0), 0
		if node != noNode {
			id, size = w.pieces.longest(node, rest)
		}
		if size == 0 {
			dst.drop(len(dst.ids) - before)
			dst.add(w.marks.Unknown, cur.place)
			return
		}
		dst.add(id, cur.place)
		rest, node = rest[size:], w.within
	}
}
