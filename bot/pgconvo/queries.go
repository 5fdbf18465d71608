package pgconvo

// statements are the guarded writes. They are fields so that a test can cut a
// guard out and show that its property then fails; nothing else sets them.
type statements struct {
	recordQuick string
	lock        string
	finish      string
	finishAny   string
	abandoned   string
}

func defaultStatements() statements {
	return statements{
		recordQuick: recordQuick, lock: lockRow, finish: finish, finishAny: finishAny, abandoned: selectAbandoned,
	}
}

// recordQuick is the usual case in one statement: the bot owns the
// conversation and nothing is unfinished. Its guards all look at the one row
// it updates, so it needs no lock before; no row means another case. What was
// said before comes along, with the numbers of its events; not where the caller
// knows it up to $10, and a first message looks for nothing.
const recordQuick = `
WITH c AS (
    UPDATE conversations
    SET last_seq = last_seq + 1, open_turn = $4, last_at = $5
    WHERE site_id = $1 AND conversation_id = $2 AND visitor_id = $3
      AND open_turn IS NULL AND owner = 'bot'
    RETURNING last_seq, owner_version, language, settled_seq, page
), o AS (
    INSERT INTO open_turns (site_id, conversation_id, turn_id, input, instance_id, started_at)
    SELECT $1, $2, $4, $6, $7, $5 FROM c
), e AS (
    INSERT INTO events (site_id, conversation_id, seq, kind, turn_id, client_msg_id, body, at)
    SELECT $1, $2, c.last_seq, 'message', $4, $8, $9, $5 FROM c
)
SELECT c.last_seq, c.owner_version, c.language, c.settled_seq, CASE WHEN c.last_seq > 1 AND c.last_seq - 1 <> $10::bigint THEN ARRAY(
    SELECT p.seq || ' ' || p.body::text` + pastOf + `) END, CASE WHEN c.page ->> 'article' <> '' THEN (` + aboutOf + `) END
FROM c`

// aboutOf is the title of the article that a conversation was begun from, where
// that is published and for visitors.
const aboutOf = `SELECT a.title FROM sites s
    JOIN articles a ON a.site_id = s.site_id AND a.generation = s.published AND a.article_id = c.page ->> 'article' AND a.audience = 0
    WHERE s.site_id = $1`

// selectAbout is the same by itself.
const selectAbout = `
SELECT coalesce((` + aboutOf + `), '') FROM conversations c WHERE c.site_id = $1 AND c.conversation_id = $2`

// pastOf is the newest messages before number c.last_seq: among so many events
// only, since a long conversation is read no farther back for having few. What
// a closed case has settled is not looked back on: its memo stands for it.
const pastOf = `
    FROM events p
    WHERE p.site_id = $1 AND p.conversation_id = $2 AND p.seq < c.last_seq AND p.seq >= c.last_seq - 60 AND p.seq > c.settled_seq AND p.kind = 'message'
    ORDER BY p.seq DESC LIMIT 12`

// selectPast is the same under a lock that is held, before number $3
// and after what is settled.
const selectPast = `
SELECT p.body FROM (VALUES ($3::bigint, $4::bigint)) AS c (last_seq, settled_seq), LATERAL (
    SELECT p.body` + pastOf + `) AS p`

// lockRow takes the lock by itself, so that the statements after it see
// everything that was committed before the lock was given.
const lockRow = `
SELECT owner, owner_version, queue, language, last_seq, open_turn, visitor_id, settled_seq
FROM conversations
WHERE site_id = $1 AND conversation_id = $2
FOR UPDATE`

// recordTurn opens a turn in place of an unfinished one or of none; what the
// unfinished one was to answer comes first.
const recordTurn = `
INSERT INTO open_turns AS o (site_id, conversation_id, turn_id, input, instance_id, started_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (site_id, conversation_id) DO UPDATE
SET turn_id = EXCLUDED.turn_id, input = right(o.input || E'\n' || EXCLUDED.input, 8000),
    instance_id = EXCLUDED.instance_id, started_at = EXCLUDED.started_at
RETURNING input`

// recordEnd moves the row on after everything else was written.
const recordEnd = `
UPDATE conversations
SET last_seq = $3, open_turn = $4, last_at = $5
WHERE site_id = $1 AND conversation_id = $2`

// finish ends a turn while it is open. The guard on the owner is added for an
// end in the bot's name, and left out for one that says nothing.
const (
	finishHead = `
WITH c AS (
    UPDATE conversations
    SET last_seq = last_seq + cardinality($4::text[]), open_turn = NULL, last_at = $6,
        language = CASE WHEN $10::text = '' THEN language ELSE $10::text END
    WHERE site_id = $1 AND conversation_id = $2
`
	guardTurn  = `      AND open_turn = $3`
	guardFence = `      AND owner = 'bot' AND owner_version = $11`
	finishTail = `
    RETURNING last_seq - cardinality($4::text[]) AS first
), o AS (
    DELETE FROM open_turns t USING c WHERE t.site_id = $1 AND t.conversation_id = $2
), t AS (
    INSERT INTO turns (site_id, conversation_id, turn_id, outcome, started_at, ended_at, trace)
    SELECT $1, $2, $3, $7, $8, $6, $9 FROM c
), e AS (
    INSERT INTO events (site_id, conversation_id, seq, kind, turn_id, body, at)
    SELECT $1, $2, c.first + d.n, d.kind, $3, d.body::json, $6
    FROM c, unnest($4::text[], $5::text[]) WITH ORDINALITY AS d (kind, body, n)
)
SELECT first FROM c`

	finish    = finishHead + guardTurn + "\n" + guardFence + finishTail
	finishAny = finishHead + guardTurn + finishTail
)

// insertEvents appends to the log; the caller holds the conversation's lock
// and moves last_seq on. Lists are handed over by queries of their own: a
// statement that sees them is planned anew for each.
const insertEvents = `
INSERT INTO events (site_id, conversation_id, seq, kind, turn_id, client_msg_id, body, at)
SELECT $1, $2, $3 + d.n, d.kind, d.turn, NULLIF(d.client_msg_id, ''), d.body::json, $4
FROM unnest((SELECT $5::text[]), (SELECT $6::uuid[]), (SELECT $7::text[]), (SELECT $8::text[])) WITH ORDINALITY AS d (kind, turn, client_msg_id, body, n)`

const insertTurn = `
INSERT INTO turns (site_id, conversation_id, turn_id, outcome, started_at, ended_at, trace)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

const deleteOpen = `DELETE FROM open_turns WHERE site_id = $1 AND conversation_id = $2`

// selectRepeat finds the turn of a client_msg_id; the words tell a repeat from
// a reused id.
const selectRepeat = `
SELECT e.turn_id, e.seq, e.body ->> 'text', coalesce(e.body #>> '{choice,message}', ''), coalesce(e.body #>> '{choice,article}', ''), coalesce(e.body -> 'files', '[]')
FROM events e
JOIN conversations c USING (site_id, conversation_id)
WHERE e.site_id = $1 AND e.conversation_id = $2 AND e.client_msg_id = $3 AND c.visitor_id = $4`

// selectChoices finds a message by its id, among those of the visitor's own
// conversation.
const selectChoices = `
SELECT e.body
FROM events e
JOIN conversations c USING (site_id, conversation_id)
WHERE e.site_id = $1 AND e.conversation_id = $2 AND c.visitor_id = $3
  AND e.kind = 'message' AND e.body ->> 'id' = $4::uuid::text`

// selectSections reads a public article as it is published now.
const selectSections = `
SELECT s.published, a.article, a.article_id, a.title, a.url, a.desk, a.topic, a.product, a.lang, a.superseded_by,
  c.chunk, c.heading, c.span_from, c.span_to, c.body
FROM sites s
JOIN articles a ON a.site_id = s.site_id AND a.generation = s.published
JOIN chunks c ON c.site_id = a.site_id AND c.generation = a.generation AND c.article = a.article
WHERE s.site_id = $1 AND a.article_id = $2 AND a.audience = 0 AND c.kind = 0
ORDER BY c.chunk`

const selectEvents = `
SELECT seq, kind, turn_id, at, body
FROM events
WHERE site_id = $1 AND conversation_id = $2 AND seq > $3
ORDER BY seq
LIMIT $4`

const selectTurnEvents = `
SELECT seq, kind, turn_id, at, body
FROM events
WHERE site_id = $1 AND conversation_id = $2 AND turn_id = $3
ORDER BY seq`

// selectAbandoned asks for the locks only when a turn has been open for a
// while: reading pg_locks stops every lock in the database for a moment. An
// advisory lock of two numbers is shown as classid and objid.
const (
	selectAbandoned = `
SELECT o.site_id, o.conversation_id, o.turn_id, c.owner, c.owner_version, c.language, o.started_at
FROM open_turns o
JOIN conversations c USING (site_id, conversation_id)
WHERE o.started_at < now() - make_interval(secs => $3)
  AND (o.instance_id = $1
` + guardAlive + `)
ORDER BY o.started_at
LIMIT $4`

	guardAlive = `      OR NOT EXISTS (
          SELECT 1 FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.classid = $2 AND l.objid::bigint = o.instance_id AND l.objsubid = 2
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
)
