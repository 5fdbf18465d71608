package widget

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

// shopPart is what the demo shop's page needs to know.
type shopPart struct {
	Site string // for the chat; "": the default one
}

// shop answers /: the demo shop's page, or, on an installation without the
// demo, the way to the help pages.
func (w *Widget) shop(c *fiber.Ctx) error {
	if w.cfg.Shop == "" {
		return c.Redirect("/help", fiber.StatusFound)
	}
	ctx, cancel := w.bounded(c)
	defer cancel()
	site := w.shopSite(ctx)
	p := w.newPage(place{Site: site, Help: helpPath(site), W: w.words["en"]}, "Kettlewick, kitchen machines")
	p.Part = shopPart{Site: w.cfg.Shop}
	if err := w.write(c, fiber.StatusOK, "shop.html", p); err != nil {
		return err
	}
	// What a shop with a strict policy has to allow: see the widget's README.
	c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy+"; frame-src 'self'")
	return nil
}

// shopSite finds where the shop's help pages are. The page comes also when
// that cannot be known just now: its links then lead to the default site's.
func (w *Widget) shopSite(ctx context.Context) Site {
	site, err := w.deps.Library.Site(ctx, w.cfg.Shop)
	if err != nil {
		w.deps.Log.Warn("shop page without its site", "cause", err.Error())
		return Site{Name: w.cfg.Shop, Default: true}
	}
	return site
}
