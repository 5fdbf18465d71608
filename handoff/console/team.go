package console

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

const (
	// lookFor is how long somebody counts as looking after they said so: three
	// beats, so that a lost one is nothing.
	lookFor = 25 * time.Second
	// typeFor is how long somebody counts as typing; a page says it again every
	// three seconds while they do.
	typeFor = 6 * time.Second
)

// colleague is what everybody at the desk may know of the others.
type colleague struct {
	ID        convo.ID       `json:"id"`
	Name      string         `json:"name"`
	Role      handoff.Role   `json:"role"`
	Email     string         `json:"email,omitempty"` // for leads
	Languages []string       `json:"languages"`
	Skills    []string       `json:"skills"`
	Capacity  int            `json:"capacity"`
	Load      int            `json:"load"`
	Cases     int            `json:"cases"`
	Free      int            `json:"free"`
	Status    handoff.Status `json:"status,omitempty"` // empty: away
	Since     time.Time      `json:"since,omitzero"`
	Disabled  bool           `json:"disabled,omitempty"`
}

func colleagues(a handoff.Actor, list []handoff.Agent) []colleague {
	out := make([]colleague, 0, len(list))
	for _, g := range list {
		if g.Disabled && !a.Leads() {
			continue
		}
		out = append(out, colleagueOf(a, g))
	}
	return out
}

func colleagueOf(a handoff.Actor, g handoff.Agent) colleague {
	col := colleague{
		ID: g.ID, Name: g.Name, Role: g.Role, Languages: orEmpty(g.Languages), Skills: orEmpty(g.Skills), Capacity: g.Capacity,
		Load: g.Load, Cases: g.Cases, Free: g.Free(), Status: g.Status, Since: g.Since, Disabled: g.Disabled,
	}
	if a.Leads() {
		col.Email = g.Email
	}
	return col
}

func (c *Console) agents(ctx *fiber.Ctx) error {
	list, err := c.peopleOf(ctx.UserContext(), actorOf(ctx))
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"agents": list, "now": c.Now().UTC()})
}

type beatRequest struct {
	Status string `json:"status"` // empty: the one they have
	Case   string `json:"case"`   // the one that is open in this tab
	Typing bool   `json:"typing"`
}

// beat is what a page sends when its stream beats: it keeps the presence, and
// says which case is open.
func (c *Console) beat(ctx *fiber.Ctx) error {
	var req beatRequest
	if err := web.Decode(ctx, &req, true); err != nil {
		return err
	}
	var status handoff.Status
	if req.Status != "" {
		var err error
		if status, err = handoff.ParseStatus(req.Status); err != nil {
			return err
		}
	}
	a := actorOf(ctx)
	p, err := c.Desk.Beat(ctx.UserContext(), a, status)
	if err != nil {
		return err
	}
	if req.Case != "" {
		if err := c.looks(ctx, a, req.Case, req.Typing); err != nil {
			return err
		}
	}
	return ctx.JSON(fiber.Map{"status": p.Status, "until": p.Until, "since": p.Since, "now": c.Now().UTC()})
}

// looks notes who has a case open, where they may.
func (c *Console) looks(ctx *fiber.Ctx, a handoff.Actor, id string, typing bool) error {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return handoff.ErrNoCase
	}
	rows, err := c.rows(ctx.UserContext(), a, []convo.ID{parsed})
	if err != nil || len(rows) == 0 { // it went elsewhere while they looked: no harm
		return err
	}
	now := c.Now().UTC()
	until := time.Time{}
	if typing {
		until = now.Add(typeFor)
	}
	return c.Store.Look(ctx.UserContext(), a, parsed, now.Add(lookFor), until)
}

func (c *Console) leave(ctx *fiber.Ctx) error {
	if err := c.Desk.Leave(ctx.UserContext(), actorOf(ctx)); err != nil {
		return err
	}
	c.Wake(actorOf(ctx).Site)
	return ctx.SendStatus(fiber.StatusNoContent)
}

type typingRequest struct {
	Note bool `json:"note"` // a note: colleagues see it, the customer does not
}

// typing says that the actor writes: to colleagues who have the case open, and
// to the customer where it is a reply to a case of theirs.
func (c *Console) typing(ctx *fiber.Ctx) error {
	var req typingRequest
	if err := web.Decode(ctx, &req, true); err != nil {
		return err
	}
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	a, now := actorOf(ctx), c.Now().UTC()
	if !a.Works() {
		return handoff.ErrForbidden
	}
	if err := c.Store.Look(ctx.UserContext(), a, found.ID, now.Add(lookFor), now.Add(typeFor)); err != nil {
		return err
	}
	c.feed.look(a.Site, found.ID)
	if !req.Note && found.State == handoff.Claimed && found.Agent == a.Agent {
		c.Hub.Typing(found.Conversation)
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}

type readRequest struct {
	Up int64 `json:"up"` // number of the last line that was on screen
}

// read says how far the actor has read. The customer is told where the case is
// the actor's: what a lead looks at is nobody's promise to answer.
func (c *Console) read(ctx *fiber.Ctx) error {
	var req readRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	a := actorOf(ctx)
	if !a.Works() {
		return handoff.ErrForbidden
	}
	if req.Up > 0 && found.State == handoff.Claimed && found.Agent == a.Agent {
		if err := c.Hub.Read(ctx.UserContext(), found.Conversation, req.Up); err != nil {
			return err
		}
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}
