package matters

import (
	"strings"
	"unicode"
)

// asked says whether a sentence among words ends in a question mark.
func (r *reading) asked(from, to int) bool {
	return strings.ContainsAny(r.in[r.ws[from].From:r.ws[to-1].To], "?？؟") || r.asks(from, to)
}

// adds says whether a sentence says that it adds something: "… as well",
// "Chcielibyśmy też …". What it refers back to would be the same matter.
func (r *reading) adds(from, to int) bool {
	return r.has(mark, from, to) && !r.has(refer, from, to) && r.speaks(from, to)
}

// states says whether words report a fault of something that they name at once.
func (r *reading) states(from, to int) bool {
	return r.reports(from, to) && !r.has(refer, from, from+2) && r.content(from, min(from+3, to)) > 0
}

// wants says whether words ask for something.
func (r *reading) wants(from, to int) bool { return r.asks(from, to) || r.opens(from, to) }

// other says whether the sentence from word i to before to asks about something
// else than the part before it, which began at from: none of its words is in
// it, and nothing in it refers back.
func (r *reading) other(from, i, to int) bool {
	return r.asked(from, i) && r.asks(i, to) && !r.has(refer, i, to) &&
		r.content(i, to) >= some && !r.shared(from, i, to)
}

// own says whether words say enough to be about something of their own: what
// refers back ("and what does it cost?") has to say more.
func (r *reading) own(from, to int) bool {
	n := r.content(from, to)
	if r.has(refer, from, to) {
		return n >= some
	}
	return n >= 1
}

// late is for languages whose verb comes last: what is joined speaks at its end.
func (r *reading) late(at, to, left, i int) bool {
	return r.last && r.comma(i-1) && r.speaks(at, to) && r.speaks(left, i)
}

// apart says whether a clause without join or mark is another matter: in
// Chinese and Japanese a comma may be all that stands between.
func (r *reading) apart(left, i, to int) bool {
	return r.wide && r.comma(i-1) && to-i >= 2*r.few() && i-left >= 2*r.few() &&
		r.has(opener, left, i) && !r.has(opener, i, to) && r.has(fault, i, to)
}

// comma says whether a mark of punctuation stands after word i.
func (r *reading) comma(i int) bool {
	return i >= 0 && strings.ContainsFunc(r.gap(i), func(c rune) bool { return unicode.IsPunct(c) || c == '\n' })
}

// opens says whether words begin as questions and requests do, some words in
// front aside: "once I'm in how do I".
func (r *reading) opens(from, to int) bool {
	if r.last {
		return r.has(opener, from, to)
	}
	return r.has(opener, from, min(from+1, to)) || r.comma(from-1) && r.has(opener, from, min(from+5, to))
}

// reports says whether words begin as reports of a fault do: a subject, and soon
// what is wrong with it.
func (r *reading) reports(from, to int) bool {
	near := from + 7
	if r.wide || r.last {
		near = to
	}
	return to-from >= 3 && r.has(fault, from, min(near, to)) && !r.has(opener, from, from+1)
}
