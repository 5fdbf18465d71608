package console

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

const maxText = 8000 // characters, as of a reply

var (
	errDraft  = fault.New(fault.TooLarge, "draft", "A draft may have at most 8,000 characters.")
	errSearch = fault.New(fault.Invalid, "text", "Say what to look for, with at most 500 characters.")
	errCanned = fault.New(fault.Invalid, "canned", "A canned reply needs a short name (letters, digits and '-', at most 40), a title (at most 120 characters) and a text (at most 8,000).")
	errNoText = fault.New(fault.NotFound, "no_such_canned", "There is no such canned reply.")

	shortName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}-]{0,39}$`)
)

// keeps says whether a text can be kept: Postgres takes no NUL.
func keeps(s string, most int) bool {
	return utf8.RuneCountInString(s) <= most && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// putDraft keeps what an agent has begun to write; an empty one is forgotten.
func (c *Console) putDraft(ctx *fiber.Ctx) error {
	var d Draft
	if err := web.Decode(ctx, &d, false); err != nil {
		return err
	}
	if !keeps(d.Text, maxText) || !keeps(d.Note, maxText) {
		return errDraft
	}
	found, err := c.readable(ctx)
	if err != nil {
		return err
	}
	d.At = c.Now().UTC()
	a := actorOf(ctx)
	if err := c.Store.PutDraft(ctx.UserContext(), a, found.ID, d); err != nil {
		return err
	}
	if found.Agent == a.Agent && c.feed.watched(a.Site, found.ID) {
		c.feed.look(a.Site, found.ID)
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}

type passagesRequest struct {
	Text     string `json:"text"`
	Language string `json:"language"`
	Product  string `json:"product"`
}

// passages searches the knowledge, the agents' own included.
func (c *Console) passages(ctx *fiber.Ctx) error {
	var req passagesRequest
	if err := web.Decode(ctx, &req, false); err != nil {
		return err
	}
	req.Text = strings.TrimSpace(req.Text)
	if req.Text == "" || !keeps(req.Text, 500) {
		return errSearch
	}
	within, cancel := context.WithTimeout(ctx.UserContext(), c.cfg.SearchTime)
	defer cancel()
	found, err := c.Finder.Passages(within, actorOf(ctx).Site, req.Text, req.Language, req.Product, 8)
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"passages": orEmpty(found)})
}

func (c *Console) canned(ctx *fiber.Ctx) error {
	list, err := c.Store.Canned(ctx.UserContext(), actorOf(ctx).Site)
	if err != nil {
		return err
	}
	return ctx.JSON(fiber.Map{"canned": orEmpty(list)})
}

// putCanned adds or changes one; "new" as its id makes one.
func (c *Console) putCanned(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	if !a.Works() {
		return handoff.ErrForbidden
	}
	var r Canned
	if err := web.Decode(ctx, &r, false); err != nil {
		return err
	}
	r.Title, r.Text = strings.TrimSpace(r.Title), strings.TrimSpace(r.Text)
	if !shortName.MatchString(r.Short) || r.Title == "" || r.Text == "" || !keeps(r.Title, 120) || !keeps(r.Text, maxText) || len(r.Language) > 35 || len(r.Queues) > 100 {
		return errCanned
	}
	if id := ctx.Params("id"); id == "new" {
		r.ID = c.NewID()
	} else {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return errNoText
		}
		r.ID = parsed
	}
	r.By, r.At = a.Name, c.Now().UTC()
	if err := c.Store.PutCanned(ctx.UserContext(), a.Site, r); err != nil {
		return err
	}
	return ctx.JSON(r)
}

func (c *Console) removeCanned(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	if !a.Works() {
		return handoff.ErrForbidden
	}
	id, err := uuid.Parse(ctx.Params("id"))
	if err != nil {
		return errNoText
	}
	if err := c.Store.RemoveCanned(ctx.UserContext(), a.Site, id); err != nil {
		return err
	}
	return ctx.SendStatus(fiber.StatusNoContent)
}
