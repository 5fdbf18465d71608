package pgconvo

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// Events reads a conversation's log after a number, oldest first.
func (s *Store) Events(ctx context.Context, key convo.Key, after int64, limit int) ([]convo.Event, error) {
	rows, err := s.pool.Query(ctx, selectEvents, key.Site, [16]byte(key.ID), after, limit)
	if err != nil {
		return nil, wrap("read events", err)
	}
	events, err := pgx.CollectRows(rows, scanEvent)
	return events, wrap("read events", err)
}

func scanEvent(row pgx.CollectableRow) (e convo.Event, err error) {
	var turn *convo.ID
	err = row.Scan(&e.Seq, &e.Kind, &turn, &e.At, &e.Body)
	if turn != nil {
		e.Turn = *turn
	}
	return e, err
}

// Turn reads one turn's log: see bot.store.
func (s *Store) Turn(ctx context.Context, key convo.Key, turn convo.ID) (log bot.TurnLog, err error) {
	var open *convo.ID
	err = s.pool.QueryRow(ctx, `SELECT owner, open_turn FROM conversations WHERE site_id = $1 AND conversation_id = $2`,
		key.Site, key.ID).Scan(&log.Owner, &open)
	if noRows(err) {
		return log, bot.ErrNoConversation
	}
	if err != nil {
		return log, wrap("read a turn", err)
	}
	log.Open = open != nil && *open == turn
	rows, err := s.pool.Query(ctx, selectTurnEvents, key.Site, key.ID, turn)
	if err != nil {
		return log, wrap("read a turn", err)
	}
	log.Events, err = pgx.CollectRows(rows, scanEvent)
	return log, wrap("read a turn", err)
}

// Trace reads why an ended turn ended as it did. Error: bot.ErrNoConversation
// where there is no such turn.
func (s *Store) Trace(ctx context.Context, key convo.Key, turn convo.ID) (t bot.Trace, err error) {
	var raw []byte
	err = s.pool.QueryRow(ctx, `SELECT trace FROM turns WHERE site_id = $1 AND conversation_id = $2 AND turn_id = $3`,
		key.Site, key.ID, turn).Scan(&raw)
	if noRows(err) {
		return t, bot.ErrNoConversation
	}
	if err != nil {
		return t, wrap("read a trace", err)
	}
	return t, json.Unmarshal(raw, &t)
}
