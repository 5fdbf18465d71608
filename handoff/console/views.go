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

// maxViews is how many one person, and a site together, may keep: what fits
// beside the queues and can be counted in one go.
const maxViews = 30

var (
	errView = fault.New(fault.Invalid, "saved_view", "A saved view needs a name of at most 60 characters and a search.")
	// ErrNoView says that there is none of that id, or that it is somebody else's.
	ErrNoView   = fault.New(fault.NotFound, "no_such_saved_view", "There is no such saved view.")
	errViews    = fault.New(fault.Conflict, "many_views", "That is as many saved views as fit. Remove one first.")
	errViewMade = fault.New(fault.Invalid, "saved_view_id", "The id has to be new, or one that a saved view has or had.")
)

// SavedView is a search under a name.
type SavedView struct {
	ID     convo.ID  `json:"id"`
	Agent  convo.ID  `json:"-"` // whose; zero: shared
	Shared bool      `json:"shared"`
	Name   string    `json:"name"`
	Query  string    `json:"query"`
	Place  int       `json:"place"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Count  int       `json:"count"`            // how many cases it holds; 100: or more
	Wrong  string    `json:"broken,omitempty"` // why it finds nothing any more: a queue that is gone
}

// viewKeeper keeps saved views.
type viewKeeper interface {
	// Views lists those of an agent and the shared ones, each in their order.
	Views(ctx context.Context, a handoff.Actor) ([]SavedView, error)
	// PutView adds or changes one of the agent's, or a shared one; full says
	// that there are as many as may be. Error: ErrNoView where the id is
	// somebody else's.
	PutView(ctx context.Context, a handoff.Actor, v SavedView, most int) (full bool, err error)
	// RemoveView removes one of the agent's own or, where they may, a shared one.
	RemoveView(ctx context.Context, a handoff.Actor, id convo.ID, shared bool) error
	// OrderViews gives the agent's own, and the shared ones where they may, the
	// order of these ids.
	OrderViews(ctx context.Context, a handoff.Actor, ids []convo.ID, shared bool) error
}

// views lists the saved views with how many cases each holds.
func (c *Console) views(ctx *fiber.Ctx) error {
	within, cancel := context.WithTimeout(ctx.UserContext(), searchTime)
	defer cancel()
	list, err := c.listViews(within, actorOf(ctx), copied(ctx.Query("zone")))
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"views": list, "now": c.Now().UTC()})
}

func (c *Console) listViews(ctx context.Context, a handoff.Actor, zone string) ([]SavedView, error) {
	list, err := c.Store.Views(ctx, a)
	if err != nil || len(list) == 0 {
		return orEmpty(list), err
	}
	n, err := c.seeker().names(ctx, a, zone)
	if err != nil {
		return nil, err
	}
	for i := range list {
		v := &list[i]
		s, err := parseSearch(v.Query, n)
		if f, ok := fault.As(err); ok {
			v.Wrong = f.Public
			continue
		}
		if v.Count, err = c.Store.SearchCount(ctx, a, s, countMost); err != nil {
			return nil, err
		}
	}
	return list, nil
}

type viewRequest struct {
	Name   string `json:"name"`
	Query  string `json:"query"`
	Shared bool   `json:"shared"`
	Place  int    `json:"place"`
	Zone   string `json:"zone"`
}

// putView adds or changes one; "new" as its id makes one. One that was removed
// comes back under its id: that is the undo.
func (c *Console) putView(ctx *fiber.Ctx) error {
	var req viewRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	a := actorOf(ctx)
	v := SavedView{Name: strings.TrimSpace(req.Name), Query: strings.TrimSpace(req.Query), Shared: req.Shared, Place: req.Place, By: a.Name, At: c.Now().UTC()}
	if v.Name == "" || !keeps(v.Name, 60) || v.Place < 0 || v.Place > 10_000 {
		return errView
	}
	if v.Shared && !a.Leads() {
		return handoff.ErrForbidden
	}
	if _, err := c.seeker().Ask(ctx.UserContext(), a, v.Query, req.Zone); err != nil {
		return err
	}
	if id := ctx.Params("id"); id == "new" {
		v.ID = c.NewID()
	} else {
		parsed, err := uuid.Parse(id)
		if err != nil || parsed == (uuid.UUID{}) {
			return errViewMade
		}
		v.ID = parsed
	}
	full, err := c.Store.PutView(ctx.UserContext(), a, v, maxViews)
	switch {
	case err != nil:
		return err
	case full:
		return errViews
	}
	c.Wake(a.Site)
	return c.answerViews(ctx, a, req.Zone, v.ID)
}

func (c *Console) answerViews(ctx *fiber.Ctx, a handoff.Actor, zone string, id convo.ID) error {
	list, err := c.listViews(ctx.UserContext(), a, zone)
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"views": list, "id": id})
}

func (c *Console) removeView(ctx *fiber.Ctx) error {
	id, err := uuid.Parse(ctx.Params("id"))
	if err != nil {
		return ErrNoView
	}
	a := actorOf(ctx)
	if err := c.Store.RemoveView(ctx.UserContext(), a, id, a.Leads()); err != nil {
		return err
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}

type orderRequest struct {
	IDs    []convo.ID `json:"ids"`
	Shared bool       `json:"shared"`
}

func (c *Console) orderViews(ctx *fiber.Ctx) error {
	var req orderRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	a := actorOf(ctx)
	if req.Shared && !a.Leads() {
		return handoff.ErrForbidden
	}
	if len(req.IDs) > 2*maxViews {
		return errViews
	}
	if err := c.Store.OrderViews(ctx.UserContext(), a, req.IDs, req.Shared); err != nil {
		return err
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}
