package pgdesk

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	selectMain = `
SELECT c.case_id
FROM cases c
WHERE c.site_id = $1 AND c.conversation_id = $2 AND c.state <> 'closed' AND c.link <> 'second'`

	// selectLast is the conversation's newest closed case of its own, which may
	// be opened again.
	selectLast = `SELECT ` + caseColumns + caseFrom + `
WHERE c.site_id = $1 AND c.conversation_id = $2 AND c.state = 'closed' AND c.link NOT IN ('second', 'merged')
ORDER BY c.opened_at DESC
LIMIT 1`

	visitorOf = `(SELECT o.visitor_id FROM conversations o WHERE o.site_id = $1 AND o.conversation_id = $2)`

	// selectVisitor takes the visitor's row, so that somebody who asks in many
	// conversations at once is counted right.
	selectVisitor = `
SELECT v.name, coalesce(v.attributes ->> 'group', ''), b.visitor_id IS NOT NULL AND (b.until IS NULL OR b.until > $3)
FROM visitors v
LEFT JOIN blocked_visitors b USING (site_id, visitor_id)
WHERE v.site_id = $1 AND v.visitor_id = ` + visitorOf + `
FOR NO KEY UPDATE OF v`
	countOfVisitor = `
SELECT count(*) FILTER (WHERE c.state <> 'closed'), count(*) FILTER (WHERE c.opened_at > $3)
FROM conversations k
JOIN cases c USING (site_id, conversation_id)
WHERE k.site_id = $1 AND k.visitor_id = ` + visitorOf + ` AND c.link NOT IN ('second', 'merged') AND (c.state <> 'closed' OR c.opened_at > $3)`

	insertCase = `
INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, note, contact, opened_at, desk, topic,
  product, language, mood, urgency, triaged, priority, customer_waits_since, customer_at, due_first, due_resolve, linked_to, link, reply_s,
  last_n, packet, packet_seq, problem)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $9, $9, $18, $19, $20, $21, $22, $23, $24, $25, $26)`

	// selectPlace counts who stands in the same line before a case, and the case
	// where it is written already; two that are due at the same moment stand by
	// their ids.
	selectPlace = `
SELECT count(*)
FROM cases
WHERE site_id = $1 AND queue = $2 AND state = 'waiting' AND (rank_at, case_id) <= ($3, $4)`
)

// Open hands a conversation to people: see handoff.Desk. A reference that is
// taken already is one in many thousand millions: four tries are plenty.
func (d *Desk) Open(ctx context.Context, r handoff.Request) (out handoff.Opened, err error) {
	for range 4 {
		if out, err = d.openOnce(ctx, r); !violates(err, "cases_reference") {
			break
		}
	}
	if err != nil {
		return handoff.Opened{}, wrap("open a case", err)
	}
	if !out.Repeat || len(out.Events) > 0 {
		d.told(r.Key, out.Events)
	}
	return out, nil
}

// violates says whether an error is that a constraint of this name does not hold.
func violates(err error, constraint string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.ConstraintName == constraint
}

func (d *Desk) openOnce(ctx context.Context, r handoff.Request) (out handoff.Opened, err error) {
	w := &work{d: d, actor: handoff.System(r.Key.Site, "assistant"), now: d.moment(), pack: true, triage: r.Triage, key: r.Key}
	w.say.At = w.now
	id := d.NewID() // of the case, if there is to be one
	var found found
	err = d.beginWith(ctx, func(batch *pgx.Batch) {
		w.queueFind(batch, &found)
		if d.Packer != nil {
			w.material = queueMaterial(batch, r.Key, id, w.now)
		}
	}, func(tx pgx.Tx) error {
		w.tx = tx
		switch {
		case !found.conversation, r.Visitor != (convo.ID{}) && r.Visitor != w.st.Visitor:
			return handoff.ErrNoConversation
		case r.Turn != (convo.ID{}) && (w.st.OpenTurn != r.Turn || w.st.Version != r.Fence || w.st.Owner != convo.OwnerBot):
			return handoff.ErrFenced
		}
		out, err = w.open(ctx, r, id, found)
		return err
	})
	if !found.conversation && noRows(err) { // nothing to make a packet from, either
		err = handoff.ErrNoConversation
	}
	if err != nil {
		return handoff.Opened{}, err
	}
	out.Events = w.events
	return out, nil
}

func (w *work) open(ctx context.Context, r handoff.Request, id convo.ID, found found) (out handoff.Opened, err error) {
	if w.setup, err = w.d.setupAt(ctx, w.tx, r.Key.Site, namedQueue(r.Queue), found.version); err != nil {
		return out, err
	}
	if found.there != (convo.ID{}) {
		return w.openAgain(ctx, r, found.there)
	}
	if refused := found.refused(w.setup.Rules); refused != nil {
		if r.Turn == (convo.ID{}) {
			return out, refused
		}
		return handoff.Opened{Refused: refused}, w.refuse(ctx, r, refused, found.open)
	}
	if found.last.Within(w.queueOf(found.last.Queue), w.now) {
		return w.openClosed(ctx, r, found.last.ID)
	}
	return w.openNew(ctx, r, id, found.group, found.last)
}

// namedQueue is the one that a site's settings name; what those call main is
// the default.
func namedQueue(queue string) string {
	if queue == "main" {
		return ""
	}
	return queue
}

// openAgain finds the case that is there. A customer who went back to the
// assistant waits silently again; otherwise nothing is new.
func (w *work) openAgain(ctx context.Context, r handoff.Request, id convo.ID) (out handoff.Opened, err error) {
	w.material = nil // it was read for another case
	if err := w.load(ctx, id); err != nil {
		return out, err
	}
	out.Case, out.Repeat = w.c, true
	if w.st.Owner == convo.OwnerBot {
		w.c.Aside = false
		if _, err := w.leave(ctx, r.Contact); err != nil {
			return out, err
		}
		if out.Position, out.Estimate, err = w.connect(ctx, r, func(position int, o handoff.Outlook) (string, string) {
			return w.d.Texts.Opened(w.c, position, o, r.Language, w.st.Language, r.Fallback)
		}); err != nil {
			return out, err
		}
		w.log(handoff.CaseResumed, handoff.EventBody{})
		err = w.save(ctx)
		out.Case, out.Repeat = w.c, false
		return out, err
	}
	if err := w.saidAgain(ctx, r); err != nil {
		return out, err
	}
	out.Case = w.c
	var outlook handoff.Outlook
	out.Position, outlook, err = w.outlook(ctx)
	out.Estimate = outlook.Estimate
	return out, err
}

// openClosed takes up the case that was closed not long ago.
func (w *work) openClosed(ctx context.Context, r handoff.Request, id convo.ID) (out handoff.Opened, err error) {
	w.material = nil // likewise
	if err := w.load(ctx, id); err != nil {
		return out, err
	}
	q, there := w.setup.Queue(w.c.Queue)
	if !there || q.Closed {
		q = w.setup.Default()
	}
	w.c.Queue = q.Queue
	if _, err := w.leave(ctx, r.Contact); err != nil {
		return out, err
	}
	if err := w.c.Resume(w.d.due(q, w.now, w.c.Priority.Within(q.FirstReply())), w.now); err != nil {
		return out, err
	}
	w.c.CustomerAt = w.now
	if out.Position, out.Estimate, err = w.connect(ctx, r, func(position int, o handoff.Outlook) (string, string) {
		return w.d.Texts.Reopened(w.c, position, o, r.Language, w.st.Language, r.Fallback)
	}); err != nil {
		return out, err
	}
	w.log(handoff.CaseReopened, handoff.EventBody{To: w.c.Queue, Why: string(r.Reason)})
	w.promise(handoff.PromiseLadder, time.Time{})
	err = w.save(ctx)
	out.Case, out.Reopened = w.c, true
	return out, err
}

// openNew opens a case, and a second one for a second matter that goes
// elsewhere.
func (w *work) openNew(ctx context.Context, r handoff.Request, id convo.ID, group string, last handoff.Case) (out handoff.Opened, err error) {
	c := handoff.Case{ID: id, Note: r.Note, Contact: r.Contact}
	if last.ID != (convo.ID{}) {
		c.LinkedTo, c.Link = last.ID, handoff.After
	}
	line, err := w.begun(r, c, r.Triage, group)
	if err != nil {
		return out, err
	}
	if out.Position, out.Estimate, err = w.connect(ctx, r, func(position int, o handoff.Outlook) (string, string) {
		return w.d.Texts.Opened(w.c, position, o, r.Language, w.st.Language, r.Fallback)
	}); err != nil {
		return out, err
	}
	w.log(handoff.CaseOpened, handoff.EventBody{To: w.c.Queue, Why: string(r.Reason), Route: line, Triage: r.Triage})
	w.promise(handoff.PromiseLadder, time.Time{})
	if err := w.save(ctx); err != nil {
		return out, err
	}
	out.Case = w.c
	if r.Second == nil {
		return out, nil
	}
	out.Second, err = w.openSecond(ctx, r, group)
	return out, err
}

// openSecond opens the case of the second matter, if that goes to another queue.
func (w *work) openSecond(ctx context.Context, r handoff.Request, group string) (*handoff.Case, error) {
	if q, _, _ := w.setup.Route(w.matter(r.Reason, r.Second, group), namedQueue(r.Queue)); q.Queue == w.c.Queue {
		return nil, nil
	}
	s := &work{d: w.d, tx: w.tx, now: w.now, actor: w.actor, setup: w.setup, key: w.key, st: w.st, pack: true, triage: r.Second}
	line, err := s.begun(r, handoff.Case{ID: w.d.NewID(), Contact: r.Contact, LinkedTo: w.c.ID, Link: handoff.Second}, r.Second, group)
	if err != nil {
		return nil, err
	}
	s.log(handoff.CaseOpened, handoff.EventBody{To: s.c.Queue, Why: string(r.Reason), Route: line, Triage: r.Second, Case: &w.c.ID})
	s.promise(handoff.PromiseLadder, time.Time{})
	if err := s.save(ctx); err != nil {
		return nil, err
	}
	return &s.c, nil
}

func (w *work) matter(reason handoff.Reason, t *handoff.Triage, group string) handoff.Matter {
	m := handoff.Matter{Reason: reason, Group: group, At: w.now.In(w.setup.zone)}
	m.Open = func(queue string) bool { return w.d.open(w.queueOf(queue), w.now) }
	if t != nil {
		m.Triage, m.Triaged = *t, true
	}
	return m
}

// begun routes a new case; save writes its row, with all that is known of it then.
func (w *work) begun(r handoff.Request, c handoff.Case, t *handoff.Triage, group string) (line int, err error) {
	q, priority, line := w.setup.Route(w.matter(r.Reason, t, group), namedQueue(r.Queue))
	c.Conversation, c.Queue, c.Reason, c.State, c.OpenedAt = w.key, q.Queue, r.Reason, handoff.Waiting, w.now
	c.Priority, c.Version, c.WaitsSince, c.CustomerAt = priority, 1, w.now, w.now
	c.Desk, c.Topic, c.Language = r.Decision.Desk, r.Decision.Topic, firstOf(r.Language, w.st.Language, r.Fallback)
	if t != nil {
		c.Desk, c.Topic, c.Product, c.Mood, c.Urgency, c.Triaged = t.Desk, t.Topic, t.Product, t.Mood, t.Urgency, true
		c.Language = firstOf(r.Language, t.Language, w.st.Language, r.Fallback)
	}
	c.DueFirst = w.d.due(q, w.now, priority.Within(q.FirstReply()))
	if q.Resolve() > 0 {
		c.DueResolve = w.d.due(q, w.now, q.Resolve())
	}
	if c.Reference, err = handoff.NewReference(rand.Reader); err != nil {
		return 0, err
	}
	w.c, w.old, w.unwritten = c, c, true
	return line, nil
}

// queueCase is the row of a new case.
func (w *work) queueCase(batch *pgx.Batch) {
	c := &w.c
	batch.Queue(insertCase, c.Conversation.Site, c.ID, c.Reference, c.Conversation.ID, c.Queue, string(c.Reason), c.Note, c.Contact, c.OpenedAt,
		c.Desk, c.Topic, c.Product, c.Language, c.Mood, c.Urgency, c.Triaged, int16(c.Priority), c.DueFirst, orNull(c.DueResolve),
		idOrNull(c.LinkedTo), string(c.Link), w.replySeconds(), w.lastN+int64(len(w.logs)), w.packet, c.PacketSeq, c.Problem)
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// refuse ends a turn of the bot's that wanted a person, with kind words.
func (w *work) refuse(ctx context.Context, r handoff.Request, why error, open int) error {
	text, lang := w.d.Texts.Refused(why, open, r.Language, w.st.Language, r.Fallback)
	if r.First != "" { // safety words count whatever else is so
		text = r.First + "\n\n" + text
	}
	turn := r.Turn
	w.say.EndTurn, w.say.Outcome, w.say.Started, w.say.Trace = r.Turn, convo.None, r.Started, r.Trace
	w.say.Events = []convo.Draft{
		{Kind: convo.KindDecision, Turn: turn, Body: r.Decision},
		{Kind: convo.KindMessage, Turn: turn, Body: convo.Message{ID: w.d.NewID(), Turn: &turn, Author: convo.System, Text: text, Lang: lang, At: w.now}},
		{Kind: convo.KindDone, Turn: turn, Body: convo.Done{Turn: turn, Outcome: convo.None, Reason: "no_more_cases"}},
	}
	batch := &pgx.Batch{}
	var err error
	if w.events, err = w.d.Conversations.Append(batch, w.key, w.st, w.say); err != nil {
		return err
	}
	return w.tx.SendBatch(ctx, batch).Close()
}

// connect drafts what a case says in its conversation, in order: what was
// decided, what the customer asked with, who owns the conversation now, what
// they are told, and the end of the turn where one asked.
func (w *work) connect(ctx context.Context, r handoff.Request, words func(position int, o handoff.Outlook) (text, lang string)) (position int, estimate string, err error) {
	if w.old.Version != w.c.Version { // the line counts it where it will be
		if err := w.flush(ctx); err != nil {
			return 0, "", err
		}
	}
	position, outlook, err := w.outlook(ctx)
	if err != nil {
		return 0, "", err
	}
	text, lang := words(position, outlook)
	if r.First != "" {
		text = r.First + "\n\n" + text
	}
	w.say.Language = r.Language
	var turn *convo.ID
	if r.Turn != (convo.ID{}) {
		turn = &r.Turn
		w.say.EndTurn, w.say.Outcome, w.say.Started, w.say.Trace = r.Turn, convo.Queued, r.Started, r.Trace
		w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindDecision, Turn: r.Turn, Body: r.Decision})
	}
	if r.Note != "" {
		w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Turn: r.Turn, Body: convo.Message{
			ID: w.d.NewID(), Turn: turn, Author: convo.Customer, Text: r.Note, At: w.now,
		}})
	}
	w.owner(convo.OwnerChange{Owner: convo.OwnerQueue, Position: &position, Estimate: outlook.Estimate})
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: convo.Message{
		ID: w.d.NewID(), Turn: turn, Author: convo.System, Text: text, Lang: lang, At: w.now,
	}})
	if turn != nil {
		w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindDone, Body: convo.Done{
			Turn: r.Turn, Outcome: convo.Queued, Reason: string(r.Reason),
		}})
	}
	for i := range w.say.Events {
		w.say.Events[i].Turn = r.Turn
	}
	return position, outlook.Estimate, nil
}

// outlook is the case's place in line and what can be said about the wait. An
// estimate that fails costs the estimate.
func (w *work) outlook(ctx context.Context) (position int, o handoff.Outlook, err error) {
	defer func() { o.NoMail = w.d.cfg.NoMail }()
	c := w.c
	if c.State != handoff.Waiting {
		return 0, o, nil
	}
	if err = w.tx.QueryRow(ctx, selectPlace, c.Conversation.Site, c.Queue, c.DueFirst, c.ID).Scan(&position); err != nil {
		return 0, o, err
	}
	if w.unwritten { // its row is written when all of it is known
		position++
	}
	w.place = position
	if w.d.Estimator == nil {
		return position, o, nil
	}
	q := w.queue()
	err = sheltered(ctx, w.tx, func(tx pgx.Tx) (err error) {
		o, err = w.d.Estimator.Outlook(ctx, tx, c.Conversation.Site, q, position, c.Language, w.now)
		return err
	})
	if err != nil {
		w.d.Logger.Warn("no estimate", "case", c.ID, "cause", err.Error())
		if ctx.Err() != nil {
			return 0, o, ctx.Err()
		}
		o = handoff.Outlook{}
	}
	return position, o, nil
}
