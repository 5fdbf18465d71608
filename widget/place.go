package widget

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

// place is where a request stands: which site's help pages, under which
// address, for a reader of which languages.
type place struct {
	Site   Site
	Chosen settings.Site
	Help   string // path of the help pages as they were reached, without a slash at its end
	Whole  string // the address they are to be known by; "": not known
	Own    bool   // they were reached under the site's own domain
	Lang   string // the language that was asked for by ?lang=; "": none
	Langs  []string
	W      *wordsOf
	cat    *catalogue // nil: not read, or away
}

// localPlace is where atDomain leaves what it found for the handlers.
const localPlace = "help_place"

type domainPlace struct{ site, base, rest string }

// findDomain notes where a request stands that came for help pages under a
// domain of their site's own.
func (w *Widget) findDomain(c *fiber.Ctx) error {
	path := strings.Clone(c.Path())
	host := strings.Clone(string(c.Request().Host())) // not Hostname: any client may send X-Forwarded-Host
	site, base, ok := w.sites.At(c.UserContext(), host, path)
	if ok && (base != "" || !ours(path)) {
		rest := strings.TrimPrefix(strings.TrimPrefix(path, base), "/")
		c.Locals(localPlace, domainPlace{site: site.Name, base: base, rest: rest})
	}
	return c.Next()
}

// limitDomain is limited for what findDomain noted.
func (w *Widget) limitDomain(c *fiber.Ctx) error {
	if _, ok := c.Locals(localPlace).(domainPlace); !ok {
		return c.Next()
	}
	return w.limited(c)
}

// atDomain answers what findDomain noted: the paths are not this service's, so
// no route of its own would.
func (w *Widget) atDomain(c *fiber.Ctx) error {
	d, ok := c.Locals(localPlace).(domainPlace)
	switch {
	case !ok:
		return c.Next()
	case c.Method() == fiber.MethodPost:
		return w.rate(c)
	case c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead:
		return fiber.ErrMethodNotAllowed
	case d.rest == "":
		return w.index(c)
	case d.rest == "robots.txt" && d.base == "":
		return w.robots(c)
	default:
		return w.under(c)
	}
}

// ours says whether a path is one of the service's own, which help pages at a
// host's root leave alone.
func ours(path string) bool {
	for _, p := range []string{"/assets/", "/v1/", "/chat/", "/widget/", "/desk/", "/s/", "/mail/"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return path == "/widget.js" || path == "/desk" || path == "/healthz" || path == "/readyz" || path == "/openapi.json"
}

// stand finds where a request stands. What it returns beside an error is good
// for a page that says what is wrong.
func (w *Widget) stand(ctx context.Context, c *fiber.Ctx) (place, error) {
	name, at := strings.Clone(c.Params("site")), domainPlace{}
	if d, ok := c.Locals(localPlace).(domainPlace); ok {
		name, at = d.site, d
	}
	p := place{Site: Site{Default: true}, Help: "/help", W: w.words["en"]}
	var err error
	if name != "" && retrieval.ValidSiteName(name) != nil {
		err = ErrNoSite
	} else {
		p.Site, err = w.deps.Library.Site(ctx, name)
	}
	if err != nil {
		p.Site.Default = true
		p.W = w.words.in(accepted(c.Get(fiber.HeaderAcceptLanguage))...)
		return p, err
	}
	if p.Chosen, err = w.sites.ByID(ctx, int32(p.Site.ID)); err != nil {
		p.Chosen = settings.Site{ID: int32(p.Site.ID), Name: p.Site.Name} // pages come with the defaults
	}
	p.Help = helpPath(p.Site)
	if at.site != "" {
		p.Help, p.Own = at.base, true
	}
	p.Whole = w.whole(c, p)
	if cat, err := w.catalogues.read(ctx, p.Site); err == nil {
		p.cat = cat
	}
	w.speak(c, &p)
	return p, nil
}

// speak finds the languages of a reader, and the words for them: what they
// asked for, else those that their browser wishes for and the site has.
func (w *Widget) speak(c *fiber.Ctx, p *place) {
	has := p.languages()
	if lang := readable(c.Query("lang")); lang != "" && slices.ContainsFunc(has, func(l string) bool { return strings.EqualFold(l, lang) }) {
		p.Lang = strings.ToLower(lang)
		p.Langs = append(p.Langs, p.Lang)
	}
	for _, tag := range accepted(c.Get(fiber.HeaderAcceptLanguage)) {
		if slices.ContainsFunc(has, func(l string) bool { return samePrimary(l, tag) }) {
			p.Langs = append(p.Langs, tag)
		}
	}
	p.Langs = append(p.Langs, has...)
	p.W = w.words.in(p.Langs...)
}

// root is the path of the help pages' first one: never empty.
func (p place) root() string {
	if p.Help == "" {
		return "/"
	}
	return p.Help
}

// languages are the site's: those it chose, else those of its articles.
func (p place) languages() []string {
	if len(p.Chosen.Settings.Languages) > 0 {
		return p.Chosen.Settings.Languages
	}
	if p.cat != nil {
		return p.cat.languages
	}
	return nil
}

// article is the id that the address names.
func articleOf(c *fiber.Ctx) (string, error) {
	raw := strings.Clone(c.Params("*"))
	if d, ok := c.Locals(localPlace).(domainPlace); ok {
		raw = d.rest
	}
	id, err := url.PathUnescape(strings.TrimSuffix(raw, "/"))
	if err != nil || readable(id) != id {
		return "", ErrNoArticle
	}
	return id, nil
}

// hostForm is what a Host header may hold to be part of an address.
var hostForm = regexp.MustCompile(`^[a-zA-Z0-9.-]{1,253}(:[0-9]{1,5})?$|^\[[0-9a-fA-F:]{2,45}\](:[0-9]{1,5})?$`)

// whole is the one address that a site's help pages are to be known by,
// whichever way they were reached: under the site's own domain, else under the
// service's address, else under the host that was asked.
func (w *Widget) whole(c *fiber.Ctx, p place) string {
	if d := p.Chosen.Settings.Help; d.Domain != "" {
		return schemeOf(d.Domain) + "://" + d.Domain + d.Base()
	}
	if w.cfg.URL != "" {
		return strings.TrimSuffix(w.cfg.URL, "/") + helpPath(p.Site)
	}
	host := string(c.Request().Host())
	if !hostForm.MatchString(host) {
		return ""
	}
	return schemeOf(host) + "://" + host + helpPath(p.Site)
}

// schemeOf is https but for this machine.
func schemeOf(host string) string {
	name, _, _ := strings.Cut(host, ":")
	if name == "localhost" || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]") || strings.HasSuffix(name, ".localhost") {
		return "http"
	}
	return "https"
}

// toChat is where a question goes that the pages do not answer: the site's chat
// page with parameters (about, ask, person), or where there is none the box on
// the shop's own page; "" where there is neither.
func (w *Widget) toChat(p place, params ...string) string {
	if !w.cfg.Chat {
		if home := w.home(p); home != "" {
			return home + "#chat"
		}
		return ""
	}
	at := "/chat/" + url.PathEscape(p.Site.Name)
	if p.Own && p.Help != "" { // only these paths lead here
		if w.cfg.URL == "" {
			return ""
		}
		at = strings.TrimSuffix(w.cfg.URL, "/") + at
	}
	if len(params) < 2 {
		return at
	}
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	return at + "?" + q.Encode()
}

// home is where the seller's own page is; "": not known.
func (w *Widget) home(p place) string {
	if h := p.Chosen.Settings.Home; h != "" {
		return h
	}
	if w.cfg.Shop != "" && p.Site.Name == w.cfg.Shop && !p.Own {
		return "/"
	}
	return ""
}
