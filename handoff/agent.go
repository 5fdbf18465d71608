package handoff

import (
	"slices"
	"time"

	"frontdesk/bot/convo"
)

// Role is what a person of the shop may do, by and large; the people slice
// turns it into single permissions.
type Role string

const (
	RoleAdmin    Role = "admin"     // everything, people and settings too
	RoleLead     Role = "lead"      // every case of their queues, settings of queues and routes
	RoleAgent    Role = "agent"     // the cases of their queues
	RoleReadOnly Role = "read_only" // looks on
	// RoleSystem is the service itself (a ladder's step, a sweep) or whoever sits
	// at the terminal of the machine. Nobody can be given it.
	RoleSystem Role = "system"
)

// ParseRole reads a role that a person can have.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case RoleAdmin, RoleLead, RoleAgent, RoleReadOnly:
		return r, nil
	default:
		return "", ErrRole
	}
}

// Actor is who does something at the desk. Whoever makes one has checked that
// it is true: it comes from a session, a job or the terminal, never from a
// request's body.
type Actor struct {
	Site   int32
	Agent  convo.ID // zero: the service or the terminal
	Name   string   // as customers and colleagues read it; of the service: what of it, "ladder"
	Role   Role
	Queues []string // that they work in; nil: all
}

// System is the service acting by itself; name says which part of it.
func System(site int32, name string) Actor {
	return Actor{Site: site, Name: name, Role: RoleSystem}
}

// Sees says whether the actor may read cases of a queue.
func (a Actor) Sees(queue string) bool { return a.Queues == nil || slices.Contains(a.Queues, queue) }

// SeesCase says whether the actor may read a case: of a queue of theirs, or
// their own wherever it stands.
func (a Actor) SeesCase(c Case) bool {
	return a.Site == c.Conversation.Site && (a.Sees(c.Queue) || a.Agent != (convo.ID{}) && a.Agent == c.Agent)
}

// SeesAlone says whether the actor may read conversations that no person ever
// had: they belong to no queue, so that who works in some queues only does not,
// unless they lead.
func (a Actor) SeesAlone() bool { return a.Role != "" && (a.Queues == nil || a.Leads()) }

// Works says whether the actor may change cases at all.
func (a Actor) Works() bool { return a.Role != RoleReadOnly && a.Role != "" }

// Leads says whether the actor may change what others hold, and settings.
func (a Actor) Leads() bool {
	return a.Role == RoleLead || a.Role == RoleAdmin || a.Role == RoleSystem
}

// Agent is a person who works at the desk.
type Agent struct {
	ID        convo.ID  `json:"id"`
	Email     string    `json:"email"` // lower case; unique within the site
	Name      string    `json:"name"`  // customers read it
	Role      Role      `json:"role"`
	Languages []string  `json:"languages"` // "de", "en"; empty: not said, taken for any
	Skills    []string  `json:"skills"`    // free words, matched with those a queue asks for
	Capacity  int       `json:"capacity"`  // in units of weight, 0: takes no new cases; a chat weighs 1 unless its queue says otherwise
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`

	// As things stand when it is read.
	Load   int       `json:"load"`             // weight of what needs them now: a case that sleeps or is quiet does not
	Cases  int       `json:"cases"`            // held, whether they need them now or not
	Status Status    `json:"status,omitempty"` // empty: away
	Since  time.Time `json:"since,omitzero"`   // in that status
}

// Free is how much weight the agent can take now.
func (a Agent) Free() int {
	if a.Disabled || a.Status != Online {
		return 0
	}
	return max(0, a.Capacity-a.Load)
}

// Status is what somebody who is there wants.
type Status string

const (
	Online    Status = "online"
	Finishing Status = "finishing" // keeps what they have, gets nothing new
	Break     Status = "break"     // likewise, and back soon
)

// ParseStatus reads one.
func ParseStatus(s string) (Status, error) {
	switch v := Status(s); v {
	case Online, Finishing, Break:
		return v, nil
	default:
		return "", ErrStatus
	}
}

// Lease is how long somebody counts as there after the last sign of them.
const Lease = 30 * time.Second

// Presence is somebody who is there, or was.
type Presence struct {
	Agent  convo.ID  `json:"agent"`
	Name   string    `json:"name"`
	Status Status    `json:"status"`
	Until  time.Time `json:"until"` // end of the lease; past: away
	Since  time.Time `json:"since"` // in this status without a gap worth mentioning
}
