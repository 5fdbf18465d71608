package chatapi

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
)

// mostTalks bounds the list of a visitor's conversations: nobody looks for an
// older one in a chat's window.
const mostTalks = 20

type talkView struct {
	Conversation convo.ID    `json:"conversation"`
	At           time.Time   `json:"at"`   // of its beginning
	Text         string      `json:"text"` // the customer's first words in it
	Owner        convo.Owner `json:"owner"`
}

// getConversations lists the caller's own conversations, newest first. A visitor
// whose identity is verified has the same list on every device.
func (a *API) getConversations(c *fiber.Ctx) error {
	who, _, err := a.caller(c, false)
	if err != nil {
		return err
	}
	if err := a.visitors.Allow(string(who.visitor[:])); err != nil {
		return err
	}
	talks, err := a.Store.VisitorTalks(c.UserContext(), who.site, who.visitor, mostTalks)
	if err != nil {
		return err
	}
	out := make([]talkView, len(talks))
	for i, t := range talks {
		out[i] = talkView{Conversation: t.ID, At: t.At.UTC(), Text: t.Text, Owner: t.Owner}
	}
	return c.JSON(map[string][]talkView{"conversations": out})
}
