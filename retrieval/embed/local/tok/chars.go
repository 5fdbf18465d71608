package tok

import "sort"

// class is what BERT's tokenizer does with a character.
type class uint8

const (
	other   class = iota // part of a word, after decomposition and lower case
	plain                // part of a word, ASCII
	space                // between words
	alone                // a word of its own: punctuation, Han
	dropped              // left out: accents, control characters
)

// classes gives the characters from from to to a class; see classes.go.
type classes struct {
	from, to rune
	class    class
}

func classOf(r rune) class {
	if r < 0x80 {
		return ascii[r]
	}
	i := sort.Search(len(classTable), func(i int) bool { return classTable[i].to >= r })
	if i < len(classTable) && classTable[i].from <= r {
		return classTable[i].class
	}
	return other
}

// ascii is filled by the rules themselves: letters and digits are plain, what
// is seen and is neither stands alone, tab, line feed and carriage return
// are spaces and the other control characters are dropped.
var ascii = func() (t [0x80]class) {
	for r := range t {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			t[r] = space
		case r < ' ' || r == 0x7F:
			t[r] = dropped
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
			t[r] = plain
		default:
			t[r] = alone
		}
	}
	return t
}()

func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
