package pgconvo

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// Finish commits a turn's end: see bot.store.
func (s *Store) Finish(ctx context.Context, e bot.End) ([]convo.Event, error) {
	kinds, bodies := make([]string, len(e.Events)), make([]string, len(e.Events))
	events := make([]convo.Event, len(e.Events))
	for i, d := range e.Events {
		body, err := json.Marshal(d.Body)
		if err != nil {
			return nil, fmt.Errorf("finish a turn: %w", err)
		}
		kinds[i], bodies[i] = string(d.Kind), string(body)
		events[i] = convo.Event{Kind: d.Kind, Turn: e.Turn, At: e.At, Body: body}
	}
	args := []any{
		e.Key.Site, [16]byte(e.Key.ID), [16]byte(e.Turn), kinds, bodies, e.At,
		string(e.Outcome), e.Started, []byte(e.Trace), e.Language,
	}
	sql := s.sql.finishAny
	if e.Fence != 0 {
		sql, args = s.sql.finish, append(args, e.Fence)
	}
	var first int64
	err := s.pool.QueryRow(ctx, sql, args...).Scan(&first)
	if noRows(err) {
		return nil, bot.ErrFenced
	}
	if err != nil {
		return nil, wrap("finish a turn", err)
	}
	for i := range events {
		events[i].Seq = first + int64(i) + 1
	}
	s.lately.follow(e.Key, first, events)
	return events, nil
}

// Abandoned lists turns that nobody seems to run: see bot.store.
func (s *Store) Abandoned(ctx context.Context, instance int32, limit int) ([]bot.OpenTurn, error) {
	rows, err := s.pool.Query(ctx, s.sql.abandoned, instance, lockClass, s.grace.Seconds(), limit)
	if err != nil {
		return nil, wrap("look for abandoned turns", err)
	}
	open, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o bot.OpenTurn, err error) {
		err = row.Scan(&o.Key.Site, &o.Key.ID, &o.Turn, &o.Owner, &o.Fence, &o.Language, &o.Started)
		return o, err
	})
	return open, wrap("look for abandoned turns", err)
}
