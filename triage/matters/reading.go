package matters

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// reading is a text with what its words do in the language it is in.
type reading struct {
	in   string
	ws   []text.Word
	sent []int        // the sentence of each word
	at   [kinds][]int // by kind and word: how many words the longest phrase that begins there has
	last bool         // openers may stand at the end: Turkish, Japanese, Chinese
	wide bool         // most words are characters
}

// read finds the phrases of the language that has the most of them.
func (s *Splitter) read(in string, t text.Text) *reading {
	r := &reading{in: in, ws: t.Words, sent: make([]int, len(t.Words))}
	n, wide := 0, 0
	for i, w := range t.Words {
		for n < len(t.Sentences)-1 && w.From >= t.Sentences[n].To {
			n++
		}
		r.sent[i] = n
		if c, _ := utf8.DecodeRuneInString(w.Form); text.Unspaced(c) {
			wide++
		}
	}
	r.wide = wide*2 > len(t.Words)
	found := s.phrases.In(t.Words)
	votes := map[string]int{}
	for _, f := range found {
		votes[s.codes[f.ID/int(kinds)]] += f.To - f.From
	}
	tongue := s.tongues.Of(t.Words, votes)
	best := slices.Index(s.codes, tongue)
	for k := range r.at {
		r.at[k] = make([]int, len(t.Words))
	}
	for _, f := range found {
		if f.ID/int(kinds) == best {
			k := f.ID % int(kinds)
			r.at[k][f.From] = max(r.at[k][f.From], f.To-f.From)
		}
	}
	r.last = slices.Contains([]string{"tr", "ja", "zh"}, tongue)
	return r
}

// has says whether a phrase of a kind begins within words from to before to.
func (r *reading) has(k kind, from, to int) bool {
	for i := from; i < min(to, len(r.ws)); i++ {
		if r.at[k][i] > 0 {
			return true
		}
	}
	return false
}

// speaks says whether words ask for something or report something.
func (r *reading) speaks(from, to int) bool {
	return r.has(opener, from, to) || r.has(fault, from, to) || r.asks(from, to)
}

// asks says whether words end in a question mark.
func (r *reading) asks(from, to int) bool {
	if from >= to {
		return false
	}
	return strings.ContainsAny(r.gap(to-1), "?？؟") || strings.ContainsAny(r.in[r.ws[from].From:r.ws[to-1].To], "?？؟")
}

// gap is what stands between a word and the next one.
func (r *reading) gap(i int) string {
	to := len(r.in)
	if i+1 < len(r.ws) {
		to = r.ws[i+1].From
	}
	return r.in[r.ws[i].To:to]
}

// few is fewest in words or characters.
func (r *reading) few() int {
	if r.wide {
		return 2 * fewest
	}
	return fewest
}

// ends of the sentence that word i stands in, as words.
func (r *reading) sentence(i int) (from, to int) {
	from, to = i, i
	for from > 0 && r.sent[from-1] == r.sent[i] {
		from--
	}
	for to < len(r.ws) && r.sent[to] == r.sent[i] {
		to++
	}
	return from, to
}

// parts cuts the words.
func (r *reading) parts() [][2]int {
	var out [][2]int
	from := 0
	for i := 1; i < len(r.ws); i++ {
		if r.cut(from, i) {
			out = append(out, [2]int{from, i})
			from = i
		}
	}
	return append(out, [2]int{from, len(r.ws)})
}

// cut says whether a new part begins at word i; the one before began at from.
func (r *reading) cut(from, i int) bool {
	begins, to := r.sentence(i)
	first := begins == i
	left := max(from, begins) // what stands before, in this sentence
	if first {
		left = from
	}
	if i-left < r.few() || !r.speaks(left, i) && !r.strong(left, i, to) {
		return r.numbered(i) && i-from >= r.few() && r.speaks(from, i)
	}
	if r.numbered(i) {
		return true
	}
	at := i // of the first word after joins and marks
	joined, marked := strings.Contains(r.gap(i-1), "&"), false
	for at < to {
		j, m := r.at[join][at], r.at[mark][at]
		if j == 0 && m == 0 {
			break
		}
		if m > 0 {
			marked = true
		} else {
			joined = true
		}
		at += max(j, m)
	}
	if to-at < r.few() || !joined && !marked {
		return r.apart(left, i, to)
	}
	broken := first || r.comma(i-1)
	switch {
	case marked:
		// "I also want": a mark in the middle of a clause ties nothing.
		return (broken || joined) && (first || r.speaks(at, to)) || r.late(at, to, left, i)
	case first:
		return r.opens(at, to) || r.reports(at, to) || r.asks(at, to)
	default:
		return r.opens(at, to) || r.reports(at, to) && r.at[join][i] > 0 || broken && r.asks(at, to) && r.has(opener, at, at+6)
	}
}

// strong says whether what begins at word i is so plainly something else that
// what stands before need not ask or report: a mark after a stop, or a join
// after a comma that a question follows.
func (r *reading) strong(left, i, to int) bool {
	if i-left < 2*r.few() || !r.comma(i-1) {
		return false
	}
	at, marked := i, false
	for at < to && max(r.at[join][at], r.at[mark][at]) > 0 {
		marked = marked || r.at[mark][at] > 0
		at += max(r.at[join][at], r.at[mark][at])
	}
	return at > i && to-at >= r.few() && (marked && r.speaks(at, to) || r.opens(at, to))
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
	return r.has(opener, from, min(from+2, to)) || r.comma(from-1) && r.has(opener, from, min(from+5, to))
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

// matter is a part without what leads to it and, where some of its sentences
// ask or report, without those that do not.
func (r *reading) matter(from, to int) (int, int) {
	for from < to {
		n := max(r.at[join][from], r.at[mark][from])
		if n == 0 && r.numbered(from) {
			n = 1
		}
		if n == 0 || from+n >= to {
			break
		}
		from += n
	}
	for {
		_, end := r.sentence(from)
		if end >= to || r.tells(from, end) {
			break
		}
		from = end
	}
	for {
		begins, _ := r.sentence(to - 1)
		if begins <= from || r.tells(begins, to) {
			return from, to
		}
		to = begins
	}
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
