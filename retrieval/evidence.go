package retrieval

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Logistic is a fitted logistic regression over named features.
type Logistic struct {
	Intercept float64            `json:"intercept"`
	Weights   map[string]float64 `json:"weights"`
}

// P is the probability for the features; features without a weight count nothing.
func (l Logistic) P(features map[string]float64) float64 {
	x := l.Intercept
	// In a fixed order: the same features give the same bits.
	for _, name := range slices.Sorted(maps.Keys(l.Weights)) {
		x += l.Weights[name] * features[name]
	}
	return sigmoid(x)
}

// Features that evidence is judged by. None depends on the size of a site or
// on the raw height of a model's cosines.
const (
	featShare    = "share"            // softmax share of the first article among those found
	featShown    = "shown_z"          // cosine of the shown section, in standard deviations above the mean
	featCoverage = "coverage"         // part of the question's words that the shown section holds, by rarity
	featArticle  = "article_coverage" // likewise of the whole article
	featUnknown  = "unknown"          // part of them that the knowledge does not hold at all
	featTop      = "top_z"            // cosine of what found the article: the section, or a way customers ask
	featLead     = "lead"             // score of the first article over the fourth's
)

// evidenceFeatures lists them in the order of a fit.
func evidenceFeatures() []string {
	return []string{featShare, featShown, featCoverage, featArticle, featUnknown, featTop, featLead}
}

// shareSharpness makes the share tell two close articles from one clear one.
const shareSharpness = 1.5

// features says about a result what speaks for its first passage.
func features(f Found, list []ranked) map[string]float64 {
	if len(list) == 0 {
		return nil
	}
	top := list[0]
	missing := f.missing()
	all := f.asked() + missing
	if all == 0 {
		all = 1
	}
	best := list[0].lead.score
	for _, r := range list {
		best = max(best, r.lead.score) // a replaced article may stand behind a lower one
	}
	sum := 0.0
	for _, r := range list {
		sum += math.Exp(shareSharpness * (r.lead.score - best))
	}
	fourth := 0.0
	if len(list) > 3 {
		fourth = top.lead.score - list[3].lead.score
	}
	return map[string]float64{
		featShare:    math.Exp(shareSharpness*(top.lead.score-best)) / sum,
		featShown:    top.show.z,
		featCoverage: top.show.Coverage / all,
		featArticle:  top.lead.ArticleCoverage / all,
		featUnknown:  missing / all,
		featTop:      top.bestZ,
		featLead:     fourth,
	}
}

// explain says in numbers what the probability was computed from.
func (l Logistic) explain(features map[string]float64) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(l.Weights)) {
		if w := l.Weights[name]; w != 0 {
			out = append(out, fmt.Sprintf("%s %.3f × %+.3f = %+.3f", name, features[name], w, features[name]*w))
		}
	}
	return out
}
