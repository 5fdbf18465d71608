package pgsettings

const (
	// Few sites, read whole: every process keeps them in memory.
	selectAll = `SELECT s.site_id, s.name, coalesce(s.settings->>'title', ''), s.is_default,
	coalesce(s.settings->'origins', '[]'), coalesce(w.settings, '{}'), coalesce(w.version, 0)
FROM sites s LEFT JOIN site_widgets w USING (site_id) ORDER BY s.site_id`

	// The lock by itself, so that the statement after it sees everything that was
	// committed before the lock was given.
	lockSite  = `SELECT site_id FROM sites WHERE name = @name FOR UPDATE`
	selectOne = `SELECT coalesce(s.settings->'origins', '[]'), coalesce(w.settings, '{}')
FROM sites s LEFT JOIN site_widgets w USING (site_id) WHERE s.site_id = @site`

	upsertSettings = `INSERT INTO site_widgets AS w (site_id, settings, version, changed_at) VALUES (@site, @settings, 1, @at)
ON CONFLICT (site_id) DO UPDATE SET settings = EXCLUDED.settings, version = w.version + 1, changed_at = EXCLUDED.changed_at
RETURNING version`

	updateOrigins = `UPDATE sites SET settings = CASE WHEN @origins::jsonb = '[]' THEN settings - 'origins'
	ELSE jsonb_set(settings, '{origins}', @origins::jsonb) END WHERE site_id = @site`

	// The rule has to be one of the site's, as it is now: nothing else is counted.
	countRule = `INSERT INTO rule_counts AS c (site_id, rule, day, shown, taken, declined)
SELECT @site, @rule, @day, (@event = 'shown')::int, (@event = 'taken')::int, (@event = 'declined')::int
FROM site_widgets w
WHERE w.site_id = @site AND EXISTS (
	SELECT FROM jsonb_array_elements(w.settings #> '{proactive,rules}') r WHERE r->>'id' = @rule)
ON CONFLICT (site_id, rule, day) DO UPDATE
SET shown = c.shown + EXCLUDED.shown, taken = c.taken + EXCLUDED.taken, declined = c.declined + EXCLUDED.declined`

	selectTakeUp = `SELECT rule, sum(shown)::bigint, sum(taken)::bigint, sum(declined)::bigint FROM rule_counts
WHERE site_id = @site AND day >= @from GROUP BY rule ORDER BY rule`
)
