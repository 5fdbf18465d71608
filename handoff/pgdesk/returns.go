package pgdesk

import (
	"context"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Returns says whether a conversation's last case was closed because its customer
// said nothing, and goes on where they answer now: within the time that its queue
// says.
func (d *Desk) Returns(ctx context.Context, key convo.Key) (bool, error) {
	const op = "look whether a case goes on"
	var c handoff.Case
	err := d.Pool.QueryRow(ctx, selectLast, key.Site, key.ID).Scan(caseTargets(&c)...)
	if noRows(err) || err == nil && c.Ended != handoff.NoReply {
		return false, nil
	}
	if err != nil {
		return false, wrap(op, err)
	}
	s, err := d.readOnly(ctx, key.Site)
	if err != nil {
		return false, wrap(op, err)
	}
	q, _ := s.Queue(c.Queue)
	return c.Within(q, d.moment()), nil
}
