package pghelp

// queries is a value, and not constants, so that a test can cut a guard out and
// see its property fail.
type queries struct {
	site, defaultSite, topics, topic, article, related, body string
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
	}
}
