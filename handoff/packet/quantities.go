package packet

import (
	"slices"
	"strings"
	"unicode"

	"frontdesk/triage/text"
)

// counted says whether what stands right after a number makes it a quantity, a
// duration or a sum.
func (s *said) counted(to int) bool {
	i := s.wordAt(to)
	if i >= len(s.words) || s.words[i].From-to > 3 || strings.TrimLeft(s.body[to:s.words[i].From], " -\u00a0") != "" {
		rest := strings.TrimLeft(s.body[to:], " ")
		return rest != "" && strings.ContainsRune(signs+"%°″", firstRune(rest))
	}
	w := s.words[i]
	if w.Alt == unitClass || w.Alt == monthClass {
		return true
	}
	for _, g := range []group{currency, measure, piece} {
		for _, h := range s.hits[g] {
			if h.from == w.From {
				return true
			}
		}
	}
	return false
}

// quantities finds how many of a thing there are: a number before a thing that
// is sold.
func (x *reading) quantities(s *said) {
	for i, w := range s.words {
		if !s.counts(i) || i+1 >= len(s.words) || x.article(s, w) {
			continue
		}
		next := s.words[i+1]
		if w.From > 0 && strings.ContainsRune(".:/-,", rune(s.body[w.From-1])) || i > 0 && w.From-s.words[i-1].To == 1 && capital(s.body[s.words[i-1].From:]) && !s.begins(s.words[i-1].From) {
			continue // a part of another number, or of a name: Route 66
		}
		if next.From-w.To > 2 || strings.ContainsAny(s.body[w.To:next.From], ".,;:/") {
			continue
		}
		thing := slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Product && c.from == next.From })
		thing = thing || s.boughtBefore(i) && next.Alt == "" && !s.counted(w.To) && unicode.IsLetter(firstRune(s.body[next.From:]))
		for _, g := range []group{piece, device} {
			thing = thing || slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from == next.From })
		}
		if thing {
			x.take(s, Quantity, w.From, w.To, 3)
		}
	}
}

// boughtBefore says whether a word of buying or sending stands right before a
// number: "ordered 12 …".
func (s *said) boughtBefore(i int) bool {
	return slices.ContainsFunc(s.hits[bought], func(h hit) bool { return h.last < i && i-h.last <= 2 && s.words[i].From-h.to <= 12 })
}

// article says whether a number's word is the indefinite article, or no number
// of things: "one", "a few".
func (x *reading) article(s *said, w text.Word) bool {
	raw := s.body[w.From:w.To]
	if n, _ := digits(raw); n > 0 {
		return n > 3
	}
	switch w.Form {
	case "one", "ein", "eine", "einen", "einem", "einer", "un", "une", "una", "uno", "um", "uma", "een", "bir", "half", "several", "few", "couple", "paar",
		"some", "一", "数", "几", "半", "um par", "quelques", "unos", "unas", "uns", "umas", "alcuni", "alcune", "qualche", "kilka", "kilku", "pare", "paru":
		return true
	default:
		return false
	}
}
