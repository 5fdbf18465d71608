package pgpeople

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
)

const (
	// voidOlder finds at most one: the table has one that is open for an address.
	voidOlder = `
UPDATE agent_invitations SET revoked_at = $3
WHERE site_id = $1 AND email = $2 AND used_at IS NULL AND revoked_at IS NULL
RETURNING ` + invitationColumns

	insertInvitation = `
INSERT INTO agent_invitations (site_id, invitation_id, token_hash, kind, agent_id, email, name, role, queues, languages, skills, capacity, by_name, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

	selectEmailTaken = `SELECT EXISTS (SELECT 1 FROM agents WHERE site_id = $1 AND email = $2)`

	invitationColumns = `invitation_id, kind, agent_id, email, name, role, queues, languages, skills, capacity, by_name, created_at, expires_at, used_at, revoked_at`

	selectInvitation = `
SELECT ` + invitationColumns + `
FROM agent_invitations
WHERE site_id = $1 AND token_hash = $2`

	selectInvitations = `
SELECT ` + invitationColumns + `
FROM agent_invitations
WHERE site_id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2
ORDER BY created_at DESC, invitation_id`

	revokeInvitation = `
UPDATE agent_invitations SET revoked_at = $3
WHERE site_id = $1 AND invitation_id = $2 AND used_at IS NULL AND revoked_at IS NULL`

	// useInvitation is the one place that uses one up: the row's lock makes two
	// who do it at once stand in line, and the second finds it used.
	useInvitation = `
UPDATE agent_invitations SET used_at = $3, agent_id = $4
WHERE site_id = $1 AND invitation_id = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3
  AND (agent_id IS NULL OR agent_id = $4)`
)

// Invite keeps an invitation and gives it back as it is kept; an older one for
// the address that nobody used is void then. With keep its queues are the new
// one's. Error: people.ErrEmailTaken.
func (s *Store) Invite(ctx context.Context, site int32, i people.Invitation, keep bool, tokenHash []byte, e people.Entry) (people.Invitation, error) {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if i.Kind == people.Join {
			var taken bool
			if err := tx.QueryRow(ctx, selectEmailTaken, site, i.Email).Scan(&taken); err != nil {
				return err
			}
			if taken {
				return people.ErrEmailTaken
			}
		}
		rows, err := tx.Query(ctx, voidOlder, site, i.Email, i.CreatedAt)
		if err != nil {
			return err
		}
		void, err := pgx.CollectRows(rows, scanInvitation)
		if err != nil {
			return err
		}
		if len(void) > 0 && void[0].Kind == people.Join {
			i.Replaced = &void[0]
			if keep {
				i.Queues = void[0].Queues
			}
		}
		batch := &pgx.Batch{}
		batch.Queue(insertInvitation, site, i.ID, tokenHash, string(i.Kind), orNull(i.Agent), i.Email, i.Name, string(i.Role),
			i.Queues, list(i.Languages), list(i.Skills), i.Capacity, i.By, i.CreatedAt, i.ExpiresAt)
		queueEntry(batch, site, e)
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return people.Invitation{}, wrap("invite", err)
	}
	return i, nil
}

// Invitation reads one by its token. Error: people.ErrNoInvitation.
func (s *Store) Invitation(ctx context.Context, site int32, tokenHash []byte) (people.Invitation, error) {
	rows, err := s.pool.Query(ctx, selectInvitation, site, tokenHash)
	if err != nil {
		return people.Invitation{}, wrap("read an invitation", err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanInvitation)
	return i, wrap("read an invitation", instead(err, people.ErrNoInvitation))
}

// Invitations lists those that can still be taken up, newest first.
func (s *Store) Invitations(ctx context.Context, site int32, now time.Time) ([]people.Invitation, error) {
	rows, err := s.pool.Query(ctx, selectInvitations, site, now)
	if err != nil {
		return nil, wrap("list invitations", err)
	}
	all, err := pgx.CollectRows(rows, scanInvitation)
	return all, wrap("list invitations", err)
}

func scanInvitation(row pgx.CollectableRow) (i people.Invitation, err error) {
	var agent *convo.ID
	var used, revoked *time.Time
	err = row.Scan(&i.ID, &i.Kind, &agent, &i.Email, &i.Name, &i.Role, &i.Queues, &i.Languages, &i.Skills, &i.Capacity, &i.By,
		&i.CreatedAt, &i.ExpiresAt, &used, &revoked)
	i.Agent, i.UsedAt, i.RevokedAt = orZero(agent), momentOf(used), momentOf(revoked)
	return i, err
}

// RevokeInvitation voids an open one. Error: people.ErrNoInvitation.
func (s *Store) RevokeInvitation(ctx context.Context, site int32, id convo.ID, e people.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, revokeInvitation, site, id, e.At)
		switch {
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return people.ErrNoInvitation
		}
		return record(ctx, tx, site, e)
	})
	return wrap("revoke an invitation", err)
}

// Accept uses an invitation up, once: makes the person or sets the password,
// and begins a session. Errors: people.ErrNoInvitation, people.ErrEmailTaken,
// people.ErrLogin for a person who has been disabled.
func (s *Store) Accept(ctx context.Context, a people.Accepted) error {
	site, i, now := a.Begun.Site, a.Invitation, a.Begun.Session.CreatedAt
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// The agent's row first, where there is one: whoever disables the person
		// takes it and then the invitation.
		if _, err := tx.Exec(ctx, lockAgent, site, i.Agent); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, useInvitation, site, i.ID, now, useAgent(i))
		switch {
		case err != nil:
			return err
		case tag.RowsAffected() == 0:
			return people.ErrNoInvitation
		}
		if i.Kind == people.Join {
			if err := addAgent(ctx, tx, site, a); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE agent_invitations SET agent_id = $3 WHERE site_id = $1 AND invitation_id = $2`, site, i.ID, i.Agent); err != nil {
				return err
			}
		}
		e := a.Begun.Entry
		e.Action, e.Person = people.ActPasswordChanged, i.Agent
		if err := putPassword(ctx, tx, people.PasswordChange{Site: site, Agent: i.Agent, ID: a.Begun.Checked, Hash: a.Hash, At: now, Entry: e}); err != nil {
			return err
		}
		return begin(ctx, tx, a.Begun)
	})
	return wrap("accept an invitation", err)
}

// useAgent is whom an invitation is marked with when it is used: somebody who
// joins is not there yet, and the mark follows.
func useAgent(i people.Invitation) *convo.ID {
	if i.Kind == people.Join {
		return nil
	}
	return orNull(i.Agent)
}
