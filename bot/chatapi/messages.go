package chatapi

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

var (
	errContact = fault.New(fault.Invalid, "contact", "The contact may have at most 200 characters.")
	errComment = fault.New(fault.Invalid, "comment", "The comment may have at most 2,000 characters.")
	errUp      = fault.New(fault.Invalid, "up", "Say up: the id of an event of this conversation.")
	errHelpful = fault.New(fault.Invalid, "helpful", "Say helpful: true or helpful: false.")
)

type messageRequest struct {
	ClientMsgID string        `json:"client_msg_id"`
	Text        string        `json:"text"`
	Choice      *convo.Chosen `json:"choice,omitempty"` // a choice that was pressed; text is then its title
	Files       []convo.ID    `json:"files,omitempty"`  // uploads that go with it; text may then be empty
}

type messageResponse struct {
	Turn     convo.ID        `json:"turn"`
	Outcome  convo.Outcome   `json:"outcome"`
	Messages []convo.Message `json:"messages"`
}

// postMessage runs a turn and answers with it: as one JSON object, or, where
// the client accepts events, as it comes.
func (a *API) postMessage(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req messageRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	if len(req.Files) > files.MaxOfMessage {
		return files.ErrMany
	}
	t, err := a.Engine.Say(c.UserContext(), bot.Say{
		Site: v.site, Key: v.key, Visitor: v.visitor,
		ClientMsgID: req.ClientMsgID, Text: req.Text, Choice: req.Choice, Files: req.Files, Request: web.RequestID(c),
	})
	if err != nil {
		return err
	}
	web.Note(c, "turn", t.ID)
	if strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream") {
		return a.App.Stream(c, newTurnSource(t, a.cfg.TurnBeat))
	}
	reply, err := t.Run()
	if err != nil {
		return err
	}
	web.Note(c, "outcome", reply.Outcome)
	if reply.Messages == nil {
		reply.Messages = []convo.Message{}
	}
	return c.JSON(messageResponse{Turn: reply.Turn, Outcome: reply.Outcome, Messages: reply.Messages})
}

func (a *API) postTyping(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	if err := web.Decode(c, &struct{}{}, true); err != nil {
		return err
	}
	if _, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor); err != nil {
		return err
	}
	a.Hub.PublishTyping(v.key, convo.Customer)
	return c.SendStatus(fiber.StatusNoContent)
}

type readRequest struct {
	Up int64 `json:"up"` // id of the last event that was on screen
}

// postRead notes how far the customer has read. Who serves them sees it.
func (a *API) postRead(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req readRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	st, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor)
	if err != nil {
		return err
	}
	if req.Up < 1 || req.Up > st.LastSeq {
		return errUp
	}
	if err := a.reads.Mark(c.UserContext(), v.key, convo.Read{By: convo.Customer, Up: req.Up}); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

type humanRequest struct {
	Reason  string `json:"reason"`
	Text    string `json:"text"`
	Contact string `json:"contact"`
}

type humanResponse struct {
	Case      convo.ID `json:"case"`
	Reference string   `json:"reference"`
	Queue     string   `json:"queue"`
	Position  int      `json:"position,omitempty"` // 1: next
	Estimate  string   `json:"estimate,omitempty"` // left out while nothing is known to estimate from
}

// postHuman needs no model and no search: one transaction.
func (a *API) postHuman(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req humanRequest
	if err := web.Decode(c, &req, true); err != nil {
		return err
	}
	reason, err := handoff.ParseReason(req.Reason)
	if err != nil {
		return err
	}
	note := ""
	if strings.TrimSpace(req.Text) != "" {
		if note, err = bot.CleanText(req.Text); err != nil {
			return err
		}
	}
	if len([]rune(req.Contact)) > 200 || !storable(req.Contact) {
		return errContact
	}
	// The press is carried through also when the client does not wait for it.
	opened, err := a.Desk.Open(context.WithoutCancel(c.UserContext()), handoff.Request{
		Key: v.key, Visitor: v.visitor, Queue: v.site.Settings.Queue, Reason: reason,
		Note: note, Contact: bot.MaskContact(strings.TrimSpace(req.Contact)), Fallback: v.site.Settings.Language,
	})
	if err != nil {
		return err
	}
	return c.JSON(humanResponse{Case: opened.Case.ID, Reference: opened.Case.Reference, Queue: opened.Case.Queue, Position: opened.Position, Estimate: opened.Estimate})
}

type feedbackRequest struct {
	Message string `json:"message"`
	Helpful *bool  `json:"helpful"`
	Comment string `json:"comment"`
}

func (a *API) postFeedback(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req feedbackRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	if req.Helpful == nil {
		return errHelpful
	}
	if len([]rune(req.Comment)) > 2000 || !storable(req.Comment) {
		return errComment
	}
	message, err := uuid.Parse(req.Message)
	if err != nil {
		return bot.ErrNoMessage
	}
	if _, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor); err != nil {
		return err
	}
	err = bot.TakeFeedback(c.UserContext(), a.Store, bot.Feedback{
		Key: v.key, Visitor: v.visitor, Message: message, Helpful: *req.Helpful,
		Comment: bot.MaskCards(req.Comment), At: a.Now().UTC(),
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
