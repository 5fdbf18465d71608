package pgconvo

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// mostSettled is how many closed cases of one conversation are known: who asks
// what was done means one of the last.
const mostSettled = 5

// selectSettled reads what people closed, with who did, as the customer was told
// it then. What a customer was told nothing of (spam), what went on in another
// case and what nobody worked on is left out.
const selectSettled = `
SELECT c.reference, coalesce(NULLIF(e.name, ''), e.actor, ''), c.memo, c.problem,
    CASE WHEN c.topic_final <> '' THEN c.topic_final ELSE c.topic END, c.closed_at, coalesce(d.rules ->> 'zone', '')
FROM cases c
LEFT JOIN LATERAL (
    SELECT x.actor, x.body ->> 'name' AS name FROM case_events x
    WHERE x.site_id = c.site_id AND x.case_id = c.case_id AND x.kind = 'closed'
    ORDER BY x.n DESC LIMIT 1
) e ON true
LEFT JOIN desk_sites d ON d.site_id = c.site_id
WHERE c.site_id = $1 AND c.conversation_id = $2 AND c.state = 'closed'
  AND (c.ended IN ('solved', 'workaround', 'not_solved', 'duplicate', 'other') OR c.ended = 'no_answer' AND c.memo <> '')
ORDER BY c.closed_at DESC, c.case_id DESC
LIMIT $3`

// Settled reads the cases of a conversation that people closed: see bot.store.
func (s *Store) Settled(ctx context.Context, key convo.Key) ([]bot.Settled, error) {
	rows, err := s.pool.Query(ctx, selectSettled, key.Site, [16]byte(key.ID), mostSettled)
	if err != nil {
		return nil, wrap("read what was settled", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c bot.Settled, err error) {
		var zone string
		if err := row.Scan(&c.Reference, &c.Name, &c.Memo, &c.Problem, &c.Topic, &c.At, &zone); err != nil {
			return c, err
		}
		c.At = c.At.UTC()
		if in, err := time.LoadLocation(zone); err == nil { // one that cannot be read is UTC, as everywhere
			c.At = c.At.In(in)
		}
		return c, nil
	})
	return list, wrap("read what was settled", err)
}
