package widget

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
)

// ErrNoRating says that there is no rating of the last hour to add words to.
var ErrNoRating = fault.New(fault.NotFound, "rating_not_found", "There is no such rating any more.")

var errRating = fault.New(fault.Invalid, "rating", "Say helpful=yes or helpful=no, or rating and missing.")

// maxMissing bounds what a reader writes, in characters.
const maxMissing = 1000

// ratedOf reads from an address where "Was this helpful?" stands, for readers
// without scripts.
func ratedOf(c *fiber.Ctx) rated {
	switch c.Query("rated") {
	case "yes":
		return rated{State: "thanks"}
	case "no":
		if id := readable(c.Query("rating")); len(id) == 36 {
			return rated{State: "missing", ID: id}
		}
		return rated{State: "thanks"}
	case "noted":
		return rated{State: "noted"}
	default:
		return rated{}
	}
}

// rate answers a press below an article: helpful=yes or no, and then, to a no,
// rating= and missing=. A form is led back to the article; a script gets JSON.
func (w *Widget) rate(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	if c.Get("Sec-Fetch-Site") == "cross-site" {
		return fault.New(fault.Forbidden, "cross_site", "This is taken from a page of the same site only.")
	}
	id, err := articleOf(c)
	if err != nil {
		return w.fail(c, at, ErrNoArticle)
	}
	a, err := w.deps.Library.Article(ctx, at.Site, id)
	if err != nil {
		return w.fail(c, at, err)
	}
	now := w.deps.Now().UTC()
	state, rating := "", ""
	switch helpful, missing := c.FormValue("helpful"), strings.TrimSpace(readable(strings.Clone(c.FormValue("missing")))); {
	case w.deps.NewID == nil:
		return fiber.ErrMethodNotAllowed
	case helpful == "yes" || helpful == "no":
		state, rating = strings.Clone(helpful), w.deps.NewID()
		err = w.deps.Journal.Rate(ctx, Rating{Site: at.Site.ID, ID: rating, Article: a.ID, Generation: at.Site.Generation, Helpful: helpful == "yes", At: now})
	case missing != "" && c.FormValue("rating") != "":
		state = "noted"
		err = w.deps.Journal.Missing(ctx, at.Site.ID, readable(strings.Clone(c.FormValue("rating"))), w.deps.Mask(first(missing, maxMissing)), now)
	case c.FormValue("rating") != "": // nothing was written: a thank you all the same
		state = "noted"
	default:
		err = errRating
	}
	if strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON) {
		if err != nil {
			return err
		}
		return c.JSON(fiber.Map{"state": state, "rating": rating})
	}
	if err != nil {
		return w.fail(c, at, err)
	}
	to := articlePath(at.Help, a.ID) + "?rated=" + state
	if state == "no" {
		to += "&rating=" + rating
	}
	return c.Redirect(to+"#helpful", fiber.StatusSeeOther)
}
