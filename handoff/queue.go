package handoff

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Distribution is how the cases of a queue come to people.
type Distribution string

const (
	ByClaim Distribution = "claim" // whoever is free takes the one that is due first
	ByPush  Distribution = "push"  // each is offered to one person for a while, then to the next
)

// Queue is where cases wait. Times are in seconds; 0 takes the default that is
// named with each.
type Queue struct {
	Queue        string          `json:"queue"` // its slug: "support-2"
	Name         string          `json:"name"`
	Desk         string          `json:"desk,omitempty"`    // service, support or both: for people; routes decide
	Product      string          `json:"product,omitempty"` // likewise
	Tier         int             `json:"tier,omitempty"`    // 1, 2, …; an escalation goes to the next one of the same desk and product
	Languages    []string        `json:"languages,omitempty"`
	Skills       []string        `json:"skills,omitempty"`   // asked of whom a case is pushed to; others may still claim
	Hours        json.RawMessage `json:"hours,omitempty"`    // business hours as package hours reads them; empty: always open
	Overflow     []string        `json:"overflow,omitempty"` // where cases go that wait for too long, in order
	FirstReplyS  int             `json:"first_reply_s"`      // target; 0: 600
	ResolveS     int             `json:"resolve_s"`          // target; 0: none
	ReopenS      int             `json:"reopen_s"`           // how long a closed case comes back; 0: 72 h; negative: never
	OfferS       int             `json:"offer_s"`            // push: how long one person is asked; 0: 30
	AwayS        int             `json:"away_s"`             // how long a customer waits for somebody who has gone before the case goes back; 0: 300
	Weight       int             `json:"weight"`             // of a case in an agent's capacity; 0: 1
	Distribution Distribution    `json:"distribution"`       // empty: claim
	Notify       json.RawMessage `json:"notify,omitempty"`   // the wait ladder, as the promises read it
	Closed       bool            `json:"closed,omitempty"`   // takes nothing new
}

const (
	defaultFirstReply = 10 * time.Minute
	defaultReopen     = 72 * time.Hour
	defaultOffer      = 30 * time.Second
	defaultAway       = 5 * time.Minute
)

// FirstReply is the target for the first reply, at normal priority.
func (q Queue) FirstReply() time.Duration { return seconds(q.FirstReplyS, defaultFirstReply) }

// Resolve is the target for the resolution; 0: none.
func (q Queue) Resolve() time.Duration { return time.Duration(q.ResolveS) * time.Second }

// Reopen is how long a closed case comes back when its customer asks again; 0: never.
func (q Queue) Reopen() time.Duration { return max(0, seconds(q.ReopenS, defaultReopen)) }

// Offer is how long one person is asked in a queue that pushes.
func (q Queue) Offer() time.Duration { return seconds(q.OfferS, defaultOffer) }

// Away is how long a customer waits for somebody who has gone.
func (q Queue) Away() time.Duration { return seconds(q.AwayS, defaultAway) }

// Weighs is what one case takes of an agent's capacity.
func (q Queue) Weighs() int {
	if q.Weight == 0 {
		return 1
	}
	return q.Weight
}

func seconds(n int, absent time.Duration) time.Duration {
	if n == 0 {
		return absent
	}
	return time.Duration(n) * time.Second
}

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Check refuses a queue that makes no sense by itself; whether its overflow is
// there is checked by the desk.
func (q Queue) Check() error {
	switch {
	case !slug.MatchString(q.Queue):
		return Bad("queue", "its short name has letters a to z, digits, '.', '_' and '-', at most 63")
	case q.Name == "" || len(q.Name) > 200:
		return Bad("name", "it has to be there, with at most 200 bytes")
	case q.Desk != "" && !slices.Contains([]string{"service", "support", "both"}, q.Desk):
		return Bad("desk", "service, support or both")
	case q.Tier < 0 || q.Tier > 9:
		return Bad("tier", "0 (none) to 9")
	case q.FirstReplyS < 0 || q.ResolveS < 0 || q.OfferS < 0 || q.AwayS < 0:
		return Bad("targets", "times are in seconds and not negative; 0 takes the default")
	case q.FirstReplyS > maxTarget || q.ResolveS > maxTarget || q.ReopenS > maxTarget || q.OfferS > maxTarget || q.AwayS > maxTarget:
		return Bad("targets", "at most a year")
	case q.Weight < 0 || q.Weight > 100:
		return Bad("weight", "0 (taken as 1) to 100")
	case q.Distribution != ByClaim && q.Distribution != ByPush:
		return Bad("distribution", "claim or push")
	case slices.Contains(q.Overflow, q.Queue):
		return Bad("overflow", "a queue cannot flow over into itself")
	case len(q.Hours) > 0 && !json.Valid(q.Hours):
		return Bad("hours", "not JSON")
	case len(q.Notify) > 0 && !json.Valid(q.Notify):
		return Bad("notify", "not JSON")
	}
	for _, w := range slices.Concat(q.Languages, q.Skills) {
		if w == "" || len(w) > 63 {
			return Bad("languages and skills", fmt.Sprintf("%q is empty or too long", w))
		}
	}
	return nil
}

const maxTarget = 366 * 24 * 3600

// Priority is how much sooner a case is due than one like it.
type Priority int

const (
	Low    Priority = -1
	Normal Priority = 0
	High   Priority = 1
	Urgent Priority = 2
)

// ParsePriority reads one; empty means Normal.
func ParsePriority(s string) (Priority, error) {
	switch s {
	case "low":
		return Low, nil
	case "", "normal":
		return Normal, nil
	case "high":
		return High, nil
	case "urgent":
		return Urgent, nil
	default:
		return Normal, ErrPriority
	}
}

func (p Priority) String() string {
	switch p {
	case Low:
		return "low"
	case High:
		return "high"
	case Urgent:
		return "urgent"
	default:
		return "normal"
	}
}

// MarshalText writes a priority as its word.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads one from its word.
func (p *Priority) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePriority(string(b))
	return err
}

// Within is a target at this priority. The line is kept by who is due first,
// so that a priority moves a case forward by some time and never lets another
// wait for ever: an urgent case goes before a normal one that came up to three
// quarters of the target earlier, and no farther.
func (p Priority) Within(target time.Duration) time.Duration {
	switch p {
	case Low:
		return 2 * target
	case High:
		return target / 2
	case Urgent:
		return target / 4
	default:
		return target
	}
}
