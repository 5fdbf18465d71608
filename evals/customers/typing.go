package customers

import (
	"strings"
	"unicode"
)

// shortest is how many letters a word has that is typed wrongly: a slip in a
// shorter one makes another word.
const shortest = 5

// typed is a text as they type it: of the longer words a part has two letters
// changed round, one left out, or one twice.
func (c *customer) typed(s string) string {
	if c.s.Typing == 0 {
		return s
	}
	var b strings.Builder
	rest := s
	for rest != "" {
		end := strings.IndexFunc(rest, unicode.IsSpace)
		switch {
		case end == 0:
			r := []rune(rest)[0]
			b.WriteRune(r)
			rest = rest[len(string(r)):]
			continue
		case end < 0:
			end = len(rest)
		}
		b.WriteString(c.slip(rest[:end]))
		rest = rest[end:]
	}
	return b.String()
}

// slip types a word wrongly where chance says so. The first letter and the last
// stay: whoever types fast slips in between.
func (c *customer) slip(word string) string {
	r := []rune(word)
	for _, x := range r {
		if unicode.IsDigit(x) || x == '@' || x > unicode.MaxLatin1 { // a number, a code, an address; or no such keyboard
			return word
		}
	}
	if len(r) < shortest || c.rng.Float64() >= c.s.Typing {
		return word
	}
	i := 1 + c.rng.IntN(len(r)-3)
	switch c.rng.IntN(3) {
	case 0:
		r[i], r[i+1] = r[i+1], r[i]
	case 1:
		r = append(r[:i], r[i+1:]...)
	default:
		r = append(r[:i+1], r[i:]...)
	}
	return string(r)
}
