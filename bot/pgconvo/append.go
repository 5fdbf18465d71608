package pgconvo

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
)

const moveOn = `
UPDATE conversations
SET last_seq = $3, last_at = $4,
    owner = CASE WHEN $5 = '' THEN owner ELSE $5 END,
    owner_version = owner_version + CASE WHEN $5 = '' THEN 0 ELSE 1 END,
    queue = CASE WHEN $5 = '' THEN queue ELSE $6 END,
    language = CASE WHEN $7 = '' THEN language ELSE $7 END,
    open_turn = CASE WHEN $8 THEN NULL ELSE open_turn END,
    settled_seq = CASE WHEN $9 THEN $3 ELSE settled_seq END
WHERE site_id = $1 AND conversation_id = $2`

// Lock queues taking the conversation's row lock within somebody else's
// transaction, and reading the row into st; found stays false where there is no
// such conversation. Both stand once the batch is closed.
func (s *Store) Lock(batch *pgx.Batch, key convo.Key, st *convo.State, found *bool) {
	batch.Queue(s.sql.lock, key.Site, key.ID).QueryRow(func(row pgx.Row) error {
		var err error
		*st, err = scanLocked(row)
		if noRows(err) {
			return nil
		}
		*found = err == nil
		return wrap("lock a conversation", err)
	})
}

// Append queues writing events, and a change of owner, within the transaction
// whose Lock gave st. The events are committed with it, and only then to be
// published.
func (s *Store) Append(batch *pgx.Batch, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error) {
	if a.Owner != "" {
		if _, err := st.Owner.Handed(a.Owner); err != nil {
			return nil, fmt.Errorf("append to a conversation: %w", err)
		}
	}
	log := appender{key: key, seq: st.LastSeq, at: a.At}
	for _, d := range a.Events {
		body, err := json.Marshal(d.Body)
		if err != nil {
			return nil, fmt.Errorf("append to a conversation: %w", err)
		}
		log.add(d.Kind, d.Turn, "", body)
	}
	ends := a.EndTurn != (convo.ID{})
	if ends {
		batch.Queue(deleteOpen, key.Site, key.ID)
		batch.Queue(insertTurn, key.Site, key.ID, a.EndTurn, string(a.Outcome), a.Started, a.At, []byte(a.Trace))
	}
	batch.Queue(insertEvents, log.args()...)
	batch.Queue(moveOn, key.Site, key.ID, log.last(), a.At, string(a.Owner), a.Queue, a.Language, ends, a.Settles)
	return log.events, nil
}
