package retrieval

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"frontdesk/retrieval/maxsim"
	"frontdesk/retrieval/quote"
	"frontdesk/retrieval/seek"
)

// compared is what a search compared token by token, kept to tell within an article
// which of its sentences, steps and rows answer.
type compared struct {
	question *maxsim.Question
	rows     map[TextHash]TokenRows
	dims     int
	terms    TermsFunc
	asked    []TermUse // of the question
	units    map[int]*articleUnits
	seek     *seek.Reader
	sought   seek.Kinds // by the question
}

// articleUnits are an article's sections, as far as they were found, cut into
// units, with what speaks for each.
type articleUnits struct {
	chunks   []Passage // one a section, in the article's order
	sections []quote.Section
	features [][]float64 // by unit, over all sections; columns as in unitFeatures

	by     *Quoting // that the units were weighed and picked by; nil: none yet
	picked []quote.Piece
}

// unitFeatures names the columns, in the order they are fitted in.
//
//	maxsim, headed    how well the unit's tokens match the question's, alone and
//	                  with those of title and headings
//	behind, place     how far it is behind the best unit; logarithm of its rank
//	before, after     the same match of its neighbours
//	section, best     that of its section, and how far behind the best section
//	gain              what it adds to the best unit
//	words             part of the question's words, by rarity, that it holds
//	length, count     logarithms of its words and of the article's units
//	depth, first, last  where in its section it stands
//	section_length    logarithm of the section's words
//	digit, row, item, lead, bold, bound  what it is
//	money … may       whether it holds an amount, a time, a way, a "not"
//	asks_money …      whether the question seeks what it holds
func unitFeatures() []string {
	return []string{
		"maxsim", "headed", "behind", "place", "before", "after", "section", "best", "gain", "words", "length", "count",
		"depth", "first", "last", "section_length", "digit", "row", "item", "lead", "bold", "bound",
		"money", "time", "way", "may", "asks_money", "asks_time", "asks_number", "asks_way", "asks_may",
	}
}

// unitsOf are the units of one article that was found; nil where its tokens were
// not compared, or have no places.
func (f *Found) unitsOf(article int) *articleUnits {
	if f.late == nil {
		return nil
	}
	if u, done := f.late.units[article]; done {
		return u
	}
	u := f.late.cut(f.List, article)
	f.late.units[article] = u
	return u
}

// cut takes the sections of an article that are among the candidates apart.
func (l *compared) cut(list []Candidate, article int) *articleUnits {
	var found []Candidate
	for _, c := range list {
		if c.ArticleNo == article && !slices.ContainsFunc(found, func(o Candidate) bool { return o.Chunk == c.Chunk }) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b Candidate) int { return cmp.Compare(a.Chunk, b.Chunk) })
	a := &articleUnits{}
	var matches []sectionMatch
	for _, c := range found {
		rows, ok := l.rows[sectionHash(c)]
		if !ok || len(rows.Places)*l.dims != len(rows.Rows) || len(rows.Places) == 0 {
			return nil
		}
		units := quote.Cut(c.Text)
		if len(units) == 0 {
			continue
		}
		a.chunks = append(a.chunks, c.Passage)
		a.sections = append(a.sections, quote.Section{Text: c.Text, Units: units})
		matches = append(matches, l.match(rows, len(c.Text), units))
	}
	if len(a.sections) == 0 {
		return nil
	}
	a.features = l.features(a, matches)
	return a
}

// sectionHash is the hash of the section that a candidate shows: for a question
// it is found by its place among the chunks of the article.
func sectionHash(c Candidate) TextHash {
	if c.Kind == SectionChunk {
		return c.Hash
	}
	own := slices.Index(c.Whole, c.Hash)
	at := own - (c.ChunkNo - c.Chunk)
	if own < 0 || at < 0 || at >= len(c.Whole) {
		return TextHash{}
	}
	return c.Whole[at]
}

// sectionMatch is how the tokens of a section matched the question's.
type sectionMatch struct {
	head  maxsim.Best // of title and headings
	whole maxsim.Best
	units []maxsim.Best
}

// match deals a section's tokens out to its units. Tokens come in the text's
// order, so that those of a unit lie together.
func (l *compared) match(r TokenRows, length int, units []quote.Unit) sectionMatch {
	m := sectionMatch{head: l.question.NewBest(), whole: l.question.NewBest()}
	at := func(t int) int { return length - int(r.Places[t]) } // byte of the section; below 0 before it
	t := 0
	take := func(best maxsim.Best, to int) {
		from := t
		for t < len(r.Places) && at(t) < to {
			t++
		}
		if best != nil {
			l.question.Read(best, r.Rows[from*l.dims:t*l.dims])
		}
	}
	take(m.head, 0)
	m.whole.Max(m.head)
	for _, u := range units {
		take(nil, u.From)
		b := l.question.NewBest()
		take(b, u.To)
		m.units = append(m.units, b)
		m.whole.Max(b)
	}
	return m
}

func (l *compared) features(a *articleUnits, matches []sectionMatch) [][]float64 {
	var alone []float64
	var best maxsim.Best
	bestSection := math.Inf(-1)
	sections := make([]float64, len(matches))
	for s, m := range matches {
		sections[s] = l.question.Score(m.whole)
		bestSection = max(bestSection, sections[s])
		for _, b := range m.units {
			v := l.question.Score(b)
			if len(alone) == 0 || v > slices.Max(alone) {
				best = b
			}
			alone = append(alone, v)
		}
	}
	top := slices.Max(alone)
	out := make([][]float64, 0, len(alone))
	both := l.question.NewBest()
	joined := func(x, y maxsim.Best) float64 {
		copy(both, x)
		both.Max(y)
		return l.question.Score(both)
	}
	for s, sec := range a.sections {
		first := len(out)
		words := quote.CountWords(sec.Text)
		for i, u := range sec.Units {
			k := first + i
			own := alone[k]
			rank := 0
			for _, v := range alone {
				if v > own {
					rank++
				}
			}
			text := sec.Text[u.From:u.To]
			holds := l.seek.Held(text, a.chunks[s].Lang)
			meets := holds & l.sought
			out = append(out, []float64{
				own, joined(matches[s].units[i], matches[s].head), own - top, math.Log1p(float64(rank)),
				alone[max(k-1, first)], alone[min(k+1, first+len(sec.Units)-1)],
				sections[s], sections[s] - bestSection, joined(matches[s].units[i], best) - top,
				l.coverage(text, a.chunks[s].Lang), math.Log1p(float64(u.Words)), math.Log1p(float64(len(alone))),
				float64(i) / float64(len(sec.Units)), is(i == 0), is(i == len(sec.Units)-1), math.Log1p(float64(words)),
				is(holds.Has(seek.Number)), is(u.Kind == quote.Row), is(u.Kind == quote.Item),
				is(u.Kind == quote.Lead || u.Kind == quote.Header), is(strings.Contains(text, "**")), is(u.Bound),
				is(holds.Has(seek.Money)), is(holds.Has(seek.Time)), is(holds.Has(seek.Way)), is(holds.Has(seek.May)),
				is(meets.Has(seek.Money)), is(meets.Has(seek.Time)), is(meets.Has(seek.Number)), is(meets.Has(seek.Way)), is(meets.Has(seek.May)),
			})
		}
	}
	return out
}

func is(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// coverage is the part of the question's words, by how rare they are, that a
// text holds.
func (l *compared) coverage(text, lang string) float64 {
	here := map[string]bool{}
	for _, t := range l.terms(text, lang) {
		here[t] = true
	}
	all, held := 0.0, 0.0
	for _, t := range l.asked {
		all += t.Rarity
		if here[t.Term] {
			held += t.Rarity
		}
	}
	if all == 0 {
		return 0
	}
	return held / all
}
