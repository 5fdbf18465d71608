package console

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	extractBytes = 180 // of text around what was found
	extractLead  = 60  // of it before
	maxExtracts  = 3   // of a case
)

// Saying is a text in which words may be found.
type Saying struct {
	By   string // customer, agent, bot, system; note, memo; name
	Name string // whose, of an agent's and a note
	Seq  int64  // of a message in its conversation; 0: none
	N    int64  // of an entry in the case's log; 0: none
	At   time.Time
	Text string
}

// Piece is a part of an extract.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// Extract is where words were found: text, with what was found marked.
type Extract struct {
	By     string    `json:"by"`
	Name   string    `json:"name,omitempty"`
	Seq    int64     `json:"seq,omitempty"`
	N      int64     `json:"n,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Pieces []Piece   `json:"pieces"`
}

// hit is a span of a text that a word of the search was found in.
type hit struct{ from, to, word int }

// Extracts are the best few places in which the words were found: those with
// most different words first, then the newest.
func (s Search) Extracts(sayings []Saying) []Extract {
	type place struct {
		of    Saying
		hits  []hit
		words int
	}
	var all []place
	for _, x := range sayings {
		hits := s.hits(x.Text)
		if len(hits) == 0 {
			continue
		}
		seen := map[int]bool{}
		for _, h := range hits {
			seen[h.word] = true
		}
		all = append(all, place{x, hits, len(seen)})
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Or(b.words-a.words, b.of.At.Compare(a.of.At)) })
	out := make([]Extract, 0, min(len(all), maxExtracts))
	told := map[int]bool{}
	for _, p := range all {
		if len(out) == maxExtracts {
			break
		}
		fresh := len(out) == 0
		for _, h := range p.hits {
			fresh = fresh || !told[h.word]
			told[h.word] = true
		}
		if !fresh && len(out) > 0 { // a second place says it again: one of each word is enough
			continue
		}
		out = append(out, Extract{By: p.of.By, Name: p.of.Name, Seq: p.of.Seq, N: p.of.N, At: p.of.At, Pieces: cut(p.of.Text, p.hits)})
	}
	return out
}

// hits finds the words in a text, in its order.
func (s Search) hits(text string) []hit {
	var terms []SearchTerm
	for t := range SearchTerms(text) {
		terms = append(terms, t)
	}
	var out []hit
	for i := range terms {
		for w, word := range s.Words {
			if n := len(word.Terms); i+n <= len(terms) && word.at(terms[i:i+n]) {
				out = append(out, hit{terms[i].From, terms[i+n-1].To, w})
			}
		}
	}
	slices.SortFunc(out, func(a, b hit) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	return out
}

func (w SearchWord) at(terms []SearchTerm) bool {
	for i, want := range w.Terms {
		last := i == len(w.Terms)-1
		if terms[i].Text != want && (!last || w.Whole || !strings.HasPrefix(terms[i].Text, want)) {
			return false
		}
	}
	return true
}

// cut takes the text around what was found, whole words of it, in pieces.
func cut(text string, hits []hit) []Piece {
	from, to := window(text, hits)
	var out []Piece
	add := func(s string, found bool) {
		if s = spaced(s); s == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Hit == found {
			out[n-1].Text += s
			return
		}
		out = append(out, Piece{s, found})
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, h := range hits {
		if h.to <= at {
			continue
		}
		if h.from >= to {
			break
		}
		add(text[at:max(at, h.from)], false)
		add(text[max(at, h.from):min(h.to, to)], true)
		at = min(h.to, to)
	}
	add(text[at:to], false)
	if to < len(text) {
		add(" …", false)
	}
	return out
}

// window is where the extract begins and ends: around the hit that has most
// others behind it within the length.
func window(text string, hits []hit) (from, to int) {
	best, most := hits[0], 0
	for i, h := range hits {
		seen := map[int]bool{}
		for _, x := range hits[i:] {
			if x.to-h.from > extractBytes-extractLead {
				break
			}
			seen[x.word] = true
		}
		if len(seen) > most {
			best, most = h, len(seen)
		}
	}
	from, to = 0, len(text)
	if best.from > extractLead {
		from = best.from - extractLead
		for from < best.from && !utf8.RuneStart(text[from]) {
			from++
		}
		if space := strings.IndexFunc(text[from:best.from], unicode.IsSpace); space >= 0 {
			from += space
			_, size := utf8.DecodeRuneInString(text[from:])
			from += size
		}
	}
	if to-from > extractBytes {
		to = max(from+extractBytes, best.to)
		for to < len(text) && !utf8.RuneStart(text[to]) {
			to++
		}
		if space := strings.LastIndexFunc(text[best.to:to], unicode.IsSpace); space > 0 && to < len(text) {
			to = best.to + space
		}
	}
	return from, to
}

// spaced makes one line of a text: runs of white space are one space.
func spaced(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	if space {
		b.WriteByte(' ')
	}
	return b.String()
}
