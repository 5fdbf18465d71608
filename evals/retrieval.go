package evals

import (
	"context"
	"fmt"

	"frontdesk/retrieval"
)

// RetrievalScores is how well one way of searching finds the right article.
type RetrievalScores struct {
	Questions int      `json:"questions"` // the answerable ones
	R1        Interval `json:"r1"`        // a right article is first
	R3        Interval `json:"r3"`        // … among the first three
	R5        Interval `json:"r5"`
	R10       Interval `json:"r10"`
	MRR       Interval `json:"mrr"`
	NDCG10    Interval `json:"ndcg10"`
	All5      Interval `json:"all5"`     // every gold article is among the first five
	Section1  Interval `json:"section1"` // the first passage is right and holds every labelled fact; only over questions with facts
}

// Searched is what one question found.
type Searched struct {
	Question Question
	Ranking  []string // articles, best first
	Evidence retrieval.Evidence
}

// Asked is a question with what both arms of a search found for it.
type Asked struct {
	Question Question
	Found    retrieval.Found
}

// finder searches without judging; *retrieval.Searcher does.
type finder interface {
	Find(ctx context.Context, q retrieval.Query) (retrieval.Found, error)
}

// Depth is how many articles the measures look at.
const Depth = 10

// Ask puts every question to a finder, in order, as a visitor.
func Ask(ctx context.Context, f finder, site retrieval.SiteID, questions []Question) ([]Asked, error) {
	out := make([]Asked, 0, len(questions))
	for _, q := range questions {
		found, err := f.Find(ctx, retrieval.Query{Site: site, Text: q.Text, K: Depth})
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		out = append(out, Asked{Question: q, Found: found})
	}
	return out, nil
}

// Judge ranks what was found by one ranking.
func Judge(asked []Asked, r retrieval.Ranking) []Searched {
	out := make([]Searched, 0, len(asked))
	for _, a := range asked {
		s := Searched{Question: a.Question}
		if len(r.Plans) == 0 {
			a.Found.Plan = nil // the ranking is one for any model
		}
		r.Judge(&s.Evidence, a.Found, Depth, false)
		for _, h := range s.Evidence.Hits {
			s.Ranking = append(s.Ranking, h.ArticleID)
		}
		out = append(out, s)
	}
	return out
}

// VectorsAlone ranks by a chunk's cosine and nothing else.
func VectorsAlone() retrieval.Ranking {
	j := retrieval.Judge{Fusion: retrieval.Fusion{Cosine: 1}, Section: retrieval.SectionPick{Cosine: 1}}
	return retrieval.Ranking{WithVectors: j, Words: j}
}

// WordsAlone ranks by a chunk's BM25 and nothing else; use it with WithoutVectors.
func WordsAlone() retrieval.Ranking {
	j := retrieval.Judge{Fusion: retrieval.Fusion{BM25: 1, OtherLanguage: 1}, Section: retrieval.SectionPick{BM25: 1}}
	return retrieval.Ranking{WithVectors: j, Words: j}
}

// WithoutVectors is what the word arm alone would have found.
func WithoutVectors(asked []Asked) []Asked {
	out := make([]Asked, 0, len(asked))
	for _, a := range asked {
		c := a.Found.Candidates
		c.HasVectors = false
		c.List = nil
		for _, k := range a.Found.List {
			if k.BM25 > 0 {
				k.Cosine, k.Middle = 0, 0
				c.List = append(c.List, k)
			}
		}
		a.Found.Candidates = c
		out = append(out, a)
	}
	return out
}

// Examples are questions with their findings as a fit wants them. Questions
// that share an article are one group.
func Examples(asked []Asked) []retrieval.Example {
	out := make([]retrieval.Example, 0, len(asked))
	for _, a := range asked {
		q := a.Question
		group := q.ID
		for _, list := range [][]string{q.Near, q.Gold} {
			if len(list) > 0 {
				group = list[0]
			}
		}
		out = append(out, retrieval.Example{
			Found: a.Found, Group: group, Answerable: q.Answerable,
			RightArticle: func(id string) bool { return q.Right(id, false) },
			Answers:      func(id, passage string) bool { return q.Right(id, false) && q.HoldsFacts(passage) },
		})
	}
	return out
}

// Answers says whether the first passage answers: the right article, and every
// labelled fact in it.
func (s Searched) Answers() bool {
	return s.Question.Answerable && len(s.Evidence.Hits) > 0 &&
		s.Question.Right(s.Evidence.Hits[0].ArticleID, false) && s.Question.HoldsFacts(s.Evidence.Hits[0].Text)
}

// ScoreRetrieval measures rankings of at least ten articles; ok is false where
// no question is answerable. With strict, only gold articles are right.
func ScoreRetrieval(list []Searched, strict bool) (s RetrievalScores, ok bool) {
	var at [11]int
	var reciprocal, ndcg []float64
	all, sections, facts := 0, 0, 0
	for _, r := range list {
		if !r.Question.Answerable {
			continue
		}
		s.Questions++
		rank := rankOf(r.Question, r.Ranking, strict)
		for k := max(rank, 1); rank > 0 && k < len(at); k++ {
			at[k]++
		}
		if rank > 0 {
			reciprocal = append(reciprocal, 1/float64(rank))
		} else {
			reciprocal = append(reciprocal, 0)
		}
		ndcg = append(ndcg, ndcgAt10(r.Question, r.Ranking, strict))
		if allWithin(r.Question.Gold, r.Ranking[:min(5, len(r.Ranking))]) {
			all++
		}
		if len(r.Question.Facts) > 0 {
			facts++
			if r.Answers() {
				sections++
			}
		}
	}
	if s.Questions == 0 {
		return s, false
	}
	n := s.Questions
	s.R1, s.R3, s.R5, s.R10 = Rate(at[1], n), Rate(at[3], n), Rate(at[5], n), Rate(at[10], n)
	s.MRR, s.NDCG10, s.All5 = Mean(reciprocal), Mean(ndcg), Rate(all, n)
	if facts > 0 {
		s.Section1 = Rate(sections, facts)
	}
	return s, true
}

func allWithin(gold, ranking []string) bool {
	in := map[string]bool{}
	for _, a := range ranking {
		in[a] = true
	}
	for _, g := range gold {
		if !in[g] {
			return false
		}
	}
	return true
}
