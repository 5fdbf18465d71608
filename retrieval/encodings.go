package retrieval

import (
	"math"

	"frontdesk/retrieval/dots"
	"frontdesk/retrieval/maxsim"
)

// EncodedSite is a site's chunks as a model, or one that is tried, encodes them:
// to see what the encoding alone is worth, without words, lenses or weights.
type EncodedSite struct {
	Chunks    []Encoded
	Article   []int // of each chunk, from 0
	Articles  int
	TokenDims int
}

// Nearness is how near each article is to a question.
type Nearness struct {
	Vector  []float64 // cosine of the nearest chunk
	Chunk   []float64 // token by token, the best chunk
	Article []float64 // token by token, the article as a whole
}

// Near compares a question with every article; weights are those of its tokens.
func (s EncodedSite) Near(q Encoded, weights []float64) Nearness {
	n := Nearness{Vector: lowest(s.Articles), Chunk: lowest(s.Articles), Article: lowest(s.Articles)}
	asked := maxsim.NewQuestion(q.Rows, weights, s.TokenDims, 1.0/(TokenScale*TokenScale))
	whole := make([]maxsim.Best, s.Articles)
	best := asked.NewBest()
	for i, c := range s.Chunks {
		a := s.Article[i]
		if whole[a] == nil {
			whole[a] = asked.NewBest()
		}
		best.Reset()
		asked.Read(best, c.Rows)
		whole[a].Max(best)
		n.Vector[a] = max(n.Vector[a], float64(dots.Dot(q.Vec, c.Vec)))
		n.Chunk[a] = max(n.Chunk[a], asked.Score(best))
	}
	for a, b := range whole {
		if b != nil {
			n.Article[a] = asked.Score(b)
		}
	}
	return n
}

func lowest(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Inf(-1)
	}
	return out
}
