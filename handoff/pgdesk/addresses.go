package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

const (
	// selectAddress is whether an address is the visitor's: the shop's server says
	// so, or somebody who reads its mail has.
	selectAddress = `
SELECT lower(v.email), v.verified_at IS NOT NULL, EXISTS (
    SELECT FROM confirmed_addresses a WHERE a.site_id = v.site_id AND a.visitor_id = v.visitor_id AND a.address = $3)
FROM visitors v
WHERE v.site_id = $1 AND v.visitor_id = $2`

	// selectMayHaveSaid is who waits, has left no address, and wrote something
	// lately (since a moment, which is long enough ago for clocks that differ) with
	// the sign in it that every address has: hardly anybody, so that few
	// conversations are read. Who wrote nothing since they asked for a person was
	// asked for no address before it. OFFSET 0 has each conversation looked into by
	// its key: the planner takes what is asked of the words for so rare that it
	// would rather read everybody's, all that was ever said.
	selectMayHaveSaid = `
SELECT c.site_id, c.case_id, c.conversation_id
FROM cases c
WHERE c.state = 'waiting' AND c.contact = '' AND c.link <> 'second' AND c.customer_at > $1 AND c.customer_at <> c.opened_at
  AND EXISTS (
    SELECT FROM events e
    WHERE e.site_id = c.site_id AND e.conversation_id = c.conversation_id AND e.kind = 'message'
      AND e.body ->> 'author' = 'customer' AND strpos(e.body ->> 'text', '@') > 0
    OFFSET 0)
LIMIT 1000`
	// selectLatelySaid reads what was said last in a conversation, newest first.
	selectLatelySaid = `
SELECT body FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'message'
ORDER BY seq DESC
LIMIT 40`
	selectSaidLast = `
SELECT body ->> 'text' FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'message' AND body ->> 'author' = 'customer'
ORDER BY seq DESC
LIMIT 1`

	// latelySaid is how long ago a message may have come that is looked at.
	latelySaid = 3 * time.Minute
	// mostBeside is how many characters a message may have that answers the
	// question for an address: what is longer says something else as well.
	mostBeside = 160
	// soonAnswered is a wait in which nobody looks for an address: whoever is
	// answered within a minute is there.
	soonAnswered = time.Minute
)

// addressOf is where the customer of a case can be written to, and whether that
// address is known to be theirs. Empty: nowhere.
func (w *work) addressOf(ctx context.Context) (address string, confirmed bool, err error) {
	address, ok := mail.FindAddress(w.c.Contact)
	var own string
	var verified, said bool
	err = w.tx.QueryRow(ctx, selectAddress, w.key.Site, w.st.Visitor, address).Scan(&own, &verified, &said)
	if err != nil {
		return "", false, err
	}
	if !ok {
		// What they wrote is no address: where the shop's server named one, that is theirs.
		if address, ok = mail.FindAddress(own); !ok || !verified || w.c.Contact == "" {
			return "", false, nil
		}
		return address, true, nil
	}
	return address, said || verified && own == address, nil
}

// leave keeps an address that the customer left, and says what comes of it;
// nothing where it is the one they left before.
func (w *work) leave(ctx context.Context, contact string) (left handoff.Left, err error) {
	if contact == "" || contact == w.c.Contact {
		return left, nil
	}
	w.c.Contact = contact
	w.log(handoff.CaseContact, handoff.EventBody{})
	w.promise(PromiseContact, time.Time{})
	left = handoff.Left{Contact: contact, How: handoff.ReachNoted}
	if w.d.cfg.NoMail {
		return left, nil
	}
	address, confirmed, err := w.addressOf(ctx)
	switch {
	case err != nil:
		return left, err
	case confirmed:
		left.How = handoff.ReachMail
	case address != "":
		left.How = handoff.ReachAsked
	}
	return left, nil
}

// saidAgain keeps what somebody who waits already says with another press of the
// button: words, or an address. The same words again are the same press.
func (w *work) saidAgain(ctx context.Context, r handoff.Request) error {
	note := r.Note
	if note != "" {
		var last string
		err := w.tx.QueryRow(ctx, selectSaidLast, w.key.Site, w.key.ID).Scan(&last)
		if err != nil && !noRows(err) {
			return err
		}
		if last == note {
			note = ""
		}
	}
	left, err := w.leave(ctx, r.Contact)
	if err != nil || note == "" && left.Contact == "" {
		return err
	}
	if note != "" {
		w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: convo.Message{
			ID: w.d.NewID(), Author: convo.Customer, Text: note, At: w.now,
		}})
		w.c.Wrote(w.now, w.fresh(w.queue()))
		w.changed(handoff.CaseMessage)
		w.pack = true
	}
	if left.Contact != "" {
		w.system(w.d.Texts.Wait(w.c, handoff.WaitContact, left, w.langs()...))
	}
	return w.save(ctx)
}

// TakeAddresses takes the addresses that waiting customers wrote into their
// conversations after they were asked for one there: that is where most answer.
func (d *Desk) TakeAddresses(ctx context.Context) error {
	const op = "take addresses"
	rows, err := d.Pool.Query(ctx, selectMayHaveSaid, d.moment().Add(-latelySaid))
	if err != nil {
		return wrap(op, err)
	}
	type who struct {
		site int32
		id   convo.ID
		conv convo.ID
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c who, err error) {
		err = row.Scan(&c.site, &c.id, &c.conv)
		return c, err
	})
	for _, c := range list {
		if err == nil {
			err = d.takeAddress(ctx, convo.Key{Site: c.site, ID: c.conv}, c.id)
		}
	}
	return wrap(op, err)
}

func (d *Desk) takeAddress(ctx context.Context, key convo.Key, id convo.ID) error {
	said, err := d.addressSaid(ctx, d.Pool, key)
	if err != nil || said == "" {
		return err
	}
	_, err = d.change(ctx, "take an address", handoff.System(key.Site, "customer"), handoff.Target{Case: id}, func(ctx context.Context, w *work) error {
		if w.c.Contact != "" || w.c.State == handoff.Closed {
			return nil
		}
		left, err := w.leave(ctx, said)
		if err != nil {
			return err
		}
		w.system(w.d.Texts.Wait(w.c, handoff.WaitContact, left, w.langs()...))
		return nil
	})
	if isGone(err) {
		return nil
	}
	return err
}

// takeSaid is takeAddress for a customer whom somebody is just answering.
func (w *work) takeSaid(ctx context.Context) error {
	if w.c.Contact != "" || w.c.WaitsSince.IsZero() || w.now.Sub(w.c.WaitsSince) < soonAnswered {
		return nil
	}
	said, err := w.d.addressSaid(ctx, w.tx, w.key)
	if err != nil {
		return err
	}
	_, err = w.leave(ctx, said)
	return err
}

// addressSaid finds the address with which a customer answered, in a few words,
// to being asked for one; the last one counts.
func (d *Desk) addressSaid(ctx context.Context, tx queryer, key convo.Key) (string, error) {
	rows, err := tx.Query(ctx, selectLatelySaid, key.Site, key.ID)
	if err != nil {
		return "", err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m convo.Message, err error) {
		var raw []byte
		if err := row.Scan(&raw); err != nil {
			return m, err
		}
		return m, json.Unmarshal(raw, &m)
	})
	if err != nil {
		return "", err
	}
	slices.Reverse(list)
	asked, address := false, ""
	for _, m := range list {
		switch {
		case m.Author == convo.System:
			asked = asked || slices.ContainsFunc(d.asking, func(ask string) bool { return strings.Contains(m.Text, ask) })
		case m.Author == convo.Customer && asked && utf8.RuneCountInString(m.Text) <= mostBeside:
			if a, ok := mail.FindAddress(m.Text); ok {
				address = a
			}
		}
	}
	return address, nil
}
