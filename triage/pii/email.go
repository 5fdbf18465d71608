package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest parts of an address by RFC 5321.
const longestLocal, longestDomain = 64, 255

// emails finds e-mail addresses around an at sign, that of East Asian width too.
func (f *Finder) emails(text string, found []Span) []Span {
	last := 0
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], "@＠")
		if n < 0 {
			return found
		}
		at := i + n
		_, size := utf8.DecodeRuneInString(text[at:])
		i = at + size
		from := local(text, at, last)
		to := domain(text, i)
		if from < at && to > i {
			found = append(found, Span{Email, from, to})
			last, i = to, to
		}
	}
	return found
}

// local is where the part before the sign begins, not before floor.
func local(text string, at, floor int) int {
	from := at
	for from > floor && at-from < longestLocal {
		r, size := utf8.DecodeLastRuneInString(text[floor:from])
		if !unicode.IsLetter(r) && !isDigit(r) && !strings.ContainsRune("._%+-'!#$&*=?^~", r) || wide(r) {
			break
		}
		from -= size
	}
	for from < at && strings.ContainsRune("._%+-'!#$&*=?^~", rune(text[from])) {
		from++
	}
	return from
}

// wide is a letter of a script that is written without spaces: what stands
// before it belongs to the sentence.
func wide(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// domain is where the domain that begins at i ends, which has two labels or
// more, the last of letters; i where there is none.
func domain(text string, i int) int {
	end, good := i, i
	for labels := 1; ; labels++ {
		from, letters := end, true
		for end < len(text) && end-i < longestDomain {
			r, size := utf8.DecodeRuneInString(text[end:])
			if (!unicode.IsLetter(r) || wide(r)) && !isDigit(r) && (r != '-' || end == from) {
				break
			}
			letters = letters && unicode.IsLetter(r)
			end += size
		}
		if end-from >= 2 && letters && labels >= 2 {
			good = end
		}
		if end == from || end >= len(text) || text[end] != '.' || end-i >= longestDomain {
			return good
		}
		end++
	}
}
