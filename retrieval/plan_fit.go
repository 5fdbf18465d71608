package retrieval

import (
	"maps"
	"math"
	"slices"
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
	p.Evidence = fitPlanLogistic(own, p, start.Evidence, func(e *Example, list []ranked) bool {
		return e.Answers(list[0].lead.ArticleID, list[0].show.Text)
	})
	p.Near = fitPlanLogistic(own, p, start.Near, func(e *Example, list []ranked) bool {
		return slices.ContainsFunc(list[:min(3, len(list))], func(r ranked) bool { return e.RightArticle(r.lead.ArticleID) })
	})
	return p
}

// table is a question's articles by signal, so that a loss need not rank anew.
type table struct {
	signals [][]float64 // by article, in the order of names
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
			row := make([]float64, len(names))
			for k, n := range names {
				if !late(n) || e.Found.Late {
					row[k] = r.signals[n]
				}
			}
			t.signals = append(t.signals, row)
			t.right = append(t.right, e.RightArticle(r.lead.ArticleID))
		}
		if slices.Contains(t.right, true) {
			tables = append(tables, t)
		}
	}
	return fitTables(names, tables, start.Weights)
}

// fitPlanSection does the same for which section of a right article is shown,
// where there is something to choose and the choice matters.
func fitPlanSection(examples []Example, p Plan) map[string]float64 {
	names := slices.Sorted(maps.Keys(p.Section))
	var tables []table
	for i := range examples {
		e := &examples[i]
		if !e.Answerable {
			continue
		}
		asked := e.Found.asked()
		byArticle := map[int]*table{}
		var order []int
		for k := range e.Found.List {
			c := &e.Found.List[k]
			if c.Kind != SectionChunk || !e.RightArticle(c.ArticleID) {
				continue
			}
			t := byArticle[c.ArticleNo]
			if t == nil {
				t = &table{}
				byArticle[c.ArticleNo] = t
				order = append(order, c.ArticleNo)
			}
			signals := c.signals(asked)
			row := make([]float64, len(names))
			for k, n := range names {
				if !late(n) || e.Found.Late {
					row[k] = signals[n]
				}
			}
			t.signals = append(t.signals, row)
			t.right = append(t.right, e.Answers(c.ArticleID, c.Text))
		}
		for _, a := range order {
			if t := byArticle[a]; slices.Contains(t.right, true) && slices.Contains(t.right, false) {
				tables = append(tables, *t)
			}
		}
	}
	return fitTables(names, tables, p.Section)
}

// fitTables finds the non-negative weights with the least loss near the start.
func fitTables(names []string, tables []table, start map[string]float64) map[string]float64 {
	from := make([]float64, len(names))
	for k, n := range names {
		from[k] = start[n]
	}
	if len(tables) == 0 {
		return start
	}
	loss := func(w []float64) float64 {
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
	}
	w := search(from, make([]float64, len(names)), loss)
	out := make(map[string]float64, len(names))
	for k, n := range names {
		out[n] = w[k]
	}
	return out
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
		f := p.features(e.Found, list)
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
	order := slices.Sorted(maps.Keys(names))
	x := make([][]float64, len(rows))
	for i, f := range rows {
		x[i] = make([]float64, len(order)+1)
		x[i][0] = 1
		for k, n := range order {
			x[i][k+1] = f[n]
		}
	}
	return fitLogistic(order, x, y)
}

// Rounded keeps as many digits as say something, so that equal fits on two
// machines are written alike.
func (p Plan) Rounded() Plan {
	p.Weights, p.Section = roundedMap(p.Weights), roundedMap(p.Section)
	p.Evidence.Weights, p.Near.Weights = roundedMap(p.Evidence.Weights), roundedMap(p.Near.Weights)
	p.Evidence.Intercept, p.Near.Intercept = round4(p.Evidence.Intercept), round4(p.Near.Intercept)
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
