package console

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/web"
)

// mountSettings adds what leads and admins set; the desk says who may.
func (c *Console) mountSettings(r fiber.Router) {
	r.Get("/settings", c.settings)
	r.Put("/settings/queues/:queue", c.limited(c.putQueue))
	r.Delete("/settings/queues/:queue", c.limited(c.removeQueue))
	r.Put("/settings/routes", c.limited(c.putRoutes))
	r.Post("/settings/dry-run", c.limited(c.dryRun))
	r.Get("/settings/articles", c.articles)
	r.Put("/settings/articles", c.limited(c.putArticle))
	r.Post("/settings/hours/dry-run", c.limited(c.tryHours))
	r.Put("/settings/rules", c.limited(c.putRules))
	r.Get("/blocks", c.blocks)
	r.Put("/blocks/:visitor", c.limited(c.putBlock))
	r.Delete("/blocks/:visitor", c.limited(c.removeBlock))
}

func (c *Console) settings(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	queues, err := c.Desk.Queues(ctx.UserContext(), a)
	if err != nil {
		return err
	}
	routes, err := c.Desk.Routes(ctx.UserContext(), a)
	if err != nil {
		return err
	}
	rules, err := c.Desk.Rules(ctx.UserContext(), a)
	if err != nil {
		return err
	}
	for i := range queues {
		queues[i] = without(a, queues[i])
	}
	return ctx.JSON(fiber.Map{"queues": orEmpty(queues), "routes": orEmpty(routes), "rules": rules})
}

// without leaves out of a queue's settings whose addresses are told of what waits,
// for those who may not read people's addresses.
func without(a handoff.Actor, q handoff.Queue) handoff.Queue {
	if a.Leads() || len(q.Notify) == 0 {
		return q
	}
	var notify map[string]json.RawMessage
	if json.Unmarshal(q.Notify, &notify) != nil {
		q.Notify = nil
		return q
	}
	delete(notify, "leads")
	q.Notify = mustJSON(notify)
	return q
}

// settled answers a change of settings with all of them.
func (c *Console) settled(ctx *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	c.Wake(actorOf(ctx).Site)
	return c.settings(ctx)
}

func (c *Console) putQueue(ctx *fiber.Ctx) error {
	var q handoff.Queue
	if err := web.Decode(ctx, &q, false); err != nil {
		return err
	}
	q.Queue = copied(ctx.Params("queue"))
	if q.Distribution == "" {
		q.Distribution = handoff.ByClaim
	}
	return c.settled(ctx, c.Desk.SetQueue(ctx.UserContext(), actorOf(ctx), q))
}

func (c *Console) removeQueue(ctx *fiber.Ctx) error {
	return c.settled(ctx, c.Desk.RemoveQueue(ctx.UserContext(), actorOf(ctx), copied(ctx.Params("queue")), copied(ctx.Query("into"))))
}

type routesRequest struct {
	Routes []handoff.Route `json:"routes"`
	Limit  int             `json:"limit"`
}

func (c *Console) putRoutes(ctx *fiber.Ctx) error {
	var req routesRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	return c.settled(ctx, c.Desk.SetRoutes(ctx.UserContext(), actorOf(ctx), orEmpty(req.Routes)))
}

// dryRun holds a table, kept or not, against the newest cases.
func (c *Console) dryRun(ctx *fiber.Ctx) error {
	var req routesRequest
	if err := web.Decode(ctx, &req, true); err != nil {
		return err
	}
	if req.Limit <= 0 || req.Limit > 500 {
		req.Limit = 100
	}
	runs, err := c.Desk.DryRun(ctx.UserContext(), actorOf(ctx), req.Routes, req.Limit)
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"cases": orEmpty(runs)})
}

func (c *Console) putRules(ctx *fiber.Ctx) error {
	var r handoff.Rules
	if err := web.Decode(ctx, &r, false); err != nil {
		return err
	}
	return c.settled(ctx, c.Desk.SetRules(ctx.UserContext(), actorOf(ctx), r))
}

func (c *Console) blocks(ctx *fiber.Ctx) error {
	list, err := c.Desk.Blocked(ctx.UserContext(), actorOf(ctx))
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"blocks": orEmpty(list)})
}

type blockRequest struct {
	Until time.Time `json:"until"` // absent: for good
	Why   string    `json:"why"`
}

func (c *Console) putBlock(ctx *fiber.Ctx) error {
	visitor, err := visitorID(ctx)
	if err != nil {
		return err
	}
	var req blockRequest
	if err := web.Decode(ctx, &req, true); err != nil {
		return err
	}
	if err := c.Desk.Block(ctx.UserContext(), actorOf(ctx), visitor, req.Until, req.Why); err != nil {
		return err
	}
	return c.blocks(ctx)
}

func (c *Console) removeBlock(ctx *fiber.Ctx) error {
	visitor, err := visitorID(ctx)
	if err != nil {
		return err
	}
	if err := c.Desk.Unblock(ctx.UserContext(), actorOf(ctx), visitor); err != nil {
		return err
	}
	return c.blocks(ctx)
}

func visitorID(ctx *fiber.Ctx) (convo.ID, error) {
	id, err := uuid.Parse(ctx.Params("visitor"))
	if err != nil {
		return id, handoff.ErrNoCase
	}
	return id, nil
}
