package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const (
	allowMethods = "GET, POST"
	allowHeaders = "Authorization, Content-Range, Content-Type, If-None-Match, Last-Event-ID, X-File-Name, X-File-Upload, X-Request-Id"
	exposed      = "Retry-After, X-Request-Id"
)

// CORS lets pages of other origins read what a site allows them to. A token
// travels in a header and never in a cookie, so credentials are never allowed
// and the origin is echoed, not "*".
//
// known says whether any site names the origin: a preflight has no token, so
// its site is not known yet. The answer itself is only readable when the site
// it turns out to belong to names the origin too: see Origin.
func CORS(known func(origin string) bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		origin := c.Get(fiber.HeaderOrigin)
		if origin == "" {
			return c.Next()
		}
		c.Vary(fiber.HeaderOrigin)
		allowed := known(origin)
		if allowed {
			c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
			c.Set(fiber.HeaderAccessControlExposeHeaders, exposed)
		}
		if c.Method() != fiber.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" {
			return c.Next()
		}
		if allowed {
			c.Set(fiber.HeaderAccessControlAllowMethods, allowMethods)
			c.Set(fiber.HeaderAccessControlAllowHeaders, allowHeaders)
			c.Set(fiber.HeaderAccessControlMaxAge, "600")
		}
		return c.SendStatus(fiber.StatusNoContent)
	}
}

// Origin takes the right to read the answer back where the site, now that it
// is known, does not name the page's origin.
func Origin(c *fiber.Ctx, origins []string) {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || OriginListed(origins, origin) {
		return
	}
	c.Response().Header.Del(fiber.HeaderAccessControlAllowOrigin)
	c.Response().Header.Del(fiber.HeaderAccessControlExposeHeaders)
}

// OriginListed compares origins as browsers send them: scheme and host in
// lower case, no slash at the end.
func OriginListed(origins []string, origin string) bool {
	return slices.ContainsFunc(origins, func(o string) bool {
		return strings.EqualFold(strings.TrimSuffix(o, "/"), origin)
	})
}
