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
}

// article answers /help/<id>, whole or, with ?fragment=1, without the page
// around it. ?g=, from=, to= and sum= mark a quote.
func (w *Widget) article(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	site, err := w.site(ctx, c)
	if err != nil {
		return w.fail(c, site, err)
	}
	id, err := url.PathUnescape(strings.TrimSuffix(strings.Clone(c.Params("*")), "/"))
	if err != nil || readable(id) != id {
		return w.fail(c, site, ErrNoArticle)
	}
	if id == "" {
		return c.Redirect(helpPath(site), fiber.StatusMovedPermanently)
	}
	a, err := w.deps.Library.Article(ctx, site, id)
	if err != nil {
		return w.fail(c, site, err)
	}
	part, err := w.articlePart(ctx, site, a, quoteOf(c))
	if err != nil {
		return w.fail(c, site, err)
	}
	fragment := c.Query("fragment") == "1"
	if !fragment {
		if err := w.surround(ctx, site, a, &part); err != nil {
			return w.fail(c, site, err)
		}
	}
	p := w.newPage(site, a.Title)
	p.Lang, p.Dir, p.Marked = language(a.Lang), dirOf(a.Lang), part.Quote != quoteNone
	p.Part = part
	if fragment {
		return w.write(c, fiber.StatusOK, "fragment.html", p)
	}
	return w.write(c, fiber.StatusOK, "article.html", p)
}

func (w *Widget) articlePart(ctx context.Context, site Site, a Article, ref quoteRef) (articlePart, error) {
	part := articlePart{Title: a.Title, Outdated: a.Outdated}
	if a.Superseded != nil {
		part.Superseded = &links(helpPath(site), []Entry{*a.Superseded})[0]
	}
	var quoted span
	if ref.valid() {
		earlier, err := w.earlier(ctx, site, a, ref)
		if err != nil {
			return articlePart{}, err
		}
		quoted, part.Quote = locate(a.Body, site.Generation, ref, earlier)
		if part.Quote == quoteChanged {
			part.Note = "This page has changed since, and no longer says what was quoted."
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
func (w *Widget) surround(ctx context.Context, site Site, a Article, part *articlePart) error {
	related, err := w.deps.Library.Related(ctx, site, a, fewRelated)
	if err != nil {
		return fmt.Errorf("read related articles: %w", err)
	}
	part.Related = links(helpPath(site), related)
	if a.Topic != "" {
		part.Topic = topicLabel(a.Topic)
		part.TopicLink = helpPath(site) + "?topic=" + url.QueryEscape(a.Topic)
	}
	if !a.Updated.IsZero() {
		part.Updated = a.Updated.Format("2 January 2006")
		part.UpdatedISO = a.Updated.Format(time.DateOnly)
	}
	return nil
}

// language is a value for lang=: the article's own, or that of our words.
func language(lang string) string {
	if lang == "" {
		return "en"
	}
	return lang
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
