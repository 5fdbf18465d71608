package retrieval

import (
	"context"
	"fmt"
	"math"

	"frontdesk/retrieval/maxsim"
)

// lateInteraction compares the question with the candidates and with their
// articles as a whole, token by token, and writes the scores into them. ok is
// false where a text's token vectors are missing: a term that some candidates
// have and others lack would rank by who has it.
//
// An article in a language that the model is not for never has any: it gets the
// lowest score of the others. On a site with a few articles in German, no
// English question would else be compared token by token.
func (s *Searcher) lateInteraction(ctx context.Context, site SiteID, q spaceVec, f *Found) (ok bool, err error) {
	if len(q.Tokens) == 0 || len(f.List) == 0 || s.tokens == nil {
		return false, nil
	}
	seen := map[TextHash]bool{}
	var hashes []TextHash
	add := func(h TextHash) {
		if !seen[h] {
			seen[h] = true
			hashes = append(hashes, h)
		}
	}
	for i := range f.List {
		if !q.space.takes(f.List[i].Lang) {
			continue
		}
		add(f.List[i].Hash)
		for _, h := range f.List[i].Whole {
			add(h)
		}
	}
	rows, err := s.tokens.get(ctx, site, q.model.Name, hashes)
	if err != nil {
		return false, fmt.Errorf("late interaction: %w", err)
	}
	if len(hashes) == 0 || len(rows) < len(hashes) {
		return false, nil
	}
	question := maxsim.NewQuestion(q.Rows, s.ranking.Asked.Weights(q.model.Name, q.Tokens), q.tokenDims, 1/float64(TokenScale*TokenScale))
	best := make(map[TextHash]maxsim.Best, len(hashes))
	for h, r := range rows {
		if len(r.Rows)%q.tokenDims != 0 {
			return false, nil // damaged: better none than wrong ones
		}
		b := question.NewBest()
		question.Read(b, r.Rows)
		best[h] = b
	}
	whole := map[int]float64{} // by article
	least, leastWhole := math.Inf(1), math.Inf(1)
	for i := range f.List {
		c := &f.List[i]
		if !q.space.takes(c.Lang) {
			continue
		}
		c.MaxSim = question.Score(best[c.Hash])
		score, done := whole[c.ArticleNo]
		if !done {
			all := question.NewBest()
			for _, h := range c.Whole {
				all.Max(best[h])
			}
			score = question.Score(all)
			whole[c.ArticleNo] = score
		}
		c.ArticleMaxSim = score
		least, leastWhole = min(least, c.MaxSim), min(leastWhole, score)
	}
	for i := range f.List {
		if c := &f.List[i]; !q.space.takes(c.Lang) {
			c.MaxSim, c.ArticleMaxSim = least, leastWhole
		}
	}
	f.late = &compared{
		question: question, rows: rows, dims: q.tokenDims, terms: s.deps.Terms, asked: f.Terms,
		units: map[int]*articleUnits{}, seek: s.seek,
	}
	return true, nil
}
