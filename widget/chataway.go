package widget

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// failChat answers /chat/<site> where it cannot be made with a small page that says
// so, and that comes back by itself where it only has to wait.
func (w *Widget) failChat(c *fiber.Ctx, err error) error {
	p, status := w.chatAway(c, err)
	return w.write(c, status, "away.html", p)
}

// failFrame answers /widget/app where it cannot be made: the same page, in the window
// on a shop's page, with a way to close that. Any page may frame it: whose it is may be
// what nobody can tell just now, it holds nothing that is one site's, and there is
// nothing to press on it but "try now" and "close".
func (w *Widget) failFrame(c *fiber.Ctx, err error) error {
	p, status := w.chatAway(c, err)
	p.Close = w.embedded.closeWord[w.embedded.speaks(p.W.Lang, "en")]
	if err := w.write(c, status, "away.html", p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, strings.Replace(pagePolicy, "frame-ancestors 'none'", "frame-ancestors *", 1))
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return nil
}

// chatAway is the page for a chat that cannot be shown, in the reader's language, and
// its status. The cause goes to the log, never to the page.
func (w *Widget) chatAway(c *fiber.Ctx, err error) (page, int) {
	kind := fault.KindOf(err)
	words := w.words.in(append(strings.Split(c.Query("lang"), ","), accepted(c.Get(fiber.HeaderAcceptLanguage))...)...)
	p := w.newPage(place{Site: Site{Default: true}, Help: "/help", W: words}, words.WrongTitle)
	p.Try = true
	switch kind {
	case fault.NotFound:
		p.Title, p.Part, p.Try = words.NoneTitle, trouble{Said: words.NoneSaid}, false
	case fault.Unavailable, fault.Timeout:
		retryAfter(c, err)
		p.Title, p.Part, p.Again = words.ChatAwayTitle, trouble{Said: words.ChatAwaySaid}, true
	default:
		p.Part = trouble{words.WrongSaid, strings.Replace(words.WrongNext, "{}", web.RequestID(c), 1)}
	}
	status := web.Status(kind)
	if status >= fiber.StatusInternalServerError {
		w.deps.Log.Error("chat page failed", "request", web.RequestID(c), "status", status, "cause", err.Error())
	}
	return p, status
}
