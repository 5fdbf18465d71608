package split

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// length is how long a text is: words counted in halves (a character of a script
// without spaces is half a word), and all characters, markup included.
type length struct{ halves, runes int }

func (l length) words() int { return (l.halves + 1) / 2 }

// plus is the length of two texts one after the other.
func (l length) plus(m length) length { return length{l.halves + m.halves, l.runes + m.runes} }

func (l length) fits(limit length) bool { return l.halves <= limit.halves && l.runes <= limit.runes }

// markupWindow is how far to look for the end of a tag or link target, in bytes.
// What is longer is counted as text.
const markupWindow = 400

// measure counts what a reader sees: runs without blanks that hold a letter or
// digit, tags and link targets left out.
func measure(s string) length {
	var l length
	inWord := false
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if skip := markup(s[i:]); skip > 0 {
				l.runes += utf8.RuneCountInString(s[i : i+skip])
				i += skip
				continue
			}
			l.runes++
			i++
			switch {
			case c == ' ' || c >= '\t' && c <= '\r':
				inWord = false
			case !inWord && (c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'):
				inWord = true
				l.halves += 2
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		l.runes++
		i += n
		switch {
		case spaceless(r):
			inWord = false
			l.halves++
		case unicode.IsSpace(r):
			inWord = false
		case !inWord && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			inWord = true
			l.halves += 2
		}
	}
	return l
}

// markup is the length of the tag or link target that s begins with, else 0.
func markup(s string) int {
	switch {
	case s[0] == '<' && len(s) > 2 && (s[1] == '/' || s[1] == '!' || isLetter(s[1])):
		if strings.HasPrefix(s, "<http") || strings.HasPrefix(s, "<mailto") {
			return 0 // an address between brackets is shown
		}
		if end := strings.IndexByte(s[:min(len(s), markupWindow)], '>'); end > 0 {
			return end + 1
		}
	case s[0] == ']' && len(s) > 2 && s[1] == '(':
		window := s[:min(len(s), markupWindow)]
		if end := strings.IndexAny(window, ")\n"); end > 0 && window[end] == ')' {
			return end + 1
		}
	}
	return 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// spaceless reports whether r belongs to a script written without spaces: Thai,
// Lao, Burmese, Khmer, kana and Chinese characters, by their blocks.
func spaceless(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r < 0x0F00, r >= 0x1000 && r < 0x10A0, r >= 0x1780 && r < 0x1800:
		return true
	case r < 0x3005:
		return false
	case r <= 0x3007, r >= 0x3041 && r < 0x3100, r >= 0x31F0 && r < 0x3200, r >= 0x3400 && r < 0xA000:
		return true
	}
	return r >= 0xF900 && r < 0xFB00 || r >= 0xFF66 && r < 0xFFA0 || r >= 0x20000 && r < 0x32000
}

// trim narrows a span to what is not white space, keeping the indentation of its
// first line out as well.
func trim(body string, from, to int) (int, int) {
	s := body[from:to]
	cut := strings.TrimLeft(s, " \t\n\r\v\f")
	from += len(s) - len(cut)
	return from, from + len(strings.TrimRight(cut, " \t\n\r\v\f"))
}

// trimLines narrows a span by blank lines at its start and white space at its
// end; the first line keeps its indentation, which makes code code.
func trimLines(body string, from, to int) (int, int) {
	for from < to {
		end := strings.IndexByte(body[from:to], '\n')
		if end < 0 || strings.TrimSpace(body[from:from+end]) != "" {
			break
		}
		from += end + 1
	}
	return from, from + len(strings.TrimRight(body[from:to], " \t\n\r\v\f"))
}
