package pgvec

// The search is put together from these parts: with or without a vector, with
// or without a filter. Each combination is one constant string, so that every
// connection prepares it once. All take the same arguments:
// $1 site, $2 audience, $3 terms, $4 candidates by vectors, $5 sections from
// which on common terms are left out, $6 part of them that makes a term common,
// $7 vector, $8 its model's name, $9 language, $10 product line, $11 candidates
// by words.
const (
	// One row: which generation readers see, and how many sections the caller
	// may read (what rarity counts). $2 is 0 for the public, 1 for agents.
	sqlGen = `
WITH gen AS MATERIALIZED (
  SELECT g.generation, (CASE WHEN $2::smallint = 0 THEN g.public_sections ELSE g.sections END)::float8 AS n,
    (SELECT model_id FROM models WHERE name = $8::text) AS model
  FROM sites s
  JOIN generations g ON g.site_id = s.site_id AND g.generation = s.published
  WHERE s.site_id = $1
)`

	sqlNoScope = `,
scope AS (SELECT 1 WHERE false AND $9::text IS NULL AND $10::text IS NULL)`

	// The documents a filter leaves. The language of an article that says none
	// was found at ingest; an article without a product line concerns all.
	sqlScope = `,
readable AS MATERIALIZED (
  SELECT a.article
  FROM articles a
  WHERE a.site_id = $1 AND a.generation = (SELECT generation FROM gen) AND a.audience <= $2
    AND ($9::text = '' OR a.lang = $9) AND ($10::text = '' OR a.product = $10 OR a.product = '')
), scope AS MATERIALIZED (
  SELECT c.chunk AS doc FROM readable r JOIN chunks c ON c.site_id = $1 AND c.generation = (SELECT generation FROM gen) AND c.article = r.article
  UNION ALL
  SELECT -article FROM readable
)`

	// Every chunk's cosine: vectors are of unit length, so it is the inner
	// product. All of them are computed in any case; mean and spread say what
	// is high for this question.
	sqlNear = `,
cosines AS MATERIALIZED (
  SELECT v.chunk, -(v.vec <#> $7::vector) AS cosine
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT model FROM gen)
    AND v.audience <= $2`
	sqlNearScoped = ` AND v.chunk IN (SELECT doc FROM scope)`
	sqlNearEnd    = `
), spread AS MATERIALIZED (
  SELECT avg(cosine) AS mean, stddev_pop(cosine) AS sd FROM cosines
), near AS MATERIALIZED (
  SELECT chunk, cosine FROM cosines ORDER BY cosine DESC, chunk LIMIT $4::int
)`
	sqlNoNear = `,
spread AS MATERIALIZED (
  SELECT NULL::float8 AS mean, NULL::float8 AS sd
), near AS MATERIALIZED (
  SELECT 0 AS chunk, 0::float8 AS cosine WHERE false AND $7::vector IS NULL AND $4::int IS NULL
)`

	// The question's terms as the caller may know them: how many sections hold
	// each, and so how rare it is. The commonest ones count nothing: terms in
	// too many sections, and what is left of a long message's once its rarer
	// ones stand in as many sections as there are (three count in any case).
	// That bounds what one search reads.
	sqlWord = `,
word AS MATERIALIZED (
  SELECT p.term, p.docs, p.weights, p.df AS part, (sum(p.df) OVER (PARTITION BY p.term))::float8 AS df
  FROM postings p
  WHERE p.site_id = $1 AND p.generation = (SELECT generation FROM gen)
    AND p.term = ANY ($3::text[]) AND p.audience <= $2
), rare AS MATERIALIZED (
  SELECT w.term, w.docs, w.weights, w.df,
    CASE WHEN g.n >= $5::float8 AND (w.df > $6::float8 * g.n OR (w.read > g.n AND w.place > 3)) THEN 0::real
         ELSE ln(1 + (g.n - w.df + 0.5::float8) / (w.df + 0.5::float8))::real END AS rarity
  FROM gen g, (
    SELECT word.*, sum(part) OVER rarest AS read, dense_rank() OVER rarest AS place
    FROM word WINDOW rarest AS (ORDER BY df, term)
  ) w
), said AS MATERIALIZED (
  SELECT doc, sum(w * rarity) AS bm25, sum(rarity) AS coverage
  FROM (SELECT unnest(docs) AS doc, unnest(weights) AS w, rarity FROM rare WHERE rarity > 0) u`
	sqlWordScoped = `
  WHERE doc IN (SELECT doc FROM scope)`
	sqlWordEnd = `
  GROUP BY doc
)`

	// The best of both arms, each with both scores, and what a citation needs.
	//
	// The outer joins with said are full ones, made left ones by a condition
	// that the planner cannot see through: a full join can only be a hash or
	// merge join, while for a left one the planner, who expects ten rows of an
	// unnest, walks through all of said once a candidate (measured: 4 ms
	// instead of 1 on 1,000 chunks). Only candidates of the word arm lack a
	// cosine; each is one look-up by key. So is an article's middle: as a join the
	// planner reads every middle of the site for each candidate.
	//
	// Ties fall to the lower number, so that equal runs give equal results. The
	// terms go with the first row only.
	sqlFound = `,
cut AS MATERIALIZED (
  SELECT coalesce((SELECT bm25 FROM said WHERE doc > 0 ORDER BY bm25 DESC, doc OFFSET $11::int - 1 LIMIT 1), 0::real) AS bm25
), found AS MATERIALIZED (
  SELECT coalesce(n.chunk, s.doc) AS chunk, n.cosine, s.bm25, s.coverage
  FROM near n FULL JOIN said s ON s.doc = n.chunk
  WHERE coalesce(n.chunk, 0) > 0 OR (s.doc > 0 AND s.bm25 >= (SELECT bm25 FROM cut))
), candidate AS MATERIALIZED (
  SELECT f.chunk AS found, c.kind, CASE WHEN c.kind = 1 THEN c.body ELSE '' END AS asked, c.article,
    coalesce(s.chunk, c.chunk) AS chunk, coalesce(s.heading, c.heading) AS heading,
    coalesce(s.span_from, c.span_from) AS span_from, coalesce(s.span_to, c.span_to) AS span_to,
    coalesce(s.body, c.body) AS body, coalesce(s.words, c.words) AS words,
    a.article_id, a.title, a.url, a.desk, a.topic, a.product, a.lang, a.superseded_by,
    coalesce(f.cosine, (
      SELECT -(v.vec <#> $7::vector) FROM chunk_vectors v
      WHERE v.site_id = $1 AND v.generation = a.generation AND v.model_id = (SELECT model FROM gen)
        AND v.audience = a.audience AND v.chunk = f.chunk), 0) AS cosine,
    coalesce((
      SELECT -(m.vec <#> $7::vector) FROM article_vectors m
      WHERE m.site_id = $1 AND m.generation = a.generation AND m.model_id = (SELECT model FROM gen)
        AND m.article = c.article), 0) AS middle,
    coalesce(f.bm25, 0)::float8 AS bm25, coalesce(f.coverage, 0)::float8 AS coverage
  FROM found f
  JOIN chunks c ON c.site_id = $1 AND c.generation = (SELECT generation FROM gen) AND c.chunk = f.chunk
  JOIN articles a ON a.site_id = $1 AND a.generation = (SELECT generation FROM gen) AND a.article = c.article
  LEFT JOIN chunks s ON s.site_id = $1 AND s.generation = (SELECT generation FROM gen)
    AND s.chunk = CASE c.kind WHEN 1 THEN c.section END -- no look-up at all for a section
), terms AS MATERIALIZED (
  SELECT array_agg(term) AS term, array_agg(df) AS df, array_agg(rarity) AS rarity FROM rare
), whole AS MATERIALIZED (
  SELECT row_number() OVER () AS ordinal, k.*, coalesce(w.bm25, 0)::float8 AS article_bm25, coalesce(w.coverage, 0)::float8 AS article_coverage
  FROM candidate k FULL JOIN said w ON w.doc = -k.article
  WHERE coalesce(k.found, 0) > 0
)
SELECT g.generation, g.n::int, coalesce(spread.mean, 0), coalesce(spread.sd, -1), -- -1: no vectors
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.term END,
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.df END,
  CASE WHEN coalesce(w.ordinal, 1) = 1 THEN t.rarity END,
  w.found, w.kind, w.asked, w.article, w.chunk, w.heading, w.span_from, w.span_to, w.body, w.words,
  w.article_id, w.title, w.url, w.desk, w.topic, w.product, w.lang, w.superseded_by,
  w.cosine, w.middle, w.bm25, w.coverage, w.article_bm25, w.article_coverage
FROM gen g CROSS JOIN spread CROSS JOIN terms t LEFT JOIN whole w ON true`
)

// searchSQL is the statement for one combination.
func searchSQL(vector, filter bool) string {
	sql := sqlGen
	if filter {
		sql += sqlScope
	} else {
		sql += sqlNoScope
	}
	if vector {
		sql += sqlNear
		if filter {
			sql += sqlNearScoped
		}
		sql += sqlNearEnd
	} else {
		sql += sqlNoNear
	}
	sql += sqlWord
	if filter {
		sql += sqlWordScoped
	}
	return sql + sqlWordEnd + sqlFound
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
	sqlAnalyze = `ANALYZE sites, models, generations, articles, chunks, chunk_vectors, article_vectors, postings`

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
	sqlCollectVectors     = `DELETE FROM chunk_vectors WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectMiddles     = `DELETE FROM article_vectors WHERE site_id = $1 AND generation <> ALL ($2)`
	sqlCollectPostings    = `DELETE FROM postings WHERE site_id = $1 AND generation <> ALL ($2)`
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
