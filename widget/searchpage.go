package widget

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/retrieval"
)

// hitView is an article that a search found.
type hitView struct {
	link
	Section string // the heading above the passage
	Snippet string
}

// searchPart is a search's result.
type searchPart struct {
	Hits    []hitView
	Partial bool   // a part of the search was away
	Unsure  bool   // nothing that was found is likely to answer
	Ask     string // the chat, with the question in it; "": there is none
}

func (w *Widget) search(ctx context.Context, c *fiber.Ctx, at place, query string) error {
	evidence, err := w.deps.Finder.Search(ctx, retrieval.Query{Site: at.Site.ID, Text: query, Audience: retrieval.Public, K: found})
	if err != nil {
		return w.fail(c, at, err)
	}
	p := w.newPage(at, at.W.SearchTitle)
	p.Query, p.Marked = query, true
	part := searchPart{Partial: len(evidence.Degraded) > 0, Ask: w.toChat(at, "ask", query)}
	for _, h := range evidence.Hits {
		part.Hits = append(part.Hits, w.hit(at.Help, evidence.Generation, h))
	}
	part.Unsure = w.unanswered(ctx, at, evidence)
	p.Part = part
	if part.Unsure {
		w.gap(ctx, at, query, evidence)
	}
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

// unanswered says whether a search found nothing that is likely to answer.
func (w *Widget) unanswered(ctx context.Context, at place, evidence retrieval.Evidence) bool {
	return len(evidence.Hits) == 0 || w.deps.Answers != nil && !w.deps.Answers(ctx, at.Site.ID, evidence)
}

// gap counts a search that was not answered. While a part of the search is away
// nobody can say so, but where nothing at all was found.
func (w *Widget) gap(ctx context.Context, at place, query string, evidence retrieval.Evidence) {
	if len(evidence.Degraded) > 0 && len(evidence.Hits) > 0 || len(wordsIn(query)) == 0 {
		return
	}
	g := Gap{Site: at.Site.ID, Asked: w.deps.Mask(first(query, 200)), Language: evidence.Lang, P: evidence.P, At: w.deps.Now().UTC()}
	if len(evidence.Hits) > 0 {
		g.Nearest = evidence.Hits[0].ArticleID
	}
	if err := w.deps.Journal.Gap(ctx, g); err != nil {
		w.deps.Log.Warn("a gap was not counted", "site", int(at.Site.ID), "cause", err.Error())
	}
}
