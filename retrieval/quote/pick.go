package quote

import (
	"cmp"
	"math"
	"slices"
)

// Limits say how much is quoted.
type Limits struct {
	// Floor is the probability from which on a unit is quoted beyond Least.
	Floor float64 `json:"floor"`
	// Least is how many words are quoted, where there are as many.
	Least int `json:"least"`
	// Most is how many words a quote has at most.
	Most int `json:"most"`
}

// Section is a section's text with its units and, for each, the probability
// that it holds what was asked.
type Section struct {
	Text  string
	Units []Unit
	P     []float64
}

// Piece is a run of a section's text.
type Piece struct {
	Section  int
	From, To int  // bytes of the section's text
	Joined   bool // nothing with words but a heading stands between this piece and the one before
	Row      bool // it goes on with the table that the piece before belongs to
}

const (
	mostPieces   = 3
	mostSections = 2
	// beside is how much more a unit is worth next to what is quoted already:
	// quotes should hang together (1.25: 1.6 pieces in the mean instead of 1.4,
	// for as many facts in as many words).
	beside = 2
	// opens is the part of the floor that a unit has to reach to be quoted apart
	// from the others, and fills the part to be quoted only to make up the least:
	// without them a sure answer trails sentences about something else.
	opens, fills = 0.8, 0.3
	// fewWords is how many words between two quoted units are quoted with them,
	// and how many a section may have left out and is quoted whole.
	fewWords = 12
	// considered is how many units are weighed: of an article without end the
	// most probable.
	considered = 80
)

// Pick chooses what is quoted of an article's sections, which are in its order.
// Where no unit has words there is nothing to choose.
func Pick(sections []Section, l Limits) []Piece {
	p := newPicker(sections, l)
	for {
		best := p.next()
		if best == nil {
			return p.pieces()
		}
		p.choose(best)
	}
}

// unit is a Unit among all of the article.
type unit struct {
	Unit
	section, first int // first: index of its section's first unit
	p              float64
}

type picker struct {
	sections []Section
	limits   Limits
	units    []unit
	order    []int // of those considered, most probable first
	chosen   []bool
	words    int
}

func newPicker(sections []Section, l Limits) *picker {
	p := &picker{sections: sections, limits: l}
	for s, sec := range sections {
		first := len(p.units)
		for i, u := range sec.Units {
			p.units = append(p.units, unit{Unit: u, section: s, first: first, p: sec.P[i]})
		}
	}
	p.chosen = make([]bool, len(p.units))
	for i := range p.units {
		p.order = append(p.order, i)
	}
	slices.SortStableFunc(p.order, func(a, b int) int { return cmp.Compare(p.units[b].p, p.units[a].p) })
	p.order = p.order[:min(len(p.order), considered)]
	return p
}

// choose adds units, and what lies in the gaps between them that are filled.
func (p *picker) choose(list []int) {
	for _, i := range list {
		p.chosen[i] = true
	}
	runs, _ := p.runs(p.chosen)
	for _, r := range runs {
		for i := r[0]; i <= r[1]; i++ {
			p.chosen[i] = true
		}
	}
	p.words = p.wordsOf(p.chosen)
}

// next is what is chosen next: the unit that is worth most by the root of its
// words, with all that has to go with it. nil: there is enough, or no room.
func (p *picker) next() []int {
	var best []int
	most := math.Inf(-1)
	for _, i := range p.order {
		if p.chosen[i] {
			continue
		}
		worth := p.units[i].p
		if p.has(i-1, p.units[i].section) || p.has(i+1, p.units[i].section) {
			worth *= beside
		} else if p.words > 0 && worth < opens*p.limits.Floor {
			continue
		}
		if p.words > 0 && (worth < fills*p.limits.Floor || p.words >= p.limits.Least && worth < p.limits.Floor) {
			continue
		}
		if byWord(worth, p.units[i].Words) <= most {
			continue // with what it needs it is worth less still
		}
		with, words := p.with(i)
		if with == nil {
			continue
		}
		if v := byWord(worth, words-p.words); v > most {
			most, best = v, with
		}
	}
	return best
}

// byWord is what a number of words are worth. By the word alone the shortest
// units would go first, by the root they hold more of the facts.
func byWord(worth float64, words int) float64 { return worth / math.Sqrt(float64(max(words, 4))) }

func (p *picker) has(i, section int) bool {
	return i >= 0 && i < len(p.units) && p.chosen[i] && p.units[i].section == section
}

// with is a unit with what it leans on and the bounds that follow it, less what
// there is no room for; nil where there is none for the unit itself. words is
// how many the quote then has.
func (p *picker) with(i int) (list []int, words int) {
	try := func(add []int) (int, bool) {
		trial := slices.Clone(p.chosen)
		for _, k := range add {
			trial[k] = true
		}
		runs, sections := p.runs(trial)
		n := p.wordsOf(trial)
		return n, n <= p.limits.Most && len(runs) <= mostPieces && sections <= mostSections
	}
	words, ok := try([]int{i})
	if !ok {
		return nil, 0
	}
	list = []int{i}
	more := func(k int) bool {
		if p.chosen[k] {
			return true
		}
		n, ok := try(append(slices.Clone(list), k))
		if ok {
			list, words = append(list, k), n
		}
		return ok
	}
	u := p.units[i]
	for on := u.Leans; on >= 0; on = p.units[u.first+on].Leans {
		if !more(u.first + on) {
			break
		}
	}
	for k := i + 1; k < len(p.units) && p.units[k].section == u.section && p.units[k].Bound; k++ {
		if !more(k) {
			break
		}
	}
	if u.Bound && i > u.first {
		more(i - 1)
	}
	return list, words
}

// runs joins what is chosen to runs of units, gaps of a few words filled.
func (p *picker) runs(chosen []bool) (list [][2]int, sections int) {
	last := -1
	for i := range chosen {
		if !chosen[i] {
			continue
		}
		n := len(list)
		same := last >= 0 && p.units[last].section == p.units[i].section
		if !same {
			sections++
		}
		if same && p.between(last, i) <= fewWords {
			list[n-1][1] = i
		} else {
			list = append(list, [2]int{i, i})
		}
		last = i
	}
	return list, sections
}

// between counts the words between two units of a section.
func (p *picker) between(a, b int) int {
	n := 0
	for _, u := range p.units[a+1 : b] {
		n += u.Words
	}
	return n
}

// wordsOf counts the words of what is chosen, with the gaps that are filled.
func (p *picker) wordsOf(chosen []bool) int {
	runs, _ := p.runs(chosen)
	n := 0
	for _, r := range runs {
		n += p.between(r[0]-1, r[1]+1)
	}
	return n
}

// pieces are the runs as spans.
func (p *picker) pieces() []Piece {
	runs, _ := p.runs(p.chosen)
	runs = p.whole(runs)
	var out []Piece
	for k, r := range runs {
		a, b := p.units[r[0]], p.units[r[1]]
		piece := Piece{Section: a.section, From: a.From, To: b.To}
		if k > 0 {
			before := p.units[runs[k-1][1]]
			piece.Row = a.Kind == Row && before.section == a.section && p.sameTable(before, runs[k-1][1], a)
			piece.Joined = runs[k-1][1]+1 == r[0]
		}
		out = append(out, piece)
	}
	return out
}

// sameTable says whether a row stands under the same header as the unit at i.
func (p *picker) sameTable(before unit, i int, row unit) bool {
	return before.Kind == Header && row.Leans == i-row.first || before.Kind == Row && before.Leans == row.Leans && row.Leans >= 0
}

// whole takes a section whole where only a few words of it would be left out.
func (p *picker) whole(runs [][2]int) [][2]int {
	total := p.wordsOf(p.chosen)
	var out [][2]int
	for k := 0; k < len(runs); {
		s := p.units[runs[k][0]].section
		end := k
		quoted := 0
		for ; end < len(runs) && p.units[runs[end][0]].section == s; end++ {
			quoted += p.between(runs[end][0]-1, runs[end][1]+1)
		}
		first := p.units[runs[k][0]].first
		last := first + len(p.sections[s].Units) - 1
		if left := p.between(first-1, last+1) - quoted; left <= fewWords && total+left <= p.limits.Most {
			total += left
			out = append(out, [2]int{first, last})
		} else {
			out = append(out, runs[k:end]...)
		}
		k = end
	}
	return out
}
