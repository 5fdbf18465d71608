package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/grade"
	"frontdesk/evals/shadow"
)

// storedTurn is a turn to replay.
type storedTurn struct {
	shadow.Turn
	key     convo.Key
	seq     int64 // of its message
	message convo.Message
}

// selectReplayable lists the newest conversations that the bot decided anything
// in, newest first.
const selectReplayable = `
SELECT c.conversation_id, (SELECT min(opened_at) FROM cases k WHERE k.site_id = c.site_id AND k.conversation_id = c.conversation_id)
FROM conversations c
WHERE c.site_id = $1 AND c.last_at >= $2
ORDER BY c.created_at DESC, c.conversation_id
LIMIT $3`

// storedTurns reads the turns that the bot decided, oldest first within their
// conversation. Left out are those after a case was opened, whose memo and agents'
// words a copy has not, those that failed or were merged with the next, and those
// with files alone.
func (r *talkReader) storedTurns(ctx context.Context, since time.Time, limit int) (out []*storedTurn, leftOut int, err error) {
	rows, err := r.desk.Pool.Query(ctx, selectReplayable, r.site, since, limit)
	if err != nil {
		return nil, 0, err
	}
	type found struct {
		id     convo.ID
		handed *time.Time // when the first case was opened
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f found, err error) { return f, row.Scan(&f.id, &f.handed) })
	if err != nil {
		return nil, 0, err
	}
	for _, f := range list {
		if len(out) >= limit {
			break
		}
		turns, left, err := r.turnsOf(ctx, f.id, f.handed, since)
		if err != nil {
			return nil, 0, err
		}
		out, leftOut = append(out, turns...), leftOut+left
	}
	return out[:min(limit, len(out))], leftOut, nil
}

func (r *talkReader) turnsOf(ctx context.Context, id convo.ID, handed *time.Time, since time.Time) (out []*storedTurn, left int, err error) {
	key := convo.Key{Site: r.site, ID: id}
	events, err := r.events(ctx, key)
	if err != nil {
		return nil, 0, err
	}
	traces, err := r.traces(ctx, key)
	if err != nil {
		return nil, 0, err
	}
	var name, email, language string
	if err := r.desk.Pool.QueryRow(ctx, selectWhose, r.site, id).Scan(&name, &email, &language); err != nil {
		return nil, 0, err
	}
	mask := r.masker(events, name, email)
	n := 0
	for _, e := range events {
		var m convo.Message
		if e.Kind != convo.KindMessage || json.Unmarshal(e.Body, &m) != nil || m.Author != convo.Customer {
			continue
		}
		if n++; e.At.Before(since) {
			continue
		}
		trace := traces[e.Turn]
		switch trace.outcome {
		case convo.Answer, convo.Clarify, convo.None, convo.Queued:
		default:
			left++
			continue
		}
		if strings.TrimSpace(m.Text) == "" || handed != nil && e.At.After(*handed) {
			left++
			continue
		}
		t := &storedTurn{key: key, seq: e.Seq, message: m}
		t.Conversation, t.Turn.Turn, t.Said = id.String(), n, mask(m.Text)
		t.Stored = decisionOf(replyOf(askTurnOf(storedReply(e.Turn, trace.outcome, events))))
		out = append(out, t)
	}
	return out, left, nil
}

// storedReply is a turn's reply as it was, out of the conversation's log.
func storedReply(turn convo.ID, outcome convo.Outcome, events []convo.Event) bot.Reply {
	r := bot.Reply{Turn: turn, Outcome: outcome}
	for _, e := range events {
		var m convo.Message
		if e.Turn != turn || e.Kind == convo.KindMessage && json.Unmarshal(e.Body, &m) == nil && m.Author == convo.Customer {
			continue
		}
		r.Events = append(r.Events, e)
		if e.Kind == convo.KindMessage {
			r.Messages = append(r.Messages, m)
		}
	}
	return r
}

// decisionOf is a reply as far as it is compared.
func decisionOf(r grade.Reply) shadow.Decision {
	d := shadow.Decision{Action: r.Action, Reason: r.Reason, Queue: r.Queue, Desk: r.Desk, Topic: r.Topic, P: r.P}
	var quotes []string
	for _, c := range r.Citations {
		d.Articles = append(d.Articles, c.Article)
		quotes = append(quotes, c.Quote)
	}
	for _, c := range r.Choices {
		d.Articles = append(d.Articles, c.Article)
	}
	d.Text = strings.Join(quotes, "\n")
	return d
}

// replayAll replays every turn in both copies, which go side by side. progress is
// told how many the slower one has done.
func replayAll(ctx context.Context, now, then side, turns []*storedTurn, progress func(int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, side := range []struct {
		in    side
		into  func(*storedTurn) *shadow.Decision
		tells bool
	}{
		{now, func(t *storedTurn) *shadow.Decision { return &t.Now }, false},
		{then, func(t *storedTurn) *shadow.Decision { return &t.Then }, true},
	} {
		wg.Go(func() {
			for i, t := range turns {
				if ctx.Err() != nil {
					return
				}
				d, err := replay(ctx, side.in, t)
				if err != nil {
					cancel(fmt.Errorf("conversation %s, turn %d: %w", t.Conversation, t.Turn.Turn, err))
					return
				}
				*side.into(t) = d
				if side.tells {
					progress(i + 1)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// What was there before a turn, in a copy: under another conversation and
// visitor, and with other names for messages that were sent, so that the next one
// is no repeat.
const (
	copyConversation = `
INSERT INTO conversations (site_id, conversation_id, visitor_id, language, page, last_seq, settled_seq, created_at, last_at)
SELECT $3, $4, $5, language, page, $6::bigint - 1, CASE WHEN settled_seq < $6 THEN settled_seq ELSE 0 END, created_at, last_at
FROM conversations WHERE site_id = $1 AND conversation_id = $2`
	copyEvents = `
INSERT INTO events (site_id, conversation_id, seq, kind, turn_id, body, at)
SELECT $3, $4, seq, kind, turn_id, body, at FROM events WHERE site_id = $1 AND conversation_id = $2 AND seq < $5`
	copyTurns = `
INSERT INTO turns (site_id, conversation_id, turn_id, outcome, started_at, ended_at, trace)
SELECT $3, $4, t.turn_id, t.outcome, t.started_at, t.ended_at, t.trace FROM turns t
WHERE t.site_id = $1 AND t.conversation_id = $2
  AND EXISTS (SELECT 1 FROM events e WHERE e.site_id = $1 AND e.conversation_id = $2 AND e.turn_id = t.turn_id AND e.seq < $5)`
	copyFeedback = `
INSERT INTO feedback (site_id, conversation_id, message_id, helpful, comment, at, p)
SELECT $3, $4, message_id, helpful, '', at, p FROM feedback WHERE site_id = $1 AND conversation_id = $2 AND at < $5`
)

// replay has one turn decided again, after what was said before it, and forgets
// it.
func replay(ctx context.Context, in side, t *storedTurn) (d shadow.Decision, err error) {
	front, site := in.front, in.site
	k := &talk{front: front, site: site, key: convo.Key{Site: int32(site.ID), ID: bot.NewID()}, visitor: bot.NewID()}
	err = pgx.BeginFunc(ctx, front.store.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO visitors (site_id, visitor_id, created_at) VALUES ($1, $2, now())`, k.key.Site, k.visitor); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, copyConversation, t.key.Site, t.key.ID, k.key.Site, k.key.ID, k.visitor, t.seq); err != nil {
			return err
		}
		for _, step := range []struct {
			sql  string
			upTo any
		}{{copyEvents, t.seq}, {copyTurns, t.seq}, {copyFeedback, t.message.At}} {
			if _, err := tx.Exec(ctx, step.sql, t.key.Site, t.key.ID, k.key.Site, k.key.ID, step.upTo); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return d, err
	}
	defer k.forget(ctx)
	say := bot.Say{Site: site, Key: k.key, Visitor: k.visitor, ClientMsgID: "1", Text: t.message.Text, Choice: t.message.Choice}
	turn, err := in.engine.Say(ctx, say)
	if errors.Is(err, bot.ErrNoChoice) { // what was offered then is published no longer: its words are said
		say.Choice = nil
		turn, err = in.engine.Say(ctx, say)
	}
	if err != nil {
		return d, err
	}
	reply, err := turn.Run()
	if err != nil {
		return d, err
	}
	out := askTurnOf(reply)
	if len(out.Degraded) > 0 {
		return d, fmt.Errorf("%s took no part: a replay without is none; see that it runs, and begin again", strings.Join(out.Degraded, ", "))
	}
	return decisionOf(replyOf(out)), nil
}
