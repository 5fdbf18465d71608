package pgdesk

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// selectOpenCases is the conversation's open cases, the one that has its customer
// first.
const selectOpenCases = `
SELECT case_id FROM cases
WHERE site_id = $1 AND conversation_id = $2 AND state <> 'closed'
ORDER BY link = 'second', opened_at`

// Identify gives a conversation to the customer that the shop's server says its
// visitor is, and returns that visitor. Who has a case of it sees from then on
// whom they speak to, and the conversation says so to everybody in it; a
// conversation that was this customer's already is only told what the shop says
// of them now.
//
// Errors: those of Conversations.Identify.
func (d *Desk) Identify(ctx context.Context, key convo.Key, c convo.Claim, fallback string) (visitor convo.ID, err error) {
	const op = "identify a customer"
	w := &work{d: d, actor: handoff.System(key.Site, "customer"), now: d.moment()}
	c.At = w.now
	moved := false
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) (err error) {
		w.tx = tx
		if err := w.lock(ctx, key); err != nil {
			return err
		}
		if visitor, moved, err = d.Conversations.Identify(ctx, tx, key, w.st, c); err != nil || !moved {
			return err
		}
		w.st.Visitor = visitor
		if w.setup, err = d.setupOf(ctx, tx, key.Site, ""); err != nil {
			return err
		}
		return w.identified(ctx, cmp.Or(c.Identity.Name, c.Identity.Email, c.Identity.Subject), fallback)
	})
	if err != nil {
		return convo.ID{}, wrap(op, err)
	}
	if moved {
		d.told(key, w.events)
	}
	return visitor, nil
}

// identified writes it into the conversation and the logs of its open cases, and
// makes their packets anew.
func (w *work) identified(ctx context.Context, name, fallback string) error {
	rows, err := w.tx.Query(ctx, selectOpenCases, w.key.Site, w.key.ID)
	if err != nil {
		return err
	}
	cases, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		return err
	}
	text, lang := w.d.Texts.SignedIn(w.st.Language, fallback)
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: convo.Message{
		ID: w.d.NewID(), Author: convo.System, Text: text, Lang: lang, At: w.now, SignedIn: true,
	}})
	if len(cases) == 0 {
		return w.speak(ctx)
	}
	for i, id := range cases {
		on := w
		if i > 0 { // what is said is said once
			on = &work{d: w.d, tx: w.tx, actor: w.actor, now: w.now, setup: w.setup, key: w.key, st: w.st}
		}
		if err := on.load(ctx, id); err != nil {
			return err
		}
		on.pack = true
		on.log(handoff.CaseIdentified, handoff.EventBody{Name: name})
		if err := on.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// speak writes what is said into a conversation that has no open case.
func (w *work) speak(ctx context.Context) error {
	batch := &pgx.Batch{}
	var err error
	if w.events, err = w.d.Conversations.Append(batch, w.key, w.st, w.say); err != nil {
		return err
	}
	return w.tx.SendBatch(ctx, batch).Close()
}
