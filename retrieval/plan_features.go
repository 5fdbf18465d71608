package retrieval

import (
	"maps"
	"math"
	"slices"
)

// features says about a ranking what speaks for its first article. Scores are
// log-odds, so that shares of their exponentials mean something; most of what
// can be known lies in the gaps between them (AUROC .771 of .787 on twelve
// businesses), little in any value by itself.
func (p *Plan) features(f Found, list []ranked) map[string]float64 {
	top := list[0]
	best := math.Inf(-1)
	for _, r := range list {
		best = max(best, r.lead.score) // a replaced article may stand behind a lower one
	}
	scores := make([]float64, len(list))
	var sum, mean float64
	for i, r := range list {
		scores[i] = r.lead.score
		sum += math.Exp(scores[i] - best)
		mean += scores[i] / float64(len(list))
	}
	share := func(i int) float64 {
		if i >= len(scores) {
			return 0
		}
		return math.Exp(scores[i]-best) / sum
	}
	var spread, entropy float64
	for i, s := range scores {
		spread += (s - mean) * (s - mean) / float64(len(scores))
		if q := share(i); q > 0 {
			entropy -= q * math.Log(q)
		}
	}
	spread = math.Sqrt(spread)
	behind := func(i int) float64 { // how far the i-th stands behind the first, at most as far as the last
		return scores[0] - scores[min(i, len(scores)-1)]
	}
	const least = 1e-6
	out := map[string]float64{
		"gap2": behind(1), "gap3": behind(2), "gap5": behind(4),
		"log_share": math.Log(max(share(0), least)), "log_share2": math.Log(max(share(0)+share(1), least)),
		"log_share3": math.Log(max(share(0)+share(1)+share(2), least)),
		"entropy":    entropy, featSpread: spread,
		"coverage":       top.show.coverage,
		"question_words": math.Log1p(float64(f.QuestionWords)), "short": 0, "question_mark": 0,
	}
	if spread > 0 {
		out["top_z"] = (scores[0] - mean) / spread
	}
	if f.QuestionWords <= 4 {
		out["short"] = 1
	}
	if f.QuestionMark {
		out["question_mark"] = 1
	}
	if missing := f.missing(); missing > 0 {
		out["unknown"] = missing / (missing + f.asked())
	}
	firsts, counted := 0.0, 0.0
	for _, name := range slices.Sorted(maps.Keys(p.Weights)) {
		if p.Weights[name] == 0 {
			continue
		}
		first := top.signals.of(name)
		highest := first
		for _, r := range list {
			highest = max(highest, r.signals.of(name))
		}
		out["top_"+name], out["under_"+name] = first, highest-first
		counted++
		if highest == first {
			firsts++
		}
	}
	out["firsts"] = firsts / max(counted, 1)
	maps.Copy(out, f.unitFeatures(list, p.Quote))
	return out
}
