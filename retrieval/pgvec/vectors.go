package pgvec

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// ArticleVector is a chunk's vector and its article's id.
type ArticleVector struct {
	Article string
	Vec     []float32
}

const sqlAllVectors = `
SELECT a.article_id, v.vec
FROM sites s
JOIN chunk_vectors v ON v.site_id = s.site_id AND v.generation = s.published
JOIN models m ON m.model_id = v.model_id AND m.name = $2
JOIN chunks c ON c.site_id = v.site_id AND c.generation = v.generation AND c.chunk = v.chunk
JOIN articles a ON a.site_id = c.site_id AND a.generation = c.generation AND a.article = c.article
WHERE s.site_id = $1 AND v.audience = $3
ORDER BY c.chunk`

// PublishedVectors are all that the site has published for everybody under a model, in
// their order: for those who learn from them.
func (s *Store) PublishedVectors(ctx context.Context, site retrieval.SiteID, model string) ([]ArticleVector, error) {
	rows, err := s.pool.Query(ctx, sqlAllVectors, site, model, int16(retrieval.Public))
	if err != nil {
		return nil, classify("read vectors", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v ArticleVector, err error) {
		var vec pgvector.Vector
		err = row.Scan(&v.Article, &vec)
		v.Vec = vec.Slice()
		return v, err
	})
	return list, classify("read vectors", err)
}
