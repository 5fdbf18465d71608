package retrieval

import (
	"slices"
	"strings"

	"frontdesk/retrieval/quote"
)

// Quoting is what of an article is quoted.
type Quoting struct {
	Units  Logistic     `json:"units"` // that a unit holds what was asked; its features are those of unitFeatures
	Limits quote.Limits `json:"limits"`
}

// pieces are what of an article answers; nil where nothing says which of its
// units do.
func (f *Found) pieces(article int, q *Quoting) []Piece {
	if q == nil {
		return nil
	}
	out, _ := f.quoteOf(article, q)
	return out
}

// quoteOf is what of an article is quoted, and the line of it that is shown
// where the article is only offered; nil where nothing says which units answer.
func (f *Found) quoteOf(article int, q *Quoting) ([]Piece, *Line) {
	a := f.unitsOf(article)
	if a == nil {
		return nil, nil
	}
	var out []Piece
	picked := a.pick(q)
	for _, p := range picked {
		c := a.chunks[p.Section]
		out = append(out, Piece{Chunk: c.Chunk, From: c.From + p.From, To: c.From + p.To, Text: c.Text[p.From:p.To], Joined: p.Joined, Row: p.Row})
	}
	return out, f.line(a, picked)
}

// pick gives each unit its probability and chooses what is quoted: once, for how
// sure a quote is and for the quote itself.
func (a *articleUnits) pick(q *Quoting) []quote.Piece {
	if a.by != q {
		a.weigh(q)
		a.by, a.picked = q, quote.Pick(a.sections, q.Limits)
	}
	return a.picked
}

// weigh gives each unit its probability.
func (a *articleUnits) weigh(q *Quoting) {
	weights := inOrder(unitFeatures(), q.Units.Weights)
	at := 0
	for s := range a.sections {
		sec := &a.sections[s]
		sec.P = make([]float64, len(sec.Units))
		for i := range sec.P {
			sec.P[i] = q.Units.at(weights, a.features[at])
			at++
		}
	}
}

// mostLines is how many hits are quoted from: as many as are offered, and those
// that take their place where one was shown before.
const mostLines = 5

// fitQuoting fits the probability that a unit of a right article holds what was
// asked to the examples whose article was found with the facts in it.
func fitQuoting(examples []Example, start *Quoting) *Quoting {
	if start == nil {
		return nil
	}
	var rows [][]float64
	var labels []float64
	for i := range examples {
		e := &examples[i]
		if !e.Answerable || e.Holds == nil {
			continue
		}
		done := map[int]bool{}
		for k := range e.Found.List {
			c := &e.Found.List[k]
			if done[c.ArticleNo] || !e.RightArticle(c.ArticleID) {
				continue
			}
			done[c.ArticleNo] = true
			a := e.Found.unitsOf(c.ArticleNo)
			if a == nil {
				continue
			}
			y := make([]float64, 0, len(a.features))
			for _, sec := range a.sections {
				for _, u := range sec.Units {
					y = append(y, is(e.Holds(sec.Text[u.From:u.To])))
				}
			}
			if !slices.Contains(y, 1) {
				continue // the facts stand in a section that was not found
			}
			labels = append(labels, y...)
			for _, x := range a.features {
				rows = append(rows, append([]float64{1}, x...))
			}
		}
	}
	if len(rows) == 0 {
		return start
	}
	return &Quoting{Units: fitLogistic(unitFeatures(), rows, labels), Limits: start.Limits}
}

// at is the probability for features in the order of their weights.
func (l Logistic) at(weights, x []float64) float64 {
	sum := l.Intercept
	for i, w := range weights {
		sum += w * x[i]
	}
	return sigmoid(sum)
}

// Quote is what is quoted of a hit, as it is read: its pieces, with a mark where
// something was left out between two of them, or its section.
func (h Hit) Quote() string {
	if len(h.Pieces) == 0 {
		return h.Text
	}
	var b strings.Builder
	for i, p := range h.Pieces {
		switch {
		case i == 0:
		case p.Row:
			b.WriteByte('\n') // a blank line would end the table
		case p.Joined:
			b.WriteString("\n\n")
		default:
			b.WriteString(leftOut)
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// leftOut stands between two pieces that are no neighbours.
const leftOut = "\n\n…\n\n"
