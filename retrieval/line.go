package retrieval

import (
	"slices"
	"strings"
	"unicode"

	"frontdesk/retrieval/quote"
	"frontdesk/retrieval/variant"
)

const (
	// leastLine is how many words a line has at least, where there is one with as
	// many: what is shorter tells nobody what it is about.
	leastLine = 4
	// apart is what a unit is worth as a line that says something only behind
	// another one: a later step, an exception.
	apart = 0.5
	// astray is what one is worth that names another product than its article and
	// the question.
	astray = 0.1
)

// line is the unit, among the pieces that are quoted of an article, that answers
// best by itself: pressing the choice shows the rest of them. nil where none does.
func (f *Found) line(a *articleUnits, picked []quote.Piece) *Line {
	var best *Line
	top := 0.0
	for _, p := range picked {
		sec, c := &a.sections[p.Section], a.chunks[p.Section]
		title := f.names.Title(c.Title, c.Product)
		for i, u := range sec.Units {
			if u.From < p.From || u.To > p.To || u.Text >= u.End || u.Kind == quote.Lead || u.Kind == quote.Header {
				continue // a heading says nothing by itself
			}
			if worth := sec.P[i] * f.alone(sec, u, title); worth > top {
				top = worth
				best = &Line{From: c.From + u.Text, To: c.From + u.End, Text: c.Text[u.Text:u.End]}
				if u.Kind == quote.Row && u.Leans >= 0 && sec.Units[u.Leans].Kind == quote.Header {
					h := sec.Units[u.Leans]
					best.Header, _, _ = strings.Cut(sec.Text[h.From:h.To], "\n")
				}
			}
		}
	}
	return best
}

// alone is how far a unit can stand alone, 0–1.
func (f *Found) alone(sec *quote.Section, u quote.Unit, title variant.Title) float64 {
	worth := 1.0
	text := sec.Text[u.Text:u.End]
	if u.Bound || u.Leans >= 0 && sec.Units[u.Leans].Kind == quote.Item {
		worth *= apart
	}
	if f.said.Astray(title, f.names.In(text)) {
		worth *= astray
	}
	if plainWords(text) < leastLine {
		worth *= astray
	}
	return worth
}

// plainWords counts the words of a line that are more than a number or a part's
// code ("KW-K2-F02").
func plainWords(line string) int {
	n := 0
	for _, w := range strings.FieldsFunc(line, unicode.IsSpace) {
		if !slices.ContainsFunc([]rune(w), unicode.IsDigit) {
			n += quote.CountWords(w)
		}
	}
	return n
}
