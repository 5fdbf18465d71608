package matters

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// matter is a part without what leads to it and, where some of its sentences
// ask or report, without those that do not.
func (r *reading) matter(from, to int) (int, int) {
	from = r.said(from, to)
	keep := r.tells
	if !r.tell(from, to) {
		keep = func(from, to int) bool { return r.content(from, to) >= some }
	}
	for {
		_, end := r.sentence(from)
		if end >= to || keep(from, end) {
			break
		}
		from = end
	}
	for {
		begins, _ := r.sentence(to - 1)
		if begins <= from || keep(begins, to) {
			return from, to
		}
		to = begins
	}
}

// said is the word from which a part says something: after its joins and marks,
// and the number of a list.
func (r *reading) said(from, to int) int {
	for from < to {
		n := max(r.at[join][from], r.at[mark][from], r.at[news][from])
		if n == 0 && r.numbered(from) {
			n = 1
		}
		if n == 0 || from+n >= to {
			break
		}
		from += n
	}
	return from
}

// tell says whether any sentence of some words tells.
func (r *reading) tell(from, to int) bool {
	for from < to {
		_, end := r.sentence(from)
		if r.tells(from, min(end, to)) {
			return true
		}
		from = end
	}
	return false
}

// tells says whether a sentence asks, or begins as requests do, or reports. What
// does not is the story around the matter.
func (r *reading) tells(from, to int) bool {
	return r.asks(from, to) || r.opens(from, to) || r.has(fault, from, to) || r.last && r.has(opener, from, to)
}

// end is where a part ends that has word i as its last: with the question mark.
func (r *reading) end(i int) int {
	to := r.ws[i].To
	gap := r.gap(i)
	if at := strings.IndexAny(gap, "?？؟"); at >= 0 && strings.TrimSpace(gap[:at]) == "" {
		_, size := utf8.DecodeRuneInString(gap[at:])
		return to + at + size
	}
	return to
}

// trim takes blanks off both ends of a span.
func trim(in string, s Span) Span {
	part := in[s.From:s.To]
	s.From += len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	s.To = s.From + len(strings.TrimSpace(part))
	return s
}
