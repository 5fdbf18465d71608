package text

import (
	"slices"
	"unicode/utf8"
)

const (
	// GramSpace is how many numbers a piece may have.
	GramSpace = 1 << 16

	longestGram = 4
	// mostGrams is how many pieces a text has at most that is read so: some four
	// hundred words.
	mostGrams = 4096
)

// Grams are the pieces of two to four characters that the words are made of, the
// gaps around a word counted as characters, each as a number below GramSpace: a
// trace of every word, its stem and its ending, in any language. Two pieces may
// share a number. They are sorted; a piece that is there twice stands twice.
// Characters of a script without spaces make one word as long as nothing stands
// between them. A very long text has none: what its beginning is made of says
// nothing of its end.
func (t Text) Grams() []uint16 {
	out := make([]uint16, 0, 256)
	word := make([]rune, 0, 32)
	end := -1 // where the word under way ends, if it may go on
	flush := func() {
		if len(word) > 0 {
			out = grams(out, append(word, ' '))
		}
		word = word[:0]
	}
	for _, w := range t.Words {
		first, _ := utf8.DecodeRuneInString(w.Form)
		if w.From != end || !Unspaced(first) {
			flush()
			word = append(word, ' ')
		}
		for _, r := range w.Form {
			word = append(word, r)
		}
		end = -1
		if Unspaced(first) && len(word) < longestWord {
			end = w.To
		}
		if len(out) > mostGrams {
			return nil
		}
	}
	flush()
	slices.Sort(out)
	return out
}

// grams adds the pieces of one word with its gaps.
func grams(out []uint16, word []rune) []uint16 {
	for i := range word {
		h := uint32(2166136261) // FNV-1a, a character at a time
		for n, r := range word[i:min(i+longestGram, len(word))] {
			h = (h ^ uint32(r)) * 16777619
			if n > 0 {
				out = append(out, uint16(h^h>>16))
			}
		}
	}
	return out
}
