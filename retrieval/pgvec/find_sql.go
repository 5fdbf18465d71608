package pgvec

import (
	"strconv"
	"strings"
	"sync"
)

// The search is put together from these parts: with none, one or two vectors,
// with or without a filter. All take the same arguments:
// $1 site, $2 audience, $3 terms, $4 chunks whose texts the caller holds: a bit
// each, $5 sections from which on common terms are left out, $6 part of them
// that makes a term common, $7 vector, $8 its model's name, $9 language,
// $10 product line, $11 when the generation was begun of which the caller holds
// texts, $12 second vector, $13 its model's name, $14 that generation's number.
//
// How many are wanted stands in the text. As an argument it would be unknown to
// the server when it plans once for all searches: it then expects a tenth of
// the table, takes that plan for the dearer one and makes another one for each
// search, which takes as long as the search.
const (
	// One row: which generation readers see, and how many sections the caller
	// may read (what rarity counts). $2 is 0 for the public, 1 for agents.
	// What the caller holds counts only where it is of this very generation:
	// begun is compared too, since a database that was put back from a copy
	// gives numbers again.
	sqlGen = `
WITH gen AS MATERIALIZED (
  SELECT g.generation, g.created_at AS begun, g.chunks, g.indexed, (CASE WHEN $2::smallint = 0 THEN g.public_sections ELSE g.sections END)::float8 AS n,
    (SELECT model_id FROM models WHERE name = $8::text) AS model,
    (SELECT model_id FROM models WHERE name = $13::text) AS model2,
    (SELECT array_agg(model_id) FROM models) AS models,
    g.generation = $14::int AND g.created_at = $11::timestamptz AS held
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
  SELECT v.chunk, v.audience, v.vec <#> $7::vector AS distance
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT model FROM gen)
    AND v.audience <= $2`
	sqlScoped  = ` AND v.chunk IN (SELECT chunk FROM scope)`
	sqlNearEnd = `
  ORDER BY distance, v.chunk LIMIT <nearest>
)`
	sqlNoNear = `,
near AS MATERIALIZED (
  SELECT 0 AS chunk, 0::smallint AS audience, 0::float8 AS distance WHERE false AND $7::vector IS NULL
)`
	sqlNear2 = `,
near2 AS MATERIALIZED (
  SELECT v.chunk, v.audience, v.vec <#> $12::vector AS distance
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT model2 FROM gen)
    AND v.audience <= $2`
	sqlNoNear2 = `,
near2 AS MATERIALIZED (
  SELECT 0 AS chunk, 0::smallint AS audience, 0::float8 AS distance WHERE false AND $12::vector IS NULL
)`

	// The question's terms as the caller may know them: how many sections hold
	// each, and so how rare it is. Terms in too many sections count nothing.
	// The terms are handed over by a query of their own: where the server sees how
	// many there are, it plans anew for each.
	sqlRare = `,
rare AS MATERIALIZED (
  SELECT t.term, t.dim, t.df,
    CASE WHEN g.n >= $5::float8 AND t.df > $6::float8 * g.n THEN 0::real
         ELSE ln(1 + (g.n - t.df + 0.5::float8) / (t.df + 0.5::float8))::real END AS rarity
  FROM gen g, (
    SELECT p.term, p.dim, sum(p.df)::float8 AS df
    FROM terms p
    WHERE p.site_id = $1 AND p.generation = (SELECT generation FROM gen)
      AND p.term = ANY ((SELECT $3::text[])::text[]) AND p.audience <= $2
    GROUP BY p.term, p.dim
  ) t
), asked AS MATERIALIZED (
  SELECT array_agg(term ORDER BY dim) AS term, array_agg(dim ORDER BY dim) AS dim,
    array_agg(df ORDER BY dim) AS df, array_agg(rarity ORDER BY dim) AS rarity
  FROM rare
)`
	// The best chunks by BM25: what each of the terms weighs in those that hold it,
	// added up.
	sqlWord = `,
worded AS MATERIALIZED (
  SELECT p.chunk, p.audience, -sum(p.weight)::float8 AS distance
  FROM (
    SELECT v.audience, unnest(v.chunks) AS chunk, unnest(v.weights) * r.rarity AS weight
    FROM rare r
    JOIN word_postings v ON v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.dim = r.dim
    WHERE v.audience <= $2 AND r.rarity > 0
  ) p`
	sqlWordScoped = `
  WHERE p.chunk IN (SELECT chunk FROM scope)`
	sqlWordEnd = `
  GROUP BY p.chunk, p.audience
  ORDER BY distance, p.chunk LIMIT <worded>
)`

	// The best of all arms with their cosines, and of those that the caller
	// does not hold what a citation and the ranking need. To a caller who holds
	// them all this is half of what the statement costs else: each text takes
	// eight look-ups and a wide row. What is of a whole article comes with its
	// first text. What the words add up to is left to the caller. The models are
	// named for the index, which has them before the articles.
	//
	// The first row says what holds for all.
	sqlFound = `,
found AS MATERIALIZED (
  SELECT f.chunk, f.audience, max(f.cosine) AS cosine, max(f.cosine2) AS cosine2,
    CASE WHEN (SELECT held FROM gen) AND f.chunk < 8 * octet_length($4::bytea) AND get_bit($4, f.chunk) = 1
         THEN NULL ELSE f.chunk END AS wanted
  FROM (
    SELECT chunk, audience, -distance AS cosine, NULL::float8 AS cosine2 FROM near
    UNION ALL SELECT chunk, audience, NULL, -distance FROM near2
    UNION ALL SELECT chunk, audience, NULL, NULL FROM worded WHERE distance < 0
  ) f
  GROUP BY f.chunk, f.audience
), fetched AS MATERIALIZED (
  SELECT f.chunk, c.kind, CASE c.kind WHEN 1 THEN c.body ELSE '' END AS asked, c.article, s.chunk AS shown,
    s.heading, s.span_from, s.span_to, s.body, s.words, c.embed_hash AS hash,
    a.article_id, a.title, a.url, a.desk, a.topic, a.product, a.lang, a.superseded_by, a.generation,
    (SELECT w.words FROM chunk_words w
     WHERE w.site_id = $1 AND w.generation = a.generation AND w.audience = a.audience AND w.chunk = f.chunk) AS chunk_words,
    row_number() OVER (PARTITION BY c.article ORDER BY f.chunk) = 1 AS first
  FROM found f
  JOIN chunks c ON c.site_id = $1 AND c.generation = (SELECT generation FROM gen) AND c.chunk = f.wanted
  JOIN chunks s ON s.site_id = $1 AND s.generation = (SELECT generation FROM gen)
    AND s.chunk = CASE c.kind WHEN 1 THEN c.section ELSE c.chunk END
  JOIN articles a ON a.site_id = $1 AND a.generation = (SELECT generation FROM gen) AND a.article = c.article
)
SELECT g.generation, g.begun, g.n::int AS sections, g.model, g.model2, EXISTS (SELECT 1 FROM near) AS near, EXISTS (SELECT 1 FROM near2) AS near2,
  k.term, k.dim, k.df, k.rarity, g.chunks, g.indexed,
  NULL::int AS chunk, NULL::float8 AS cosine, NULL::float8 AS cosine2,
  NULL::smallint AS kind, NULL::text AS asked, NULL::int AS article, NULL::int AS shown, NULL::text[] AS heading,
  NULL::int AS span_from, NULL::int AS span_to, NULL::text AS body, NULL::int AS words, NULL::text AS article_id, NULL::text AS title,
  NULL::text AS url, NULL::text AS desk, NULL::text AS topic, NULL::text AS product, NULL::text AS lang, NULL::text AS superseded_by,
  NULL::bytea AS hash, NULL::sparsevec AS chunk_words, NULL::boolean AS first,
  NULL::bytea[] AS hashes, NULL::sparsevec AS article_words, NULL::smallint[] AS models, NULL::vector[] AS middles
FROM gen g CROSS JOIN asked k
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  f.chunk,
  coalesce(f.cosine, (
    SELECT -(v.vec <#> $7::vector) FROM chunk_vectors v
    WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.model_id = (SELECT model FROM gen)
      AND v.audience = f.audience AND v.chunk = f.chunk)),
  coalesce(f.cosine2, CASE WHEN (SELECT model2 FROM gen) IS NOT NULL THEN (
    SELECT -(v.vec <#> $12::vector) FROM chunk_vectors v
    WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.model_id = (SELECT model2 FROM gen)
      AND v.audience = f.audience AND v.chunk = f.chunk) END),
  t.kind, t.asked, t.article, t.shown, t.heading, t.span_from, t.span_to, t.body, t.words,
  t.article_id, t.title, t.url, t.desk, t.topic, t.product, t.lang, t.superseded_by, t.hash, t.chunk_words, t.first,
  CASE WHEN t.first THEN (
    SELECT array_agg(o.embed_hash ORDER BY o.chunk) FROM chunks o
    WHERE o.site_id = $1 AND o.generation = t.generation AND o.article = t.article) END,
  CASE WHEN t.first THEN (
    SELECT w.words FROM article_words w
    WHERE w.site_id = $1 AND w.generation = t.generation AND w.article = t.article) END,
  CASE WHEN t.first THEN (
    SELECT array_agg(m.model_id ORDER BY m.model_id) FROM article_vectors m
    WHERE m.site_id = $1 AND m.generation = t.generation AND m.model_id = ANY ((SELECT models FROM gen)::smallint[]) AND m.article = t.article) END,
  CASE WHEN t.first THEN (
    SELECT array_agg(m.vec ORDER BY m.model_id) FROM article_vectors m
    WHERE m.site_id = $1 AND m.generation = t.generation AND m.model_id = ANY ((SELECT models FROM gen)::smallint[]) AND m.article = t.article) END
FROM found f LEFT JOIN fetched t ON t.chunk = f.chunk`

	// The same for a caller who seems to hold every text, and asks for the public:
	// one row with the chunks in lists, and beside them the cosines that an arm
	// did not bring. The statement above makes ready for texts even where none is
	// wanted, which costs a sixth of a search.
	sqlFoundHeld = `,
found AS MATERIALIZED (
  SELECT f.chunk, max(f.cosine) AS cosine, max(f.cosine2) AS cosine2
  FROM (
    SELECT chunk, -distance AS cosine, NULL::float8 AS cosine2 FROM near
    UNION ALL SELECT chunk, NULL, -distance FROM near2
    UNION ALL SELECT chunk, NULL, NULL FROM worded WHERE distance < 0
  ) f
  GROUP BY f.chunk
)
SELECT g.generation, g.begun, g.n::int AS sections, g.model, g.model2, EXISTS (SELECT 1 FROM near) AS near, EXISTS (SELECT 1 FROM near2) AS near2,
  k.term, k.dim, k.df, k.rarity, g.chunks, g.indexed,
  f.list, f.cosines, f.cosines2, m.list AS list_more, m.cosines AS cosines_more, m2.list AS list_more2, m2.cosines AS cosines_more2
FROM gen g CROSS JOIN asked k CROSS JOIN (
  SELECT array_agg(chunk) AS list, array_agg(coalesce(cosine, 'NaN')) AS cosines, array_agg(coalesce(cosine2, 'NaN')) AS cosines2 FROM found
) f CROSS JOIN (
  SELECT array_agg(v.chunk) AS list, array_agg(-(v.vec <#> $7::vector)) AS cosines
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.model_id = (SELECT model FROM gen) AND v.audience = 0
    AND v.chunk = ANY (ARRAY(SELECT chunk FROM found WHERE cosine IS NULL))
) m CROSS JOIN (
  SELECT array_agg(v.chunk) AS list, array_agg(-(v.vec <#> $12::vector)) AS cosines
  FROM chunk_vectors v
  WHERE v.site_id = $1 AND v.generation = (SELECT generation FROM gen) AND v.model_id = (SELECT model2 FROM gen) AND v.audience = 0
    AND v.chunk = ANY (ARRAY(SELECT chunk FROM found WHERE cosine2 IS NULL))
) m2
WHERE $4::bytea IS NOT NULL`
)

// Of a large generation whose number the statement names: the nearest by its
// index, which rounds, and these compared exactly. Where another one is
// published by now, all of that is read instead. The setting holds for this
// statement alone; it is made before the index is opened, since the condition
// that reads it stands before.
const (
	sqlTuned = `,
tuned AS MATERIALIZED (
  SELECT set_config('ivfflat.probes', '%d', true) AS probes, set_config('ivfflat.iterative_scan', 'relaxed_order', true) AS on_and_on
)`
	sqlLargeNear = `,
<near> AS MATERIALIZED (
  SELECT i.chunk, i.audience, v.vec <#> <vec>::vector AS distance
  FROM (
    SELECT x.chunk, x.audience
    FROM <table> x
    WHERE (SELECT generation FROM gen) = <generation> AND (SELECT probes FROM tuned) IS NOT NULL AND x.audience <= $2
    ORDER BY x.vec <#> <vec>::vector::halfvec(<dims>) LIMIT <nearer>
  ) i
  JOIN chunk_vectors v ON v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT <model> FROM gen) AND v.audience = i.audience AND v.chunk = i.chunk
  UNION ALL
  SELECT v.chunk, v.audience, v.vec <#> <vec>::vector
  FROM chunk_vectors v
  WHERE (SELECT generation FROM gen) <> <generation> AND v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.model_id = (SELECT <model> FROM gen) AND v.audience <= $2
  ORDER BY distance, chunk LIMIT <nearest>
)`

	// By words: all that hold one of the rarest terms, scored by all terms: what
	// these weigh together is a vector of words too. What
	// holds none of these is far down: the terms left out are the commonest.
	sqlLargeWords = `,
asked_words AS MATERIALIZED (
  SELECT ('{' || string_agg((dim + 1) || ':' || rarity, ',' ORDER BY dim) FILTER (WHERE rarity > 0) || '}/16777216')::sparsevec AS words
  FROM rare
), few AS MATERIALIZED (
  SELECT array_agg(dim) AS dims
  FROM (SELECT dim, sum(df) OVER (ORDER BY df, dim) AS together, row_number() OVER (ORDER BY df, dim) AS place FROM rare WHERE rarity > 0) r
  WHERE together <= <matched> OR place = 1
), worded AS MATERIALIZED (
  SELECT x.chunk, x.audience, x.words <#> (SELECT words FROM asked_words) AS distance
  FROM <table> x
  WHERE (SELECT generation FROM gen) = <generation> AND x.audience <= $2 AND x.dims && (SELECT dims FROM few)
  UNION ALL
  SELECT v.chunk, v.audience, v.words <#> (SELECT words FROM asked_words)
  FROM chunk_words v
  WHERE (SELECT generation FROM gen) <> <generation> AND v.site_id = $1 AND v.generation = (SELECT generation FROM gen)
    AND v.audience <= $2 AND (SELECT words FROM asked_words) IS NOT NULL
  ORDER BY distance, chunk LIMIT <worded>
)`
)

// statement names a search's text: callers come in few kinds.
type statement struct {
	vectors, filter int // how many of the first, 1 with the second
	near, worded    int
	held            bool // for a caller who holds the texts
}

// statements keeps the texts of searches, of some 10 kB each: connections
// remember what they have prepared by its text, and then all share one.
type statements struct {
	write func(vectors int, filter, held bool) string // searchSQL
	texts sync.Map
}

func (s *statements) of(want statement) string {
	if text, ok := s.texts.Load(want); ok {
		return text.(string)
	}
	text, _ := s.texts.LoadOrStore(want, wanting(s.write(want.vectors, want.filter == 1, want.held), want.near, want.worded))
	return text.(string)
}

// searchSQL is the statement for one combination, but for how many are wanted.
func searchSQL(vectors int, filter, held bool) string {
	scope, scoped, wordScoped := sqlNoScope, "", ""
	if filter {
		scope, scoped, wordScoped = sqlScope, sqlScoped, sqlWordScoped
	}
	near, near2 := sqlNoNear, sqlNoNear2
	if vectors > 0 {
		near = sqlNear + scoped + sqlNearEnd
	}
	if vectors > 1 {
		near2 = sqlNear2 + scoped + sqlNearEnd
	}
	found := sqlFound
	if held {
		found = sqlFoundHeld
	}
	return sqlGen + scope + near + near2 + sqlRare + sqlWord + wordScoped + sqlWordEnd + found
}

// wanting puts into a statement how many candidates each arm brings. Callers
// want few different numbers, so that each connection prepares few statements.
func wanting(sql string, nearest, worded int) string {
	return strings.NewReplacer("<nearest>", strconv.Itoa(nearest), "<worded>", strconv.Itoa(max(worded, 1))).Replace(sql)
}
