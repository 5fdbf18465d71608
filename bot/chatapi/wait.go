package chatapi

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

type waitRequest struct {
	Action  string `json:"action"`  // cancel, assistant or resume; empty: only the contact is left
	Contact string `json:"contact"` // how to be reached later
}

type waitResponse struct {
	Case      convo.ID    `json:"case"`
	Reference string      `json:"reference"`
	Owner     convo.Owner `json:"owner"`              // who answers from now on
	Queue     string      `json:"queue,omitempty"`    // where the case waits
	Position  int         `json:"position,omitempty"` // 1: next
	Estimate  string      `json:"estimate,omitempty"`
}

// postWait is what a waiting customer does: stops to wait, talks to the
// assistant meanwhile, waits silently again, leaves an address.
func (a *API) postWait(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req waitRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	if len([]rune(req.Contact)) > 200 || !storable(req.Contact) {
		return errContact
	}
	// Carried through also when the client does not wait for it, like the press
	// that began it.
	st, err := a.Desk.Wait(context.WithoutCancel(c.UserContext()), handoff.WaitRequest{
		Key: v.key, Visitor: v.visitor, Action: handoff.WaitAction(strings.Clone(req.Action)), Contact: bot.MaskContact(strings.TrimSpace(strings.Clone(req.Contact))),
		Fallback: v.site.Settings.Language,
	})
	if err != nil {
		return err
	}
	out := waitResponse{Case: st.Case.ID, Reference: st.Case.Reference, Owner: st.Owner, Position: st.Position, Estimate: st.Estimate}
	if st.Case.State == handoff.Waiting {
		out.Queue = st.Case.Queue
	}
	return c.JSON(out)
}
