package pgconvo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

const clientMsgIDKey = "events_client_msg_id"

// Record commits a customer's message and opens its turn: see bot.store.
func (s *Store) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	body, err := json.Marshal(r.Message)
	if err != nil {
		return bot.Recorded{}, fmt.Errorf("record a message: %w", err)
	}
	var rec bot.Recorded
	if len(r.Files) == 0 {
		rec, err = s.recordQuick(ctx, r, body)
	}
	if noRows(err) || len(r.Files) > 0 {
		rec, err = s.recordSlow(ctx, r, body)
	}
	if unique(err, clientMsgIDKey) {
		return s.repeat(ctx, r)
	}
	if err != nil {
		return bot.Recorded{}, wrap("record a message", err)
	}
	return rec, nil
}

func (s *Store) recordQuick(ctx context.Context, r bot.Record, body []byte) (bot.Recorded, error) {
	rec := bot.Recorded{Turn: r.Turn, Open: true, Input: r.Message.Text}
	var past []string
	var about *string
	known := s.lately.reaches(r.Key)
	err := s.pool.QueryRow(ctx, s.sql.recordQuick,
		r.Key.Site, [16]byte(r.Key.ID), [16]byte(r.Visitor), [16]byte(r.Turn), r.Message.At,
		r.Message.Text, r.Instance, r.ClientMsgID, body, known,
	).Scan(&rec.Seq, &rec.Fence, &rec.Language, &rec.Settled, &past, &about)
	if err != nil {
		return bot.Recorded{}, err
	}
	if about != nil {
		rec.About = *about
	}
	rec.Events = []convo.Event{{Seq: rec.Seq, Kind: convo.KindMessage, Turn: r.Turn, At: r.Message.At, Body: body}}
	if past == nil && rec.Seq > 1 {
		var ok bool
		if rec.Past, ok = s.lately.before(r.Key, rec.Seq, rec.Settled); ok {
			s.lately.follow(r.Key, rec.Seq-1, rec.Events)
			return rec, nil
		}
		// It was dropped since it was asked for.
		rec.Past, err = s.past(ctx, s.pool, r.Key, rec.Seq, rec.Settled)
		return rec, err
	}
	before, bytes, err := saidOf(past)
	if err != nil {
		return bot.Recorded{}, err
	}
	for _, b := range before {
		rec.Past = append(rec.Past, b.message)
	}
	s.lately.begin(r.Key, before, rec, bytes)
	return rec, nil
}

// saidOf reads messages with the numbers of their events.
func saidOf(rows []string) (list []said, bytes int, err error) {
	for _, row := range rows {
		number, body, _ := strings.Cut(row, " ")
		seq, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("read what was said before: %w", err)
		}
		var m convo.Message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			return nil, 0, fmt.Errorf("read what was said before: %w", err)
		}
		list = append(list, said{seq, m})
		bytes += len(body)
	}
	return list, bytes, nil
}

// recordSlow is every other case, under the conversation's lock: it is not
// there or another's; the message is a repeat; a turn is unfinished; a person
// owns the conversation.
func (s *Store) recordSlow(ctx context.Context, r bot.Record, body []byte) (rec bot.Recorded, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		st, err := s.lock(ctx, tx, r.Key)
		if noRows(err) || err == nil && st.Visitor != r.Visitor {
			return bot.ErrNoConversation
		}
		if err != nil {
			return err
		}
		if len(r.Files) > 0 {
			if body, err = s.withFiles(ctx, tx, &r); err != nil {
				return err
			}
		}
		rec = bot.Recorded{Turn: r.Turn, Fence: st.Version, Language: st.Language, Settled: st.Settled, Input: r.Message.Text}
		if rec.Past, err = s.past(ctx, tx, r.Key, st.LastSeq+1, st.Settled); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, selectAbout, r.Key.Site, r.Key.ID).Scan(&rec.About); err != nil {
			return err
		}
		log := appender{tx: tx, key: r.Key, seq: st.LastSeq, at: r.Message.At}
		if st.OpenTurn != (convo.ID{}) {
			if err := s.mergeInto(ctx, &log, st, r); err != nil {
				return err
			}
			rec.Merged = st.OpenTurn
		}
		log.add(convo.KindMessage, r.Turn, r.ClientMsgID, body)
		rec.Seq = log.last()

		open := r.Turn
		if st.Owner == convo.OwnerBot {
			rec.Open = true
			err = tx.QueryRow(ctx, recordTurn, r.Key.Site, r.Key.ID, r.Turn, r.Message.Text, r.Instance, r.Message.At).Scan(&rec.Input)
		} else {
			open = convo.ID{}
			err = log.endTurn(ctx, r.Turn, convo.Relayed, string(st.Owner), r.Message.At)
		}
		if err != nil {
			return err
		}
		rec.Events, err = log.write(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, recordEnd, r.Key.Site, r.Key.ID, log.last(), null(open), r.Message.At)
		return err
	})
	return rec, err
}

// withFiles is the message's body with the files that go with it.
func (s *Store) withFiles(ctx context.Context, tx pgx.Tx, r *bot.Record) (body []byte, err error) {
	if r.Message.Files, err = s.AttachFiles(ctx, tx, r.Key, false, r.Files, r.Message.At); err != nil {
		return nil, err
	}
	return json.Marshal(r.Message)
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// past reads what was said before event number seq and after what is settled,
// under the lock.
func (s *Store) past(ctx context.Context, tx querier, key convo.Key, seq, settled int64) ([]convo.Message, error) {
	if seq == 1 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, selectPast, key.Site, [16]byte(key.ID), seq, settled)
	if err != nil {
		return nil, err
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, err
	}
	return messages(bodies)
}

// messages reads bodies of message events.
func messages(bodies [][]byte) ([]convo.Message, error) {
	if len(bodies) == 0 {
		return nil, nil
	}
	out := make([]convo.Message, len(bodies))
	for i, b := range bodies {
		if err := json.Unmarshal(b, &out[i]); err != nil {
			return nil, fmt.Errorf("read what was said before: %w", err)
		}
	}
	return out, nil
}

// mergeInto ends the unfinished turn: its words are answered with the new
// message, or are for the person who owns the conversation by now.
func (s *Store) mergeInto(ctx context.Context, log *appender, st convo.State, r bot.Record) error {
	outcome := convo.Merged
	if st.Owner != convo.OwnerBot {
		outcome = convo.Queued
		if _, err := log.tx.Exec(ctx, deleteOpen, r.Key.Site, r.Key.ID); err != nil {
			return err
		}
	}
	return log.endTurn(ctx, st.OpenTurn, outcome, string(st.Owner), r.Message.At)
}

// repeat finds the turn that this client_msg_id made.
func (s *Store) repeat(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	rec := bot.Recorded{Repeat: true}
	var text, message, article string
	var files []convo.File
	err := s.pool.QueryRow(ctx, selectRepeat, r.Key.Site, r.Key.ID, r.ClientMsgID, r.Visitor).Scan(&rec.Turn, &rec.Seq, &text, &message, &article, &files)
	switch {
	case noRows(err):
		return bot.Recorded{}, bot.ErrNoConversation
	case err != nil:
		return bot.Recorded{}, wrap("find a repeated message", err)
	case text != r.Message.Text || !sameChoice(r.Message.Choice, message, article) || !slices.Equal(fileIDs(files), r.Files):
		return bot.Recorded{}, bot.ErrReused
	}
	return rec, nil
}

// sameChoice says whether a repeat presses what the first one pressed.
func sameChoice(c *convo.Chosen, message, article string) bool {
	if c == nil {
		return message == ""
	}
	return c.Message.String() == message && c.Article == article
}

// lock takes the row and reads it; pgx.ErrNoRows where there is none.
func (s *Store) lock(ctx context.Context, tx pgx.Tx, key convo.Key) (convo.State, error) {
	return scanLocked(tx.QueryRow(ctx, s.sql.lock, key.Site, key.ID))
}

func scanLocked(row pgx.Row) (st convo.State, err error) {
	var open *convo.ID
	err = row.Scan(&st.Owner, &st.Version, &st.Queue, &st.Language, &st.LastSeq, &open, &st.Visitor, &st.Settled)
	if open != nil {
		st.OpenTurn = *open
	}
	return st, err
}

func null(id convo.ID) *convo.ID {
	if id == (convo.ID{}) {
		return nil
	}
	return &id
}

// appender collects events under a lock that is held, and writes them at once.
type appender struct {
	tx     pgx.Tx
	key    convo.Key
	seq    int64 // last number given out before
	at     time.Time
	events []convo.Event
	names  []string // client_msg_id of each
}

func (a *appender) last() int64 { return a.seq + int64(len(a.events)) }

func (a *appender) add(kind convo.EventKind, turn convo.ID, clientMsgID string, body []byte) {
	a.events = append(a.events, convo.Event{Seq: a.last() + 1, Kind: kind, Turn: turn, At: a.at, Body: body})
	a.names = append(a.names, clientMsgID)
}

// endTurn adds a turn's terminal event and its row.
func (a *appender) endTurn(ctx context.Context, turn convo.ID, outcome convo.Outcome, owner string, at time.Time) error {
	body, err := json.Marshal(convo.Done{Turn: turn, Outcome: outcome})
	if err != nil {
		return err
	}
	trace, err := json.Marshal(bot.Trace{Owner: owner, Reason: string(outcome)})
	if err != nil {
		return err
	}
	a.add(convo.KindDone, turn, "", body)
	_, err = a.tx.Exec(ctx, insertTurn, a.key.Site, a.key.ID, turn, string(outcome), at, at, trace)
	return err
}

func (a *appender) write(ctx context.Context) ([]convo.Event, error) {
	_, err := a.tx.Exec(ctx, insertEvents, a.args()...)
	return a.events, err
}

// args are those of insertEvents.
func (a *appender) args() []any {
	kinds, bodies, turns := make([]string, len(a.events)), make([]string, len(a.events)), make([]*convo.ID, len(a.events))
	for i, e := range a.events {
		kinds[i], bodies[i], turns[i] = string(e.Kind), string(e.Body), null(e.Turn)
	}
	return []any{a.key.Site, a.key.ID, a.seq, a.at, kinds, turns, a.names, bodies}
}
