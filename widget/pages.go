package widget

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
	"frontdesk/widget/settings"
)

// page is what every help page needs around its own part.
type page struct {
	Title     string
	Lang      string // of what the page is mainly about
	Dir       string // ltr or rtl
	W         *wordsOf
	WDir      string // direction of our words
	Shop      string // the seller's name
	Home      string // where the seller's own page is; "": not known
	Help      string // path of these help pages; never empty
	Base      string // the same without a slash at its end, for what follows it
	Query     string // what was searched for
	Marked    bool   // no search engine wants it
	Ask       string // where the chat is; "": there is none
	Person    string // the same, straight to a person; "": no other way than Ask
	Theme     string // address of the site's own colours; "": the built-in ones
	Logo      string
	Privacy   string
	ChosenTag string // of ?lang=, to be carried along; "": none
	Canonical string
	Others    []other // this page in other languages
	Data      template.JS
	Feed      bool   // the search box suggests
	Again     bool   // it could not be made for now: it comes back by itself
	Try       bool   // and may be there again already: a link to look at once
	Close     string // what a button says that closes the window it stands in; "": it stands in none
	Part      any
}

// other is a page in another language.
type other struct {
	Lang, Name, Path, Whole string
	Dir                     string
	Here                    bool
}

// newPage starts a page of our words alone, in the reader's language.
func (w *Widget) newPage(p place, title string) page {
	out := page{
		Title: title, Lang: p.W.Lang, Dir: p.W.dir(), W: p.W, WDir: p.W.dir(), Shop: w.shopName(p), Home: w.home(p),
		Help: p.root(), Base: p.Help, Ask: w.toChat(p), ChosenTag: p.Lang, Privacy: p.Chosen.Settings.Privacy, Feed: true,
	}
	if w.cfg.Chat && out.Ask != "" {
		out.Person = w.toChat(p, "person", "1")
	}
	s := p.Chosen.Settings
	if s.Accent != "" || s.ThemeOf() != "auto" || s.Tokens != (settings.Tokens{}) {
		out.Theme = p.Help + "/theme.css?v=" + strconv.Itoa(p.Chosen.Version)
	}
	if s.Logo != "" {
		out.Logo = p.Help + "/logo?v=" + strconv.Itoa(p.Chosen.Version)
	}
	return out
}

// shopName is what people call a seller. The demo shop need not be told its own.
func (w *Widget) shopName(p place) string {
	switch {
	case p.Chosen.Settings.Name != "":
		return p.Chosen.Settings.Name
	case p.Site.Title != "":
		return p.Site.Title
	case w.cfg.Shop != "" && p.Site.Name == w.cfg.Shop:
		return "Kettlewick"
	default:
		return p.Site.Name
	}
}

// helpPath is where a site's help pages are on this service.
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
	c.Vary(fiber.HeaderAcceptLanguage)
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
func (w *Widget) fail(c *fiber.Ctx, at place, err error) error {
	kind := fault.KindOf(err)
	status := web.Status(kind)
	p := w.newPage(at, at.W.WrongTitle)
	p.Marked = true
	switch kind {
	case fault.NotFound:
		p.Title = at.W.NoneTitle
		p.Part = trouble{at.W.NoneSaid, at.W.NoneNext}
	case fault.Unavailable, fault.Timeout, fault.RateLimited:
		retryAfter(c, err)
		p.Title = at.W.AwayTitle
		p.Part = trouble{at.W.AwaySaid, at.W.AwayNext}
		p.Again = kind != fault.RateLimited && c.Method() != fiber.MethodPost // what was sent is sent by its reader, or not at all
	default:
		p.Part = trouble{at.W.WrongSaid, strings.Replace(at.W.WrongNext, "{}", web.RequestID(c), 1)}
	}
	if status >= 500 {
		w.deps.Log.Error("help page failed", "request", web.RequestID(c), "site", int(at.Site.ID), "status", status, "cause", err.Error())
	}
	return w.write(c, status, "trouble.html", p)
}

func retryAfter(c *fiber.Ctx, err error) {
	wait := 5
	if f, ok := fault.As(err); ok && f.RetryAfter > 0 {
		wait = int(math.Ceil(f.RetryAfter.Seconds()))
	}
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(wait))
}
