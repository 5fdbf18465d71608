package console

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/handoff"
	"frontdesk/handoff/hours"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// hoursState is what business hours mean now, for who sets them.
type hoursState struct {
	Open   bool        `json:"open"`
	Always bool        `json:"always,omitempty"` // it never closes
	Never  bool        `json:"never,omitempty"`  // it never opens again
	Next   time.Time   `json:"next,omitzero"`    // when it closes, where it is open; else when it opens
	Then   time.Time   `json:"then,omitzero"`    // and what comes after that
	Zone   string      `json:"zone"`
	Clock  *clockState `json:"clock,omitempty"` // when the clocks change next
	Now    time.Time   `json:"now"`
}

// clockState is a change of the clocks: a span over that moment is shorter or
// longer than the sign on the door says.
type clockState struct {
	At   time.Time `json:"at"`
	ByS  int       `json:"by_s"`           // forward, in seconds; negative: back
	Open bool      `json:"open,omitempty"` // it is open at that moment
}

type hoursRequest struct {
	Hours json.RawMessage `json:"hours"` // as a queue has them; absent: always open
}

// tryHours says what hours mean that are not kept yet. Error: Invalid, which
// says what is wrong in them.
func (c *Console) tryHours(ctx *fiber.Ctx) error {
	var req hoursRequest
	if err := web.Decode(ctx, &req, true); err != nil {
		return err
	}
	if !actorOf(ctx).Leads() {
		return handoff.ErrForbidden
	}
	h, err := hours.Parse(req.Hours)
	if err != nil {
		return fault.New(fault.Invalid, "hours", err.Error())
	}
	return ctx.JSON(hoursNow(h, c.Now().UTC()))
}

func hoursNow(h hours.Hours, now time.Time) hoursState {
	s := hoursState{Open: h.Open(now), Zone: h.Location().String(), Now: now}
	var ok bool
	if s.Open {
		if s.Next, ok = h.Closes(now); !ok {
			s.Always = true
			return s
		}
		s.Then, _ = h.Next(s.Next)
	} else {
		if s.Next, ok = h.Next(now); !ok {
			s.Never = true
			return s
		}
		s.Then, _ = h.Closes(s.Next)
	}
	s.Next, s.Then = s.Next.UTC(), s.Then.UTC()
	s.Clock = nextClock(h, now)
	return s
}

// nextClock is the next change of the clocks within a year.
func nextClock(h hours.Hours, now time.Time) *clockState {
	_, at := now.In(h.Location()).ZoneBounds()
	if at.IsZero() || at.After(now.AddDate(1, 0, 0)) {
		return nil
	}
	_, before := at.Add(-time.Second).In(h.Location()).Zone()
	_, after := at.In(h.Location()).Zone()
	if before == after {
		return nil
	}
	return &clockState{At: at.UTC(), ByS: after - before, Open: h.Open(at) || h.Open(at.Add(-time.Second))}
}
