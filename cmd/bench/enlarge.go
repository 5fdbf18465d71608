package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// enlarge brings a site's published generation to at least want chunks by
// copying its articles under new ids. Copied vectors get noise of about a
// tenth of their length, so that no two are equal and ranks stay plausible.
// It returns how many chunks there are.
func enlarge(ctx context.Context, conn *pgx.Conn, site string, want int) (int, error) {
	var siteID, generation, chunks, articles int
	err := conn.QueryRow(ctx, `
		SELECT s.site_id, s.published, max(c.chunk), max(c.article)
		FROM sites s JOIN chunks c ON c.site_id = s.site_id AND c.generation = s.published
		WHERE s.name = $1 GROUP BY 1, 2`, site).Scan(&siteID, &generation, &chunks, &articles)
	if err != nil {
		return 0, fmt.Errorf("enlarging %s: %w", site, err)
	}
	copies := (want + chunks - 1) / chunks
	// Every statement takes the same five arguments; numbers begin at 1.
	steps := []string{
		`INSERT INTO articles (site_id, generation, article, article_id, title, url, desk, topic, product, lang, audience, updated, superseded_by, attributes, source, body, content_hash)
		 SELECT site_id, generation, article + k * $3::int, article_id || '-' || $5::int || '-' || k, title, url, desk, topic, product, lang, audience, updated, superseded_by, attributes, source, body, content_hash
		 FROM articles, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND article <= $3`,
		`INSERT INTO chunks (site_id, generation, chunk, article, kind, section, heading, span_from, span_to, body, words, embed_hash)
		 SELECT site_id, generation, chunk + k * $5::int, article + k * $3::int, kind, section + k * $5, heading, span_from, span_to, body, words, embed_hash
		 FROM chunks, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND chunk <= $5`,
		`INSERT INTO chunk_vectors (site_id, generation, model_id, audience, chunk, vec)
		 SELECT site_id, generation, model_id, audience, chunk + k * $5::int,
		        l2_normalize(vec + (SELECT array_agg((random() - 0.5) * 0.018 + 0 * g) FROM generate_series(1, vector_dims(vec)) g)::vector)
		 FROM chunk_vectors, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND chunk <= $5 AND $3::int > 0`,
		`INSERT INTO article_vectors (site_id, generation, model_id, article, vec)
		 SELECT site_id, generation, model_id, article + k * $3::int, vec
		 FROM article_vectors, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND article <= $3 AND $5::int > 0`,
		`INSERT INTO chunk_words (site_id, generation, audience, chunk, words)
		 SELECT site_id, generation, audience, chunk + k * $5::int, words
		 FROM chunk_words, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND chunk <= $5 AND $3::int > 0`,
		`UPDATE word_postings p SET chunks = x.chunks, weights = x.weights
		 FROM (SELECT dim, audience, array_agg(chunk + k * $5::int ORDER BY k, chunk) AS chunks, array_agg(weight ORDER BY k, chunk) AS weights
		       FROM (SELECT dim, audience, unnest(chunks) AS chunk, unnest(weights) AS weight FROM word_postings WHERE site_id = $1::int AND generation = $2::int) u,
		            generate_series(0, $4::int - 1) k
		       GROUP BY dim, audience) x
		 WHERE p.site_id = $1::int AND p.generation = $2::int AND p.dim = x.dim AND p.audience = x.audience AND $3::int > 0`,
		`INSERT INTO article_words (site_id, generation, article, words)
		 SELECT site_id, generation, article + k * $3::int, words
		 FROM article_words, generate_series(1, $4::int - 1) k WHERE site_id = $1::int AND generation = $2::int AND article <= $3 AND $5::int > 0`,
		`UPDATE terms SET df = df * $4::int WHERE site_id = $1::int AND generation = $2::int AND $3::int > 0 AND $5::int > 0`,
		`UPDATE generations SET chunks = chunks * $4::int, articles = articles * $4, sections = sections * $4, public_sections = public_sections * $4
		 WHERE site_id = $1::int AND generation = $2::int AND $3::int > 0 AND $5::int > 0`,
	}
	for i, sql := range steps {
		if _, err := conn.Exec(ctx, sql, siteID, generation, articles, copies, chunks); err != nil {
			return 0, fmt.Errorf("enlarging %s, step %d: %w", site, i+1, err)
		}
	}
	if _, err := conn.Exec(ctx, `VACUUM (ANALYZE) articles, chunks, chunk_vectors, article_vectors, chunk_words, article_words, word_postings, terms`); err != nil {
		return 0, fmt.Errorf("enlarging %s: %w", site, err)
	}
	return chunks * copies, nil
}

// measureScan times what every search holds: the exact cosine of all chunks of
// a site, sorted, over one connection.
func measureScan(ctx context.Context, conn *pgx.Conn, site string, n int) (*latencies, error) {
	var siteID, generation int
	var vectors []string
	err := conn.QueryRow(ctx, `
		SELECT s.site_id, s.published, array_agg(v.vec::text)
		FROM sites s JOIN chunk_vectors v ON v.site_id = s.site_id AND v.generation = s.published AND v.chunk <= 20
		WHERE s.name = $1 GROUP BY 1, 2`, site).Scan(&siteID, &generation, &vectors)
	if err != nil {
		return nil, fmt.Errorf("bare scan: %w", err)
	}
	l := newLatencies()
	for i := range n {
		begin := time.Now()
		_, err := conn.Exec(ctx, `WITH q AS MATERIALIZED (SELECT $3::text::vector AS v)
			SELECT chunk FROM chunk_vectors WHERE site_id = $1 AND generation = $2 ORDER BY vec <#> (SELECT v FROM q) LIMIT 30`,
			siteID, generation, vectors[i%len(vectors)])
		if err != nil {
			return nil, fmt.Errorf("bare scan: %w", err)
		}
		if i >= n/10 { // the first ones prepare the statement
			l.add(time.Since(begin))
		}
	}
	return l, nil
}
