package pgconvo

import (
	"context"
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
    open_turn = CASE WHEN $8 THEN NULL ELSE open_turn END
WHERE site_id = $1 AND conversation_id = $2`

// Lock takes the conversation's row lock within somebody else's transaction
// and reads the row; found is false where there is no such conversation.
func (s *Store) Lock(ctx context.Context, tx pgx.Tx, key convo.Key) (st convo.State, found bool, err error) {
	st, err = s.lock(ctx, tx, key)
	if noRows(err) {
		return st, false, nil
	}
	return st, err == nil, wrap("lock a conversation", err)
}

// Append writes events, and a change of owner, within the transaction whose
// Lock gave st. The events are committed with it, and only then to be published.
func (s *Store) Append(ctx context.Context, tx pgx.Tx, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error) {
	if a.Owner != "" {
		if _, err := st.Owner.Handed(a.Owner); err != nil {
			return nil, fmt.Errorf("append to a conversation: %w", err)
		}
	}
	log := appender{tx: tx, key: key, seq: st.LastSeq, at: a.At}
	for _, d := range a.Events {
		body, err := json.Marshal(d.Body)
		if err != nil {
			return nil, fmt.Errorf("append to a conversation: %w", err)
		}
		log.add(d.Kind, d.Turn, "", body)
	}
	ends := a.EndTurn != (convo.ID{})
	if ends {
		if _, err := tx.Exec(ctx, deleteOpen, key.Site, key.ID); err != nil {
			return nil, wrap("append to a conversation", err)
		}
		if _, err := tx.Exec(ctx, insertTurn, key.Site, key.ID, a.EndTurn, string(a.Outcome), a.Started, a.At, []byte(a.Trace)); err != nil {
			return nil, wrap("append to a conversation", err)
		}
	}
	events, err := log.write(ctx)
	if err != nil {
		return nil, wrap("append to a conversation", err)
	}
	_, err = tx.Exec(ctx, moveOn, key.Site, key.ID, log.last(), a.At, string(a.Owner), a.Queue, a.Language, ends)
	return events, wrap("append to a conversation", err)
}
