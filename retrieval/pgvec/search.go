package pgvec

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// Find brings the candidates of both arms, in one round trip.
func (s *Store) Find(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
	vector, filter := 0, 0
	var vec *pgvector.Vector
	if n.Vec != nil {
		v := pgvector.NewVector(n.Vec)
		vec, vector = &v, 1
	}
	if n.OnlyLang != "" || n.Product != "" {
		filter = 1
	}
	terms := n.Terms
	if terms == nil {
		terms = []string{}
	}
	rows, err := s.pool.Query(ctx, s.sql[vector][filter],
		n.Site, int16(n.Audience), terms, n.PerArm, retrieval.FewSections, n.BM25.MaxDF, vec, n.Model, n.OnlyLang, n.Product)
	if err != nil {
		return retrieval.Candidates{}, classify("find candidates", err)
	}
	found, err := collect(rows, 2*n.PerArm)
	return found, classify("find candidates", err)
}

// collect reads the statement's rows. The first one also says what holds for
// all; a row without a chunk means that nothing was found.
func collect(rows pgx.Rows, size int) (retrieval.Candidates, error) {
	defer rows.Close()
	var out retrieval.Candidates
	var vectors int
	var sum, squares float64
	for rows.Next() {
		var c candidateRow
		var terms []string
		var dfs []float64
		var rarities []float64
		err := rows.Scan(&out.Generation, &out.Sections, &vectors, &sum, &squares, &terms, &dfs, &rarities,
			&c.found, &c.kind, &c.asked, &c.article, &c.chunk, &c.heading, &c.from, &c.to, &c.body, &c.words,
			&c.articleID, &c.title, &c.url, &c.desk, &c.topic, &c.product, &c.lang, &c.superseded,
			&c.cosine, &c.middle, &c.bm25, &c.coverage, &c.articleBM25, &c.articleCoverage)
		if err != nil {
			return retrieval.Candidates{}, err
		}
		for i := range terms {
			out.Terms = append(out.Terms, retrieval.TermUse{Term: terms[i], DF: int(dfs[i]), Rarity: rarities[i]})
		}
		if c.found == nil {
			continue
		}
		if out.List == nil {
			out.List = make([]retrieval.Candidate, 0, size)
		}
		out.List = append(out.List, c.candidate())
	}
	if err := rows.Err(); err != nil {
		return retrieval.Candidates{}, err
	}
	if vectors > 0 {
		out.HasVectors = true
		n := float64(vectors)
		out.CosineMean = sum / n
		out.CosineSD = math.Sqrt(max(0, squares/n-out.CosineMean*out.CosineMean))
	}
	return out, nil
}

// candidateRow is a row of the outer join: all of it is NULL where nothing was found.
type candidateRow struct {
	found, article, chunk, from, to, words                       *int
	kind                                                         *int16
	heading                                                      []string
	asked, body, articleID, title, url, desk, topic              *string
	product, lang, superseded                                    *string
	cosine, middle, bm25, coverage, articleBM25, articleCoverage *float64
}

func (c *candidateRow) candidate() retrieval.Candidate {
	return retrieval.Candidate{
		Passage: retrieval.Passage{
			ArticleNo: *c.article, Chunk: *c.chunk, ArticleID: *c.articleID, Title: *c.title, URL: *c.url,
			Desk: *c.desk, Topic: *c.topic, Product: *c.product, Lang: *c.lang, Superseded: *c.superseded,
			Heading: c.heading, From: *c.from, To: *c.to, Text: *c.body,
		},
		Kind: retrieval.ChunkKind(*c.kind), ChunkNo: *c.found, Asked: *c.asked, Words: *c.words,
		Cosine: *c.cosine, Middle: *c.middle, BM25: *c.bm25, ArticleBM25: *c.articleBM25,
		Coverage: *c.coverage, ArticleCoverage: *c.articleCoverage,
	}
}
