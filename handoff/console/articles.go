package console

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// Labels are what articles are about, and whoever may change it.
type Labels interface {
	// Articles reads a site's published articles with the labels that count.
	Articles(ctx context.Context, site int32) (Shelf, error)
	// Settle settles the labels of one in somebody's name; all empty takes back
	// what was settled. Error: Invalid for an article, a desk or a topic that is
	// not there.
	Settle(ctx context.Context, site int32, by string, l Label) error
}

// Shelf is a site's articles.
type Shelf struct {
	Articles []Article `json:"articles"` // by id
	Topics   []string  `json:"topics"`   // of the site's table; empty: any word is one
}

// Label is what was settled of an article; empty fields say nothing.
type Label struct {
	Article string `json:"article"`
	Desk    string `json:"desk"`
	Topic   string `json:"topic"`
	Product string `json:"product"`
}

// Article is a published article with the labels that count.
type Article struct {
	ID         string        `json:"article"`
	Title      string        `json:"title"`
	Desk       string        `json:"desk,omitempty"`
	Topic      string        `json:"topic,omitempty"`
	Product    string        `json:"product,omitempty"`
	From       string        `json:"from"`        // of the desk: settled, owner, topic, suggested, none
	P          float64       `json:"p,omitempty"` // of a suggestion
	Settled    *SettledLabel `json:"settled,omitempty"`
	Notes      []string      `json:"notes,omitempty"` // what its owner should know
	Internal   bool          `json:"internal,omitempty"`
	ReplacedBy string        `json:"replaced_by,omitempty"`
}

// SettledLabel is what was settled, by whom and when.
type SettledLabel struct {
	Desk    string    `json:"desk,omitempty"`
	Topic   string    `json:"topic,omitempty"`
	Product string    `json:"product,omitempty"`
	By      string    `json:"by,omitempty"` // empty: at the terminal
	At      time.Time `json:"at"`
}

var errNoLabels = fault.New(fault.NotFound, "no_labels", "This desk has no knowledge to label.")

func (c *Console) articles(ctx *fiber.Ctx) error {
	if c.Labels == nil {
		return errNoLabels
	}
	shelf, err := c.Labels.Articles(ctx.UserContext(), actorOf(ctx).Site)
	if err != nil {
		return err
	}
	shelf.Articles, shelf.Topics = orEmpty(shelf.Articles), orEmpty(shelf.Topics)
	return ctx.JSON(shelf)
}

func (c *Console) putArticle(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	switch {
	case !a.Leads():
		return handoff.ErrForbidden
	case c.Labels == nil:
		return errNoLabels
	}
	var l Label
	if err := web.Decode(ctx, &l, false); err != nil {
		return err
	}
	running, cancel := through(ctx)
	defer cancel()
	if err := c.Labels.Settle(running, a.Site, a.Name, l); err != nil {
		return err
	}
	return c.articles(ctx)
}
