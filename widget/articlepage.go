package widget

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// articlePart is an article on its page, or as a fragment.
type articlePart struct {
	rendered
	Title      string
	Topic      string // label; "": none
	TopicLink  string
	Updated    string // for people; "": not said
	UpdatedISO string
	Outdated   bool
	Superseded *link // the article that replaces this one, where there is one to see
	Contents   bool  // long enough for a table of contents
	Related    []link
	Quote      quoteState
	Note       string // what has become of the quote; "": nothing worth a word
	Path       string // its own
	About      string // the chat about this article; "": there is none
	Rated      rated
}

// rated is where "Was this helpful?" stands.
type rated struct {
	State string // "": not asked yet; thanks, missing (what was?) or noted
	ID    string // of the rating, for what was missing
}

// under answers what lies below the help pages' own address.
func (w *Widget) under(c *fiber.Ctx) error {
	id, err := articleOf(c)
	if err == nil {
		switch id {
		case "sitemap.xml":
			return w.sitemap(c)
		case "theme.css":
			return w.theme(c)
		case "logo":
			return w.logo(c)
		}
	}
	return w.article(c)
}

// article answers /help/<id>, whole or, with ?fragment=1, without the page
// around it. ?g=, from=, to= and sum= mark a quote.
func (w *Widget) article(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	id, err := articleOf(c)
	if err != nil {
		return w.fail(c, at, ErrNoArticle)
	}
	if id == "" {
		return c.Redirect(at.root(), fiber.StatusMovedPermanently)
	}
	a, err := w.deps.Library.Article(ctx, at.Site, id)
	if err != nil {
		return w.fail(c, at, err)
	}
	// What surrounds an article speaks its language, where there are words for it.
	at.W = w.words.in(append([]string{a.Lang}, at.Langs...)...)
	ref := quoteOf(c)
	part, err := w.articlePart(ctx, at, a, ref)
	if err != nil {
		return w.fail(c, at, err)
	}
	fragment := c.Query("fragment") == "1"
	if !fragment {
		if err := w.surround(ctx, at, a, &part); err != nil {
			return w.fail(c, at, err)
		}
		part.Rated = ratedOf(c)
	}
	p := w.newPage(at, a.Title)
	p.Lang, p.Dir = at.W.Lang, dirOf(a.Lang)
	if a.Lang != "" {
		p.Lang = a.Lang
	}
	p.Marked = part.Quote != quoteNone || part.Rated.State != ""
	p.Part = part
	if fragment {
		return w.write(c, fiber.StatusOK, "fragment.html", p)
	}
	w.known(&p, at, a.ID, "")
	p.Data = w.data(at, a, p, part)
	if !ref.valid() && reads(c) {
		w.deps.Journal.Opened(at.Site.ID, a.ID)
	}
	return w.write(c, fiber.StatusOK, "article.html", p)
}

// reads says whether a page is opened by a reader, as far as anybody can know:
// search engines say who they are.
func reads(c *fiber.Ctx) bool {
	agent := strings.ToLower(c.Get(fiber.HeaderUserAgent))
	for _, s := range []string{"bot", "crawl", "spider", "slurp", "preview", "curl/", "wget/"} {
		if strings.Contains(agent, s) {
			return false
		}
	}
	return agent != "" && c.Get("Sec-Purpose") == "" && c.Get("Purpose") == ""
}

func (w *Widget) articlePart(ctx context.Context, at place, a Article, ref quoteRef) (articlePart, error) {
	part := articlePart{Title: a.Title, Outdated: a.Outdated}
	if a.Superseded != nil {
		part.Superseded = &links(at.Help, []Entry{*a.Superseded})[0]
	}
	var quoted span
	if ref.valid() {
		earlier, err := w.earlier(ctx, at.Site, a, ref)
		if err != nil {
			return articlePart{}, err
		}
		quoted, part.Quote = locate(a.Body, at.Site.Generation, ref, earlier)
		if part.Quote == quoteChanged {
			part.Note = at.W.QuoteChanged
		}
	}
	out, err := w.articles.render(a, quoted)
	if err != nil {
		return articlePart{}, err
	}
	part.rendered = out
	part.Contents = len(out.Headings) >= manyParts
	return part, nil
}

// earlier is the text that a quote was taken from, "" where it is not kept.
func (w *Widget) earlier(ctx context.Context, site Site, a Article, ref quoteRef) (string, error) {
	if ref.Generation == site.Generation {
		return a.Body, nil
	}
	body, err := w.deps.Library.Body(ctx, site, ref.Generation, a.ID)
	if errors.Is(err, ErrNoArticle) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the text a quote was taken from: %w", err)
	}
	return body, nil
}

// surround adds what stands around an article on its page.
func (w *Widget) surround(ctx context.Context, at place, a Article, part *articlePart) error {
	related, err := w.deps.Library.Related(ctx, at.Site, a, fewRelated)
	if err != nil {
		return fmt.Errorf("read related articles: %w", err)
	}
	part.Related = links(at.Help, at.withoutTranslations(a.ID, related))
	if a.Topic != "" {
		part.Topic = label(at, a.Topic)
		part.TopicLink = at.root() + "?topic=" + url.QueryEscape(a.Topic)
	}
	if !a.Updated.IsZero() {
		part.Updated = at.W.day(a.Updated)
		part.UpdatedISO = a.Updated.Format(time.DateOnly)
	}
	part.Path = articlePath(at.Help, a.ID)
	if w.cfg.Chat {
		part.About = w.toChat(at, "about", a.ID)
	}
	return nil
}

// quoteOf reads what a link says about a quote; one that says nothing, or
// nothing sensible, marks nothing.
func quoteOf(c *fiber.Ctx) quoteRef {
	number := func(name string) int {
		n, err := strconv.Atoi(c.Query(name))
		if err != nil {
			return -1
		}
		return n
	}
	ref := quoteRef{Generation: number("g"), From: number("from"), To: number("to")}
	if sum, err := strconv.ParseUint(c.Query("sum"), 16, 32); err == nil {
		ref.Sum, ref.Summed = uint32(sum), true
	}
	return ref
}

// query is the part of an address that marks the quote.
func (q quoteRef) query() string {
	s := fmt.Sprintf("g=%d&from=%d&to=%d", q.Generation, q.From, q.To)
	if q.Summed {
		s += fmt.Sprintf("&sum=%08x", q.Sum)
	}
	return s
}
