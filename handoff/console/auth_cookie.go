package console

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
)

var errOtherPage = fault.New(fault.Forbidden, "cross_site", "This was not sent from a page of the desk. Open the desk and try again there.")

// The session's cookie. Over https its name begins with __Host-, which makes
// the browser itself refuse it from a subdomain or an unencrypted page: nobody
// plants a session of theirs in somebody else's browser.
const (
	cookieSecure = "__Host-frontdesk"
	cookiePlain  = "frontdesk_desk" // over http, which is for one's own machine
)

// secure says whether the browser speaks https with us, or with a proxy before
// us. A client that claims it falsely gets a cookie that it will not send.
func (a *Auth) secure(c *fiber.Ctx) bool {
	if a.origin != nil {
		return a.origin.Scheme == "https"
	}
	proto, _, _ := strings.Cut(c.Get(fiber.HeaderXForwardedProto), ",")
	return c.Context().IsTLS() || strings.EqualFold(strings.TrimSpace(proto), "https")
}

// token is the session's, copied: Fiber reuses its bytes.
func (a *Auth) token(c *fiber.Ctx) string {
	name := cookiePlain
	if a.secure(c) {
		name = cookieSecure
	}
	return strings.Clone(c.Cookies(name))
}

func (a *Auth) remember(c *fiber.Ctx, t people.Token, s people.Session) {
	a.setCookie(c, t.Reveal(), s.EndsAt)
}

func (a *Auth) forget(c *fiber.Ctx) { a.setCookie(c, "", time.Unix(1, 0)) }

func (a *Auth) setCookie(c *fiber.Ctx, value string, until time.Time) {
	cookie := &fiber.Cookie{
		Name: cookiePlain, Value: value, Path: "/desk", Expires: until.UTC(), HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
	}
	if a.secure(c) {
		cookie.Name, cookie.Path, cookie.Secure = cookieSecure, "/", true // what __Host- asks for
	}
	c.Cookie(cookie)
}

func safeMethod(m string) bool { return m == fiber.MethodGet || m == fiber.MethodHead }

// fromOurPage is ourPage as a handler.
func (a *Auth) fromOurPage(c *fiber.Ctx) error {
	if err := a.ourPage(c); err != nil {
		return err
	}
	return c.Next()
}

// ourPage refuses a change that another page sends with somebody's cookie.
// Browsers that say where a request comes from are believed; the others send
// Origin with every change. One that says neither is no browser of today. What
// is only read may also be typed ("none"), but not asked for by another page,
// which could learn from how long the answer takes.
func (a *Auth) ourPage(c *fiber.Ctx) error {
	safe := safeMethod(c.Method())
	switch site := c.Get("Sec-Fetch-Site"); {
	case site == "same-origin", safe && (site == "" || site == "none"):
		return nil
	case site != "":
		return errOtherPage
	}
	scheme, host, ok := strings.Cut(c.Get(fiber.HeaderOrigin), "://")
	switch {
	case !ok, scheme != "http" && scheme != "https":
		return errOtherPage
	case a.origin != nil:
		if scheme != a.origin.Scheme || !strings.EqualFold(host, a.origin.Host) {
			return errOtherPage
		}
	case !strings.EqualFold(host, string(c.Context().Host())):
		return errOtherPage
	}
	return nil
}

// where is where a request comes from, copied.
func (a *Auth) where(c *fiber.Ctx) people.Where {
	addr := a.app.ClientAddr(c)
	return people.Where{
		Address: addr.String(), Place: people.Place(addr), Loopback: addr.IsLoopback(),
		UserAgent: strings.Clone(c.Get(fiber.HeaderUserAgent)),
	}
}
