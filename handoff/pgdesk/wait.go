package pgdesk

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// maxContact is an address or a number with a word about it.
const maxContact = 200

// Wait is what a waiting customer does: see handoff.Desk.
func (d *Desk) Wait(ctx context.Context, r handoff.WaitRequest) (out handoff.WaitState, err error) {
	const op = "change a wait"
	r.Contact = strings.TrimSpace(r.Contact)
	switch {
	case r.Action != handoff.WaitCancel && r.Action != handoff.WaitAssistant && r.Action != handoff.WaitResume && r.Action != handoff.WaitContact,
		r.Action == handoff.WaitContact && r.Contact == "":
		return out, wrap(op, handoff.ErrWaitAction)
	case utf8.RuneCountInString(r.Contact) > maxContact || strings.ContainsRune(r.Contact, 0) || !utf8.ValidString(r.Contact):
		return out, wrap(op, handoff.ErrText)
	}
	w := &work{d: d, actor: handoff.System(r.Key.Site, "customer"), now: d.moment()}
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		w.tx = tx
		if err := w.lock(ctx, r.Key); err != nil {
			return err
		}
		if r.Visitor != w.st.Visitor {
			return handoff.ErrNoConversation
		}
		var there convo.ID
		if err := tx.QueryRow(ctx, selectMain, r.Key.Site, r.Key.ID).Scan(&there); noRows(err) {
			return handoff.ErrNotWaiting
		} else if err != nil {
			return err
		}
		if err := w.load(ctx, there); err != nil {
			return err
		}
		var err error
		if w.setup, err = d.setupOf(ctx, tx, r.Key.Site, ""); err != nil {
			return err
		}
		return w.wait(ctx, r, &out)
	})
	if err != nil {
		return handoff.WaitState{}, wrap(op, err)
	}
	d.told(r.Key, w.events)
	out.Case, out.Events = w.c, w.events
	return out, nil
}

func (w *work) wait(ctx context.Context, r handoff.WaitRequest, out *handoff.WaitState) error {
	left, err := w.leave(ctx, r.Contact)
	if err != nil {
		return err
	}
	if r.Action != handoff.WaitContact && w.c.State != handoff.Waiting {
		return handoff.ErrNotWaiting
	}
	out.Owner = w.st.Owner
	did := r.Action
	switch {
	case r.Action == handoff.WaitCancel:
		if err := w.cancel(ctx, out); err != nil {
			return err
		}
	case r.Action == handoff.WaitAssistant && !w.c.Aside:
		w.c.Aside = true
		w.log(handoff.CaseAside, handoff.EventBody{})
	case r.Action == handoff.WaitResume && w.c.Aside:
		w.c.Aside = false
		w.log(handoff.CaseResumed, handoff.EventBody{})
	default:
		did = handoff.WaitContact
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	position, outlook, err := w.outlook(ctx)
	if err != nil {
		return err
	}
	out.Position, out.Estimate = position, outlook.Estimate
	switch did {
	case handoff.WaitAssistant:
		out.Owner = convo.OwnerBot
		w.owner(convo.OwnerChange{Owner: convo.OwnerBot, Position: &position, Estimate: outlook.Estimate})
	case handoff.WaitResume:
		out.Owner = convo.OwnerQueue
		w.owner(convo.OwnerChange{Owner: convo.OwnerQueue, Position: &position, Estimate: outlook.Estimate})
	case handoff.WaitCancel, handoff.WaitContact:
	}
	if did != handoff.WaitContact || left.Contact != "" {
		text, lang := w.d.Texts.Wait(w.c, did, left, append(w.langs(), r.Fallback)...)
		w.system(text, lang)
	}
	return w.save(ctx)
}

// cancel closes the case because its customer wants to wait no longer; the
// second matter, where one waits, goes on.
func (w *work) cancel(ctx context.Context, out *handoff.WaitState) error {
	held := w.holds()
	if err := w.c.End(handoff.Cancelled, w.now); err != nil {
		return err
	}
	w.log(handoff.CaseClosed, handoff.EventBody{Ended: handoff.Cancelled})
	next, err := w.next(ctx, held)
	if err != nil {
		return err
	}
	switch {
	case next && held:
		out.Owner = w.say.Owner
	case held:
		out.Owner = convo.OwnerBot
		w.owner(convo.OwnerChange{Owner: convo.OwnerBot})
		w.say.Settles = true
	}
	return nil
}
