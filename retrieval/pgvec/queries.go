package pgvec

// What an ingest and the commands around it ask.
const (
	sqlCurrent = `
SELECT g.generation, g.state, g.source_hash, g.articles, g.chunks, g.sections, g.public_sections, g.stats, g.created_at, g.published_at
FROM sites s JOIN generations g ON g.site_id = s.site_id AND g.generation = s.published
WHERE s.site_id = $1`

	sqlGenerations = `
SELECT g.generation, g.state, g.source_hash, g.articles, g.chunks, g.sections, g.public_sections, g.stats, g.created_at, g.published_at
FROM generations g WHERE g.site_id = $1 ORDER BY g.generation DESC`

	// A number is given once, also when its generation never got published:
	// what was cited long ago names it.
	sqlBegin = `
WITH next AS (
  UPDATE sites SET last_generation = last_generation + 1 WHERE site_id = $1 RETURNING last_generation
)
INSERT INTO generations (site_id, generation, state, source_hash)
SELECT $1, last_generation, 'building', $2 FROM next
RETURNING generation`

	sqlFilled = `
UPDATE generations SET articles = $3, chunks = $4, sections = $5, public_sections = $6
WHERE site_id = $1 AND generation = $2 AND state = 'building'`

	sqlChunks = `SELECT chunks FROM generations WHERE site_id = $1 AND generation = $2`

	sqlModelsOf = `
SELECT m.model_id, m.dims, count(*)
FROM chunk_vectors v JOIN models m USING (model_id)
WHERE v.site_id = $1 AND v.generation = $2
GROUP BY m.model_id, m.dims ORDER BY m.model_id`

	sqlIndexed = `UPDATE generations SET indexed = $3 WHERE site_id = $1 AND generation = $2`

	sqlLargeTables = `
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname ~ $1`

	sqlModel = `
WITH added AS (
  INSERT INTO models (name, dims) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING model_id, dims
)
SELECT model_id, dims FROM added
UNION ALL
SELECT model_id, dims FROM models WHERE name = $1
LIMIT 1`

	// Vectors of equal texts, from any generation of this site that is still
	// there. The newest one serves where several have it.
	sqlTakeOver = `
WITH wanted AS (
  SELECT * FROM unnest($4::int[], $5::smallint[], $6::bytea[]) AS w (chunk, audience, hash)
), known AS MATERIALIZED (
  SELECT DISTINCT ON (c.embed_hash) c.embed_hash AS hash, c.generation, v.audience, c.chunk
  FROM chunks c
  JOIN chunk_vectors v ON v.site_id = c.site_id AND v.generation = c.generation AND v.model_id = $3 AND v.chunk = c.chunk
  WHERE c.site_id = $1 AND c.generation <> $2 AND c.embed_hash = ANY ($6)
  ORDER BY c.embed_hash, c.generation DESC, c.chunk
), taken AS (
  INSERT INTO chunk_vectors (site_id, generation, model_id, audience, chunk, vec)
  SELECT $1, $2, $3, w.audience, w.chunk, v.vec
  FROM wanted w
  JOIN known k ON k.hash = w.hash
  JOIN chunk_vectors v ON v.site_id = $1 AND v.generation = k.generation AND v.model_id = $3 AND v.audience = k.audience AND v.chunk = k.chunk
  RETURNING chunk
)
SELECT chunk FROM wanted EXCEPT SELECT chunk FROM taken ORDER BY chunk`

	// The mean direction of each article's sections. A model whose sections
	// cancel each other out has none.
	sqlMiddles = `
INSERT INTO article_vectors (site_id, generation, model_id, article, vec)
SELECT $1, $2, m.model_id, m.article, l2_normalize(m.vec)
FROM (
  SELECT v.model_id, c.article, avg(v.vec) AS vec
  FROM chunks c
  JOIN chunk_vectors v ON v.site_id = c.site_id AND v.generation = c.generation AND v.chunk = c.chunk
  WHERE c.site_id = $1 AND c.generation = $2 AND c.kind = 0
  GROUP BY v.model_id, c.article
) m
WHERE vector_norm(m.vec) > 0`

	// Which texts lack token vectors, and those of some texts.
	sqlWithoutTokens = `
SELECT hash FROM unnest($3::bytea[]) AS w (hash)
WHERE NOT EXISTS (SELECT 1 FROM token_rows t WHERE t.site_id = $1 AND t.model_id = $2 AND t.hash = w.hash AND t.places IS NOT NULL)`
	// Rows of before there were places are replaced by what comes with them.
	sqlPutTokens = `
INSERT INTO token_rows (site_id, model_id, hash, rows, places)
SELECT $1, $2, hash, rows, places FROM unnest($3::bytea[], $4::bytea[], $5::bytea[]) AS w (hash, rows, places)
ON CONFLICT (site_id, model_id, hash) DO UPDATE SET rows = excluded.rows, places = excluded.places
WHERE token_rows.places IS NULL`
	sqlTokens = `
SELECT t.hash, t.rows, t.places
FROM token_rows t
WHERE t.site_id = $1 AND t.model_id = (SELECT model_id FROM models WHERE name = $2) AND t.hash = ANY ($3::bytea[])`

	sqlDiff = `
SELECT count(*) FILTER (WHERE o.article_id IS NULL),
       count(*) FILTER (WHERE o.content_hash <> n.content_hash),
       count(*) FILTER (WHERE n.article_id IS NULL)
FROM (SELECT article_id, content_hash FROM articles WHERE site_id = $1 AND generation = $2) n
FULL JOIN (SELECT article_id, content_hash FROM articles WHERE site_id = $1 AND generation = $3) o USING (article_id)`

	sqlNeedsAnalyze = `
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'chunks'::regclass)
  < 10 * coalesce((SELECT chunks FROM generations WHERE site_id = $1 AND generation = $2), 0)`

	// Wide columns are left out by the schema; a role that does not own the
	// tables gets a warning, not an error.
	sqlAnalyze = `ANALYZE sites, models, generations, articles, chunks, chunk_vectors, article_vectors, chunk_words, article_words, word_postings, terms, token_rows`

	sqlLockSite = `SELECT published FROM sites WHERE site_id = $1 FOR NO KEY UPDATE`

	sqlRetire = `
UPDATE generations SET state = 'retired' WHERE site_id = $1 AND state = 'published'`

	sqlPublish = `
UPDATE generations SET state = 'published', published_at = now(), stats = coalesce($3, stats)
WHERE site_id = $1 AND generation = $2 AND state = $4`

	sqlShow = `UPDATE sites SET published = $2 WHERE site_id = $1`

	sqlFail = `
UPDATE generations SET state = 'failed' WHERE site_id = $1 AND generation = $2 AND state = 'building'`

	// The newest ones that were published once, and what readers see.
	sqlKept = `
SELECT generation FROM (
  SELECT generation FROM generations
  WHERE site_id = $1 AND state IN ('published', 'retired')
  ORDER BY (state = 'published') DESC, published_at DESC, generation DESC
  LIMIT $2
) k`

	// Rows without a generation can only come from an ingest that lost its lock;
	// they go as well.
	sqlCollectVectors = `DELETE FROM chunk_vectors WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectMiddles = `DELETE FROM article_vectors WHERE site_id = $1 AND generation <> ALL ($2)`
	// Texts that no kept generation holds.
	sqlCollectTokens = `
DELETE FROM token_rows t WHERE t.site_id = $1
  AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.site_id = t.site_id AND c.generation = ANY ($2) AND c.embed_hash = t.hash)`
	sqlCollectTerms       = `DELETE FROM terms WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectWords       = `DELETE FROM chunk_words WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectPostings    = `DELETE FROM word_postings WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectWholes      = `DELETE FROM article_words WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectChunks      = `DELETE FROM chunks WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectArticles    = `DELETE FROM articles WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectGenerations = `DELETE FROM generations WHERE site_id = $1 AND generation <> ALL ($2)`

	// The one before the published one, by when they were shown.
	sqlPrevious = `
SELECT generation FROM generations
WHERE site_id = $1 AND state = 'retired'
ORDER BY published_at DESC, generation DESC
LIMIT 1`
)

// leaves removes what the tables without a foreign key hold of generations
// that are not kept.
func leaves() []string {
	// Tokens go by the texts that are left, and so before these.
	return []string{sqlCollectVectors, sqlCollectMiddles, sqlCollectTerms, sqlCollectWords, sqlCollectPostings, sqlCollectWholes, sqlCollectTokens, sqlCollectChunks}
}

// Sites.
const (
	sqlSite    = `SELECT site_id, name, settings, is_default, published, created_at FROM sites WHERE name = $1`
	sqlSites   = `SELECT site_id, name, settings, is_default, published, created_at FROM sites ORDER BY name`
	sqlSiteAdd = `
INSERT INTO sites (name, is_default)
VALUES ($1, NOT EXISTS (SELECT 1 FROM sites WHERE is_default))
ON CONFLICT (name) DO NOTHING`
	sqlSiteSettings = `UPDATE sites SET settings = $2 WHERE site_id = $1`
	sqlSiteDefault  = `UPDATE sites SET is_default = true WHERE name = $1`
	sqlSiteRemove   = `DELETE FROM sites WHERE site_id = $1`
)

const sqlVectors = `
SELECT DISTINCT ON (c.embed_hash) c.embed_hash, v.vec
FROM chunks c
JOIN articles a ON a.site_id = c.site_id AND a.generation = c.generation AND a.article = c.article
JOIN chunk_vectors v ON v.site_id = c.site_id AND v.generation = c.generation AND v.model_id = $3 AND v.audience = a.audience AND v.chunk = c.chunk
WHERE c.site_id = $1 AND c.generation = $2
ORDER BY c.embed_hash`
