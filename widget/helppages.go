package widget

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"frontdesk/retrieval"
)

const (
	perTopic    = 6   // articles of a topic on the list of all topics
	perPage     = 100 // articles of a topic on its own page
	maxQuery    = 400 // characters of a search; the rest is left out
	found       = 10  // articles a search shows
	snippetSize = 240 // characters shown of a passage
	fewRelated  = 5
	manyParts   = 3 // headings from which on an article gets a table of contents
)

// index answers /help: all topics, one topic (?topic=, ?skip=), or a search (?q=).
func (w *Widget) index(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	site, err := w.site(ctx, c)
	if err != nil {
		return w.fail(c, site, err)
	}
	query := strings.TrimSpace(first(readable(c.Query("q")), maxQuery))
	if query != "" {
		return w.search(ctx, c, site, query)
	}
	if args := c.Context().QueryArgs(); args.Has("topic") {
		return w.topic(ctx, c, site, readable(c.Query("topic")))
	}
	topics, err := w.deps.Library.Topics(ctx, site, perTopic)
	if err != nil {
		return w.fail(c, site, err)
	}
	p := w.newPage(site, "Help")
	p.Part = topicViews(p.Help, topics)
	return w.write(c, fiber.StatusOK, "index.html", p)
}

// site finds the site that an address names; without a name, the default one.
func (w *Widget) site(ctx context.Context, c *fiber.Ctx) (Site, error) {
	name := c.Params("site")
	if retrieval.ValidSiteName(name) != nil && name != "" {
		return Site{}, ErrNoSite
	}
	return w.deps.Library.Site(ctx, strings.Clone(name))
}

// readable is a copy of s that a database can look for: what is not UTF-8, and
// NUL, is left out.
func readable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// link is an article in a list on a page.
type link struct {
	Path, Title, Lang, Dir string
}

func links(help string, entries []Entry) []link {
	out := make([]link, len(entries))
	for i, e := range entries {
		out[i] = link{Path: articlePath(help, e.ID), Title: e.Title, Lang: e.Lang, Dir: dirOf(e.Lang)}
	}
	return out
}

// topicView is a topic on a page.
type topicView struct {
	Name, Label string
	Total       int
	Links       []link
	More        int  // articles of the topic that are not shown
	Back        bool // of a topic's own page: it is not the first
	Next        int  // of a topic's own page: where the next one begins; 0: there is none
}

func topicViews(help string, topics []Topic) []topicView {
	out := make([]topicView, len(topics))
	for i, t := range topics {
		out[i] = topicView{
			Name: t.Name, Label: topicLabel(t.Name), Total: t.Total,
			Links: links(help, t.Entries), More: t.Total - len(t.Entries),
		}
	}
	return out
}

// topicLabel is how a topic reads: "gift-cards" as "Gift cards".
func topicLabel(name string) string {
	label := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '/' {
			return ' '
		}
		return r
	}, name))
	if label == "" {
		return "Everything else"
	}
	initial, size := utf8.DecodeRuneInString(label)
	return strings.ToUpper(string(initial)) + label[size:]
}

func (w *Widget) topic(ctx context.Context, c *fiber.Ctx, site Site, name string) error {
	skip, _ := strconv.Atoi(c.Query("skip")) // what is no number begins at the beginning
	skip = max(0, min(skip, 1_000_000))
	entries, err := w.deps.Library.Topic(ctx, site, name, skip, perPage+1)
	if err == nil && len(entries) == 0 {
		err = ErrNoArticle
	}
	if err != nil {
		return w.fail(c, site, err)
	}
	view := topicView{Name: name, Label: topicLabel(name), Back: skip > 0}
	if len(entries) > perPage {
		entries, view.Next = entries[:perPage], skip+perPage
	}
	p := w.newPage(site, view.Label)
	view.Links = links(p.Help, entries)
	p.Part = view
	return w.write(c, fiber.StatusOK, "topic.html", p)
}

// hitView is an article that a search found.
type hitView struct {
	link
	Section string // the heading above the passage
	Snippet string
}

// searchPart is a search's result.
type searchPart struct {
	Hits    []hitView
	Partial bool // a part of the search was away
}

func (w *Widget) search(ctx context.Context, c *fiber.Ctx, site Site, query string) error {
	evidence, err := w.deps.Finder.Search(ctx, retrieval.Query{Site: site.ID, Text: query, Audience: retrieval.Public, K: found})
	if err != nil {
		return w.fail(c, site, err)
	}
	p := w.newPage(site, "Search")
	p.Query = query
	part := searchPart{Partial: len(evidence.Degraded) > 0}
	for _, h := range evidence.Hits {
		part.Hits = append(part.Hits, w.hit(p.Help, evidence.Generation, h))
	}
	p.Part = part
	return w.write(c, fiber.StatusOK, "search.html", p)
}

func (w *Widget) hit(help string, generation int, h retrieval.Hit) hitView {
	ref := quoteRef{Generation: generation, From: h.From, To: h.To, Sum: checksum(h.Text), Summed: true}
	path := articlePath(help, h.ArticleID)
	if ref.valid() {
		path += "?" + ref.query() + "#quoted"
	}
	return hitView{
		link:    link{Path: path, Title: h.Title, Lang: h.Lang, Dir: dirOf(h.Lang)},
		Section: strings.Join(h.Heading, " › "),
		Snippet: clip(w.articles.plain(h.Text), snippetSize),
	}
}

// first is the first n characters of s.
func first(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// clip shows the first n characters, up to the end of a word where that is near.
func clip(s string, n int) string {
	cut := first(s, n)
	if cut == s {
		return s
	}
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)-20 && space > 0 {
		cut = cut[:space]
	}
	return cut + "…"
}
