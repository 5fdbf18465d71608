package pgconvo

const fileColumns = `f.file_id, f.name, f.type, f.size, f.width, f.height`

const (
	// selectUpload finds an upload by its sender's name for it, of the visitor's
	// own conversation or, without a visitor, of the desk's.
	selectUpload = `
SELECT b.visitor_id IS NOT NULL AND (b.until IS NULL OR b.until > $6),
    f.file_id, f.state, f.total, f.received, f.name, f.type, f.size, f.width, f.height
FROM conversations k
LEFT JOIN blocked_visitors b ON NOT $4 AND b.site_id = k.site_id AND b.visitor_id = k.visitor_id
LEFT JOIN files f ON f.site_id = k.site_id AND f.conversation_id = k.conversation_id AND f.by_agent = $4 AND f.upload = $5
WHERE k.site_id = $1 AND k.conversation_id = $2 AND ($4 OR k.visitor_id = $3)`

	// lockVisitor makes everybody count one after the other who sends for the
	// same visitor. The conversation's row is taken first, as everywhere where
	// both are held, and as little as a new row that points to it needs.
	lockConversation = `SELECT visitor_id FROM conversations WHERE site_id = $1 AND conversation_id = $2 FOR KEY SHARE`
	lockVisitor      = `SELECT 1 FROM visitors WHERE site_id = $1 AND visitor_id = $2 FOR NO KEY UPDATE`

	countFiles = `
SELECT count(*), coalesce(sum(greatest(total, size)), 0)
FROM files
WHERE site_id = $1 AND conversation_id = $2 AND by_agent = $3`

	// countDay is what a visitor sent lately in all their conversations.
	countDay = `
SELECT count(*), coalesce(sum(greatest(f.total, f.size)), 0)
FROM conversations k
JOIN files f USING (site_id, conversation_id)
WHERE k.site_id = $1 AND k.visitor_id = $2 AND NOT f.by_agent AND f.created_at > $3`

	insertUpload = `
INSERT INTO files (site_id, file_id, conversation_id, by_agent, upload, state, total, name, created_at)
VALUES ($1, $2, $3, $4, $5, 'coming', $6, '', $7)
ON CONFLICT (site_id, conversation_id, by_agent, upload) DO NOTHING`

	// addPiece appends under the row's own lock: who comes second with the same
	// piece finds that more is there already.
	addPiece = `
WITH f AS (
    UPDATE files SET received = received + octet_length($5::bytea)
    WHERE site_id = $1 AND file_id = $2 AND conversation_id = $3 AND state = 'coming' AND received = $4
      AND received + octet_length($5::bytea) <= total
    RETURNING received
), p AS (
    INSERT INTO file_pieces (site_id, file_id, part, n, conversation_id, bytes)
    SELECT $1, $2, 0, (SELECT coalesce(max(n) + 1, 0) FROM file_pieces WHERE site_id = $1 AND file_id = $2 AND part = 0), $3, $5 FROM f
)
SELECT received FROM f`

	selectReceived = `
SELECT CASE WHEN state = 'kept' THEN total ELSE received END FROM files WHERE site_id = $1 AND file_id = $2 AND conversation_id = $3`

	selectPiece = `
SELECT bytes FROM file_pieces WHERE site_id = $1 AND file_id = $2 AND conversation_id = $3 AND part = $4 AND n = $5`

	selectSame = `
SELECT ` + fileColumns + `
FROM files f
WHERE f.site_id = $1 AND f.conversation_id = $2 AND f.by_agent = $3 AND f.hash = $4 AND f.state = 'kept'`

	lockFile = `SELECT f.state, ` + fileColumns + ` FROM files f WHERE f.site_id = $1 AND f.file_id = $2 AND f.conversation_id = $3 FOR UPDATE OF f`

	keepFile = `
UPDATE files
SET state = 'kept', hash = $4, name = $5, type = $6, size = $7, width = $8, height = $9, small_type = $10, small_size = $11
WHERE site_id = $1 AND file_id = $2 AND conversation_id = $3`

	deletePieces = `DELETE FROM file_pieces WHERE site_id = $1 AND file_id = $2`

	insertPiece = `INSERT INTO file_pieces (site_id, file_id, part, n, conversation_id, bytes) VALUES ($1, $2, $3, $4, $5, $6)`

	dropUpload = `DELETE FROM files WHERE site_id = $1 AND file_id = $2 AND conversation_id = $3 AND state = 'coming'`

	// selectFile is a file that a side may read: what the other side has not sent
	// with a message yet is not there.
	selectFile = `
SELECT ` + fileColumns + `, f.hash, f.small_type, f.small_size
FROM files f
WHERE f.site_id = $1 AND f.file_id = $2 AND f.conversation_id = $3 AND f.state = 'kept'
  AND (f.by_agent = $4 OR f.attached_at IS NOT NULL)`

	// attachFiles holds against expiry: whoever comes second finds the row gone,
	// or attached.
	attachFiles = `
UPDATE files f SET attached_at = coalesce(attached_at, $5)
WHERE f.site_id = $1 AND f.conversation_id = $2 AND f.file_id = ANY ($3) AND f.by_agent = $4 AND f.state = 'kept'
RETURNING ` + fileColumns

	expireFiles = `
DELETE FROM files
WHERE site_id = $1 AND file_id IN (
    SELECT file_id FROM files
    WHERE site_id = $1 AND attached_at IS NULL AND created_at < $2
    LIMIT $3
    FOR UPDATE SKIP LOCKED)`
)
