package pgpeople

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
)

const (
	insertEntry = `
INSERT INTO desk_audit (site_id, at, agent_id, actor, action, case_id, person_id, session_id, address, detail, seen_conversation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	insertSight = `
INSERT INTO desk_audit (site_id, at, agent_id, actor, action, case_id)
SELECT $1, $2, $3::uuid, $4, $5, $6::uuid
WHERE NOT EXISTS (
    SELECT 1 FROM desk_audit
    WHERE site_id = $1 AND case_id = $6 AND action = $5 AND agent_id IS NOT DISTINCT FROM $3 AND at > $7)`

	insertConversationSight = `
INSERT INTO desk_audit (site_id, at, agent_id, actor, action, seen_conversation)
SELECT $1, $2, $3::uuid, $4, $5, $6::uuid
WHERE NOT EXISTS (
    SELECT 1 FROM desk_audit
    WHERE site_id = $1 AND seen_conversation = $6 AND action = $5 AND agent_id IS NOT DISTINCT FROM $3 AND at > $7)`

	selectAudit = `
SELECT audit_id, at, agent_id, actor, action, case_id, person_id, session_id, address, detail, seen_conversation
FROM desk_audit
WHERE site_id = $1 AND ($2::uuid IS NULL OR agent_id = $2) AND ($3::uuid IS NULL OR person_id = $3) AND ($4::uuid IS NULL OR case_id = $4)
  AND ($5 = '' OR action = $5) AND ($6 = 0 OR audit_id < $6) AND ($8::uuid IS NULL OR seen_conversation = $8)
ORDER BY audit_id DESC
LIMIT $7`
)

func entryArgs(site int32, e people.Entry) []any {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return []any{site, e.At, orNull(e.Agent), e.Actor, string(e.Action), orNull(e.Case), orNull(e.Person), orNull(e.Session), e.Address, detail, orNull(e.Conversation)}
}

func queueEntry(batch *pgx.Batch, site int32, e people.Entry) {
	batch.Queue(insertEntry, entryArgs(site, e)...)
}

func record(ctx context.Context, tx pgx.Tx, site int32, e people.Entry) error {
	_, err := tx.Exec(ctx, insertEntry, entryArgs(site, e)...)
	return err
}

// Record writes a line of the log.
func (s *Store) Record(ctx context.Context, site int32, e people.Entry) error {
	_, err := s.pool.Exec(ctx, insertEntry, entryArgs(site, e)...)
	return wrap("write the audit log", err)
}

// Failed writes down a try that was wrong; of a site that is not there nothing
// is kept.
func (s *Store) Failed(ctx context.Context, site int32, e people.Entry) error {
	if site == 0 {
		return nil
	}
	return s.Record(ctx, site, e)
}

// RecordSight is Record, unless the same person saw the same case, or the same
// conversation, since.
func (s *Store) RecordSight(ctx context.Context, site int32, e people.Entry, since time.Time) error {
	sql, of := insertSight, e.Case
	if e.Conversation != (convo.ID{}) {
		sql, of = insertConversationSight, e.Conversation
	}
	_, err := s.pool.Exec(ctx, sql, site, e.At, orNull(e.Agent), e.Actor, string(e.Action), of, since)
	return wrap("write the audit log", err)
}

// Audit reads the newest entries of a view.
func (s *Store) Audit(ctx context.Context, site int32, v people.AuditView) ([]people.Entry, error) {
	rows, err := s.pool.Query(ctx, selectAudit, site, orNull(v.Agent), orNull(v.Person), orNull(v.Case), string(v.Action), v.Before, v.Limit, orNull(v.Conversation))
	if err != nil {
		return nil, wrap("read the audit log", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e people.Entry, err error) {
		var agent, c, person, session, conversation *convo.ID
		err = row.Scan(&e.ID, &e.At, &agent, &e.Actor, &e.Action, &c, &person, &session, &e.Address, &e.Detail, &conversation)
		e.Agent, e.Case, e.Person, e.Session = orZero(agent), orZero(c), orZero(person), orZero(session)
		e.Conversation = orZero(conversation)
		return e, err
	})
	return all, wrap("read the audit log", err)
}

// Sweep removes what is long over. Each statement goes by an index on the
// moment alone and removes what all sites have of it, as nothing is read.
func (s *Store) Sweep(ctx context.Context, w people.Swept) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM agent_sessions WHERE ends_at < $1`, w.Ended)
	batch.Queue(`DELETE FROM agent_invitations WHERE expires_at < $1`, w.Ended)
	batch.Queue(`DELETE FROM login_tries WHERE full_at < $1`, w.Now)
	batch.Queue(`DELETE FROM login_places WHERE at < $1`, w.Places)
	batch.Queue(`DELETE FROM desk_audit WHERE at < $1`, w.Audit)
	return wrap("sweep", s.pool.SendBatch(ctx, batch).Close())
}
