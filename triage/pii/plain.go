package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// plain is a text without what hides personal data from whoever looks for it:
// marks of no width, digits and signs of other widths and scripts, and letters
// of other scripts that look like Latin ones among those.
type plain struct {
	text string
	// at and end are, for each byte of text, where the character that it is of
	// begins and ends in the original. nil: as in text.
	at, end []int
}

// simplify makes s plain. Most texts are.
func simplify(s string) plain {
	if !strings.ContainsFunc(s, dressed) {
		return plain{text: s}
	}
	p := plain{at: make([]int, 0, len(s)), end: make([]int, 0, len(s))}
	var b strings.Builder
	var was rune // the character before, undressed
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.Cf, r) || r >= 0xfe00 && r <= 0xfe0f {
			continue
		}
		x := r
		switch d, digit := text.Digit(r); {
		case digit:
			x = '0' + rune(d)
		case r >= 0xff01 && r <= 0xff5e:
			x = r - 0xfee0
		case alike(r) != 0 && (latin(was) || latin(following(s[i+size:]))):
			x = alike(r)
		}
		from := b.Len()
		if r == utf8.RuneError && size == 1 {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(x)
		}
		for range b.Len() - from {
			p.at = append(p.at, i)
			p.end = append(p.end, i+size)
		}
		was = x
	}
	p.text = b.String()
	return p
}

// dressed says whether a character may stand for another one, or for none.
func dressed(r rune) bool {
	return r >= 0x80 && (unicode.In(r, unicode.Cf, unicode.Nd) || r >= 0xfe00 && r <= 0xff5e || alike(r) != 0)
}

// following is the first character of s that has a width.
func following(s string) rune {
	for _, r := range s {
		if !unicode.Is(unicode.Cf, r) {
			return r
		}
	}
	return 0
}

// latin says whether a character is an ASCII letter or digit.
func latin(r rune) bool { return r < 0x80 && asciiAlnum(byte(r)) }

// alike is the Latin letter that a Greek or Cyrillic one looks like; 0: none.
func alike(r rune) rune {
	if r < 0x370 || r > 0x4ff {
		return 0
	}
	const from, to = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХІЅЈУаеосрхуіѕј", "ABEZHIKMNOPTYXABEKMHOPCTXISJYaeocpxyisj"
	n := 0
	for _, x := range from {
		if x == r {
			return rune(to[n])
		}
		n++
	}
	return 0
}

// back are finds as they stand in the original.
func (p plain) back(found []Span) []Span {
	if p.at == nil {
		return found
	}
	for i, s := range found {
		found[i].From, found[i].To = p.at[s.From], p.end[s.To-1]
	}
	return found
}
