package pgvec

import (
	"context"

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
		out  retrieval.Candidates
		head row
		c    retrieval.Candidate
	)
	common := []any{&out.Generation, &out.Sections, &out.CosineMean, &out.CosineSD, &head.terms, &head.dfs, &head.rarities}
	own := []any{
		&c.ChunkNo, &c.Kind, &c.Asked, &c.ArticleNo, &c.Chunk, &c.Heading, &c.From, &c.To, &c.Text, &c.Words,
		&c.ArticleID, &c.Title, &c.URL, &c.Desk, &c.Topic, &c.Product, &c.Lang, &c.Superseded,
		&c.Cosine, &c.Middle, &c.BM25, &c.Coverage, &c.ArticleBM25, &c.ArticleCoverage,
	}
	all := append(append([]any(nil), common...), own...)
	none := append(append([]any(nil), common...), make([]any, len(own))...) // not scanned
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
		if out.Terms == nil {
			out.Terms = head.uses()
		}
		if nothing {
			continue
		}
		if out.List == nil {
			out.List = make([]retrieval.Candidate, 0, size)
		}
		out.List = append(out.List, c)
	}
	if out.CosineSD >= 0 {
		out.HasVectors = out.Generation > 0
	} else {
		out.CosineSD = 0
	}
	return out, rows.Err()
}

// row is what stands in the first row only.
type row struct {
	terms    []string
	dfs      []float64
	rarities []float32
}

func (r row) uses() []retrieval.TermUse {
	var out []retrieval.TermUse
	for i, term := range r.terms {
		if i > 0 && term == r.terms[i-1] {
			continue // of another audience: the numbers are the same
		}
		out = append(out, retrieval.TermUse{Term: term, DF: int(r.dfs[i]), Rarity: float64(r.rarities[i])})
	}
	return out
}
