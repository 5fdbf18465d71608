package console

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/internal/web"
)

// supervisor is what leads do beside the agents, and what becomes of suggestions.
type supervisor interface {
	TakeOver(ctx context.Context, a handoff.Actor, t handoff.Target, why string) (handoff.Case, error)
	Whisper(ctx context.Context, a handoff.Actor, t handoff.Target, text string) (handoff.CaseEvent, error)
	Unused(ctx context.Context, a handoff.Actor, t handoff.Target, s handoff.Suggestion) (handoff.CaseEvent, error)
}

// overseen is what is read for them.
type overseen interface {
	// Writing reads what those who have these cases have begun to write to their
	// customers; a case of which nothing is begun is left out.
	Writing(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID]Writing, error)
	// Cited finds quotes in the articles as they are published now, and says where
	// they stand. What is not there word for word, or is for agents only, is left
	// out.
	Cited(ctx context.Context, site int32, list []convo.Citation) ([]convo.Citation, error)
}

// Writing is what somebody is writing to a customer.
type Writing struct {
	Agent convo.ID  `json:"agent,omitzero"`
	Name  string    `json:"name,omitempty"`
	Text  string    `json:"text"` // empty: nothing, or no longer
	At    time.Time `json:"at,omitzero"`
}

// mountSupervision adds the routes.
func (c *Console) mountSupervision(r fiber.Router) {
	r.Post("/cases/:id/takeover", c.act(c.takeOver))
	r.Post("/cases/:id/whispers", c.limited(c.whisper))
	r.Get("/cases/:id/suggestion", c.limited(c.suggestion))
	r.Post("/cases/:id/suggestion", c.limited(c.unused))
}

func (c *Console) takeOver(ctx context.Context, a handoff.Actor, t handoff.Target, m move) (handoff.Case, error) {
	return c.Desk.TakeOver(ctx, a, t, m.Why)
}

type whisperRequest struct {
	Text string `json:"text"`
}

// whisper says something that the customer and colleagues never see.
func (c *Console) whisper(ctx *fiber.Ctx) error {
	var req whisperRequest
	return c.entry(ctx, &req, func(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.CaseEvent, error) {
		return c.Desk.Whisper(ctx, a, t, req.Text)
	})
}

type unusedRequest struct {
	Article string `json:"article"`
	Why     string `json:"why"`
}

// unused keeps that a suggested reply was turned down.
func (c *Console) unused(ctx *fiber.Ctx) error {
	var req unusedRequest
	return c.entry(ctx, &req, func(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.CaseEvent, error) {
		return c.Desk.Unused(ctx, a, t, handoff.Suggestion{Article: req.Article, Why: req.Why})
	})
}

// entry is a request that adds a line to a case's log and answers with it.
func (c *Console) entry(ctx *fiber.Ctx, req any, do func(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.CaseEvent, error)) error {
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	if err := web.Decode(ctx, req, false); err != nil {
		return err
	}
	running, cancel := through(ctx)
	defer cancel()
	a := actorOf(ctx)
	e, err := do(running, a, handoff.Target{Case: id})
	if err != nil {
		return err
	}
	c.Wake(a.Site)
	return ctx.JSON(fiber.Map{"entry": e})
}

const (
	// sureSuggestion is the probability from which a passage that a search found
	// is worth suggesting: an agent reads it before it goes out.
	sureSuggestion = .3
	// longestSuggestion is how many characters one has at most; a longer passage
	// is an article to read, not a reply.
	longestSuggestion = 1200
)

// suggestion is a reply to suggest for a case whose packet has none that is new
// to its customer: the best public passage for the problem, but for what the
// customer said did not help. There may be none.
func (c *Console) suggestion(ctx *fiber.Ctx) error {
	id, err := caseID(ctx)
	if err != nil {
		return err
	}
	a := actorOf(ctx)
	found, err := c.Desk.Get(ctx.UserContext(), a, id)
	if err != nil {
		return err
	}
	var p packet.Packet
	if len(found.Packet) > 0 {
		if err := json.Unmarshal(found.Packet, &p); err != nil {
			return err
		}
	}
	if p.Reply != nil && !p.Reply.Shown || p.Problem == nil || found.State == handoff.Closed {
		return ctx.JSON(fiber.Map{"reply": p.Reply})
	}
	within, cancel := context.WithTimeout(ctx.UserContext(), c.cfg.SearchTime)
	defer cancel()
	list, err := c.Finder.Passages(within, a.Site, p.Problem.Text, found.Language, "", 5)
	if err != nil {
		return err
	}
	if s := suggested(list, p); s != nil {
		return ctx.JSON(fiber.Map{"reply": s})
	}
	return ctx.JSON(fiber.Map{"reply": p.Reply})
}

// suggested picks what to suggest of passages, best first; nil: none of them.
func suggested(list []Passage, p packet.Packet) *packet.Reply {
	if len(list) == 0 || list[0].P < sureSuggestion {
		return nil
	}
	for _, x := range list {
		shown := slices.ContainsFunc(p.Answers, func(a packet.Shown) bool { return a.Article == x.Article && a.As == "answer" })
		failed := slices.ContainsFunc(p.Answers, func(a packet.Shown) bool { return a.Article == x.Article && a.Received == packet.NoHelp })
		if x.Internal || shown || failed || strings.TrimSpace(x.Text) == "" || utf8.RuneCountInString(x.Text) > longestSuggestion {
			continue
		}
		return &packet.Reply{
			Text: x.Text, Article: x.Article, Title: x.Title, URL: x.URL, From: []packet.Ref{{Kind: packet.RefArticle, ID: x.Article}},
		}
	}
	return nil
}
