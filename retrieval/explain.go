package retrieval

import (
	"fmt"
	"strings"
)

// why says in words and numbers why a hit stands where it stands.
func (j Judge) why(list []ranked, i int, c Candidates) []string {
	l, f := list[i].lead, j.Fusion
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if l.Kind == QuestionChunk {
		say("found by how customers ask it: “%s”, which counts %+.2f", l.Asked, -f.QuestionHandicap)
	}
	if c.HasVectors {
		say("meaning: cosine %.4f, %.2f standard deviations above the mean of the %d found (%.4f), × %.2f = %+.3f",
			l.Cosine, l.z, len(c.List), c.cosines().mean, f.Cosine, f.Cosine*l.z)
		say("meaning of the article as a whole: cosine %.4f, %.2f above, × %.2f = %+.3f", l.Middle, l.middle, f.Middle, f.Middle*l.middle)
	} else {
		say("meaning: no vectors took part")
	}
	other := 1.0
	if l.foreign {
		other = f.OtherLanguage
		say("the article is in another language (%s): words count %.2f of what they would", l.Lang, other)
	}
	say("words: BM25 %.2f, %.2f of what the question's words weigh, × %.2f = %+.3f", l.BM25, l.words, f.BM25*other, f.BM25*other*l.words)
	say("words of the article as a whole: BM25 %.2f, %.2f of what they weigh, × %.2f = %+.3f", l.ArticleBM25, l.article, f.ArticleBM25*other, f.ArticleBM25*other*l.article)
	if q := list[i].question; q != nil && l.Kind != QuestionChunk {
		say("customers ask it like this: “%s” (cosine %.4f)", q.Asked, q.Cosine)
	}
	if s := list[i].show; s.ChunkNo != l.ChunkNo {
		say("of its sections this one is shown: cosine %.4f, %.0f %% of the question's words by weight, %d words long", s.Cosine, 100*s.coverage, s.Words)
	}
	if l.Superseded != "" {
		say("it is replaced by %s, and stands behind it where both are found", l.Superseded)
	}
	if i > 0 {
		say("%.3f behind the one before", list[i-1].lead.score-l.score)
	}
	return out
}

// whyEvidence says how the site's knowledge knows the question's words, and
// what the probability was computed from.
func whyEvidence(c Candidates, model Logistic, features map[string]float64) []string {
	words := make([]string, 0, len(c.Terms))
	for _, t := range c.Terms {
		if t.Rarity == 0 {
			words = append(words, fmt.Sprintf("%s (in %d sections: too common to count)", t.Term, t.DF))
			continue
		}
		words = append(words, fmt.Sprintf("%s (in %d, weighs %.2f)", t.Term, t.DF, t.Rarity))
	}
	if len(words) == 0 {
		words = append(words, "none is in the knowledge")
	}
	out := []string{"words of the question: " + strings.Join(words, ", ")}
	out = append(out, fmt.Sprintf("probability: intercept %+.3f", model.Intercept))
	return append(out, model.explain(features)...)
}
