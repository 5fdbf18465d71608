package packet

import (
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// fewestSpoken is how many digits a number has at least that is read out loud:
// fewer are how many of a thing there are.
const fewestSpoken = 5

// token is what a word of a number means that is read out loud.
type token int

const (
	noToken     token = iota
	digitToken        // a number in words, or a digit that stands alone
	letterToken       // a letter, or its name
	joinToken         // "dash", "double", the "et" of "soixante et un"
)

// spoken finds numbers that are read out, word by word ("oh seven seven double
// oh …", "KW five five two …", "K W 5 5 2 …"): of what, says the cue before,
// letters at the front, or the zero that telephone numbers begin with.
func (x *reading) spoken(s *said) {
	cues := cuesOf(s)
	for i := 0; i < len(s.words); {
		c, last := s.spokenAt(i)
		if last < 0 {
			i++
			continue
		}
		zero := zeroWord(s.words[i].Form) || strings.HasPrefix(s.body[s.words[i].From:], "0")
		i = last + 1
		label, ok := cueFor(s, cues, c, nil)
		switch {
		case ok && label != Code && label != ErrorCode && label != CardEnd:
		case c.letters >= 2:
			label = OrderNumber
		case zero || c.digits >= 9:
			label = Phone
		default:
			continue
		}
		if !s.others(c.from) {
			x.take(s, label, c.from, c.to, 10)
		}
	}
}

// spokenAt reads the number that begins at a word; last is its last word, -1
// where there is none.
func (s *said) spokenAt(first int) (c code, last int) {
	last = -1
	c.upper, c.groups = true, 1
	alone := 0 // tokens that are a digit each
	for i := first; i < len(s.words); i++ {
		w := s.words[i]
		if i > first && !s.near(s.words[i-1], w) {
			break
		}
		kind := s.tokenAt(i)
		if kind == noToken || kind == joinToken && i == first && !doubled(w.Form) || kind == letterToken && c.digits > 0 {
			break
		}
		switch kind {
		case letterToken:
			if n := letterCount(strings.ToUpper(s.body[w.From:w.To])); n > 0 && !letterName(w.Form) {
				c.letters += n
			} else {
				c.letters++
			}
		case digitToken:
			c.digits++
			if doubled(s.words[max(i-1, first)].Form) {
				c.digits++
			}
			alone++
			last = i
		case joinToken, noToken:
		}
	}
	if last < 0 || alone < fewestSpoken-1 || c.digits < fewestSpoken || c.letters > 4 {
		return c, -1
	}
	c.from, c.to = s.words[first].From, s.words[last].To
	return c, last
}

// near says whether nothing but what one pauses with stands between two words.
func (s *said) near(a, b text.Word) bool {
	gap := s.body[a.To:b.From]
	return len(gap) <= 3 && strings.Trim(gap, " ,-–\u00a0") == "" && (gap != "" || text.Unspaced(firstRune(s.body[b.From:])))
}

func (s *said) tokenAt(i int) token {
	w := s.words[i]
	raw := s.body[w.From:w.To]
	if n, tail := digits(raw); n > 0 {
		if n == 1 && tail == "" {
			return digitToken
		}
		return noToken
	}
	switch {
	case s.counts(i), zeroWord(w.Form):
		return digitToken
	case doubled(w.Form), joins(w.Form):
		return joinToken
	case letterName(w.Form), utf8.RuneCountInString(raw) == 1 && codeRune(firstRune(raw)), len(raw) <= 3 && letterCount(raw) == len(raw),
		len(raw) >= 2 && len(raw) <= 3 && strings.Trim(w.Form, "bcdfghjklmnpqrstvwxz") == "": // kw
		return letterToken
	default:
		return noToken
	}
}

// letterCount is how many capitals a word is made of; 0 where it has others.
func letterCount(raw string) int {
	if strings.Trim(raw, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return 0
	}
	return len(raw)
}

// zeroWord says whether a word is a zero, as numbers are read out.
func zeroWord(form string) bool {
	switch form {
	case "zero", "oh", "o", "nought", "naught", "nil", "null", "nul", "cero", "sifir", "صفر", "零", "〇", "ゼロ", "まる":
		return true
	default:
		return false
	}
}

// doubled says whether the next digit stands twice.
func doubled(form string) bool {
	return form == "double" || form == "treble" || form == "triple" || form == "dubbel" || form == "doble" || form == "doppel"
}

// joins says whether a word stands between the parts of a number that is read
// out.
func joins(form string) bool {
	switch form {
	case "dash", "hyphen", "slash", "stroke", "minus", "bindestrich", "strich", "tiret", "guion", "trattino", "traco", "hifen", "streepje", "kreska", "myslnik", "tire", "et", "y", "e", "und", "en", "شرطه":
		return true
	default:
		return false
	}
}

// letterName says whether a word is the name of a letter, where it is no other
// word; "double you" has two.
func letterName(form string) bool {
	switch form {
	case "kay", "you", "bee", "cee", "dee", "eff", "gee", "aitch", "jay", "ell", "em", "ess", "tee", "vee", "zed", "zee", "ka", "weh", "hache", "kappa":
		return true
	default:
		return false
	}
}
