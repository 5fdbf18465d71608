package pgvec

// The search is put together from these parts: with none, one or two vectors,
// with or without a filter. Each combination is one constant string, so that
// every connection prepares it once. All take the same arguments:
// $1 site, $2 audience, $3 terms, $4 candidates by vectors, $5 sections from
// which on common terms are left out, $6 part of them that makes a term common,
// $7 vector, $8 its model's name, $9 language, $10 product line, $11 candidates
// by words, $12 second vector, $13 its model's name, $14 whether the texts of
// whole articles are wanted, for their tokens.
const (
	// One row: which generation readers see, and how many sections the caller
	// may read (what rarity counts). $2 is 0 for the public, 1 for agents.
	sqlGen = `
WITH gen AS MATERIALIZED (
  SELECT g.generation, (CASE WHEN $2::smallint = 0 THEN g.public_sections ELSE g.sections END)::float8 AS n,
    (SELECT model_id FROM models WHERE name = $8::text) AS model,
    (SELECT model_id FROM models WHERE name = $13::text) AS model2
  FROM sites s
  JOIN generations g ON g.site_id = s.site_id AND g.generation = s.published
  WHERE s.site_id = $1
)`

	sqlNoScope = `,
scope AS (SELECT 1 WHERE false AND $9::text IS NULL AND $10::text IS NULL)`

	// The chunks a filter leaves. The language of an article that says none
	// was found at ingest; an article without a product line concerns all.
	sqlScope = `,
scope AS MATERIALIZED (
  SELECT c.chunk
  FROM articles a
  JOIN chunks c ON c.site_id = a.site_id AND c.generation = a.generation AND c.article = a.article
  WHERE a.site_id = $1 AND a.generation = (SELECT generation FROM gen) AND a.audience <= $2
    AND ($9::text = '' OR a.lang = $9) AND ($10::text = '' OR a.product = $10 OR a.product = '')
)`

	// The nearest chunks. Vectors are of unit length, so the cosine is the
	// inner product.
	sqlNear = `,
near AS MATERIALIZED (
  SELECT v.chunk, v.vec <#> $7::vector AS distance
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT model FROM gen)
    AND v.audience <= $2`
	sqlScoped  = ` AND v.chunk IN (SELECT chunk FROM scope)`
	sqlNearEnd = `
  ORDER BY distance, v.chunk LIMIT $4::int
)`
	sqlNoNear = `,
near AS MATERIALIZED (
  SELECT 0 AS chunk, 0::float8 AS distance WHERE false AND $7::vector IS NULL AND $4::int IS NULL
)`
	sqlNear2 = `,
near2 AS MATERIALIZED (
  SELECT v.chunk, v.vec <#> $12::vector AS distance
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT model2 FROM gen)
    AND v.audience <= $2`
	sqlNoNear2 = `,
near2 AS MATERIALIZED (
  SELECT 0 AS chunk, 0::float8 AS distance WHERE false AND $12::vector IS NULL
)`

	// The question's terms as the caller may know them: how many sections hold
	// each, and so how rare it is. Terms in too many sections count nothing.
	// What they weigh together is a vector of words too, and the best chunks by
	// BM25 are those nearest to it.
	sqlWord = `,
rare AS MATERIALIZED (
  SELECT t.term, t.dim, t.df,
    CASE WHEN g.n >= $5::float8 AND t.df > $6::float8 * g.n THEN 0::real
         ELSE ln(1 + (g.n - t.df + 0.5::float8) / (t.df + 0.5::float8))::real END AS rarity
  FROM gen g, (
    SELECT p.term, p.dim, sum(p.df)::float8 AS df
    FROM terms p
    WHERE p.site_id = $1 AND p.generation = (SELECT generation FROM gen)
      AND p.term = ANY ($3::text[]) AND p.audience <= $2
    GROUP BY p.term, p.dim
  ) t
), asked AS MATERIALIZED (
  SELECT ('{' || string_agg((dim + 1) || ':' || rarity, ',' ORDER BY dim) || '}/16777216')::sparsevec AS words
  FROM rare WHERE rarity > 0
), worded AS MATERIALIZED (
  SELECT v.chunk, v.words <#> (SELECT words FROM asked) AS distance
  FROM chunk_words v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.audience <= $2 AND (SELECT words FROM asked) IS NOT NULL`
	sqlWordEnd = `
  ORDER BY distance, v.chunk LIMIT $11::int
)`

	// The best of both arms, each with both scores, and what a citation needs.
	// What the words add up to is left to the caller, who gets the words of each
	// text; an article's middle and words come with the first of its candidates.
	//
	// Ties fall to the lower number, so that equal runs give equal results. The
	// terms go with the first row only.
	sqlFound = `,
found AS MATERIALIZED (
  SELECT chunk, max(cosine) AS cosine, max(cosine2) AS cosine2
  FROM (
    SELECT chunk, -distance AS cosine, NULL::float8 AS cosine2 FROM near
    UNION ALL SELECT chunk, NULL, -distance FROM near2
    UNION ALL SELECT chunk, NULL, NULL FROM worded WHERE distance < 0
  ) f
  GROUP BY chunk
), candidate AS MATERIALIZED (
  SELECT f.chunk, f.cosine, f.cosine2, c.embed_hash, c.article, c.kind, CASE c.kind WHEN 1 THEN c.section ELSE c.chunk END AS shown,
    CASE c.kind WHEN 1 THEN c.body ELSE '' END AS asked,
    row_number() OVER (PARTITION BY c.article ORDER BY f.chunk) AS place
  FROM found f
  JOIN chunks c ON c.site_id = $1 AND c.generation = (SELECT generation FROM gen) AND c.chunk = f.chunk
), whole AS MATERIALIZED (
  SELECT k.chunk AS found, k.kind, k.asked, k.article, s.chunk, s.heading, s.span_from, s.span_to, s.body, s.words,
    a.article_id, a.title, a.url, a.desk, a.topic, a.product, a.lang, a.superseded_by,
    coalesce(k.cosine, (
      SELECT -(v.vec <#> $7::vector) FROM chunk_vectors v
      WHERE v.site_id = $1 AND v.generation = a.generation AND v.model_id = (SELECT model FROM gen)
        AND v.audience = a.audience AND v.chunk = k.chunk), 0) AS cosine,
    coalesce(k.cosine2, CASE WHEN (SELECT model2 FROM gen) IS NOT NULL THEN (
      SELECT -(v.vec <#> $12::vector) FROM chunk_vectors v
      WHERE v.site_id = $1 AND v.generation = a.generation AND v.model_id = (SELECT model2 FROM gen)
        AND v.audience = a.audience AND v.chunk = k.chunk) END, 0) AS cosine2,
    k.place = 1 AS first, k.embed_hash AS hash,
    (SELECT w.words FROM chunk_words w
     WHERE w.site_id = $1 AND w.generation = a.generation AND w.audience = a.audience AND w.chunk = k.chunk) AS chunk_words,
    CASE WHEN k.place = 1 THEN (
      SELECT -(m.vec <#> $7::vector) FROM article_vectors m
      WHERE m.site_id = $1 AND m.generation = a.generation AND m.model_id = (SELECT model FROM gen) AND m.article = k.article) END AS middle,
    CASE WHEN k.place = 1 AND (SELECT model2 FROM gen) IS NOT NULL THEN (
      SELECT -(m.vec <#> $12::vector) FROM article_vectors m
      WHERE m.site_id = $1 AND m.generation = a.generation AND m.model_id = (SELECT model2 FROM gen) AND m.article = k.article) END AS middle2,
    CASE WHEN k.place = 1 AND $14::boolean THEN (
      SELECT array_agg(o.embed_hash ORDER BY o.chunk) FROM chunks o
      WHERE o.site_id = $1 AND o.generation = a.generation AND o.article = k.article) END AS whole,
    CASE WHEN k.place = 1 THEN (
      SELECT w.words FROM article_words w
      WHERE w.site_id = $1 AND w.generation = a.generation AND w.article = k.article) END AS article_words,
    row_number() OVER () AS ordinal
  FROM candidate k
  JOIN chunks s ON s.site_id = $1 AND s.generation = (SELECT generation FROM gen) AND s.chunk = k.shown
  JOIN articles a ON a.site_id = $1 AND a.generation = (SELECT generation FROM gen) AND a.article = k.article
), terms AS MATERIALIZED (
  SELECT array_agg(term) AS term, array_agg(dim) AS dim, array_agg(df) AS df, array_agg(rarity) AS rarity FROM rare
)
SELECT g.generation, g.n::int, EXISTS (SELECT 1 FROM near), EXISTS (SELECT 1 FROM near2), CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.term END,
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.dim END,
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.df END,
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.rarity END,
  w.found, w.kind, w.asked, w.article, w.chunk, w.heading, w.span_from, w.span_to, w.body, w.words,
  w.article_id, w.title, w.url, w.desk, w.topic, w.product, w.lang, w.superseded_by,
  w.cosine, coalesce(w.middle, 0), w.cosine2, coalesce(w.middle2, 0), w.first, w.hash, w.whole, w.chunk_words, w.article_words
FROM gen g CROSS JOIN terms t LEFT JOIN whole w ON true`
)

// searchSQL is the statement for one combination.
func searchSQL(vectors int, filter bool) string {
	scope, scoped := sqlNoScope, ""
	if filter {
		scope, scoped = sqlScope, sqlScoped
	}
	near, near2 := sqlNoNear, sqlNoNear2
	if vectors > 0 {
		near = sqlNear + scoped + sqlNearEnd
	}
	if vectors > 1 {
		near2 = sqlNear2 + scoped + sqlNearEnd
	}
	return sqlGen + scope + near + near2 + sqlWord + scoped + sqlWordEnd + sqlFound
}

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
WHERE NOT EXISTS (SELECT 1 FROM token_rows t WHERE t.site_id = $1 AND t.model_id = $2 AND t.hash = w.hash)`
	sqlPutTokens = `
INSERT INTO token_rows (site_id, model_id, hash, rows)
SELECT $1, $2, hash, rows FROM unnest($3::bytea[], $4::bytea[]) AS w (hash, rows)
ON CONFLICT (site_id, model_id, hash) DO NOTHING`
	sqlTokens = `
SELECT t.hash, t.rows
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
	sqlAnalyze = `ANALYZE sites, models, generations, articles, chunks, chunk_vectors, article_vectors, chunk_words, article_words, terms, token_rows`

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
	return []string{sqlCollectVectors, sqlCollectMiddles, sqlCollectTerms, sqlCollectWords, sqlCollectWholes, sqlCollectTokens}
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
