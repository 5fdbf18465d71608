package retrieval

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// FitPlan fits a plan to the examples that were found by it: weights of signals,
// choice of section, and how sure it is. It starts from the plan given and is
// pulled towards it. Deterministic: equal examples give equal bits.
func FitPlan(examples []Example, start Plan) Plan {
	p := start
	own := make([]Example, 0, len(examples))
	for _, e := range examples {
		if e.Found.Plan != nil && e.Found.Plan.Name == start.Name {
			own = append(own, e)
		}
	}
	if len(own) == 0 {
		return p
	}
	p.Weights = fitWeights(own, start)
	p.Section = fitPlanSection(own, p)
	p.Quote = fitQuoting(own, start.Quote)
	p.Evidence = fitPlanLogistic(own, p, start.Evidence, func(e *Example, list []ranked) bool {
		h := Hit{Passage: list[0].show.Passage, Pieces: e.Found.pieces(list[0].show.ArticleNo, p.Quote)}
		return e.Answers(h.ArticleID, h.Quote())
	})
	p.Near = fitPlanLogistic(own, p, start.Near, func(e *Example, list []ranked) bool {
		return slices.ContainsFunc(list[:min(3, len(list))], func(r ranked) bool { return e.RightArticle(r.lead.ArticleID) })
	})
	return p
}

// table is what a question chooses from, articles or sections, by signal, so
// that a loss need not rank anew.
type table struct {
	signals [][]float64 // all rows in one order of names
	right   []bool
}

// fitWeights lowers the softmax loss of the right articles.
func fitWeights(examples []Example, start Plan) map[string]float64 {
	names := slices.Sorted(maps.Keys(start.Weights))
	var tables []table
	for i := range examples {
		e := &examples[i]
		if !e.Answerable {
			continue
		}
		var t table
		for _, r := range start.rank(e.Found) {
			t.signals = append(t.signals, r.signals.values(names))
			t.right = append(t.right, e.RightArticle(r.lead.ArticleID))
		}
		if slices.Contains(t.right, true) {
			tables = append(tables, t)
		}
	}
	return named(names, fitTables(tables, inOrder(names, start.Weights)))
}

// fitPlanSection does the same for which section of a right article is shown.
func fitPlanSection(examples []Example, p Plan) map[string]float64 {
	names := slices.Sorted(maps.Keys(p.Section))
	tables := sectionTables(examples, func(f Found) []sectionRow {
		asked := f.asked()
		out := make([]sectionRow, len(f.List))
		for i := range f.List {
			s := f.List[i].signals(asked)
			out[i] = sectionRow{&f.List[i], s.values(names)}
		}
		return out
	})
	return named(names, fitTables(tables, inOrder(names, p.Section)))
}

// inOrder are a map's values, named those of them.
func inOrder(names []string, m map[string]float64) []float64 {
	out := make([]float64, len(names))
	for i, n := range names {
		out[i] = m[n]
	}
	return out
}

func named(names []string, values []float64) map[string]float64 {
	out := make(map[string]float64, len(names))
	for i, n := range names {
		out[n] = values[i]
	}
	return out
}

// sectionRow is a candidate and the signals that its section is chosen by.
type sectionRow struct {
	*Candidate
	signals []float64
}

// sectionTables are the sections found of each right article, where there is
// something to choose and the choice matters.
func sectionTables(examples []Example, rows func(Found) []sectionRow) []table {
	var out []table
	for i := range examples {
		e := &examples[i]
		if !e.Answerable {
			continue
		}
		byArticle := map[int]*table{}
		var order []int
		for _, r := range rows(e.Found) {
			if r.Kind != SectionChunk || !e.RightArticle(r.ArticleID) {
				continue
			}
			t := byArticle[r.ArticleNo]
			if t == nil {
				t = &table{}
				byArticle[r.ArticleNo] = t
				order = append(order, r.ArticleNo)
			}
			t.signals = append(t.signals, r.signals)
			t.right = append(t.right, e.Answers(r.ArticleID, r.Text))
		}
		for _, a := range order {
			if t := byArticle[a]; slices.Contains(t.right, true) && slices.Contains(t.right, false) {
				out = append(out, *t)
			}
		}
	}
	return out
}

// fitTables finds the non-negative weights with the least loss near the start,
// which it returns where there is nothing to learn from.
func fitTables(tables []table, from []float64) []float64 {
	if len(tables) == 0 {
		return from
	}
	return search(from, make([]float64, len(from)), func(w []float64) float64 {
		sum := 0.0
		for _, t := range tables {
			var all, right []float64
			for i, row := range t.signals {
				s := 0.0
				for k, x := range row {
					s += w[k] * x
				}
				all = append(all, s)
				if t.right[i] {
					right = append(right, s)
				}
			}
			sum += logSumExp(all) - logSumExp(right)
		}
		return sum/float64(len(tables)) + away(w, from)
	})
}

// fitPlanLogistic fits a probability to every feature a plan has.
func fitPlanLogistic(examples []Example, p Plan, start Logistic, label func(*Example, []ranked) bool) Logistic {
	var rows []map[string]float64
	var y []float64
	names := map[string]bool{}
	for i := range examples {
		e := &examples[i]
		list := p.rank(e.Found)
		if len(list) == 0 {
			continue
		}
		f := p.features(e.Found, e.Found.meant(list))
		for n := range f {
			names[n] = true
		}
		rows = append(rows, f)
		if label(e, list) {
			y = append(y, 1)
		} else {
			y = append(y, 0)
		}
	}
	if len(rows) == 0 {
		return start
	}
	delete(names, featSpread)
	order := slices.Sorted(maps.Keys(names))
	x := make([][]float64, len(rows))
	for i, f := range rows {
		x[i] = append([]float64{1}, inOrder(order, f)...)
	}
	return fitSigned(order, x, y, speaksFor)
}

// featSpread is told and not fitted: it says how unlike what was found is, which
// is another number on every site (2.3 to 3.5 in the mean), and costs nothing to
// leave out.
const featSpread = "spread"

// speaksFor is which way a feature can count: for the first article (1), against
// it (-1), or either (0). Half the features are nearly each other's sums; without
// this a question in an article's very words, of which the corpus has few, got a
// low probability for matching too well.
func speaksFor(feature string) int {
	switch {
	case strings.HasPrefix(feature, "top_"), strings.HasPrefix(feature, "gap"), strings.HasPrefix(feature, "log_share"), feature == "coverage", feature == "firsts",
		feature == "unit_best", feature == "unit_held", feature == "unit_share", feature == "unit_rival", feature == "unit_met":
		return 1
	case strings.HasPrefix(feature, "under_"), feature == "entropy", feature == "unknown",
		feature == "unit_left", feature == "unit_unmet":
		return -1
	default:
		return 0
	}
}

// Rounded keeps as many digits as say something, so that equal fits on two
// machines are written alike.
func (p Plan) Rounded() Plan {
	p.Weights, p.Section = roundedMap(p.Weights), roundedMap(p.Section)
	p.Evidence.Weights, p.Near.Weights = roundedMap(p.Evidence.Weights), roundedMap(p.Near.Weights)
	p.Evidence.Intercept, p.Near.Intercept = round4(p.Evidence.Intercept), round4(p.Near.Intercept)
	if p.Quote != nil {
		q := *p.Quote
		q.Units.Weights, q.Units.Intercept = roundedMap(q.Units.Weights), round4(q.Units.Intercept)
		p.Quote = &q
	}
	return p
}

func roundedMap(m map[string]float64) map[string]float64 {
	out := make(map[string]float64, len(m))
	for k, v := range m {
		out[k] = round4(v)
	}
	return out
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }
