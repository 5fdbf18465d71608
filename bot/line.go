package bot

import (
	"cmp"
	"math"
	"strings"

	"frontdesk/retrieval"
	"frontdesk/retrieval/quote"
)

// Line is the part of a passage that answers best: a sentence, a list's item,
// or a row of a table. From and To are bytes of the passage's text, and so is
// what stands between them; both are 0 where a passage has no words.
type Line struct {
	From, To int
	Header   string // of a row: the table's header row, word for word
}

// LineFunc picks the line of each passage that answers a question best, one for
// each, in their order. lang is the question's language, empty where unknown.
type LineFunc func(question, lang string, passages []retrieval.Passage) []Line

// LinesByWords picks by the question's terms that a line holds, each by how
// rare it is among the lines of all the passages: what stands in every line
// ("the", or the product that all of them are about) says nothing.
func LinesByWords(terms retrieval.TermsFunc) LineFunc {
	return func(question, lang string, passages []retrieval.Passage) []Line {
		asked := map[string]bool{}
		for _, t := range terms(question, lang) {
			asked[t] = true
		}
		w := weigher{asked: asked, terms: terms, found: map[string]int{}}
		all := make([][]weighed, len(passages))
		for i, p := range passages {
			all[i] = w.lines(p)
		}
		out := make([]Line, len(passages))
		for i := range all {
			out[i] = w.best(all[i])
		}
		return out
	}
}

// weigher knows in how many lines each of the question's terms stands.
type weigher struct {
	asked map[string]bool
	terms retrieval.TermsFunc
	found map[string]int
	count int
}

// weighed is a line with the question's terms that it holds.
type weighed struct {
	Line
	held  map[string]bool
	terms int // all of its terms
}

func (w *weigher) lines(p retrieval.Passage) []weighed {
	var out []weighed
	for _, l := range lines(p.Text) {
		k := weighed{Line: l, held: map[string]bool{}}
		// A row is about what its columns are called, too.
		for _, t := range w.terms(l.Header+"\n"+p.Text[l.From:l.To], p.Lang) {
			k.terms++
			if w.asked[t] {
				k.held[t] = true
			}
		}
		for t := range k.held {
			w.found[t]++
		}
		w.count++
		out = append(out, k)
	}
	return out
}

// lines are a passage's units as choices show them: without an item's marker, a
// row beside its table's header. A heading and a table's header say nothing by
// themselves.
func lines(text string) []Line {
	units := quote.Cut(text)
	out := make([]Line, 0, len(units))
	for _, u := range units {
		l := Line{From: u.Text, To: u.End}
		switch {
		case u.Kind == quote.Lead || u.Kind == quote.Header:
			continue
		case u.Kind == quote.Row && u.Leans >= 0 && units[u.Leans].Kind == quote.Header:
			l.Header, _, _ = strings.Cut(text[units[u.Leans].From:units[u.Leans].To], "\n")
		}
		out = append(out, l)
	}
	return out
}

// halfLength is how many terms make a line count half: among lines that hold
// the same, the shorter one says it plainer. A sentence has about fifteen.
const halfLength = 60

// best is the line with the highest weight; the first of equals.
func (w *weigher) best(lines []weighed) (best Line) {
	top := -1.0
	for _, l := range lines {
		sum := 0.0
		for t := range l.held {
			sum += math.Log1p(float64(w.count) / float64(w.found[t]))
		}
		if score := sum / (1 + float64(l.terms)/halfLength); cmp.Compare(score, top) > 0 {
			top, best = score, l.Line
		}
	}
	return best
}
