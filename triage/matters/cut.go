package matters

import (
	"strings"
	"unicode/utf8"
)

// cut says whether a new part begins at word i; the one before began at from.
func (r *reading) cut(from, i int) bool {
	begins, _ := r.sentence(i)
	first := begins == i
	left := max(from, begins) // what stands before, in this sentence
	if first {
		left = from
	}
	if r.numbered(i) {
		return i-from >= r.few() && r.speaks(from, i)
	}
	l := r.lead(i)
	if i-left < r.few() || l.to-l.at < r.few() || r.content(left, i) == 0 && !r.wants(left, i) {
		return false
	}
	broken := first || r.comma(i-1)
	told := r.speaks(left, i) || r.content(left, i) >= enough
	switch {
	case l.news && (broken || l.joined || r.opens(l.at, l.to)):
		return first || r.speaks(l.at, l.to) || r.content(l.at, l.to) >= some
	case r.listed && (first || broken && l.joined):
		return r.content(l.at, l.to) >= some
	case l.marked:
		// "I also want": a mark in the middle of a clause ties nothing.
		return told && (broken || l.joined) && (first || l.joined || r.speaks(l.at, l.to)) || r.late(l.at, l.to, left, i)
	case first && r.adds(l.at, l.to):
		return told && r.content(l.at, l.to) >= some && !r.shared(from, l.at, l.to)
	case !l.joined:
		return first && r.other(from, i, l.to) || r.apart(left, i, l.to)
	case first:
		return r.begun(from, l)
	default:
		return r.tied(left, i, l, broken)
	}
}

const (
	// some and enough are how many words that are about something tell a matter
	// of its own from a turn of speech.
	some   = 2
	enough = 3
)

// begun says whether a sentence that begins with a join is another matter than
// the part before it: "… And how do I pay?"
func (r *reading) begun(from int, l lead) bool {
	said := r.speaks(from, l.at)
	switch {
	case !r.own(l.at, l.to):
		return false
	case r.asks(l.at, l.to), said && r.opens(l.at, l.to), said && r.reports(l.at, l.to):
		return true
	default: // a request, and then something of which none of its words is said
		return r.wants(from, l.at) && r.content(l.at, l.to) >= enough && !r.has(refer, l.at, l.to) && !r.shared(from, l.at, l.to)
	}
}

// tied says whether what is joined to words of the same sentence is another
// matter than those: "… and can I pay in parts?"
func (r *reading) tied(left, i int, l lead, broken bool) bool {
	said, opens := r.speaks(left, i), r.opens(l.at, l.to)
	switch {
	case opens && broken && r.wants(left, i) && r.content(l.at, l.to) > 0:
		return true
	case !r.own(l.at, l.to), r.wide && !broken: // a character may join in the middle of a word
		return false
	case opens:
		return said || broken && r.content(left, i) >= enough
	default:
		return r.states(l.at, l.to) && r.wants(left, i) ||
			broken && said && r.asks(l.at, l.to) && r.has(opener, l.at, l.at+6)
	}
}

// lead is what a part begins with before it says anything: joins and marks.
type lead struct {
	at, to               int // of the first word after them, and before which its sentence ends
	joined, marked, news bool
}

// lead reads what stands in front of a part that begins at word i. A sentence
// that is nothing else ("P.S.", "Oh well.") leads the next one.
func (r *reading) lead(i int) lead {
	begins, to := r.sentence(i)
	l := lead{at: i, to: to, joined: strings.ContainsAny(r.gap(i-1), "&+")}
	if begins == i && r.glued(i) {
		l.joined = true
	}
	for l.at < len(r.ws) {
		if l.at == l.to {
			_, l.to = r.sentence(l.at)
		}
		j, m, n := r.at[join][l.at], r.at[mark][l.at], r.at[news][l.at]
		switch {
		case max(j, m, n) == 0:
			return l
		case n > 0 && n >= max(j, m):
			l.news = true
		case m > 0 && m >= j:
			l.marked = true
		default:
			l.joined = true
		}
		l.at += max(j, m, n)
	}
	return l
}

// glued says whether word i has an Arabic "and" for its first letter.
func (r *reading) glued(i int) bool {
	return strings.HasPrefix(r.ws[i].Form, "و") && utf8.RuneCountInString(r.ws[i].Form) >= 4
}

// numbered says whether a number of a list stands before word i or is it: (1),
// 2., b).
func (r *reading) numbered(i int) bool {
	w := r.ws[i]
	if len(w.Form) != 1 || w.Form[0] < '1' || w.Form[0] > '9' || i+1 >= len(r.ws) {
		return false
	}
	after := r.gap(i)
	before := ""
	if i > 0 {
		before = r.gap(i - 1)
	}
	return strings.HasPrefix(after, ")") || (strings.HasPrefix(after, ". ") || strings.HasPrefix(after, ": ")) && (i == 0 || strings.ContainsAny(before, "\n.:;?!"))
}
