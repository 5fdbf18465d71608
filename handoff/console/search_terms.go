package console

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTermRunes cuts what nobody types to its end: keys and addresses.
const maxTermRunes = 40

// SearchTerm is a word of a text as the search knows it: folded, and where it
// stands in the text, in bytes.
type SearchTerm struct {
	Text     string
	From, To int
	// Joined says that the term goes on where the one before ends: two
	// characters of a script that is written without spaces, or parts of a code.
	Joined bool
}

// SearchTerms cuts a text into the terms that a search finds it by. A word is a
// run of letters and digits, without case and accents; of scripts that are
// written without spaces every two neighbouring characters are a term, and the
// last one of a run by itself, so that a single character is found as well.
//
// There are no stems: an agent types the beginning of a word, of a name or of a
// number, in a language that nobody states, and what they type is found as the
// beginning of a word in each. A stem would need the language of both sides.
func SearchTerms(text string) iter.Seq[SearchTerm] {
	return func(yield func(SearchTerm) bool) {
		end := -1 // of the run before, where only a sign of codes is between
		for at := 0; at < len(text); {
			r, size := utf8.DecodeRuneInString(text[at:])
			if !inWord(r) {
				if end == at && strings.ContainsRune("-_./@+'’", r) {
					end = at + size
				}
				at += size
				continue
			}
			from, dense := at, unspaced(r)
			for at < len(text) {
				r, size := utf8.DecodeRuneInString(text[at:])
				if !inWord(r) && !unicode.Is(unicode.M, r) || unspaced(r) != dense && !unicode.Is(unicode.M, r) {
					break
				}
				at += size
			}
			joined := from == end && from > 0
			end = at
			if dense {
				if !pairs(text[from:at], from, yield) {
					return
				}
				continue
			}
			if w := fold(text[from:at]); w != "" && !yield(SearchTerm{Text: w, From: from, To: at, Joined: joined}) {
				return
			}
		}
	}
}

// pairs gives a run without spaces as its neighbouring characters.
func pairs(run string, at int, yield func(SearchTerm) bool) bool {
	var marks []int // where characters begin, with the marks that belong to them
	for i, r := range run {
		if len(marks) == 0 || !unicode.Is(unicode.M, r) {
			marks = append(marks, i)
		}
	}
	marks = append(marks, len(run))
	last := len(marks) - 2
	for i := 0; i <= last; i++ {
		to := min(i+2, last+1)
		w := fold(run[marks[i]:marks[to]])
		if w != "" && !yield(SearchTerm{Text: w, From: at + marks[i], To: at + marks[to], Joined: i > 0}) {
			return false
		}
	}
	return true
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// unspaced says of a letter that its script puts no spaces between words.
func unspaced(r rune) bool {
	return r > 0x0e00 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r == 'ー' || r == '々')
}

// accents are marks that people leave out. Vowel signs and the marks that make
// another syllable of a kana are none of them.
var accents = &unicode.RangeTable{R16: []unicode.Range16{ //nolint:gochecknoglobals // a constant
	{Lo: 0x0300, Hi: 0x036f, Stride: 1},
	{Lo: 0x0591, Hi: 0x05c7, Stride: 1},
	{Lo: 0x0610, Hi: 0x061a, Stride: 1},
	{Lo: 0x0640, Hi: 0x0640, Stride: 1},
	{Lo: 0x064b, Hi: 0x065f, Stride: 1},
	{Lo: 0x0670, Hi: 0x0670, Stride: 1},
}}

// fold makes one word of all the ways to write it: case, accents and
// compatibility forms go; what is no letter or digit afterwards goes as well.
func fold(word string) string {
	if ascii(word) {
		return cutRunes(strings.ToLower(word))
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		switch r = unicode.ToLower(r); {
		case unicode.Is(accents, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ı':
			b.WriteByte('i')
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case inWord(r) || unicode.Is(unicode.M, r):
			b.WriteRune(r)
		}
	}
	return cutRunes(norm.NFC.String(b.String()))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func cutRunes(s string) string {
	n := 0
	for i := range s {
		if n == maxTermRunes {
			return s[:i]
		}
		n++
	}
	return s
}
