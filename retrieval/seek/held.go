package seek

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nearNumber is how many words after a number a unit of time still counts it:
// "3 working days".
const nearNumber = 2

// longest is how many bytes of a word are looked at; no word of ours has more.
const longest = 40

// Held is what a text in a language holds. It is asked for every sentence of
// some articles at each search: one pass, and nothing is allocated.
func (r *Reader) Held(text, lang string) Kinds {
	s := scan{words: r.holds[lang], since: nearNumber + 1}
	for i := 0; i < len(text); {
		c, size := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(text[i:])
		}
		if inWord(c) {
			s.letter(c)
		} else {
			s.endWord()
			s.sign(c, text, i)
		}
		if c >= '0' && c <= '9' {
			s.digit(text[i+1:])
		}
		i += size
	}
	s.endWord()
	if s.words != nil && !s.out.Has(May) {
		for _, w := range s.words.mayParts {
			if strings.Contains(text, w) {
				s.out |= May
				break
			}
		}
	}
	return s.out
}

// scan is how far a text was read.
type scan struct {
	words *held // nil: a language without words
	out   Kinds
	word  [longest]byte
	n     int
	since int // words since the last number
}

func (s *scan) letter(c rune) {
	switch {
	case c >= 'A' && c <= 'Z':
		c += 'a' - 'A'
	case c >= utf8.RuneSelf:
		if strings.ContainsRune(currencies, c) { // 元 and 円 are letters
			s.out |= Money
		}
		if unicode.IsDigit(c) {
			s.out |= Number
		}
		c = unicode.ToLower(c)
	}
	if s.n+utf8.UTFMax <= longest {
		s.n += utf8.EncodeRune(s.word[s.n:], c)
	}
}

func (s *scan) endWord() {
	if s.n == 0 {
		return
	}
	w := s.word[:s.n]
	s.n = 0
	if code(w) {
		s.out |= Money
	}
	number := w[0] >= '0' && w[0] <= '9'
	if s.words != nil {
		is := s.words.words[string(w)]
		if is&roleMay != 0 {
			s.out |= May
		}
		if is&roleSpan != 0 && s.since <= nearNumber {
			s.out |= Time
		}
		number = number || is&roleNumber != 0
	}
	s.since++
	if number {
		s.since = 1
	}
}

func (s *scan) sign(c rune, text string, i int) {
	switch {
	case c == '*' && strings.HasPrefix(text[i+1:], "*"),
		c == '>' && i > 0 && text[i-1] == ' ' && strings.HasPrefix(text[i+1:], " "),
		c == '›', c == '→', c == '»':
		s.out |= Way
	case c == '$', c >= utf8.RuneSelf && strings.ContainsRune(currencies, c):
		s.out |= Money
	}
}

// digit looks at what follows one: "3日", or the rest of 16:30.
func (s *scan) digit(rest string) {
	s.out |= Number
	if len(rest) >= 3 && rest[0] == ':' && isDigit(rest[1]) && isDigit(rest[2]) {
		s.out |= Time
	}
	if s.words == nil || s.out.Has(Time) {
		return
	}
	for _, p := range s.words.spanParts {
		if strings.HasPrefix(strings.TrimLeft(rest, " "), p) {
			s.out |= Time
		}
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
