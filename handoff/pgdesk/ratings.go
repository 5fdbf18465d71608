package pgdesk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// ratingOpen is how long after being asked a customer can answer.
	ratingOpen = 14 * 24 * time.Hour
	// confirmOpen is how long an address can be confirmed.
	confirmOpen = 7 * 24 * time.Hour

	insertAsked = `
INSERT INTO case_ratings (site_id, case_id, conversation_id, agent_id, agent_name, queue, topic, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING`
	// selectMailed is whether the customer reads mail rather than the page: an
	// answer went out by mail, and they have not written here since.
	selectMailed = `
SELECT m.address FROM mails m
WHERE m.site_id = $1 AND m.case_id = $2 AND m.kind = 'reply' AND m.state = 'sent' AND m.tried_at > $3
ORDER BY m.created_at DESC
LIMIT 1`

	// selectWaitsStill is whether a customer waits for an answer in any of their
	// conversations.
	selectWaitsStill = `
SELECT EXISTS (
    SELECT FROM conversations k JOIN cases c USING (site_id, conversation_id)
    WHERE k.site_id = $1 AND k.visitor_id = $2 AND c.state <> 'closed' AND c.customer_waits_since IS NOT NULL)`

	saveRating = `
UPDATE case_ratings
SET satisfaction = coalesce(NULLIF($3, 0), satisfaction), ease = coalesce(NULLIF($4, 0), ease),
    comment = CASE WHEN $5 = '' THEN comment ELSE $5 END, rated_at = $6
WHERE site_id = $1 AND case_id = $2 AND asked_at > $7`
	// selectToRate is the newest case of a visitor's conversation that they were
	// asked about.
	selectToRate = `
SELECT r.case_id
FROM conversations k
JOIN cases c USING (site_id, conversation_id)
JOIN case_ratings r USING (site_id, case_id)
WHERE k.site_id = $1 AND k.conversation_id = $2 AND k.visitor_id = $3 AND c.state = 'closed'
ORDER BY r.asked_at DESC
LIMIT 1`

	insertCode = `
INSERT INTO mail_codes (site_id, code_hash, purpose, case_id, conversation_id, address, language, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	selectCode = `
SELECT m.purpose, m.case_id, m.conversation_id, m.address, m.language, m.expires_at, m.used_at IS NOT NULL, c.reference, s.name
FROM mail_codes m
JOIN cases c USING (site_id, case_id)
JOIN sites s USING (site_id)
WHERE m.site_id = $1 AND m.code_hash = $2`
	useCode = `
UPDATE mail_codes SET used_at = $3 WHERE site_id = $1 AND code_hash = $2 AND used_at IS NULL AND expires_at > $3`
	confirmAddress = `
INSERT INTO confirmed_addresses (site_id, visitor_id, address, confirmed_at)
SELECT site_id, visitor_id, $3, $4 FROM conversations WHERE site_id = $1 AND conversation_id = $2
ON CONFLICT DO NOTHING`
	// releaseHeld lets go what waited for this address of this visitor.
	releaseHeld = `
UPDATE mails m SET state = 'queued', reason = ''
FROM conversations k, conversations here
WHERE here.site_id = $1 AND here.conversation_id = $2
  AND k.site_id = here.site_id AND k.visitor_id = here.visitor_id
  AND m.site_id = k.site_id AND m.conversation_id = k.conversation_id AND m.address = $3 AND m.state = 'held'
RETURNING m.mail_id`
)

// askRating asks once how it was: by mail where the answer went by mail, else on
// the page. Nobody is asked who waits again.
func (k *Keeper) askRating(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "ask how it was", a, done, func(ctx context.Context, w *work) error {
		if w.c.State != handoff.Closed || w.c.Version != a.Version || w.st.Owner != convo.OwnerBot && w.st.Owner != convo.OwnerNobody ||
			k.promises.plan(w.queue(), w.c.Priority).times.NoRate {
			return nil
		}
		var waits bool
		err := w.tx.QueryRow(ctx, selectWaitsStill, w.key.Site, w.st.Visitor).Scan(&waits)
		if err != nil || waits {
			return err
		}
		var address string
		err = w.tx.QueryRow(ctx, selectMailed, w.key.Site, w.c.ID, w.c.CustomerAt).Scan(&address)
		if err != nil && !noRows(err) {
			return err
		}
		by := "page"
		if address != "" && k.cfg.Postman != nil && k.base() != "" {
			by = "mail"
		}
		tag, err := w.tx.Exec(ctx, insertAsked, w.key.Site, w.c.ID, w.key.ID, idOrNull(w.c.Agent), w.c.AgentName, w.c.Queue,
			firstOf(w.c.TopicFinal, w.c.Topic), by, w.now)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if by == "mail" {
			return k.post(ctx, w, letter{kind: mailRating, address: address})
		}
		text, lang := k.promises.texts.rate(w.c, w.langs()...)
		w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: convo.Message{
			ID: k.desk.NewID(), Author: convo.System, Text: text, Lang: lang, At: w.now, Rate: &w.c.ID,
		}})
		return nil
	})
}

// Rate keeps what a visitor says on the page of the case they were asked about;
// id is zero for the newest. Errors: ErrNotAsked, and those of Rating.Check.
func (p *Promises) Rate(ctx context.Context, key convo.Key, visitor, id convo.ID, r handoff.Rating) error {
	const op = "rate a case"
	if err := checkRating(&r); err != nil {
		return wrap(op, err)
	}
	var asked convo.ID
	err := p.pool.QueryRow(ctx, selectToRate, key.Site, key.ID, visitor).Scan(&asked)
	if noRows(err) || err == nil && !zero(id) && id != asked {
		return wrap(op, handoff.ErrNotAsked)
	}
	if err != nil {
		return wrap(op, err)
	}
	return wrap(op, p.rate(ctx, p.pool, key.Site, asked, r))
}

func checkRating(r *handoff.Rating) error {
	r.Comment = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(r.Comment, "\x00", ""), ""))
	return r.Check()
}

func (p *Promises) rate(ctx context.Context, tx execer, site int32, id convo.ID, r handoff.Rating) error {
	now := p.now().UTC()
	tag, err := tx.Exec(ctx, saveRating, site, id, r.Satisfaction, r.Ease, r.Comment, now, now.Add(-ratingOpen))
	if err == nil && tag.RowsAffected() == 0 {
		err = handoff.ErrNotAsked
	}
	return err
}

// newCode makes the code of a link: the site's number and 32 random bytes, of
// which only the hash is kept. It is for one purpose and runs out.
func (k *Keeper) newCode(ctx context.Context, m outgoing, purpose handoff.MailPurpose) (string, error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", err
	}
	open := map[handoff.MailPurpose]time.Duration{handoff.MailConfirm: confirmOpen, handoff.MailRating: ratingOpen}[purpose]
	hash := sha256.Sum256(secret[:])
	_, err := k.desk.Pool.Exec(ctx, insertCode, m.site, hash[:], string(purpose), m.caseID, m.convID, m.address, m.lang, k.desk.moment().Add(open))
	return strconv.FormatInt(int64(m.site), 36) + "." + base64.RawURLEncoding.EncodeToString(secret[:]), err
}

// readCode takes a code apart.
func readCode(code string) (site int32, hash []byte, ok bool) {
	number, text, ok := strings.Cut(code, ".")
	n, err := strconv.ParseInt(number, 36, 32)
	secret, err2 := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || err2 != nil || n <= 0 || len(secret) != 32 {
		return 0, nil, false
	}
	sum := sha256.Sum256(secret)
	return int32(n), sum[:], true
}

// Link reads what a link in a mail is for. It changes nothing. Error: ErrLink
// where there is none, or it has run out.
func (p *Promises) Link(ctx context.Context, code string) (handoff.MailLink, error) {
	l, _, err := p.link(ctx, p.pool, code)
	return l, wrap("read a link", err)
}

func (p *Promises) link(ctx context.Context, tx queryer, code string) (l handoff.MailLink, conv convo.ID, err error) {
	site, hash, ok := readCode(code)
	if !ok {
		return l, conv, handoff.ErrLink
	}
	l.Site = site
	err = tx.QueryRow(ctx, selectCode, site, hash).Scan(&l.Purpose, &l.Case, &conv, &l.Address, &l.Language, &l.ExpiresAt, &l.Used, &l.Reference, &l.SiteName)
	if noRows(err) || err == nil && !p.now().Before(l.ExpiresAt) {
		err = handoff.ErrLink
	}
	l.SiteName = p.nameOf(ctx, site, l.SiteName)
	return l, conv, err
}

// Confirm uses a link that asks whether an address is right: what waited for it
// goes out. It can be used once. Error: ErrLink.
func (p *Promises) Confirm(ctx context.Context, code string) error {
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		l, conv, err := p.link(ctx, tx, code)
		if err != nil {
			return err
		}
		now := p.now().UTC()
		site, hash, _ := readCode(code)
		tag, err := tx.Exec(ctx, useCode, site, hash, now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 || l.Purpose != handoff.MailConfirm {
			return handoff.ErrLink
		}
		if _, err := tx.Exec(ctx, confirmAddress, site, conv, l.Address, now); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, releaseHeld, site, conv, l.Address)
		if err != nil {
			return err
		}
		held, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
		for _, id := range held {
			if err == nil {
				err = p.insert(ctx, tx, MailArgs{Site: site, Mail: id}, now.Add(soon))
			}
		}
		return err
	})
	return wrap("confirm an address", err)
}

// RateByLink uses a link that asks how it was. A link can be pressed again, to
// add a comment or to think better of it, until it runs out. Error: ErrLink,
// ErrNotAsked, and those of Rating.Check.
func (p *Promises) RateByLink(ctx context.Context, code string, r handoff.Rating) error {
	const op = "rate a case by mail"
	if err := checkRating(&r); err != nil {
		return wrap(op, err)
	}
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		l, _, err := p.link(ctx, tx, code)
		switch {
		case err != nil:
			return err
		case l.Purpose != handoff.MailRating:
			return handoff.ErrLink
		}
		site, hash, _ := readCode(code)
		if _, err := tx.Exec(ctx, useCode, site, hash, p.now().UTC()); err != nil {
			return err
		}
		return p.rate(ctx, tx, site, l.Case, r)
	})
	return wrap(op, err)
}
