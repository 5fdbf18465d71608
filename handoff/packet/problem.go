package packet

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// Weights of what a sentence that states the matter has more or less of than the
// others of its conversation. Fitted by ranking the sentences of the fifty open
// conversations of evals/packets, drawn strongly to 0 (37 of 50 right when ten
// folds take turns in being left out, 21 by the first hand-set weights); that of
// a wish for a person is set by hand, since such a wish is never the matter.
const (
	wFirst    = 1.0 // stands in the customer's first message
	wThird    = -.25
	wLast     = -1.3 // stands in the latest of several: particulars, as a rule
	wOpening  = -.75 // is its message's first sentence
	wLength   = 1.5  // by the logarithm of its words
	wShort    = -.35
	wFault    = .4 // each of two
	wMatter   = .5 // each of three
	wDevice   = .35
	wOpens    = -.5 // begins a question: what is asked is what one wants, not what is the matter
	wQuestion = -.2
	wWeak     = -.25
	wTried    = -.55
	wCue      = -.4 // names an order number or a serial number
	wDate     = -.35
	wPerson   = -2.0
)

// longestStated is how many words count for the length: 24 or more are one.
const longestStated = 24

// problem chooses the words that state the matter best, with the next sentence
// where both fit into a line.
func (m *Maker) problem(t *transcript) *Quote {
	var best *said
	var part text.Span
	most := math.Inf(-1)
	for i, s := range t.customer {
		if s.Choice != nil {
			continue
		}
		for j, p := range s.parts[:min(len(s.parts), mostSentences)] {
			score, ok := s.states(p)
			if !ok {
				continue
			}
			score += place(i, len(t.customer))
			if j == 0 {
				score += wOpening
			}
			if score > most {
				best, part, most = s, p, score
			}
		}
	}
	if best == nil {
		return nil
	}
	from, to, cut := best.line(best.widened(part))
	return &Quote{Text: best.body[from:to], Cut: cut, From: []Ref{best.ref(from, to)}}
}

// mostSentences is how many sentences of one message are looked at.
const mostSentences = 40

// place is what a message's place in the conversation adds.
func place(i, n int) float64 {
	score := 0.0
	switch i {
	case 0:
		score += wFirst
	case 2:
		score += wThird
	}
	if n > 1 && i == n-1 {
		score += wLast
	}
	return score
}

// states says how well a sentence states a matter; ok is false where it states
// none: a greeting, a wish for a person and nothing else, a bare number.
func (s *said) states(p text.Span) (score float64, ok bool) {
	words := s.wordAt(p.To) - s.wordAt(p.From)
	bare := words - s.covered(p, polite) - s.covered(p, person)
	tight := dense(s.body[p.From:p.To])
	if bare <= 0 || bare == 1 && !tight {
		return 0, false
	}
	count := func(g group, most int) float64 { return float64(min(len(s.distinct(p, g)), most)) }
	about := count(fault, 2) + count(matter, 3) + count(device, 1) + count(opens, 1)
	if about == 0 && (bare < 4 || s.has(person, p.From, p.To)) {
		return 0, false
	}
	score = wLength*math.Log(float64(min(words, longestStated))) + wFault*count(fault, 2) + wMatter*count(matter, 3) + wDevice*count(device, 1) +
		wOpens*count(opens, 1) + wWeak*count(weak, 1) + wDate*count(date, 1) + wPerson*count(person, 1) + wCue*min(1, count(orderCue, 1)+count(serialCue, 1))
	if asks(s.body[p.From:p.To]) {
		score += wQuestion
	}
	if s.triedIn(p) {
		score += wTried
	}
	if words < 4 && !tight {
		score += wShort
	}
	return score, true
}

// dense says whether a text is written without spaces, so that a few characters
// say much.
func dense(s string) bool { return strings.ContainsFunc(s, text.Unspaced) }

// covered counts the words of a sentence that phrases of a group take.
func (s *said) covered(p text.Span, g group) int {
	n, end := 0, -1
	list := slices.Clone(s.hits[g])
	slices.SortFunc(list, func(a, b hit) int { return a.first - b.first })
	for _, h := range list {
		if h.from < p.From || h.to > p.To {
			continue
		}
		from := max(h.first, end)
		if h.last+1 > from {
			n += h.last + 1 - from
			end = h.last + 1
		}
	}
	return n
}

// distinct lists the phrases of a group in a sentence that do not overlap.
func (s *said) distinct(p text.Span, g group) []hit {
	var out []hit
	for _, h := range s.hits[g] {
		if h.from < p.From || h.to > p.To {
			continue
		}
		if !slices.ContainsFunc(out, func(o hit) bool { return h.first <= o.last && o.first <= h.last }) {
			out = append(out, h)
		}
	}
	return out
}

// widened takes the next sentence in where it states something too and both fit
// into a line; before that a question right before it, which it tells more of: "Can
// I have an invoice? We bought four grinders."
func (s *said) widened(p text.Span) (from, to int) {
	at := slices.Index(s.parts, p)
	if at > 0 && s.tellsMoreOf(s.parts[at-1], p) {
		return s.parts[at-1].From, p.To
	}
	if at < 0 || at+1 >= len(s.parts) {
		return p.From, p.To
	}
	next := s.parts[at+1]
	own, _ := s.states(p)
	score, ok := s.states(next)
	if ok && score >= own-1.5 && utf8.RuneCountInString(s.body[p.From:next.To]) <= MostProblem && !strings.Contains(s.body[p.To:next.From], "\n") {
		return p.From, next.To
	}
	return p.From, p.To
}

// tellsMoreOf says whether a sentence follows a question on the same line, and
// both fit into one.
func (s *said) tellsMoreOf(question, p text.Span) bool {
	_, states := s.states(question)
	return states && asks(s.body[question.From:question.To]) && !asks(s.body[p.From:p.To]) &&
		utf8.RuneCountInString(s.body[question.From:p.To]) <= MostProblem && !strings.Contains(s.body[question.To:p.From], "\n")
}

// line cuts a part of a message to what fits into a line, at words. Where the
// beginning says nothing (a greeting, how it came about), what comes later is
// kept.
func (s *said) line(from, to int) (lineFrom, lineTo int, cut bool) {
	from = s.pastGreeting(from, to)
	if utf8.RuneCountInString(s.body[from:to]) <= MostProblem {
		return from, to, false
	}
	bestFrom, best := from, -1
	for _, at := range append([]int{from}, clauses(s.body, from, to)...) {
		end := s.fit(at, to)
		part := text.Span{From: at, To: end}
		n := 2*len(s.distinct(part, fault)) + len(s.distinct(part, matter)) + len(s.distinct(part, opens))
		if n > best {
			bestFrom, best = at, n
		}
	}
	end := s.fit(bestFrom, to)
	return bestFrom, end, end < to
}

// pastGreeting leaves out a greeting at the beginning: "Hi, ", "Hello team, ".
func (s *said) pastGreeting(from, to int) int {
	for {
		moved := false
		for _, h := range s.hits[polite] {
			if h.from != from || h.to >= to {
				continue
			}
			rest := s.body[h.to:to]
			trimmed := strings.TrimLeft(rest, " ,.!;:،、，。！-–—\u00a0\n")
			if len(rest) > len(trimmed) && strings.ContainsAny(rest[:len(rest)-len(trimmed)], ",.!;:،、，。！-–—\n") && utf8.RuneCountInString(trimmed) >= 8 {
				from, moved = to-len(trimmed), true
				break
			}
		}
		if !moved {
			return from
		}
	}
}

// clauses are where clauses begin in a part of a text: after commas, dashes,
// brackets and little pictures.
func clauses(s string, from, to int) []int {
	var out []int
	for i := from; i < to; {
		r, size := utf8.DecodeRuneInString(s[i:to])
		i += size
		if strings.ContainsRune(",;:–—(、，；：،", r) || r >= 0x2600 && unicode.Is(unicode.So, r) {
			for i < to && s[i] == ' ' {
				i++
			}
			if i < to {
				out = append(out, i)
			}
		}
	}
	return out
}

// clauseAt is where the clause begins that holds a place.
func (s *said) clauseAt(p text.Span, at int) int {
	from := p.From
	for _, c := range clauses(s.body, p.From, min(at+1, len(s.body))) {
		if c <= at {
			from = c
		}
	}
	return from
}

// fit is the end of the line that begins at a place: after the last word that
// fits.
func (s *said) fit(from, to int) int { return s.fitTo(from, to, MostProblem) }

// fitTo is where a text is cut to so many characters, after a word.
func (s *said) fitTo(from, to, most int) int {
	n, end := 0, from
	for i, r := range s.body[from:to] {
		if n == most {
			return s.wordCut(from, from+i, end)
		}
		if unicode.IsSpace(r) || text.Unspaced(r) {
			end = from + i
		}
		n++
	}
	return to
}

// wordCut is the last end of a word before a place; the place itself where no
// word ends.
func (s *said) wordCut(from, at, end int) int {
	if end <= from {
		return at
	}
	for end > from {
		r, size := utf8.DecodeLastRuneInString(s.body[from:end])
		if !unicode.IsSpace(r) && !strings.ContainsRune(",;:–—-(", r) {
			break
		}
		end -= size
	}
	if end <= from {
		return at
	}
	return end
}
