package widget

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// page is what every help page needs around its own part.
type page struct {
	Title  string
	Lang   string // of what the page is mainly about
	Dir    string // ltr or rtl
	Shop   string // the seller's name
	Home   string // where the seller's own page is; "": there is none here
	Help   string // path of these help pages
	Query  string // what was searched for
	Marked bool   // the page marks a quote: no search engine wants it
	Part   any
}

// newPage starts a page of site in English, the language of our own words.
func (w *Widget) newPage(site Site, title string) page {
	p := page{Title: title, Lang: "en", Dir: "ltr", Shop: w.shopName(site), Help: helpPath(site)}
	if w.cfg.Shop != "" && site.Name == w.cfg.Shop {
		p.Home = "/"
	}
	return p
}

// shopName is what people call a seller. The demo shop need not be told its own.
func (w *Widget) shopName(site Site) string {
	switch {
	case site.Title != "":
		return site.Title
	case w.cfg.Shop != "" && site.Name == w.cfg.Shop:
		return "Kettlewick"
	default:
		return site.Name
	}
}

// helpPath is where a site's help pages are.
func helpPath(site Site) string {
	if site.Default || site.Name == "" {
		return "/help"
	}
	return "/s/" + url.PathEscape(site.Name) + "/help"
}

// articlePath is where an article's page is below help: ids may hold slashes,
// and anything else that an owner thought of.
func articlePath(help, id string) string {
	parts := strings.Split(id, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return help + "/" + strings.Join(parts, "/")
}

// dirOf is the direction in which a language is written.
func dirOf(lang string) string {
	primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch primary {
	case "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi":
		return "rtl"
	default:
		return "ltr"
	}
}

// write sends a page made of the named template.
func (w *Widget) write(c *fiber.Ctx, status int, name string, p page) error {
	var b bytes.Buffer
	if err := w.pages.ExecuteTemplate(&b, name, p); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	pageHeaders(c)
	return c.Status(status).Send(b.Bytes())
}

// bounded gives a page its time; the context ends with the request in any case.
func (w *Widget) bounded(c *fiber.Ctx) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.UserContext(), w.cfg.Timeout)
}

// trouble is a page that says what did not work, and what to do.
type trouble struct{ Said, Next string }

// fail answers a page that could not be made with one that says so. The cause
// goes to the log, never to the page.
func (w *Widget) fail(c *fiber.Ctx, site Site, err error) error {
	kind := fault.KindOf(err)
	status := web.Status(kind)
	p := w.newPage(site, "This page cannot be shown")
	switch kind {
	case fault.NotFound:
		p.Title = "There is no such page"
		p.Part = trouble{"It may have been moved or taken away.", "Search for it, or begin with the list of all topics."}
	case fault.Unavailable, fault.Timeout, fault.RateLimited:
		wait := 5
		if f, ok := fault.As(err); ok && f.RetryAfter > 0 {
			wait = int(math.Ceil(f.RetryAfter.Seconds()))
		}
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(wait))
		p.Title = "The help pages are away for a moment"
		p.Part = trouble{"Nothing is lost. They come back by themselves.", "Please try again in a little while."}
	default:
		p.Part = trouble{"Something on our side went wrong.", "Please try again. If it goes on, tell us: " + web.RequestID(c)}
	}
	if status >= 500 {
		w.deps.Log.Error("help page failed", "request", web.RequestID(c), "site", int(site.ID), "status", status, "cause", err.Error())
	}
	return w.write(c, status, "trouble.html", p)
}
