package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Reranker reads a question together with each of a few passages, which a
// cross-encoder does better than any comparison of vectors, and slower. None is
// ever needed.
type Reranker interface {
	// Rerank gives one score a passage, the higher the better; only their order
	// within one call means anything.
	Rerank(ctx context.Context, question string, passages []string) ([]float64, error)
}

// reread is how many articles a Reranker reads: the right one is among the first
// ten for nearly all questions that have one, and each costs time.
const reread = 10

// DegradedReranker says that there is a Reranker and it took no part.
const DegradedReranker = "reranker"

// askReranker puts a Reranker's scores into what was found. One that is away or
// slow is no error: the order stays as it was, and ev says so.
func (s *Searcher) askReranker(ctx context.Context, question string, ev *Evidence, f *Found) error {
	if s.deps.Reranker == nil {
		return nil
	}
	list := s.ranking.order(*f)
	list = list[:min(reread, len(list))]
	if len(list) < 2 {
		return nil // nothing to put in order
	}
	passages := make([]string, len(list))
	for i, r := range list {
		passages[i] = r.show.Title + "\n" + strings.Join(r.show.Heading, " > ") + "\n" + r.show.Text
	}
	budget, cancel := context.WithTimeout(ctx, s.cfg.RerankBudget)
	defer cancel()
	scores, err := s.deps.Reranker.Rerank(budget, question, passages)
	if ctx.Err() != nil {
		return fmt.Errorf("rerank: %w", ctx.Err())
	}
	if err != nil || len(scores) != len(list) || slices.ContainsFunc(scores, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
		ev.Degraded = append(ev.Degraded, DegradedReranker)
		return nil
	}
	f.Reread = make(map[int]float64, len(list))
	for i, r := range list {
		f.Reread[r.show.ArticleNo] = scores[i]
	}
	ev.Reread = true
	return nil
}

// order is what was found in the ranking's order, without a Reranker's.
func (r Ranking) order(f Found) []ranked {
	if f.Plan != nil {
		return f.Plan.rank(f)
	}
	return r.judgeOf(f).rank(f.Candidates, f.Lang)
}

// reordered puts the articles that a Reranker read in its order, before the
// others. Scores stay: where it moves another article to the first place, the
// gaps that evidence is judged by turn negative, and the probability falls with
// them. It was fitted on the ranking alone, and errs on the careful side.
func (f Found) reordered(list []ranked) []ranked {
	if len(f.Reread) == 0 {
		return list
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		x, hasX := f.Reread[a.show.ArticleNo]
		y, hasY := f.Reread[b.show.ArticleNo]
		switch {
		case hasX && hasY:
			return cmp.Compare(y, x)
		case hasX:
			return -1
		case hasY:
			return 1
		}
		return 0
	})
	return behindCurrent(list)
}

// whyReread says what the Reranker made of an article.
func (f Found) whyReread(article int) []string {
	score, ok := f.Reread[article]
	if !ok {
		return nil
	}
	return []string{fmt.Sprintf("read together with the question: %.3f, which puts it here", score)}
}
