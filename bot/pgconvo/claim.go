package pgconvo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

const (
	selectSubject = `SELECT coalesce(subject, '') FROM visitors WHERE site_id = $1 AND visitor_id = $2`

	giveConversation = `UPDATE conversations SET visitor_id = $3 WHERE site_id = $1 AND conversation_id = $2`

	// What holds of whoever speaks in the conversation goes along: that they are
	// not connected to people, and which addresses they have shown to be theirs.
	giveBlock = `
INSERT INTO blocked_visitors (site_id, visitor_id, by_name, why, at, until)
SELECT site_id, $3, by_name, why, at, until FROM blocked_visitors WHERE site_id = $1 AND visitor_id = $2
ON CONFLICT DO NOTHING`
	giveAddresses = `
INSERT INTO confirmed_addresses (site_id, visitor_id, address, confirmed_at)
SELECT site_id, $3, address, confirmed_at FROM confirmed_addresses WHERE site_id = $1 AND visitor_id = $2
ON CONFLICT DO NOTHING`

	selectJTI = `SELECT EXISTS (SELECT FROM identity_jtis WHERE site_id = $1 AND jti = $2)`
)

// Identify gives a conversation, which the caller has locked in tx and read as
// st, to the subject of an identity; it returns the subject's visitor, and
// whether the conversation was somebody unknown's until now. Only this one goes
// over: what the unknown visitor wrote elsewhere stays theirs. The same claim
// again, whose answer was lost, is answered as it was.
//
// Errors: bot.ErrNoConversation (neither the caller's nor the subject's),
// bot.ErrOtherCustomer (the caller's, who is somebody else), bot.ErrReplayed.
func (s *Store) Identify(ctx context.Context, tx pgx.Tx, key convo.Key, st convo.State, c convo.Claim) (visitor convo.ID, moved bool, err error) {
	var subject string
	if err := tx.QueryRow(ctx, selectSubject, key.Site, st.Visitor).Scan(&subject); err != nil {
		return visitor, false, wrap("identify a visitor", err)
	}
	theirs := subject == c.Identity.Subject
	switch {
	case !theirs && c.Visitor != st.Visitor:
		return visitor, false, bot.ErrNoConversation
	case !theirs && subject != "":
		return visitor, false, bot.ErrOtherCustomer
	}
	claim := claimOf(key, c)
	visitor, err = identify(ctx, tx, bot.Opening{Site: key.Site, Visitor: c.Visitor, Known: true, Identity: &c.Identity, At: c.At})
	if theirs && errors.Is(err, bot.ErrReplayed) {
		return st.Visitor, false, s.again(ctx, tx, key, st, c, claim)
	}
	if err != nil || theirs {
		return visitor, false, wrap("identify a visitor", err)
	}
	batch := &pgx.Batch{}
	batch.Queue(giveConversation, key.Site, key.ID, visitor)
	batch.Queue(giveBlock, key.Site, c.Visitor, visitor)
	batch.Queue(giveAddresses, key.Site, c.Visitor, visitor)
	batch.Queue(insertJTI, key.Site, claim, c.Identity.Expires)
	return visitor, true, wrap("identify a visitor", tx.SendBatch(ctx, batch).Close())
}

// again is nil where an identity that was used was used for this very claim, or
// by the conversation's own visitor, who gains nothing by it.
func (s *Store) again(ctx context.Context, tx pgx.Tx, key convo.Key, st convo.State, c convo.Claim, claim string) error {
	if c.Visitor == st.Visitor {
		return nil
	}
	var done bool
	if err := tx.QueryRow(ctx, selectJTI, key.Site, claim).Scan(&done); err != nil {
		return wrap("identify a visitor", err)
	}
	if !done {
		return bot.ErrReplayed
	}
	return nil
}

// claimOf names a claim that was granted; it is kept beside the identity's jti
// for as long. No jti of a shop's is one: they would have to be a hash of
// themselves.
func claimOf(key convo.Key, c convo.Claim) string {
	sum := sha256.New()
	sum.Write(key.ID[:])
	sum.Write(c.Visitor[:])
	sum.Write([]byte(c.Identity.JTI))
	return "claim:" + hex.EncodeToString(sum.Sum(nil))
}
