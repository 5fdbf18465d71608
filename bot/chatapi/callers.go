package chatapi

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
)

// bearer is the request's token, copied: Fiber reuses its bytes.
func bearer(c *fiber.Ctx) string {
	kind, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.Clone(strings.TrimSpace(token))
}

// visit is one request about one conversation.
type visit struct {
	caller
	key  convo.Key
	site *bot.Site
}

// withConversation reads token and conversation of a request. That the
// conversation is the caller's is checked by the query that follows, in the
// same trip; a name that is no id is simply not there.
func (a *API) withConversation(h func(c *fiber.Ctx, v visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who, site, err := a.caller(c, false)
		if err != nil {
			return err
		}
		id, err := uuid.Parse(c.Params("id"))
		if err != nil {
			return bot.ErrNoConversation
		}
		web.Note(c, "conversation", id)
		return h(c, visit{caller: who, key: convo.Key{Site: who.site, ID: id}, site: site})
	}
}

// allow takes a token of the visitor's bucket.
func (a *API) allow(v visit) error { return a.visitors.Allow(string(v.visitor[:])) }

// caller reads the request's token, finds its site, and lets the pages of that
// site read the answer. grace takes a token that ran out a while ago as well.
func (a *API) caller(c *fiber.Ctx, grace bool) (caller, *bot.Site, error) {
	who, err := a.tokens.read(bearer(c), grace)
	if err != nil {
		return who, nil, err
	}
	site, err := a.siteOf(c, who)
	if err != nil {
		return who, nil, err
	}
	web.Origin(c, site.Settings.Origins)
	return who, site, nil
}

// siteOf finds the site of a token; one that is gone makes the token worthless.
func (a *API) siteOf(c *fiber.Ctx, who caller) (*bot.Site, error) {
	site, err := a.Sites.ByID(c.UserContext(), retrieval.SiteID(who.site))
	if errors.Is(err, bot.ErrNoSite) {
		return nil, bot.ErrVisitorGone
	}
	return site, err
}
