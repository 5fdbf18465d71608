package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// work is one change of a case within its transaction: the conversation's row
// is locked, then the case's; what is to be written is collected and written at
// the end, all of it or nothing.
type work struct {
	d     *Desk
	tx    pgx.Tx
	now   time.Time
	actor handoff.Actor
	setup *siteSetup

	key   convo.Key
	st    convo.State
	c     handoff.Case // as it is to be
	old   handoff.Case // as it was
	lastN int64        // of its log

	say      convo.Append // what goes into the conversation
	logs     []entry
	changes  []handoff.Change
	promises []handoff.Promise
	events   []convo.Event // what came of say
	// pack makes the packet anew with what is written now.
	pack     bool
	triage   *handoff.Triage // with probabilities, for the packet
	material *material       // for the packet, where it was read before; nil: it is read then
	packet   []byte          // made, to be written

	unwritten bool // a new case, whose row is yet to be written
	place     int  // in line, as it was counted last; 0: it was not
}

// entry is one line of a case's own log, to be numbered.
type entry struct {
	kind        handoff.CaseEventKind
	body        handoff.EventBody
	clientMsgID string
}

const (
	selectConversationOf = `SELECT conversation_id FROM cases WHERE site_id = $1 AND case_id = $2`
	lockCase             = `SELECT ` + caseColumns + `, c.last_n` + caseFrom + `
WHERE c.site_id = $1 AND c.case_id = $2
FOR UPDATE OF c`
	// Lists are handed to unnest by queries of their own: a statement that sees them
	// is planned anew for each list, which costs more than what it does.
	insertCaseEvents = `
INSERT INTO case_events (site_id, case_id, n, conversation_id, kind, agent_id, actor, client_msg_id, body, at)
SELECT $1, $2, $3 + e.n, $4, e.kind, $5, $6, NULLIF(e.client_msg_id, ''), e.body::json, $7
FROM unnest((SELECT $8::text[]), (SELECT $9::text[]), (SELECT $10::text[])) WITH ORDINALITY AS e (kind, client_msg_id, body, n)`
	insertChanges = `
INSERT INTO desk_changes (site_id, case_id, queue, from_queue, agent_id, kind, at)
SELECT $1, NULLIF(e.case_id, '00000000-0000-0000-0000-000000000000'::uuid), e.queue, e.from_queue, NULLIF(e.agent_id, '00000000-0000-0000-0000-000000000000'::uuid), e.kind, $2
FROM unnest((SELECT $3::uuid[]), (SELECT $4::text[]), (SELECT $5::text[]), (SELECT $6::uuid[]), (SELECT $7::text[])) AS e (case_id, queue, from_queue, agent_id, kind)`
)

// change runs f on a case that the actor may change, under both locks, and
// writes what f made of it.
func (d *Desk) change(ctx context.Context, op string, a handoff.Actor, t handoff.Target, f func(ctx context.Context, w *work) error) (c handoff.Case, err error) {
	if !a.Works() {
		return c, wrap(op, handoff.ErrForbidden)
	}
	w := &work{d: d, actor: a, now: d.moment()}
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		w.tx = tx
		if err := w.begin(ctx, t); err != nil {
			return err
		}
		if err := f(ctx, w); err != nil {
			return err
		}
		return w.save(ctx)
	})
	if err != nil {
		return handoff.Case{}, wrap(op, err)
	}
	d.told(w.key, w.events)
	return w.c, nil
}

// begin takes the locks and reads what stands there.
func (w *work) begin(ctx context.Context, t handoff.Target) error {
	key := convo.Key{Site: w.actor.Site}
	err := w.tx.QueryRow(ctx, selectConversationOf, w.actor.Site, t.Case).Scan(&key.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return handoff.ErrNoCase
	}
	if err != nil {
		return err
	}
	if err := w.lock(ctx, key); err != nil {
		return err
	}
	if err := w.load(ctx, t.Case); err != nil {
		return err
	}
	switch {
	case !w.actor.SeesCase(w.c):
		return handoff.ErrNoCase
	case t.Version != 0 && t.Version != w.c.Version:
		return handoff.ErrMoved
	}
	w.setup, err = w.d.setupOf(ctx, w.tx, w.actor.Site, "")
	return err
}

// lock takes the conversation's row.
func (w *work) lock(ctx context.Context, key convo.Key) error {
	w.key, w.say.At = key, w.now
	batch, found := &pgx.Batch{}, false
	w.d.Conversations.Lock(batch, key, &w.st, &found)
	err := w.tx.SendBatch(ctx, batch).Close()
	if err == nil && !found {
		err = handoff.ErrNoConversation
	}
	return err
}

// load locks and reads a case of the locked conversation.
func (w *work) load(ctx context.Context, id convo.ID) error {
	err := w.tx.QueryRow(ctx, lockCase, w.key.Site, id).Scan(append(caseTargets(&w.c), &w.lastN)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return handoff.ErrNoCase
	}
	w.old = w.c
	return err
}

// queue is the setting of the case's queue, or what stands for one that was
// removed.
func (w *work) queue() handoff.Queue { return w.queueOf(w.c.Queue) }

func (w *work) queueOf(name string) handoff.Queue {
	if q, ok := w.setup.Queue(name); ok {
		return q
	}
	return handoff.Queue{Queue: name, Name: name, Distribution: handoff.ByClaim}
}

// holds says whether this case is the one that the conversation belongs to.
func (w *work) holds() bool {
	return w.c.Link != handoff.Second && (w.st.Owner == convo.OwnerQueue || w.st.Owner == convo.OwnerAgent)
}

// fresh is when an answer is due in a queue, for a customer who has waited
// since they began to, or from now on.
func (w *work) fresh(q handoff.Queue) time.Time {
	from := w.c.WaitsSince
	if from.IsZero() {
		from = w.now
	}
	return w.d.due(q, from, w.c.Priority.Within(q.FirstReply()))
}

// log adds a line to the case's own log, and tells the consoles.
func (w *work) log(kind handoff.CaseEventKind, body handoff.EventBody) {
	w.logs = append(w.logs, entry{kind: kind, body: body})
	w.changed(kind)
}

func (w *work) changed(kind handoff.CaseEventKind) {
	ch := handoff.Change{Case: w.c.ID, Queue: w.c.Queue, Agent: w.c.Agent, Kind: kind, At: w.now}
	if w.old.Queue != w.c.Queue {
		ch.From = w.old.Queue
	}
	w.changes = append(w.changes, ch)
}

// owner says to the customer who has the conversation now.
func (w *work) owner(o convo.OwnerChange) {
	o.Case, o.Reference = &w.c.ID, w.c.Reference
	w.say.Owner, w.say.Queue = o.Owner, ""
	if o.Owner == convo.OwnerQueue {
		w.say.Queue = w.c.Queue
		o.Queue = w.c.Queue
	}
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindOwner, Body: o})
}

// system says the service's own words.
func (w *work) system(text, lang string) {
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: convo.Message{
		ID: w.d.NewID(), Author: convo.System, Text: text, Lang: lang, At: w.now,
	}})
}

// promise makes a promise with the version that the case will have.
func (w *work) promise(kind handoff.PromiseKind, at time.Time) {
	w.promises = append(w.promises, handoff.Promise{Site: w.key.Site, Case: w.c.ID, Kind: kind, Version: w.c.Version, At: at})
}

// line has the conversation wait in the case's queue, where it is this case's,
// and tells the customer their place.
func (w *work) line(ctx context.Context) error {
	if !w.holds() {
		return nil
	}
	if err := w.flush(ctx); err != nil { // the place counts the case where it will be
		return err
	}
	position, outlook, err := w.outlook(ctx)
	if err != nil {
		return err
	}
	w.owner(convo.OwnerChange{Owner: convo.OwnerQueue, Position: &position, Estimate: outlook.Estimate})
	return nil
}

// save writes everything, in one trip but for promises that ask first.
func (w *work) save(ctx context.Context) error {
	batch := &pgx.Batch{}
	if w.say.Owner != "" || len(w.say.Events) > 0 {
		var err error
		if w.events, err = w.d.Conversations.Append(batch, w.key, w.st, w.say); err != nil {
			return err
		}
	}
	if w.pack {
		if err := w.makePacket(ctx); err != nil {
			return err
		}
	}
	if w.unwritten {
		w.queueCase(batch)
	} else {
		w.queueRow(batch)
	}
	if err := w.queueLogs(batch); err != nil {
		return err
	}
	queueChanges(batch, w.key.Site, w.now, w.changes)
	promises, err := w.queueWait(batch)
	if err != nil {
		return err
	}
	if err := w.written(w.tx.SendBatch(ctx, batch)); err != nil {
		return err
	}
	if w.d.Promiser == nil {
		return nil
	}
	for _, p := range promises {
		if err := w.d.Promiser.Promise(ctx, w.tx, p); err != nil {
			return err
		}
	}
	return nil
}

// queueWait queues what is promised with a new case, and gives what is left to
// be promised.
func (w *work) queueWait(batch *pgx.Batch) ([]handoff.Promise, error) {
	alone := len(w.promises) == 1 && w.promises[0].Kind == handoff.PromiseLadder
	if w.d.Promiser == nil || !w.unwritten || w.place == 0 || !alone {
		return w.promises, nil
	}
	queued, err := w.d.Promiser.Wait(batch, w.c, w.queue(), w.place)
	if err != nil || !queued {
		return w.promises, err
	}
	return nil, nil
}

// flush writes the case's row.
func (w *work) flush(ctx context.Context) error {
	batch := &pgx.Batch{}
	w.queueRow(batch)
	return w.written(w.tx.SendBatch(ctx, batch))
}

// queueRow is the case's row as it is to be. The guard is repeated in its WHERE:
// the state that the change was decided on.
func (w *work) queueRow(batch *pgx.Batch) {
	c := &w.c
	batch.Queue(w.d.sql.updateCase, c.Conversation.Site, c.ID, w.old.Version, string(w.old.State),
		c.Queue, c.Desk, c.Topic, string(c.State), c.Contact, int16(c.Priority), c.Product, c.Language, c.Mood, c.Urgency, c.Triaged, c.Aside,
		idOrNull(c.Agent), idOrNull(c.OfferedTo), orNull(c.OfferedUntil), orNull(c.ClaimedAt), orNull(c.FirstReplyAt), orNull(c.WaitsSince),
		orNull(c.CustomerAt), orNull(c.AgentAt), orNull(c.DueFirst), orNull(c.DueResolve), orNull(c.SnoozedUntil), orNull(c.ClosedAt),
		string(c.Ended), c.Memo, c.TopicFinal, idOrNull(c.LinkedTo), string(c.Link), c.Moves, c.Version,
		w.lastN+int64(len(w.logs)), w.packet, c.PacketSeq, c.Problem, w.replySeconds()).
		Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != 1 {
				return handoff.ErrMoved
			}
			return nil
		})
}

// replySeconds is the target for an answer, in the case's queue at its priority.
func (w *work) replySeconds() int {
	return int(w.c.Priority.Within(w.queue().FirstReply()) / time.Second)
}

// written ends a batch with the row in it. ErrMoved where the row was not as it
// was decided on.
func (w *work) written(results pgx.BatchResults) error {
	if err := results.Close(); err != nil {
		return err
	}
	w.old.Version, w.old.State, w.unwritten = w.c.Version, w.c.State, false
	return nil
}

func (w *work) queueLogs(batch *pgx.Batch) error {
	if len(w.logs) == 0 {
		return nil
	}
	kinds, names, bodies := make([]string, len(w.logs)), make([]string, len(w.logs)), make([]string, len(w.logs))
	for i, l := range w.logs {
		b, err := json.Marshal(l.body)
		if err != nil {
			return err
		}
		kinds[i], names[i], bodies[i] = string(l.kind), l.clientMsgID, string(b)
	}
	batch.Queue(insertCaseEvents, w.key.Site, w.c.ID, w.lastN, w.key.ID, idOrNull(w.actor.Agent), w.actor.Name, w.now, kinds, names, bodies)
	return nil
}

func queueChanges(batch *pgx.Batch, site int32, now time.Time, list []handoff.Change) {
	if len(list) == 0 {
		return
	}
	cases, agents := make([][16]byte, len(list)), make([][16]byte, len(list))
	queues, from, kinds := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, c := range list {
		cases[i], agents[i], queues[i], from[i], kinds[i] = c.Case, c.Agent, c.Queue, c.From, string(c.Kind)
	}
	batch.Queue(insertChanges, site, now, cases, queues, from, agents, kinds)
}
