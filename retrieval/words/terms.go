package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Version names this way of making terms: an index made by another one does not
// fit questions of this one.
const Version = "words-1"

// MaxTerm is the longest term in bytes; what is longer is cut. Beyond it there
// are addresses and keys that nobody asks for by their end.
const MaxTerm = 64

// Terms are the terms of a text, repeats included, in the order of the text.
// lang is a two-letter code; without a stemmer for it, or empty, words keep their
// endings.
func Terms(text, lang string) []string {
	return AppendTerms(make([]string, 0, 8+len(text)/6), text, lang)
}

// AppendTerms appends the terms of a text to dst.
func AppendTerms(dst []string, text, lang string) []string {
	m := maker{dst: dst, lang: lang, stem: stemmer(lang)}
	m.text(normalise(text))
	return m.dst
}

// Counts are how often each term occurs, and how many terms there are.
func Counts(text, lang string) (tf map[string]int, length int) {
	terms := Terms(text, lang)
	tf = make(map[string]int, len(terms))
	for _, t := range terms {
		tf[t]++
	}
	return tf, len(terms)
}

// Count is the number of words a reader would count: runs of letters and digits,
// and one for every two characters of a script without spaces.
func Count(text string) int {
	halves, in := 0, false
	for _, r := range text {
		switch {
		case spaceless(r):
			halves++
			in = false
		case isWord(r):
			if !in {
				halves += 2
			}
			in = true
		case r != '\'' && r != '’' && r != '-':
			in = false
		}
	}
	return (halves + 1) / 2
}

// Bigrams are the pairs of neighbouring characters of a run without spaces; a
// single character stands for itself.
func Bigrams(run string) []string { return appendBigrams(nil, run) }

func appendBigrams(dst []string, run string) []string {
	_, n := utf8.DecodeRuneInString(run)
	if n == len(run) {
		if n > 0 {
			dst = append(dst, run)
		}
		return dst
	}
	for i := 0; ; {
		_, a := utf8.DecodeRuneInString(run[i:])
		_, b := utf8.DecodeRuneInString(run[i+a:])
		if b == 0 {
			return dst
		}
		dst = append(dst, run[i:i+a+b])
		i += a
	}
}

// normalise folds compatibility forms (full-width digits, ligatures) and drops
// what is invisible; bytes that are no UTF-8 become U+FFFD, which is no letter. Trade marks go first: folded, they would become letters.
func normalise(s string) string {
	if isASCII(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00AD', '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF', '™', '®', '©', '℠':
			return -1
		case '\u2010', '\u2011', '\u2012', '\u2212':
			return '-'
		case '\u2018', '\u2019', '\u02BC', '\u00B4', '\uFF07':
			return '\''
		}
		return r
	}, s)
	return norm.NFKC.String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isWord reports whether r is part of a word.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// spaceless reports whether r belongs to a script whose words no stemmer and no
// blank tells: East Asia's, with Korean for its endings, and South-East Asia's.
func spaceless(r rune) bool {
	if r < 0x0E00 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) || r == 'ー'
}
