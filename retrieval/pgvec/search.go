package pgvec

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// Find brings the candidates of both arms, in one round trip.
func (s *Store) Find(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
	vector, filter := 0, 0
	// By value: a pointer goes to the server as text, which costs both sides
	// more than everything else around the statement.
	var vec any
	if n.Vec != nil {
		vec, vector = pgvector.NewVector(n.Vec), 1
	}
	if n.OnlyLang != "" || n.Product != "" {
		filter = 1
	}
	terms := n.Terms
	if terms == nil {
		terms = []string{}
	}
	rows, err := s.pool.Query(ctx, s.sql[vector][filter],
		n.Site, int16(n.Audience), terms, n.Near, float64(retrieval.FewSections), n.BM25.MaxDF, vec, n.Model, n.OnlyLang, n.Product, max(n.Worded, 1))
	if err != nil {
		return retrieval.Candidates{}, classify("find candidates", err)
	}
	found, err := collect(rows, n.Near+n.Worded)
	return found, classify("find candidates", err)
}

// collect reads the statement's rows. The first one also says what holds for
// all; a row without a chunk means that nothing was found.
func collect(rows pgx.Rows, size int) (retrieval.Candidates, error) {
	defer rows.Close()
	var (
		out      retrieval.Candidates
		head     heading
		c        retrieval.Candidate
		articles = map[int]retrieval.Candidate{} // the first of each
	)
	common := []any{&out.Generation, &out.Sections, &out.HasVectors, &head.terms, &head.dims, &head.dfs, &head.rarities}
	own := []any{
		&c.ChunkNo, &c.Kind, &c.Asked, &c.ArticleNo, &c.Chunk, &c.Heading, &c.From, &c.To, &c.Text, &c.Words,
		&c.ArticleID, &c.Title, &c.URL, &c.Desk, &c.Topic, &c.Product, &c.Lang, &c.Superseded,
		&c.Cosine, &c.Middle, nil, nil, // words are read as they came
	}
	all := append(append([]any(nil), common...), own...)
	none := append(append([]any(nil), common...), make([]any, len(own))...) // not scanned
	var rarity map[int32]float64
	for rows.Next() {
		nothing := rows.RawValues()[len(common)] == nil
		dest := all
		if nothing {
			dest = none
		}
		c = retrieval.Candidate{}
		if err := rows.Scan(dest...); err != nil {
			return retrieval.Candidates{}, err
		}
		if rarity == nil {
			out.Terms, rarity = head.uses()
		}
		if nothing {
			continue
		}
		if out.List == nil {
			out.List = make([]retrieval.Candidate, 0, size)
		}
		raw := rows.RawValues()
		chunk, whole := wordBytes(raw[len(raw)-2]), wordBytes(raw[len(raw)-1])
		c.BM25, c.Coverage = chunk.score(rarity)
		if c.Middle != 0 || whole != nil {
			c.ArticleBM25, c.ArticleCoverage = whole.score(rarity)
			articles[c.ArticleNo] = c
		}
		out.List = append(out.List, c)
	}
	for i := range out.List {
		c, a := &out.List[i], articles[out.List[i].ArticleNo]
		c.Middle, c.ArticleBM25, c.ArticleCoverage = a.Middle, a.ArticleBM25, a.ArticleCoverage
	}
	return out, rows.Err()
}

// heading is what stands in the first row only.
type heading struct {
	terms    []string
	dims     []int32
	dfs      []float64
	rarities []float32
}

func (h heading) uses() ([]retrieval.TermUse, map[int32]float64) {
	var out []retrieval.TermUse
	rarity := make(map[int32]float64, len(h.terms))
	for i, term := range h.terms {
		out = append(out, retrieval.TermUse{Term: term, DF: int(h.dfs[i]), Rarity: float64(h.rarities[i])})
		rarity[h.dims[i]] = float64(h.rarities[i])
	}
	return out, rarity
}

// wordBytes are a text's words as they lie in the row: empty where it has none.
type wordBytes []byte

// score is what the words add up to for a question: BM25, and the summed
// rarity of the terms that the text holds. The bytes are pgvector's: width,
// number of terms, nothing, then the places and the weights.
func (w wordBytes) score(rarity map[int32]float64) (bm25, coverage float64) {
	if len(w) < 12 {
		return 0, 0
	}
	n := int(binary.BigEndian.Uint32(w[4:8]))
	dims, weights := w[12:], w[12+4*n:]
	for i := range n {
		r := rarity[int32(binary.BigEndian.Uint32(dims[4*i:]))]
		if r == 0 {
			continue
		}
		bm25 += r * float64(math.Float32frombits(binary.BigEndian.Uint32(weights[4*i:])))
		coverage += r
	}
	return bm25, coverage
}
