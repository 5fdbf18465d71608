package pgconvo

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

const (
	// markRead never goes back, and never beyond what there is. The second select
	// tells a conversation that is not there from a mark that stands already.
	markRead = `
WITH there AS (
    SELECT site_id, conversation_id, last_seq FROM conversations WHERE site_id = $1 AND conversation_id = $2
), moved AS (
    INSERT INTO read_marks AS m (site_id, conversation_id, reader, seq, at)
    SELECT site_id, conversation_id, $3, $4, $5 FROM there WHERE last_seq >= $4
    ON CONFLICT (site_id, conversation_id, reader) DO UPDATE SET seq = excluded.seq, at = excluded.at WHERE m.seq < excluded.seq
    RETURNING 1
)
SELECT EXISTS (SELECT FROM there), EXISTS (SELECT FROM moved)`
	selectReadMarks = `SELECT reader, seq FROM read_marks WHERE site_id = $1 AND conversation_id = $2 ORDER BY reader`
)

// MarkRead notes how far a side has read. Error: bot.ErrNoConversation.
func (s *Store) MarkRead(ctx context.Context, key convo.Key, r convo.Read, at time.Time) (moved bool, err error) {
	var there bool
	err = s.pool.QueryRow(ctx, markRead, key.Site, [16]byte(key.ID), string(r.By), r.Up, at).Scan(&there, &moved)
	if err == nil && !there {
		return false, bot.ErrNoConversation
	}
	return moved, wrap("note what was read", err)
}

// ReadMarks says how far each side has read; who has said nothing is left out.
func (s *Store) ReadMarks(ctx context.Context, key convo.Key) ([]convo.Read, error) {
	rows, err := s.pool.Query(ctx, selectReadMarks, key.Site, [16]byte(key.ID))
	if err != nil {
		return nil, wrap("look what was read", err)
	}
	marks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r convo.Read, err error) {
		err = row.Scan(&r.By, &r.Up)
		return r, err
	})
	return marks, wrap("look what was read", err)
}
