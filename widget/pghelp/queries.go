package pghelp

// queries is a value, and not constants, so that a test can cut a guard out and
// see its property fail.
type queries struct {
	site, defaultSite, topics, topic, article, related, body, catalogue string
}

func newQueries() queries {
	const columns = `SELECT site_id, name, coalesce(settings->>'title', ''), published, is_default FROM sites s `
	return queries{
		site: columns + `WHERE name = @name`,

		// The default one, or the only one there is.
		defaultSite: columns + `WHERE is_default OR NOT EXISTS (SELECT FROM sites o WHERE o.site_id <> s.site_id)`,

		// One pass over a site's articles: some thousands at most, and without
		// their bodies, which lie out of line.
		topics: `SELECT topic, total, article_id, title, lang FROM (
	SELECT topic, article_id, title, lang,
		count(*) OVER (PARTITION BY topic) AS total,
		row_number() OVER (PARTITION BY topic ORDER BY lower(title), article_id) AS place
	FROM articles
	WHERE site_id = @site AND generation = @generation AND audience = 0 AND superseded_by = ''
) t WHERE place <= @per_topic ORDER BY topic = '', topic, place`,

		topic: `SELECT article_id, title, lang FROM articles
WHERE site_id = @site AND generation = @generation AND audience = 0 AND superseded_by = '' AND topic = @topic
ORDER BY lower(title), article_id LIMIT @limit OFFSET @skip`,

		article: `SELECT a.article_id, a.title, a.lang, a.topic, a.product, a.updated, a.body, a.superseded_by <> '',
	coalesce(b.article_id, ''), coalesce(b.title, ''), coalesce(b.lang, '')
FROM articles a
LEFT JOIN articles b ON b.site_id = a.site_id AND b.generation = a.generation AND b.article_id = a.superseded_by AND b.audience = 0
WHERE a.site_id = @site AND a.generation = @generation AND a.article_id = @id AND a.audience = 0`,

		related: `SELECT article_id, title, lang FROM articles
WHERE site_id = @site AND generation = @generation AND audience = 0 AND superseded_by = '' AND article_id <> @id
	AND ((product = @product AND product <> '') OR (topic = @topic AND topic <> ''))
ORDER BY lang = @lang DESC, product = @product AND topic = @topic DESC, product = @product AND product <> '' DESC, lower(title), article_id
LIMIT @limit`,

		// A generation that is being built, or failed, was never shown to anybody.
		body: `SELECT a.body FROM articles a JOIN generations g USING (site_id, generation)
WHERE a.site_id = @site AND a.generation = @generation AND a.article_id = @id AND a.audience = 0
	AND g.state IN ('published', 'retired')`,

		// The questions are chunks of their own (kind 1); a few say enough.
		catalogue: `SELECT a.article_id, a.title, a.lang, a.topic, a.product, a.url, a.updated,
	CASE jsonb_typeof(a.attributes->'translation_of') WHEN 'string' THEN a.attributes->>'translation_of' ELSE '' END,
	ARRAY(SELECT c.body FROM chunks c
		WHERE c.site_id = a.site_id AND c.generation = a.generation AND c.article = a.article AND c.kind = 1
		ORDER BY c.chunk LIMIT 8)
FROM articles a
WHERE a.site_id = @site AND a.generation = @generation AND a.audience = 0 AND a.superseded_by = ''
ORDER BY a.article_id LIMIT @limit`,
	}
}

// The site's latest conversations only: what was asked long ago is no longer
// popular, and reading all of it would cost with the history's size.
const selectCounts = `SELECT article_id, sum(opened)::int, sum(asked)::int FROM (
	SELECT article_id, sum(opened) AS opened, 0 AS asked FROM article_counts
	WHERE site_id = @site AND day >= @since GROUP BY article_id
	UNION ALL
	SELECT c->>'article', 0, count(DISTINCT e.conversation_id) FROM (
		SELECT site_id, conversation_id FROM conversations
		WHERE site_id = @site AND created_at >= @since ORDER BY created_at DESC LIMIT 2000
	) k
	JOIN events e ON e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.kind = 'message'
	CROSS JOIN LATERAL json_array_elements(CASE json_typeof(e.body->'citations') WHEN 'array' THEN e.body->'citations' ELSE '[]' END) c
	GROUP BY 1
) t WHERE article_id <> '' GROUP BY article_id`

const (
	// In order, so that two processes never wait for each other in a circle.
	addOpened = `INSERT INTO article_counts AS c (site_id, article_id, day, opened)
SELECT s.site_id, n.article, @day, n.opened
FROM unnest(@sites::int[], @articles::text[], @opened::bigint[]) AS n (site, article, opened)
JOIN sites s ON s.site_id = n.site
ORDER BY n.site, n.article
ON CONFLICT (site_id, day, article_id) DO UPDATE SET opened = c.opened + EXCLUDED.opened`

	insertRating = `INSERT INTO article_ratings (site_id, rating_id, article_id, generation, helpful, at)
VALUES (@site, @id, @article, @generation, @helpful, @at)`

	// Once, and soon: an id that is found in an address later is worth nothing.
	updateMissing = `UPDATE article_ratings SET missing = @missing
WHERE site_id = @site AND rating_id = @id AND missing = '' AND NOT helpful AND at > @since`

	upsertGap = `INSERT INTO help_gaps AS g (site_id, asked_key, asked, language, nearest, p, times, first_at, last_at)
SELECT @site, @key, @asked, @language, @nearest, @p, 1, @at, @at
WHERE EXISTS (SELECT FROM help_gaps WHERE site_id = @site AND asked_key = @key)
	OR (SELECT count(*) FROM (SELECT FROM help_gaps WHERE site_id = @site LIMIT @most) n) < @most
ON CONFLICT (site_id, asked_key) DO UPDATE
SET times = g.times + 1, last_at = EXCLUDED.last_at, nearest = EXCLUDED.nearest, p = EXCLUDED.p`

	selectGaps = `SELECT asked, language, nearest, coalesce(p, 0)::float8, times, first_at, last_at FROM help_gaps
WHERE site_id = @site AND last_at >= @since ORDER BY times DESC, last_at DESC, asked_key LIMIT @limit`

	selectRatings = `SELECT article_id, count(*) FILTER (WHERE helpful), count(*) FILTER (WHERE NOT helpful),
	coalesce(array_agg(missing ORDER BY at DESC) FILTER (WHERE missing <> ''), '{}')
FROM article_ratings WHERE site_id = @site AND at >= @since
GROUP BY article_id ORDER BY 3 DESC, 2, 1 LIMIT @limit`
)
