package console

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

// Alone is a conversation that the assistant had alone: it has no case, belongs
// to no queue, and is only read.
type Alone struct {
	ID       convo.ID  `json:"id"` // of the conversation
	Visitor  convo.ID  `json:"visitor"`
	Name     string    `json:"name,omitempty"` // the visitor's
	Language string    `json:"language,omitempty"`
	OpenedAt time.Time `json:"opened_at"`
	LastAt   time.Time `json:"last_at"`
	Messages int       `json:"messages"`
	First    string    `json:"first,omitempty"`   // what the customer said first
	Helpful  *bool     `json:"helpful,omitempty"` // what they said last of an answer
	// Case is the newest one that it has become; zero: none.
	Case convo.ID `json:"case,omitzero"`
}

// readAlone is the conversation of the address, where the actor may read it. One
// that a person has by now is read as its case: it is not there, but for its
// case's id where withCase asks for it and the actor may read that case.
func (c *Console) readAlone(ctx *fiber.Ctx, withCase bool) (Alone, error) {
	a := actorOf(ctx)
	id, err := uuid.Parse(ctx.Params("id"))
	if err != nil || !a.SeesAlone() {
		return Alone{}, handoff.ErrNoConversation
	}
	list, err := c.Store.Alone(ctx.UserContext(), a.Site, []convo.ID{id})
	if err != nil {
		return Alone{}, err
	}
	if len(list) == 0 || list[0].Messages == 0 {
		return Alone{}, handoff.ErrNoConversation
	}
	if list[0].Case == (convo.ID{}) {
		return list[0], nil
	}
	rows, err := c.rows(ctx.UserContext(), a, []convo.ID{list[0].Case})
	if err != nil {
		return Alone{}, err
	}
	if !withCase || len(rows) == 0 {
		return Alone{}, handoff.ErrNoConversation
	}
	return Alone{ID: id, Case: rows[0].ID}, nil
}

// openedAlone is a conversation as its page reads it.
type openedAlone struct {
	Conversation Alone       `json:"conversation"`
	Messages     messagePage `json:"messages"`
}

// getAlone is a conversation without a case. Of one that has become a case since
// it says only which.
func (c *Console) getAlone(ctx *fiber.Ctx) error {
	x, err := c.readAlone(ctx, true)
	if err != nil {
		return err
	}
	out := openedAlone{Conversation: x, Messages: messagePage{Lines: []line{}}}
	if x.Case == (convo.ID{}) {
		events, more, err := c.Store.Page(ctx.UserContext(), convo.Key{Site: actorOf(ctx).Site, ID: x.ID}, 0, firstLines)
		if err != nil {
			return err
		}
		out.Messages = messagePage{Lines: lines(events), More: more}
	}
	web.Note(ctx, "conversation", x.ID)
	return ctx.JSON(out)
}

// aloneMessages pages upwards through it.
func (c *Console) aloneMessages(ctx *fiber.Ctx) error {
	x, err := c.readAlone(ctx, false)
	if err != nil {
		return err
	}
	return c.pageOf(ctx, convo.Key{Site: actorOf(ctx).Site, ID: x.ID})
}

// aloneFile gives out what the customer sent with a message.
func (c *Console) aloneFile(ctx *fiber.Ctx) error {
	x, err := c.readAlone(ctx, false)
	if err != nil {
		return err
	}
	return c.sendFile(ctx, convo.Key{Site: actorOf(ctx).Site, ID: x.ID})
}
