package people

import (
	"time"

	"frontdesk/bot/convo"
)

// Session is one browser that is signed in.
type Session struct {
	ID        convo.ID
	Agent     convo.ID
	CreatedAt time.Time
	SeenAt    time.Time // within a minute
	ExpiresAt time.Time // unless it is used before; never after EndsAt
	EndsAt    time.Time
	Address   string // of the last use
	UserAgent string // likewise
	EndedAt   time.Time
	EndedWhy  Why
}

// Why is why a session ended.
type Why string

const (
	WhyLogout   Why = "logout"
	WhyRevoked  Why = "revoked"  // by the person elsewhere, or an admin
	WhyReplaced Why = "replaced" // the same browser signed in anew
	WhyPassword Why = "password" // it was changed or reset
	WhyDisabled Why = "disabled"
	WhyMany     Why = "many" // the person had more than are kept
)

// Live says whether the session may be used.
func (s Session) Live(now time.Time) bool {
	return s.EndedAt.IsZero() && now.Before(s.ExpiresAt) && now.Before(s.EndsAt)
}

// lifetimes bound a session: idle since its last use, and absolute since its
// beginning.
type lifetimes struct{ idle, absolute time.Duration }

func (l lifetimes) begin(id, agent convo.ID, address, userAgent string, now time.Time) Session {
	s := Session{
		ID: id, Agent: agent, CreatedAt: now, SeenAt: now, EndsAt: now.Add(l.absolute),
		Address: clean(address, 64), UserAgent: clean(userAgent, 200),
	}
	s.ExpiresAt = l.expiry(s, now)
	return s
}

func (l lifetimes) expiry(s Session, now time.Time) time.Time {
	e := now.Add(l.idle)
	if e.After(s.EndsAt) {
		return s.EndsAt
	}
	return e
}

// slideAfter is how old the last use is before the next one is written down: a
// desk asks several times a second.
const slideAfter = time.Minute

// slide moves the session with its use; changed is false where that is not
// worth a write.
func (l lifetimes) slide(s Session, address, userAgent string, now time.Time) (Session, bool) {
	if now.Sub(s.SeenAt) < slideAfter {
		return s, false
	}
	s.SeenAt, s.ExpiresAt = now, l.expiry(s, now)
	s.Address, s.UserAgent = clean(address, 64), clean(userAgent, 200)
	return s, true
}
