package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

const mailTranscript = string(mail.Transcript)

const (
	// selectNewestCase is the case that a conversation's mails hang on: its newest.
	selectNewestCase = `
SELECT c.case_id FROM cases c JOIN conversations k USING (site_id, conversation_id)
WHERE c.site_id = $1 AND c.conversation_id = $2 AND k.visitor_id = $3
ORDER BY c.opened_at DESC, c.case_id DESC LIMIT 1`
	// lockSigned reads, for one press at a time, what is known of the customer of a
	// conversation that has no case.
	lockSigned = `
SELECT lower(v.email), v.verified_at IS NOT NULL, k.language, k.last_seq
FROM conversations k JOIN visitors v USING (site_id, visitor_id)
WHERE k.site_id = $1 AND k.conversation_id = $2 AND k.visitor_id = $3
FOR UPDATE OF k`
	// countTranscripts is how many of a conversation went out lately, and whether
	// one of just this much has.
	countTranscripts = `
SELECT count(*), count(*) FILTER (WHERE covers = $3 AND address = $4) FROM mails
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'transcript' AND state IN ('queued', 'sent') AND created_at > $5`
	// selectWords reads the newest of what was said up to an event.
	selectWords = `
SELECT body FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'message' AND seq <= $3
ORDER BY seq DESC LIMIT $4`
)

const (
	// transcriptsADay is of one conversation: enough for whoever lost one, too few
	// to fill anybody's mailbox.
	transcriptsADay = 5
	// transcriptLines is how many messages a transcript has at most, the newest.
	transcriptLines = 500
)

// Transcript sends a conversation to its customer's own address, and says what
// became of that. The address is the one that the shop's server signed, or the one
// that the customer left with their case: that is asked first whether it is theirs,
// where nobody has said so yet. Where there is no case, what was signed is all there
// is. The same conversation, grown by nothing, goes out once. Errors: handoff.ErrManyTranscripts; handoff.ErrNoConversation.
func (k *Keeper) Transcript(ctx context.Context, key convo.Key, visitor convo.ID) (out handoff.Transcript, err error) {
	const op = "send a transcript"
	if k.cfg.Postman == nil {
		return handoff.Transcript{State: handoff.TranscriptOff}, nil
	}
	var on convo.ID
	err = k.desk.Pool.QueryRow(ctx, selectNewestCase, key.Site, key.ID, visitor).Scan(&on)
	if noRows(err) {
		out, err = k.withoutCase(ctx, key, visitor)
		return out, wrap(op, err)
	}
	if err != nil {
		return out, wrap(op, err)
	}
	_, err = k.desk.change(ctx, op, handoff.System(key.Site, "customer"), handoff.Target{Case: on}, func(ctx context.Context, w *work) error {
		address, confirmed, err := k.ownAddress(ctx, w)
		if err != nil {
			return err
		}
		out = handoff.Transcript{Address: address}
		switch {
		case address == "":
			out.State = handoff.TranscriptNoAddress
			return nil
		case !confirmed:
			out.State = handoff.TranscriptAsked
			return k.ask(ctx, w, address)
		}
		out.State = handoff.TranscriptSent
		if fresh, err := isFresh(ctx, w.tx, key, w.st.LastSeq, address, w.now); err != nil || !fresh {
			return err
		}
		return k.post(ctx, w, letter{kind: mailTranscript, address: address, covers: w.st.LastSeq})
	})
	if err != nil {
		return handoff.Transcript{}, err
	}
	return out, nil
}

// withoutCase sends a conversation that no person ever had.
func (k *Keeper) withoutCase(ctx context.Context, key convo.Key, visitor convo.ID) (out handoff.Transcript, err error) {
	err = pgx.BeginFunc(ctx, k.desk.Pool, func(tx pgx.Tx) error {
		out.State = handoff.TranscriptNoAddress
		var own, lang string
		var verified bool
		var last int64
		err := tx.QueryRow(ctx, lockSigned, key.Site, key.ID, visitor).Scan(&own, &verified, &lang, &last)
		if noRows(err) {
			return nil // not theirs
		}
		address, ok := mail.FindAddress(own)
		if err != nil || !ok || !verified {
			return err
		}
		out = handoff.Transcript{State: handoff.TranscriptSent, Address: address}
		now := k.desk.moment()
		if fresh, err := isFresh(ctx, tx, key, last, address, now); err != nil || !fresh {
			return err
		}
		id := k.desk.NewID()
		if _, err := tx.Exec(ctx, insertMail, key.Site, id, nil, key.ID, mailTranscript, address, nil, lang, nil, "", last, mailQueued, "", now); err != nil {
			return err
		}
		return k.promises.insert(ctx, tx, MailArgs{Site: key.Site, Mail: id}, now.Add(soon))
	})
	if err != nil {
		return handoff.Transcript{}, err
	}
	return out, nil
}

// isFresh says whether a conversation has grown since it was last sent to an
// address. Error: handoff.ErrManyTranscripts.
func isFresh(ctx context.Context, tx pgx.Tx, key convo.Key, last int64, address string, now time.Time) (bool, error) {
	var today, same int
	if err := tx.QueryRow(ctx, countTranscripts, key.Site, key.ID, last, address, now.Add(-24*time.Hour)).Scan(&today, &same); err != nil || same > 0 {
		return false, err
	}
	if today >= transcriptsADay {
		return false, handoff.ErrManyTranscripts
	}
	return true, nil
}

// ownAddress is where a customer can be written to about themselves: what the
// shop's server signed comes before what they typed.
func (k *Keeper) ownAddress(ctx context.Context, w *work) (address string, confirmed bool, err error) {
	var own string
	var verified, said bool
	if err := w.tx.QueryRow(ctx, selectAddress, w.key.Site, w.st.Visitor, "").Scan(&own, &verified, &said); err != nil {
		return "", false, err
	}
	if found, ok := mail.FindAddress(own); ok && verified {
		return found, true, nil
	}
	return w.addressOf(ctx)
}

// transcriptOf is what was said, as a letter quotes it.
func (k *Keeper) transcriptOf(ctx context.Context, m outgoing) ([]mail.Said, error) {
	rows, err := k.desk.Pool.Query(ctx, selectWords, m.site, m.convID, m.covers, transcriptLines)
	if err != nil {
		return nil, err
	}
	said, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s mail.Said, err error) {
		var raw []byte
		if err := row.Scan(&raw); err != nil {
			return s, err
		}
		var msg convo.Message
		if err := json.Unmarshal(raw, &msg); err != nil {
			return s, err
		}
		return mail.Said{Customer: msg.Author == convo.Customer, Assistant: msg.Author == convo.Bot, Name: msg.Name, At: msg.At, Text: quoted(msg)}, nil
	})
	slices.Reverse(said)
	return said, err
}
