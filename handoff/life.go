package handoff

import (
	"time"

	"frontdesk/bot/convo"
)

// The moves of a case. Each refuses what makes no sense and changes nothing
// then; the SQL that keeps the change repeats the guard.

// Take gives the case to an agent. Somebody who has it already keeps it: fresh
// is then false.
func (c *Case) Take(agent convo.ID, name string, lead bool, now time.Time) (fresh bool, err error) {
	switch {
	case c.State == Closed:
		return false, ErrClosed
	case c.State == Claimed && c.Agent == agent:
		return false, nil
	case c.State == Claimed:
		return false, Taken(c.AgentName)
	case c.OfferedElsewhere(agent, now) && !lead:
		return false, ErrOffered
	}
	c.hold(agent, name, now)
	return true, nil
}

// OfferedElsewhere says whether somebody else is being asked right now.
func (c *Case) OfferedElsewhere(agent convo.ID, now time.Time) bool {
	return c.OfferedTo != (convo.ID{}) && c.OfferedTo != agent && now.Before(c.OfferedUntil)
}

func (c *Case) hold(agent convo.ID, name string, now time.Time) {
	c.State, c.Agent, c.AgentName, c.ClaimedAt = Claimed, agent, name, now
	c.Aside, c.SnoozedUntil = false, time.Time{}
	c.unoffer()
	c.Version++
}

func (c *Case) unoffer() { c.OfferedTo, c.OfferedUntil = convo.ID{}, time.Time{} }

// Drop puts a claimed case back in a queue's line. due is when an answer is due
// there; a customer who waits has waited since they began to.
func (c *Case) Drop(queue string, due time.Time) error {
	if c.State == Closed {
		return ErrClosed
	}
	c.State, c.Agent, c.AgentName, c.ClaimedAt = Waiting, convo.ID{}, "", time.Time{}
	c.Queue, c.DueFirst, c.SnoozedUntil = queue, due, time.Time{}
	c.unoffer()
	c.Version++
	return nil
}

// Pass gives the case from whoever has it, or from the line, to an agent.
func (c *Case) Pass(agent convo.ID, name string, now time.Time) error {
	switch {
	case c.State == Closed:
		return ErrClosed
	case c.Agent == agent:
		return ErrSelf
	}
	c.hold(agent, name, now)
	return nil
}

// Held refuses what only the one who has the case does; a lead may do it too.
func (c *Case) Held(a Actor) error {
	switch {
	case c.State == Closed:
		return ErrClosed
	case c.State != Claimed:
		return ErrNotMine
	case c.Agent != a.Agent && !a.Leads():
		return Taken(c.AgentName)
	}
	return nil
}

// Answered ends the customer's wait: a person has said something.
func (c *Case) Answered(now time.Time) {
	if c.FirstReplyAt.IsZero() {
		c.FirstReplyAt = now
	}
	c.AgentAt, c.WaitsSince, c.DueFirst = now, time.Time{}, time.Time{}
}

// Wrote says that the customer wrote: they wait from now on, unless they do
// already, until due, and a case that sleeps wakes.
func (c *Case) Wrote(now, due time.Time) {
	c.CustomerAt = now
	if c.WaitsSince.IsZero() {
		c.WaitsSince, c.DueFirst = now, due
	}
	if !c.SnoozedUntil.IsZero() {
		c.SnoozedUntil = time.Time{}
		c.Version++
	}
}

// maxSnooze is as long as anybody plans; what sleeps for longer is forgotten.
const maxSnooze = 90 * 24 * time.Hour

// Sleep lets a claimed case rest until a moment, or until the customer writes;
// the zero time wakes it.
func (c *Case) Sleep(until, now time.Time) error {
	switch {
	case c.State == Closed:
		return ErrClosed
	case c.State != Claimed:
		return ErrNotHeld
	case !until.IsZero() && (!until.After(now) || until.Sub(now) > maxSnooze):
		return ErrSnooze
	}
	c.SnoozedUntil = until
	c.Version++
	return nil
}

// End closes the case.
func (c *Case) End(how Ended, now time.Time) error {
	if c.State == Closed {
		return ErrClosed
	}
	c.State, c.Ended, c.ClosedAt = Closed, how, now
	c.WaitsSince, c.DueFirst, c.SnoozedUntil, c.Aside = time.Time{}, time.Time{}, time.Time{}, false
	c.unoffer()
	c.Version++
	return nil
}

// Resume opens a closed case again: in its line, where the customer has waited
// since now.
func (c *Case) Resume(due, now time.Time) error {
	if c.State != Closed {
		return ErrOpen
	}
	c.State, c.Agent, c.AgentName, c.ClaimedAt = Waiting, convo.ID{}, "", time.Time{}
	c.Ended, c.ClosedAt, c.WaitsSince, c.DueFirst = "", time.Time{}, now, due
	if c.Link == Merged || c.Link == Second {
		c.Link = After
	}
	c.Version++
	return nil
}

// Within says whether a customer who asks again gets this closed case back.
func (c *Case) Within(q Queue, now time.Time) bool {
	return c.State == Closed && c.Link != Merged && c.Ended != Spam && c.Ended != Duplicate && c.Ended != Cancelled &&
		now.Sub(c.ClosedAt) <= q.Reopen()
}
