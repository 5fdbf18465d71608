package packet

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

const (
	// mostTried is how many things that were tried a packet lists.
	mostTried = 8
	// longestTried is how many characters one of them has at most.
	longestTried = 200
)

// tried lists what the customer says they did about it already.
func (m *Maker) tried(t *transcript) []Quote {
	out := []Quote{}
	for _, s := range t.customer {
		if s.Choice != nil {
			continue
		}
		for j, p := range s.parts {
			if j >= mostSentences || len(out) == mostTried {
				break
			}
			if !s.triedIn(p) {
				continue
			}
			from, to := s.doing(p)
			end, cut := to, false
			if utf8.RuneCountInString(s.body[from:to]) > longestTried {
				end, cut = s.fitTo(from, to, longestTried), true
			}
			words := s.body[from:end]
			if slices.ContainsFunc(out, func(q Quote) bool { return strings.EqualFold(q.Text, words) }) {
				continue
			}
			out = append(out, Quote{Text: words, Cut: cut, From: []Ref{s.ref(from, end)}})
		}
	}
	return out
}

// triedIn says whether a sentence says that the customer did something about
// their matter.
func (s *said) triedIn(p text.Span) bool { return len(s.deeds(p)) > 0 }

// deeds are the places in a sentence where something done is told.
func (s *said) deeds(p text.Span) []hit {
	var out []hit
	question := asks(s.body[p.From:p.To])
	for _, h := range append(s.within(tried, p.From, p.To), s.told(p)...) {
		if !s.negated(h) && !question && !s.others(h.from) {
			out = append(out, h)
		}
	}
	for _, d := range s.within(did, p.From, p.To) {
		if question || s.negated(d) || s.others(d.from) {
			continue
		}
		if s.leads(p, d) || (s.lang.code == "de" || s.lang.code == "nl") && s.closes(p, d) || slices.ContainsFunc(s.within(self, p.From, d.from), func(b hit) bool { return d.first-b.last <= 8 }) {
			out = append(out, d)
		}
	}
	return out
}

// leads says whether a deed opens its clause, as people write who leave "I" out:
// "swapped trays, still the right".
func (s *said) leads(p text.Span, d hit) bool {
	return d.first-s.wordAt(s.clauseAt(p, d.from)) <= 1
}

// closes says whether a deed ends its clause, with no verb before that tells
// whose it is: "mit Firefox und mit Edge probiert".
func (s *said) closes(p text.Span, d hit) bool {
	if rest := strings.TrimSpace(s.body[d.to:p.To]); rest != "" && !strings.ContainsRune(",;.!:)", rune(rest[0])) {
		return false
	}
	for i := s.wordAt(s.clauseAt(p, d.from)); i < d.first; i++ {
		switch s.words[i].Form {
		case "er", "sie", "es", "wird", "werden", "wurde", "hat", "haben", "ist", "sind", "war", "hij", "ze", "zij", "het", "wordt", "werd", "is", "heeft":
			return false
		}
	}
	return true
}

// negated says whether a word before, in the same clause, says that it was not
// done.
func (s *said) negated(h hit) bool {
	for _, n := range s.hits[not] {
		if n.last < h.first && h.first-n.last <= 4 && !strings.ContainsAny(s.body[n.to:h.from], ",;:.!?、，。") {
			return true
		}
	}
	return false
}

// doing is the part of a sentence that tells what was done: the clauses that do.
func (s *said) doing(p text.Span) (from, to int) {
	deeds := s.deeds(p)
	starts := append([]int{p.From}, clauses(s.body, p.From, p.To)...)
	from, to = p.To, p.From
	for i, at := range starts {
		end := p.To
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		for _, d := range deeds {
			if d.from < end && d.to > at {
				from, to = min(from, at), max(to, end)
			}
		}
	}
	if from >= to {
		return p.From, p.To
	}
	trimmed := strings.TrimRight(s.body[from:to], " ,;:–—(、，；：،")
	return from, from + len(trimmed)
}
