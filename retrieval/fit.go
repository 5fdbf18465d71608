package retrieval

import (
	"math"
	"slices"
)

// Example is a labelled question with what was found for it.
type Example struct {
	Found      Found
	Group      string // examples of one group are never on both sides of a cross-validation
	Answerable bool

	RightArticle func(id string) bool          // the article answers
	Answers      func(id, passage string) bool // the article answers, and the passage holds the facts
	Holds        func(unit string) bool        // a part of a right article holds a fact that was asked for, or a part of one; nil: unknown
}

// FitJudge fits fusion, choice of section and evidence to examples, starting
// from a judge and pulled towards it: with a few hundred questions the data
// alone would say things about weights that it does not know. Deterministic.
func FitJudge(examples []Example, start Judge) Judge {
	j := start
	j.Fusion = fitFusion(examples, start)
	j.Section = fitSection(examples, j)
	j.Evidence = fitEvidence(examples, j)
	return j
}

// pull is how much a factor of e away from the start costs, in nats a question.
const pull = 0.002

// fitFusion lowers the softmax loss of the right articles by searching one
// weight at a time in ever smaller steps: the loss has kinks (an article is as
// good as its best chunk), and six weights need nothing cleverer.
func fitFusion(examples []Example, start Judge) Fusion {
	from := start.Fusion
	loss := func(w []float64) float64 {
		f := fusionOf(w)
		sum, n := 0.0, 0
		for i := range examples {
			if l, ok := rankingLoss(&examples[i], Judge{Fusion: f, Section: start.Section}); ok {
				sum, n = sum+l, n+1
			}
		}
		return sum/float64(max(n, 1)) + away(w, fusionWeights(from))
	}
	limits := []float64{0, 0, 0, 0, 0, 1} // other_language is a part of the whole
	return fusionOf(search(fusionWeights(from), limits, loss))
}

func fusionWeights(f Fusion) []float64 {
	return []float64{f.Cosine, f.Middle, f.BM25, f.ArticleBM25, f.QuestionHandicap, f.OtherLanguage}
}

func fusionOf(w []float64) Fusion {
	return Fusion{Cosine: w[0], Middle: w[1], BM25: w[2], ArticleBM25: w[3], QuestionHandicap: w[4], OtherLanguage: w[5]}
}

// rankingLoss is -log of the softmax share of the right articles; ok is false
// where there is nothing to learn from.
func rankingLoss(e *Example, j Judge) (float64, bool) {
	if !e.Answerable {
		return 0, false
	}
	list := j.rank(e.Found.Candidates, e.Found.Lang)
	var all, right []float64
	for _, r := range list {
		all = append(all, r.lead.score)
		if e.RightArticle(r.lead.ArticleID) {
			right = append(right, r.lead.score)
		}
	}
	if len(right) == 0 {
		return 0, false
	}
	return logSumExp(all) - logSumExp(right), true
}

// fitSection does the same for which section of a right article is shown.
func fitSection(examples []Example, j Judge) SectionPick {
	tables := sectionTables(examples, func(f Found) []sectionRow {
		var out []sectionRow
		for _, s := range j.scores(f.Candidates, f.Lang) {
			out = append(out, sectionRow{s.Candidate, []float64{s.z, s.words, s.coverage, math.Log1p(float64(s.Words))}})
		}
		return out
	})
	p := j.Section
	w := fitTables(tables, []float64{p.Cosine, p.BM25, p.Coverage, p.Length})
	return SectionPick{Cosine: w[0], BM25: w[1], Coverage: w[2], Length: w[3]}
}

// away is the price of leaving the start. A weight of zero stays near zero.
func away(w, from []float64) float64 {
	const small = 0.05
	sum := 0.0
	for i := range w {
		d := math.Log((w[i] + small) / (from[i] + small))
		sum += d * d
	}
	return pull * sum
}

// search changes one weight at a time while that lowers the loss. Weights that
// start at zero stay there; limits above zero are upper bounds.
func search(w, limits []float64, loss func([]float64) float64) []float64 {
	w = slices.Clone(w)
	best := loss(w)
	const enough = 1e-6
	for _, step := range []float64{1.5, 1.2, 1.07, 1.02} {
		for better := true; better; {
			better = false
			for i := range w {
				if w[i] == 0 {
					continue
				}
				for _, v := range []float64{w[i] * step, w[i] / step} {
					if limits[i] > 0 {
						v = min(v, limits[i])
					}
					was := w[i]
					w[i] = v
					if l := loss(w); l < best-enough {
						best, better = l, true
						break
					}
					w[i] = was
				}
			}
		}
	}
	return w
}

func logSumExp(list []float64) float64 {
	m := slices.Max(list)
	sum := 0.0
	for _, v := range list {
		sum += math.Exp(v - m)
	}
	return m + math.Log(sum)
}
