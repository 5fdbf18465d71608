package lang

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	buckets = 1 << 15 // of features, by their hash
	longest = 4       // letters of the longest part of a word
	// mostWords is how many words of a text are looked at: more change nothing.
	mostWords = 120
	longWord  = 40 // letters; a longer run is no word
)

// features are the buckets of a text's parts, each as often as it occurs.
type features struct {
	at      []uint32
	letters int
	padded  []rune
}

// read takes the words of a text, lower case, codes and links left out.
func (f *features) read(s string) {
	f.at, f.letters = f.at[:0], 0
	n := 0
	for field := range strings.FieldsSeq(s) {
		if link(field) {
			continue
		}
		for word := range strings.FieldsFuncSeq(field, gap) {
			word = strings.Trim(word, "'")
			if word == "" || utf8.RuneCountInString(word) > longWord || strings.ContainsFunc(word, unicode.IsDigit) {
				continue
			}
			f.word(word)
			if n++; n == mostWords {
				return
			}
		}
	}
}

func link(field string) bool {
	return strings.Contains(field, "://") || strings.HasPrefix(field, "www.") || strings.ContainsAny(field, "@_")
}

func gap(r rune) bool {
	return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
}

// word adds the parts of a word, with its bounds as letters of their own, and
// the whole of it.
func (f *features) word(w string) {
	f.padded = append(f.padded[:0], '^')
	for _, r := range w {
		f.padded = append(f.padded, r)
	}
	f.letters += len(f.padded) - 1
	f.padded = append(f.padded, '$')
	const prime = 16777619
	for i := range f.padded {
		h := uint32(2166136261)
		for n := 0; n < longest && i+n < len(f.padded); n++ {
			h = (h ^ uint32(f.padded[i+n])) * prime
			if n == 0 && (f.padded[i] == '^' || f.padded[i] == '$') {
				continue // the bound alone says nothing
			}
			f.add(h)
		}
	}
	h := uint32(84696351)
	for _, r := range f.padded {
		h = (h ^ uint32(r)) * prime
	}
	f.add(h)
	f.add(h ^ 0x9e3779b9) // a whole word says more than a part of one
}

func (f *features) add(h uint32) {
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	f.at = append(f.at, h%buckets)
}

// scale is what a feature counts: evidence grows with the length of a text, but
// more slowly, since its parts overlap.
func (f *features) scale() float64 {
	return 1 / math.Sqrt(float64(len(f.at)))
}

// plain brings a text into the form in which features are counted: composed,
// lower case, one kind of apostrophe, nothing of no width.
func plain(s string) string {
	s = norm.NFC.String(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '´' || r == '`' || r == 'ʼ':
			return '\''
		case r == 'İ':
			return 'i'
		case r >= 0xad && (unicode.Is(unicode.Cf, r) || r >= 0xfe00 && r <= 0xfe0f):
			return -1
		default:
			return unicode.ToLower(r)
		}
	}, s)
}

// bare is a plain text without accents, as people in a hurry write.
func bare(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case 'ı':
			return 'i'
		case 'ł':
			return 'l'
		case 'đ':
			return 'd'
		case 'ø':
			return 'o'
		default:
			return r
		}
	}, s)
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}
