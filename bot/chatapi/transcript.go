package chatapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

// postTranscript sends the conversation to its customer's own address. Where that
// is cannot be said in the request: nobody has mail sent to others from here.
func (a *API) postTranscript(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	if err := web.Decode(c, &struct{}{}, true); err != nil {
		return err
	}
	if _, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor); err != nil {
		return err
	}
	out, err := a.Transcript(c.UserContext(), v.key, v.visitor)
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// noTranscript is where no mail is sent.
func noTranscript(context.Context, convo.Key, convo.ID) (handoff.Transcript, error) {
	return handoff.Transcript{State: handoff.TranscriptOff}, nil
}
