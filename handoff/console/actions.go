package console

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

var (
	errAgentID   = fault.New(fault.Invalid, "agent", "agent has to be the id of somebody at the desk.")
	errMessageID = fault.New(fault.Invalid, "client_msg_id", "client_msg_id has to be 1 to 64 printable characters that name this message.")
)

// move is the body of every change of a case; each reads what it means.
type move struct {
	Version  int64            `json:"version"` // of the case that was looked at; 0: whatever it is now
	Why      string           `json:"why"`
	Queue    string           `json:"queue"`
	Agent    string           `json:"agent"`
	Until    time.Time        `json:"until"`
	Priority handoff.Priority `json:"priority"`
	Into     string           `json:"into"` // a case, by id or reference
	Ended    string           `json:"ended"`
	Topic    string           `json:"topic"`
	Product  string           `json:"product"`
	Memo     string           `json:"memo"`
	Queues   []string         `json:"queues"`
}

// action is a change of the case that a target names.
type action func(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error)

// changeTime bounds a change that nobody may wait for any more.
const changeTime = 10 * time.Second

// through is the context of a change: it is carried through also when the page
// does not wait for it.
func through(ctx *fiber.Ctx) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx.UserContext()), changeTime)
}

// act makes a route of an action: it reads, changes and answers with the row as
// it is afterwards.
func (c *Console) act(do action) fiber.Handler {
	return c.limited(func(ctx *fiber.Ctx) error {
		var m move
		if err := web.Decode(ctx, &m, true); err != nil {
			return err
		}
		if m.Version < 0 {
			return errMade
		}
		t := handoff.Target{Version: m.Version}
		if ctx.Params("id") != "" {
			id, err := caseID(ctx)
			if err != nil {
				return err
			}
			t.Case = id
		}
		running, cancel := through(ctx)
		defer cancel()
		a := actorOf(ctx)
		done, err := do(running, a, t, m)
		if err != nil {
			return err
		}
		c.Wake(a.Site)
		if done.ID == (convo.ID{}) {
			return ctx.SendStatus(fiber.StatusNoContent)
		}
		return c.answerRow(ctx, done)
	})
}

// answerRow sends the row of a case that was changed; one that the actor no
// longer sees (given to another queue) goes out as it was left, once.
func (c *Console) answerRow(ctx *fiber.Ctx, done handoff.Case) error {
	return ctx.JSON(fiber.Map{"case": c.rowNow(ctx, done)})
}

// rowNow is a case's row with whose it is.
func (c *Console) rowNow(ctx *fiber.Ctx, done handoff.Case) row {
	r := caseRow(done)
	entries, err := c.Store.Rows(ctx.UserContext(), actorOf(ctx).Site, []convo.ID{done.ID})
	if err == nil && len(entries) == 1 {
		r.Visitor, r.Name = entries[0].Visitor, entries[0].Name
	}
	return r
}

func (c *Console) claim(ctx context.Context, a handoff.Actor, t handoff.Target, _ move) (handoff.Case, error) {
	return c.Desk.Claim(ctx, a, t)
}

// next claims the case that is due first; nothing waits: no content.
func (c *Console) next(ctx context.Context, a handoff.Actor, _ handoff.Target, m move) (handoff.Case, error) {
	found, ok, err := c.Desk.ClaimNext(ctx, a, m.Queues...)
	if err != nil || !ok {
		return handoff.Case{}, err
	}
	return found, nil
}

func (c *Console) release(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	return c.Desk.Release(ctx, a, t, m.Why)
}

func (c *Console) transfer(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	to := handoff.TransferTo{Queue: m.Queue, Why: m.Why}
	if m.Agent != "" {
		id, err := uuid.Parse(m.Agent)
		if err != nil {
			return handoff.Case{}, errAgentID
		}
		to.Agent = id
	}
	return c.Desk.Transfer(ctx, a, t, to)
}

func (c *Console) escalate(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	return c.Desk.Escalate(ctx, a, t, m.Queue, m.Why)
}

func (c *Console) snooze(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	return c.Desk.Snooze(ctx, a, t, m.Until)
}

func (c *Console) priority(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	return c.Desk.SetPriority(ctx, a, t, m.Priority)
}

func (c *Console) merge(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	into, err := uuid.Parse(m.Into)
	if err != nil { // a reference, as people know it
		found, err := c.Desk.Find(ctx, a, m.Into)
		if err != nil {
			return handoff.Case{}, err
		}
		into = found.ID
	}
	return c.Desk.Merge(ctx, a, t, into)
}

func (c *Console) close(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	ended, err := handoff.ParseEnded(m.Ended)
	if err != nil {
		return handoff.Case{}, err
	}
	return c.Desk.Close(ctx, a, t, handoff.WrapUp{
		Ended: ended, Topic: strings.TrimSpace(m.Topic), Product: strings.TrimSpace(m.Product), Memo: strings.TrimSpace(m.Memo),
	})
}

func (c *Console) reopen(ctx context.Context, a handoff.Actor, t handoff.Target, _ move) (handoff.Case, error) {
	return c.Desk.Reopen(ctx, a, t)
}

type replyRequest struct {
	ClientMsgID string           `json:"client_msg_id"`
	Text        string           `json:"text"`
	Suggested   string           `json:"suggested"`
	Article     string           `json:"article"` // the suggestion was from
	Citations   []convo.Citation `json:"citations"`
	Files       []convo.ID       `json:"files"` // uploads that go with it; text may then be empty
	Version     int64            `json:"version"`
}

// reply says something to the customer; sent twice under one name it is said
// once.
func (c *Console) reply(ctx *fiber.Ctx) error {
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	var req replyRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	if !printable(req.ClientMsgID, 64) {
		return errMessageID
	}
	running, cancel := through(ctx)
	defer cancel()
	a := actorOf(ctx)
	cited, err := c.cited(running, a, req.Citations)
	if err != nil {
		return err
	}
	said, err := c.Desk.Reply(running, a, handoff.Target{Case: id, Version: req.Version}, handoff.Reply{
		ClientMsgID: req.ClientMsgID, Text: req.Text, Suggested: req.Suggested, Article: req.Article, Citations: cited, Files: req.Files,
	})
	if err != nil {
		return err
	}
	c.Wake(a.Site)
	return ctx.JSON(fiber.Map{"message": said.Message, "seq": said.Seq, "repeat": said.Repeat, "case": c.rowNow(ctx, said.Case)})
}

// maxCited is how many quotes one reply may name.
const maxCited = 10

// cited is what of a page's citations is true: the customer is shown nothing as
// a source that does not say it, and nothing that is for agents only.
func (c *Console) cited(ctx context.Context, a handoff.Actor, list []convo.Citation) ([]convo.Citation, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return c.Store.Cited(ctx, a.Site, list[:min(len(list), maxCited)])
}

func printable(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
}

type noteRequest struct {
	Text     string     `json:"text"`
	Mentions []convo.ID `json:"mentions"`
}

// note writes what only the desk reads.
func (c *Console) note(ctx *fiber.Ctx) error {
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	var req noteRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	running, cancel := through(ctx)
	defer cancel()
	a := actorOf(ctx)
	e, err := c.Desk.Note(running, a, handoff.Target{Case: id}, req.Text, req.Mentions)
	if err != nil {
		return err
	}
	c.Wake(a.Site)
	return ctx.JSON(fiber.Map{"entry": e})
}
