package pgtriage

const (
	sqlStamp = `
SELECT coalesce((SELECT version FROM triage_sites t WHERE t.site_id = s.site_id), 0), s.published
FROM sites s WHERE s.site_id = $1`
	sqlSite = `SELECT policy FROM triage_sites WHERE site_id = $1`

	// Under the row's lock, which also puts writers of one site in line.
	sqlMove = `
INSERT INTO triage_sites (site_id) VALUES ($1)
ON CONFLICT (site_id) DO UPDATE SET version = triage_sites.version + 1`
	sqlPolicy = `UPDATE triage_sites SET policy = $2 WHERE site_id = $1`

	sqlSettled = `SELECT article_id, desk, topic, product FROM article_labels WHERE site_id = $1 ORDER BY article_id`
	sqlSettle  = `
INSERT INTO article_labels (site_id, article_id, desk, topic, product, settled_at)
SELECT $1, article, desk, topic, product, $6
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS w (article, desk, topic, product)
ON CONFLICT (site_id, article_id) DO UPDATE
SET desk = excluded.desk, topic = excluded.topic, product = excluded.product, settled_at = excluded.settled_at`
	sqlUnsettle = `DELETE FROM article_labels WHERE site_id = $1 AND article_id = ANY ($2)`

	sqlSuggested = `SELECT article_id, desk_p, topic, topic_p, product, why FROM label_suggestions WHERE site_id = $1 ORDER BY article_id`
	sqlForget    = `DELETE FROM label_suggestions WHERE site_id = $1`
	sqlSuggest   = `
INSERT INTO label_suggestions (site_id, article_id, desk_p, topic, topic_p, product, why)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

	sqlExamples   = `SELECT example_id, body, desk, topic, article_id, product FROM triage_examples WHERE site_id = $1 ORDER BY example_id`
	sqlAddExample = `
INSERT INTO triage_examples (site_id, example_id, body, desk, topic, article_id, product, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (site_id, example_id) DO UPDATE
SET body = excluded.body, desk = excluded.desk, topic = excluded.topic, article_id = excluded.article_id,
  product = excluded.product, added_at = excluded.added_at`
	sqlRemoveExamples = `DELETE FROM triage_examples WHERE site_id = $1 AND example_id = ANY ($2)`
	sqlVectors        = `
SELECT m.name, m.dims, v.example_id, v.vec
FROM triage_example_vectors v JOIN models m USING (model_id)
WHERE v.site_id = $1
ORDER BY m.name, v.example_id`
	sqlModel = `
WITH added AS (
  INSERT INTO models (name, dims) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING model_id
)
SELECT model_id FROM added UNION ALL SELECT model_id FROM models WHERE name = $1 LIMIT 1`
	sqlDropVectors = `DELETE FROM triage_example_vectors WHERE site_id = $1 AND example_id = ANY ($2)`
	sqlPutVector   = `INSERT INTO triage_example_vectors (site_id, model_id, example_id, vec) VALUES ($1, $2, $3, $4)`

	// The articles that readers see, with what their owner wrote at them.
	sqlArticles = `
SELECT a.article_id, a.title, a.desk, a.topic, a.product, a.audience, a.superseded_by
FROM articles a
WHERE a.site_id = $1 AND a.generation = (SELECT published FROM sites WHERE site_id = $1)
ORDER BY a.article_id`

	sqlQuestions = `
SELECT a.article_id, c.body
FROM articles a
JOIN chunks c ON c.site_id = a.site_id AND c.generation = a.generation AND c.article = a.article
WHERE a.site_id = $1 AND a.generation = (SELECT published FROM sites WHERE site_id = $1)
  AND a.audience = 0 AND a.superseded_by = '' AND c.kind = 1
ORDER BY c.chunk`
	sqlList     = `SELECT list FROM triage_lists WHERE site_id = $1 AND key = $2`
	sqlKeepList = `
INSERT INTO triage_lists (site_id, key, list) VALUES ($1, $2, $3)
ON CONFLICT (site_id) DO UPDATE SET key = excluded.key, list = excluded.list`

	// Their bodies' beginnings, and their middles under a model: what a
	// suggestion goes by.
	sqlTexts = `
SELECT a.article_id, a.title, left(a.body, $3), v.vec
FROM articles a
LEFT JOIN article_vectors v ON v.site_id = a.site_id AND v.generation = a.generation AND v.article = a.article
  AND v.model_id = (SELECT max(model_id) FROM models WHERE split_part(name, '/', 1) = $2)
WHERE a.site_id = $1 AND a.generation = (SELECT published FROM sites WHERE site_id = $1)
ORDER BY a.article_id`
)
