package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

const (
	selectMail = `
SELECT m.case_id, m.conversation_id, m.kind, m.address, m.agent_id, m.language, m.quotes, m.name, m.covers, m.state, m.created_at, coalesce(c.reference, ''), s.name, coalesce(c.state, ''),
  CASE WHEN c.state = 'claimed' AND c.customer_waits_since IS NOT NULL AND c.claimed_at < m.created_at THEN h.name ELSE '' END
FROM mails m
LEFT JOIN cases c USING (site_id, case_id)
JOIN sites s USING (site_id)
LEFT JOIN agents h ON h.site_id = c.site_id AND h.agent_id = c.agent_id
WHERE m.site_id = $1 AND m.mail_id = $2`
	// selectThread are the messages about a case, or about a conversation without
	// one, that the same reader has.
	selectThread = `
SELECT message_id FROM mails
WHERE site_id = $1 AND conversation_id = $2 AND case_id IS NOT DISTINCT FROM $5 AND address = $3 AND mail_id <> $4 AND message_id <> ''
ORDER BY created_at, mail_id
LIMIT 50`
	saveTried = `UPDATE mails SET tries = tries + 1, tried_at = $3, state = $4, reason = $5, message_id = $6 WHERE site_id = $1 AND mail_id = $2 AND state = 'queued'`
)

// outgoing is a mail of the outbox.
type outgoing struct {
	id      convo.ID
	site    int32
	caseID  convo.ID // none: of a conversation that no person ever had
	convID  convo.ID
	kind    string
	address string
	agent   convo.ID
	lang    string
	quotes  []string
	name    string
	covers  int64
	state   string
	at      time.Time

	reference string
	siteName  string
	caseState handoff.State
	silent    string // who had the case when the mail was written and still owes its customer an answer
}

type mailWorker struct {
	river.WorkerDefaults[MailArgs]
	k *Keeper
}

// Work implements river.Worker.
func (m *mailWorker) Work(ctx context.Context, job *river.Job[MailArgs]) error {
	return m.k.sendMail(ctx, job.Args, job.Attempt, func(ctx context.Context, tx pgx.Tx) error {
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}

// NextRetry implements river.Worker.
func (m *mailWorker) NextRetry(job *river.Job[MailArgs]) time.Time {
	return time.Now().Add(tryAgain(job.Attempt))
}

// sendMail sends a mail of the outbox. What the server refuses for good is
// failed; what it may take later is tried again, and the case says so at the
// first time and when it is given up.
func (k *Keeper) sendMail(ctx context.Context, a MailArgs, attempt int, done finish) error {
	m, err := k.outgoing(ctx, a)
	if noRows(err) {
		return nil // the customer was erased
	}
	if err != nil {
		return wrap("read a mail", err)
	}
	if m.state != mailQueued {
		return nil
	}
	if k.cfg.Postman == nil { // it was there when the mail was written
		return k.tried(ctx, m, mailNotSent, "no mail server is set up (SMTP_URL)", "", CaseMailNotSent, done)
	}
	if m.pointless() {
		return k.tried(ctx, m, mailVoid, "not needed any more", "", "", done)
	}
	msg, err := k.message(ctx, m)
	if err != nil {
		return wrap("write a mail", err)
	}
	err = k.cfg.Postman.Send(ctx, msg)
	switch {
	case err == nil:
		return k.tried(ctx, m, mailSent, "", msg.ID, CaseMailed, done)
	case mail.Refused(err):
		return k.tried(ctx, m, mailFailed, err.Error(), "", CaseMailFailed, done)
	case attempt >= mailTries:
		return k.tried(ctx, m, mailFailed, "given up: "+err.Error(), "", CaseMailFailed, done)
	}
	kind := CaseMailDelayed
	if attempt > 1 {
		kind = ""
	}
	// What was said of it is kept though the job goes on.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if kept := k.tried(ctx, m, mailQueued, err.Error(), "", kind, func(context.Context, pgx.Tx) error { return nil }); kept != nil {
		return errors.Join(err, kept)
	}
	return fmt.Errorf("send a mail: %w", err)
}

// pointless says whether a notice has been overtaken.
func (m outgoing) pointless() bool {
	switch m.kind {
	case mailDelayed:
		return m.caseState != handoff.Waiting
	case mailLead:
		return m.caseState != handoff.Waiting && m.silent == ""
	case mailRemind, mailMention:
		return m.caseState == handoff.Closed
	default:
		return false
	}
}

func (k *Keeper) outgoing(ctx context.Context, a MailArgs) (m outgoing, err error) {
	m.site, m.id = a.Site, a.Mail
	var quotes []byte
	err = k.desk.Pool.QueryRow(ctx, selectMail, a.Site, a.Mail).Scan(nullID{&m.caseID}, &m.convID, &m.kind, &m.address, nullID{&m.agent}, &m.lang, &quotes,
		&m.name, &m.covers, &m.state, &m.at, &m.reference, &m.siteName, &m.caseState, &m.silent)
	if err == nil && len(quotes) > 0 {
		err = json.Unmarshal(quotes, &m.quotes)
	}
	return m, err
}

// message writes a mail out. Its id is the same at every try.
func (k *Keeper) message(ctx context.Context, m outgoing) (msg mail.Message, err error) {
	domain := mail.Domain(k.cfg.Postman.From().Address)
	l := mail.Letter{Kind: mail.Kind(m.kind), Site: k.promises.nameOf(ctx, m.site, m.siteName), Reference: m.reference, Name: m.name, Quotes: m.quotes}
	switch m.kind {
	case mailLead:
		l.Queue, l.Name = m.name, m.silent
		if m.silent != "" {
			l.Kind = mail.Unanswered
		}
		l.Link = k.base() + "/desk"
	case mailMention: // to the note itself
		l.Link = k.base() + "/desk#/case/" + m.caseID.String() + "/note/last"
	case mailConfirm, mailRating:
		purpose := map[string]handoff.MailPurpose{mailConfirm: handoff.MailConfirm, mailRating: handoff.MailRating}[m.kind]
		code, err := k.newCode(ctx, m, purpose)
		if err != nil {
			return msg, err
		}
		l.Link = k.base() + "/mail/" + code
	}
	if m.kind == mailTranscript {
		if l.Said, err = k.transcriptOf(ctx, m); err != nil {
			return msg, err
		}
	}
	if k.base() == "" {
		l.Link = ""
	}
	msg = mail.Message{To: m.address, ID: m.id.String() + "@" + domain, Date: m.at, Automatic: m.kind != mailReply}
	if msg.Subject, msg.Text, msg.HTML, msg.Language, err = k.letters.Write(l, m.lang); err != nil {
		return msg, err
	}
	// All of a case hangs on a root that was never sent: readers then keep together
	// what came in any order.
	root := "case-" + m.caseID.String()
	if m.caseID == (convo.ID{}) {
		root = "conversation-" + m.convID.String()
	}
	msg.References = []string{root + "@" + domain}
	rows, err := k.desk.Pool.Query(ctx, selectThread, m.site, m.convID, m.address, m.id, idOrNull(m.caseID))
	if err != nil {
		return msg, err
	}
	earlier, err := pgx.CollectRows(rows, pgx.RowTo[string])
	msg.References = append(msg.References, earlier...)
	msg.InReplyTo = msg.References[len(msg.References)-1]
	return msg, err
}

// tried keeps what came of a try: with the mail, and in the case's own log where
// there is a case.
func (k *Keeper) tried(ctx context.Context, m outgoing, state, reason, messageID string, kind handoff.CaseEventKind, done finish) error {
	if m.caseID == (convo.ID{}) {
		err := pgx.BeginFunc(ctx, k.desk.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, saveTried, m.site, m.id, k.desk.moment(), state, reason, messageID); err != nil {
				return err
			}
			return done(ctx, tx)
		})
		return wrap("keep what came of a mail", err)
	}
	a := StepArgs{What: "mail", Site: m.site, Case: m.caseID}
	return k.change(ctx, "keep what came of a mail", a, done, func(ctx context.Context, w *work) error {
		tag, err := w.tx.Exec(ctx, saveTried, m.site, m.id, w.now, state, reason, messageID)
		if err == nil && tag.RowsAffected() == 1 && kind != "" {
			body := handoff.EventBody{Text: m.kind, Why: reason}
			if m.agent != (convo.ID{}) {
				body.Agent = &m.agent
			}
			w.log(kind, body)
		}
		return err
	})
}
