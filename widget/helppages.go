package widget

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"frontdesk/widget/settings"
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

// index answers /help: all topics, one topic (?topic=, ?skip=), a search (?q=),
// or what may be meant by a search that is still being typed (?q= and suggest=1).
func (w *Widget) index(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	query := strings.TrimSpace(first(readable(c.Query("q")), maxQuery))
	if c.Query("suggest") == "1" {
		return w.suggest(ctx, c, at, first(readable(c.Query("q")), maxQuery))
	}
	if query != "" {
		return w.search(ctx, c, at, query)
	}
	if args := c.Context().QueryArgs(); args.Has("topic") {
		return w.topic(ctx, c, at, readable(c.Query("topic")))
	}
	topics, err := w.deps.Library.Topics(ctx, at.Site, perTopic)
	if err != nil {
		return w.fail(c, at, err)
	}
	p := w.newPage(at, at.W.HelpTitle)
	p.Part = indexPart{Headline: headline(at), Topics: w.topicViews(at, topics)}
	w.known(&p, at, "", "")
	return w.write(c, fiber.StatusOK, "index.html", p)
}

// indexPart is the list of all topics.
type indexPart struct {
	Headline string
	Topics   []topicView
}

func headline(at place) string {
	if h := at.Chosen.Settings.WordsIn(at.Langs...).Help; h != "" {
		return h
	}
	return at.W.Headline
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

// topicViews are the topics in order: the site's own menu first, as it stands,
// then the others by name, those without a topic last.
func (w *Widget) topicViews(at place, topics []Topic) []topicView {
	out := make([]topicView, 0, len(topics))
	taken := map[string]bool{}
	add := func(t Topic) {
		entries := t.Entries
		if at.cat != nil && len(at.cat.topics[t.Name]) > 0 {
			entries = entries[:0:0]
			for _, a := range w.shown(at, t.Name, perTopic) {
				entries = append(entries, a.Entry)
			}
		}
		out = append(out, topicView{
			Name: t.Name, Label: label(at, t.Name), Total: t.Total,
			Links: links(at.Help, entries), More: t.Total - len(entries),
		})
		taken[t.Name] = true
	}
	for _, own := range at.Chosen.Settings.Topics {
		for _, t := range topics {
			if t.Name == own.Topic {
				add(t)
			}
		}
	}
	for _, t := range topics {
		if !taken[t.Name] {
			add(t)
		}
	}
	return out
}

// shown are a topic's articles in a short list: the site's own where it named
// some, else the popular ones.
func (w *Widget) shown(at place, topic string, n int) []Listed {
	for _, own := range at.Chosen.Settings.Topics {
		if own.Topic != topic || len(own.Articles) == 0 {
			continue
		}
		var out []Listed
		for _, id := range own.Articles {
			if i, ok := at.cat.byID[id]; ok && len(out) < n { // one that is gone, or for agents, is not there
				out = append(out, at.cat.articles[i])
			}
		}
		return out
	}
	return at.cat.popular(topic, n, at.Langs...)
}

// label is how a topic reads: in the site's own words, else made of its name.
func label(at place, topic string) string {
	for _, own := range at.Chosen.Settings.Topics {
		if own.Topic == topic {
			if l := settings.In(own.Label, at.Langs...); l != "" {
				return l
			}
		}
	}
	return topicLabel(topic, at.W.EverythingElse)
}

// topicLabel is how a topic's name reads: "gift-cards" as "Gift cards".
func topicLabel(name, none string) string {
	label := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '/' {
			return ' '
		}
		return r
	}, name))
	if label == "" {
		return none
	}
	initial, size := utf8.DecodeRuneInString(label)
	return strings.ToUpper(string(initial)) + label[size:]
}

func (w *Widget) topic(ctx context.Context, c *fiber.Ctx, at place, name string) error {
	skip, _ := strconv.Atoi(c.Query("skip")) // what is no number begins at the beginning
	skip = max(0, min(skip, 1_000_000))
	entries, err := w.deps.Library.Topic(ctx, at.Site, name, skip, perPage+1)
	if err == nil && len(entries) == 0 {
		err = ErrNoArticle
	}
	if err != nil {
		return w.fail(c, at, err)
	}
	view := topicView{Name: name, Label: label(at, name), Back: skip > 0}
	if len(entries) > perPage {
		entries, view.Next = entries[:perPage], skip+perPage
	}
	p := w.newPage(at, view.Label)
	view.Links = links(at.Help, entries)
	p.Part = view
	query := "topic=" + url.QueryEscape(name)
	if skip > 0 {
		query += "&skip=" + strconv.Itoa(skip)
	}
	w.known(&p, at, "", query)
	return w.write(c, fiber.StatusOK, "topic.html", p)
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
