package pgdesk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Conversations is what the desk writes of a conversation, within its own
// transaction.
type Conversations interface {
	// Lock takes the conversation's row and reads it; found is false where
	// there is none.
	Lock(ctx context.Context, tx pgx.Tx, key convo.Key) (st convo.State, found bool, err error)
	// Append writes events and a change of owner under that lock.
	Append(ctx context.Context, tx pgx.Tx, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error)
}

// publisher tells the watchers of a conversation what was committed.
type publisher interface {
	Publish(key convo.Key, events []convo.Event)
}

// Desk opens and lists cases. It is safe for concurrent use.
type Desk struct {
	pool  *pgxpool.Pool
	convs Conversations
	hub   publisher
	texts *handoff.Texts
	now   func() time.Time
	newID func() convo.ID
}

// New makes a Desk; hub may be nil where nobody watches.
func New(pool *pgxpool.Pool, convs Conversations, hub publisher, texts *handoff.Texts, now func() time.Time, newID func() convo.ID) (*Desk, error) {
	if pool == nil || convs == nil || texts == nil || now == nil || newID == nil {
		return nil, errors.New("pgdesk: every dependency but the hub is needed")
	}
	return &Desk{pool: pool, convs: convs, hub: hub, texts: texts, now: now, newID: newID}, nil
}

const (
	selectOpen = `
SELECT case_id, reference, queue, reason, desk, topic, state, note, contact, opened_at
FROM cases
WHERE site_id = $1 AND conversation_id = $2 AND state <> 'closed'`

	insertCase = `
INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, note, contact, opened_at, desk, topic)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT ON CONSTRAINT cases_reference DO NOTHING`

	// selectPlace counts who waits in the same queue for longer; two of the
	// same moment stand by their ids.
	selectPlace = `
SELECT count(*)
FROM cases
WHERE site_id = $1 AND queue = $2 AND state = 'waiting' AND (opened_at, case_id) <= ($3, $4)`

	selectWaiting = `
SELECT s.name, c.site_id, c.case_id, c.reference, c.conversation_id, c.queue, c.reason, c.desk, c.topic, c.state, c.note, c.contact, c.opened_at,
       v.visitor_id, v.name
FROM cases c
JOIN sites s USING (site_id)
JOIN conversations k USING (site_id, conversation_id)
JOIN visitors v USING (site_id, visitor_id)
WHERE c.state = 'waiting' AND ($1 = '' OR s.name = $1)
ORDER BY s.name, c.queue, c.opened_at, c.case_id
LIMIT $2`
)

// Open hands a conversation to its queue; asked again, it finds the case that
// is there. Errors: handoff.ErrNoConversation, handoff.ErrFenced, Unavailable
// without the database.
func (d *Desk) Open(ctx context.Context, r handoff.Request) (out handoff.Opened, err error) {
	now := d.now().UTC()
	err = pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		st, found, err := d.convs.Lock(ctx, tx, r.Key)
		switch {
		case err != nil:
			return err
		case !found, r.Visitor != (convo.ID{}) && r.Visitor != st.Visitor:
			return handoff.ErrNoConversation
		case r.Turn != (convo.ID{}) && (st.OpenTurn != r.Turn || st.Version != r.Fence || st.Owner != convo.OwnerBot):
			return handoff.ErrFenced
		}
		out.Case, err = d.existing(ctx, tx, r.Key)
		if err == nil {
			out.Repeat = true
			out.Position, err = d.place(ctx, tx, out.Case)
			return err
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if out.Case, err = d.insert(ctx, tx, r, now); err != nil {
			return err
		}
		if out.Position, err = d.place(ctx, tx, out.Case); err != nil {
			return err
		}
		out.Events, err = d.convs.Append(ctx, tx, r.Key, st, d.words(r, st, out, now))
		return err
	})
	if err != nil {
		return handoff.Opened{}, wrap("open a case", err)
	}
	if d.hub != nil {
		d.hub.Publish(r.Key, out.Events)
	}
	return out, nil
}

func (d *Desk) existing(ctx context.Context, tx pgx.Tx, key convo.Key) (handoff.Case, error) {
	c := handoff.Case{Conversation: key}
	err := tx.QueryRow(ctx, selectOpen, key.Site, key.ID).
		Scan(&c.ID, &c.Reference, &c.Queue, &c.Reason, &c.Desk, &c.Topic, &c.State, &c.Note, &c.Contact, &c.OpenedAt)
	return c, err
}

// insert writes the case. A reference that is taken already is one in many
// thousand millions: four tries are plenty.
func (d *Desk) insert(ctx context.Context, tx pgx.Tx, r handoff.Request, now time.Time) (handoff.Case, error) {
	c := handoff.Case{
		ID: d.newID(), Conversation: r.Key, Queue: r.Queue, Reason: r.Reason, State: handoff.Waiting,
		Desk: r.Decision.Desk, Topic: r.Decision.Topic, Note: r.Note, Contact: r.Contact, OpenedAt: now,
	}
	for range 4 {
		ref, err := handoff.NewReference(rand.Reader)
		if err != nil {
			return c, err
		}
		c.Reference = ref
		tag, err := tx.Exec(ctx, insertCase, c.Conversation.Site, c.ID, c.Reference, c.Conversation.ID, c.Queue, string(c.Reason), c.Note, c.Contact, c.OpenedAt, c.Desk, c.Topic)
		if err != nil {
			return c, err
		}
		if tag.RowsAffected() == 1 {
			return c, nil
		}
	}
	return c, errors.New("four references in a row were taken")
}

func (d *Desk) place(ctx context.Context, tx pgx.Tx, c handoff.Case) (place int, err error) {
	if c.State != handoff.Waiting {
		return 0, nil
	}
	err = tx.QueryRow(ctx, selectPlace, c.Conversation.Site, c.Queue, c.OpenedAt, c.ID).Scan(&place)
	return place, err
}

// words are the events of a new case, in order: what was decided, what the
// customer asked with, who owns the conversation now, what they are told, and
// the end of the turn where one asked.
func (d *Desk) words(r handoff.Request, st convo.State, o handoff.Opened, now time.Time) convo.Append {
	text, lang := d.texts.Connecting(o.Case.Reference, r.Language, st.Language, r.Fallback)
	if r.First != "" {
		text = r.First + "\n\n" + text
	}
	a := convo.Append{Owner: convo.OwnerQueue, Queue: o.Case.Queue, Language: r.Language, At: now}
	var turn *convo.ID
	if r.Turn != (convo.ID{}) {
		turn = &r.Turn
		a.EndTurn, a.Outcome, a.Started, a.Trace = r.Turn, convo.Queued, r.Started, r.Trace
		a.Events = append(a.Events, convo.Draft{Kind: convo.KindDecision, Turn: r.Turn, Body: r.Decision})
	}
	if r.Note != "" {
		a.Events = append(a.Events, convo.Draft{Kind: convo.KindMessage, Turn: r.Turn, Body: convo.Message{
			ID: d.newID(), Turn: turn, Author: convo.Customer, Text: r.Note, At: now,
		}})
	}
	a.Events = append(a.Events,
		convo.Draft{Kind: convo.KindOwner, Turn: r.Turn, Body: convo.OwnerChange{
			Owner: convo.OwnerQueue, Queue: o.Case.Queue, Case: &o.Case.ID, Reference: o.Case.Reference, Position: &o.Position,
		}},
		convo.Draft{Kind: convo.KindMessage, Turn: r.Turn, Body: convo.Message{
			ID: d.newID(), Turn: turn, Author: convo.System, Text: text, Lang: lang, At: now,
		}},
	)
	if turn != nil {
		a.Events = append(a.Events, convo.Draft{Kind: convo.KindDone, Turn: r.Turn, Body: convo.Done{
			Turn: r.Turn, Outcome: convo.Queued, Reason: string(r.Reason),
		}})
	}
	return a
}

// Waiting lists who waits, longest first within each site and queue; site is
// empty for all sites.
func (d *Desk) Waiting(ctx context.Context, site string, limit int) ([]handoff.Entry, error) {
	rows, err := d.pool.Query(ctx, selectWaiting, site, limit)
	if err != nil {
		return nil, wrap("list a queue", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e handoff.Entry, err error) {
		err = row.Scan(&e.Site, &e.Conversation.Site, &e.ID, &e.Reference, &e.Conversation.ID, &e.Queue, &e.Reason, &e.Desk, &e.Topic, &e.State,
			&e.Note, &e.Contact, &e.OpenedAt, &e.Visitor, &e.Name)
		return e, err
	})
	return list, wrap("list a queue", err)
}

// wrap names the operation; errors that mean "not now" say so.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	if pg.NotNow(err) {
		f := fault.Wrap(err, fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.")
		return fmt.Errorf("%s: %w", op, f.After(2*time.Second))
	}
	return fmt.Errorf("%s: %w", op, err)
}
