package pgconvo

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// selectTalks goes by the index on visitors. The first words of a conversation
// are among its first events: a page of them is looked at, never all.
const selectTalks = `
SELECT c.conversation_id, c.created_at, c.owner, left(f.body->>'text', 120)
FROM conversations c
CROSS JOIN LATERAL (
    SELECT e.body FROM events e
    WHERE e.site_id = c.site_id AND e.conversation_id = c.conversation_id AND e.seq <= 20
      AND e.kind = 'message' AND e.body->>'author' = 'customer' AND e.body->>'text' <> ''
    ORDER BY e.seq LIMIT 1
) f
WHERE c.site_id = $1 AND c.visitor_id = $2
ORDER BY c.created_at DESC
LIMIT $3`

// VisitorTalks lists a visitor's own conversations in which they said something,
// newest first.
func (s *Store) VisitorTalks(ctx context.Context, site int32, visitor convo.ID, limit int) ([]bot.Talk, error) {
	rows, err := s.pool.Query(ctx, selectTalks, site, [16]byte(visitor), limit)
	if err != nil {
		return nil, wrap("list a visitor's conversations", err)
	}
	talks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t bot.Talk, err error) {
		err = row.Scan(&t.ID, &t.At, &t.Owner, &t.Text)
		return t, err
	})
	return talks, wrap("list a visitor's conversations", err)
}
