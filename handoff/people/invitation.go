package people

import (
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Kind is what an invitation is for.
type Kind string

const (
	Join  Kind = "join"     // somebody new
	Reset Kind = "password" // somebody who is there chooses a password
)

// Invitation lets somebody in, once, until it runs out.
type Invitation struct {
	ID        convo.ID
	Kind      Kind
	Agent     convo.ID // zero: not there yet
	Email     string
	Name      string // as it was proposed; who joins may choose another
	Role      handoff.Role
	Queues    []string // nil: all
	Languages []string
	Skills    []string
	Capacity  int
	By        string // who invited
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	RevokedAt time.Time
	// Replaced is the one that this took the place of, told when it is made.
	Replaced *Invitation
}

// Open refuses one that cannot be used any more. Errors: ErrNoInvitation,
// ErrInvitationOld, ErrInvitationHad.
func (i Invitation) Open(now time.Time) error {
	switch {
	case !i.UsedAt.IsZero():
		return ErrInvitationHad
	case !i.RevokedAt.IsZero():
		return ErrNoInvitation
	case !now.Before(i.ExpiresAt):
		return ErrInvitationOld
	}
	return nil
}
