package pgdesk

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

// The kinds of letters, as they are kept.
const (
	mailConfirm = string(mail.Confirm)
	mailReply   = string(mail.Reply)
	mailDelayed = string(mail.Delayed)
	mailRemind  = string(mail.Remind)
	mailRating  = string(mail.Rating)
	mailLead    = string(mail.Lead)
	mailMention = string(mail.Mention)
)

// The states of a mail.
const (
	mailQueued  = "queued"
	mailHeld    = "held" // until the address is confirmed
	mailSent    = "sent"
	mailFailed  = "failed"   // for good
	mailNotSent = "not_sent" // there is no mail server, or no address for links
	mailVoid    = "void"     // not needed any more
)

// Kinds of a case's own log that mails write.
const (
	CaseMailed      handoff.CaseEventKind = "mailed"
	CaseMailHeld    handoff.CaseEventKind = "mail_held"
	CaseMailDelayed handoff.CaseEventKind = "mail_delayed" // it is tried again
	CaseMailFailed  handoff.CaseEventKind = "mail_failed"
	CaseMailNotSent handoff.CaseEventKind = "mail_not_sent"
	CaseConfirmed   handoff.CaseEventKind = "address_confirmed"
)

const (
	insertMail = `
INSERT INTO mails (site_id, mail_id, case_id, conversation_id, kind, address, agent_id, language, quotes, name, covers, state, reason, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	selectCovered = `
SELECT coalesce(max(covers), 0) FROM mails WHERE site_id = $1 AND case_id = $2 AND kind = 'reply' AND state <> 'void'`
	selectAgentWords = `
SELECT seq, body FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'message' AND seq > $3 AND at >= $4 AND body ->> 'author' = 'agent'
ORDER BY seq
LIMIT 50`

	// countAsked is how often an address was asked lately, whoever typed it, and
	// whether this visitor's was; and how many addresses this visitor has typed.
	countAsked = `
SELECT count(*) FILTER (WHERE m.address = $3 AND m.created_at > $4),
    count(*) FILTER (WHERE m.address = $3 AND k.visitor_id = $2),
    count(*) FILTER (WHERE k.visitor_id = $2 AND m.created_at > $4)
FROM mails m
JOIN conversations k USING (site_id, conversation_id)
WHERE m.site_id = $1 AND m.kind = 'confirm' AND m.state <> 'not_sent' AND m.created_at > $5
  AND (m.address = $3 OR m.conversation_id IN (SELECT conversation_id FROM conversations WHERE site_id = $1 AND visitor_id = $2))`

	// selectLeads are who leads a queue, less those who were told enough lately.
	selectLeads = `
SELECT g.agent_id, g.email, g.languages
FROM agents g
LEFT JOIN agent_queues s ON s.site_id = g.site_id AND s.agent_id = g.agent_id
WHERE g.site_id = $1 AND g.state = 'active' AND g.role IN ('lead', 'admin') AND (g.role = 'admin' OR s.queues IS NULL OR $2 = ANY (s.queues))
ORDER BY g.role DESC, g.email
LIMIT 20`
	countTold = `SELECT count(*) FROM mails WHERE site_id = $1 AND address = $2 AND kind = 'lead' AND created_at > $3`
)

const (
	// A confirmation is the one mail that goes to an address which may be anybody's:
	// few of them, however many visitors type it.
	askedPerAddress = 3  // in a day
	askedPerVisitor = 10 // addresses of one visitor in a day
	// maxAlarms is how many cases a lead hears of by mail within alarmWindow. When
	// everything is late, one more mail helps nobody; the desk shows all of it.
	maxAlarms   = 3
	alarmWindow = 15 * time.Minute
)

// letter is a mail to be written.
type letter struct {
	kind    string
	address string
	agent   convo.ID // to somebody of the desk
	name    string
	lang    string // empty: the customer's
	quotes  []string
	covers  int64
	hold    bool // until the address is confirmed
}

// post writes a mail into the outbox, with the job that sends it.
func (k *Keeper) post(ctx context.Context, w *work, l letter) error {
	state, reason := mailQueued, ""
	switch {
	case k.cfg.Postman == nil:
		state, reason = mailNotSent, "no mail server is set up (SMTP_URL)"
	case (l.kind == mailConfirm || l.kind == mailRating) && k.base() == "":
		state, reason = mailNotSent, "the address of this service is not known (FRONTDESK_URL)"
	case l.hold:
		state, reason = mailHeld, "the address is not confirmed yet"
	}
	var quotes []byte
	if len(l.quotes) > 0 {
		var err error
		if quotes, err = json.Marshal(l.quotes); err != nil {
			return err
		}
	}
	id := k.desk.NewID()
	_, err := w.tx.Exec(ctx, insertMail, w.key.Site, id, w.c.ID, w.key.ID, l.kind, l.address, idOrNull(l.agent),
		firstOf(l.lang, w.st.Language, w.c.Language), quotes, l.name, l.covers, state, reason, w.now)
	if err != nil {
		return err
	}
	switch state {
	case mailNotSent:
		w.log(CaseMailNotSent, handoff.EventBody{Text: l.kind, Why: reason})
	case mailHeld:
		w.log(CaseMailHeld, handoff.EventBody{Text: l.kind, Why: reason})
	default:
		return k.promises.insert(ctx, w.tx, MailArgs{Site: w.key.Site, Mail: id}, w.now.Add(soon))
	}
	return nil
}

func (k *Keeper) base() string {
	if k.cfg.Base == nil {
		return ""
	}
	return strings.TrimSuffix(k.cfg.Base(), "/")
}

// mailReply sends what agents said since the last mail to a customer who left an
// address. One who has answered on the page since has read it there.
func (k *Keeper) mailReply(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "mail a reply", a, done, func(ctx context.Context, w *work) error {
		address, confirmed, err := w.addressOf(ctx)
		if err != nil || address == "" {
			return err
		}
		var covered int64
		if err := w.tx.QueryRow(ctx, selectCovered, w.key.Site, w.c.ID).Scan(&covered); err != nil {
			return err
		}
		rows, err := w.tx.Query(ctx, selectAgentWords, w.key.Site, w.key.ID, covered, micros(a.Since))
		if err != nil {
			return err
		}
		l := letter{kind: mailReply, address: address, hold: !confirmed}
		var last time.Time
		var raw []byte
		_, err = pgx.ForEachRow(rows, []any{&l.covers, &raw}, func() error {
			var m convo.Message
			if err := json.Unmarshal(raw, &m); err != nil {
				return err
			}
			l.quotes, l.name, last = append(l.quotes, quoted(m)), m.Name, m.At
			return nil
		})
		if err != nil || len(l.quotes) == 0 || w.c.CustomerAt.After(last) {
			return err
		}
		if !confirmed {
			if err := k.ask(ctx, w, address); err != nil {
				return err
			}
		}
		return k.post(ctx, w, l)
	})
}

// askAddress asks whether an address that a visitor typed is theirs.
func (k *Keeper) askAddress(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "ask whether an address is right", a, done, func(ctx context.Context, w *work) error {
		address, confirmed, err := w.addressOf(ctx)
		if err != nil || address == "" || confirmed || w.c.State == handoff.Closed {
			return err
		}
		return k.ask(ctx, w, address)
	})
}

// ask sends the question, unless it was sent this week or too often. It holds
// nothing that a visitor wrote.
func (k *Keeper) ask(ctx context.Context, w *work, address string) error {
	var today, here, theirs int
	err := w.tx.QueryRow(ctx, countAsked, w.key.Site, w.st.Visitor, address, w.now.Add(-24*time.Hour), w.now.AddDate(0, 0, -7)).Scan(&today, &here, &theirs)
	if err != nil || here > 0 || today >= askedPerAddress || theirs >= askedPerVisitor {
		return err
	}
	return k.post(ctx, w, letter{kind: mailConfirm, address: address})
}

// tellLeads writes to those who lead the case's queue.
func (k *Keeper) tellLeads(ctx context.Context, w *work) error {
	rows, err := w.tx.Query(ctx, selectLeads, w.key.Site, w.c.Queue)
	if err != nil {
		return err
	}
	to, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l letter, err error) {
		var langs []string
		err = row.Scan(&l.agent, &l.address, &langs)
		l.kind, l.lang = mailLead, firstOf(append(langs, "en")...)
		return l, err
	})
	if err != nil {
		return err
	}
	for _, address := range k.promises.plan(w.queue(), w.c.Priority).times.Leads {
		to = append(to, letter{kind: mailLead, address: address, lang: "en"})
	}
	told := map[string]bool{}
	for _, l := range to {
		var lately int
		if told[l.address] {
			continue
		}
		told[l.address] = true
		if err := w.tx.QueryRow(ctx, countTold, w.key.Site, l.address, w.now.Add(-alarmWindow)).Scan(&lately); err != nil {
			return err
		}
		if lately >= maxAlarms {
			continue
		}
		l.name = w.queue().Name
		if err := k.post(ctx, w, l); err != nil {
			return err
		}
	}
	return nil
}
