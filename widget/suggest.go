package widget

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/retrieval"
)

// suggested is how many articles are suggested while somebody types.
const suggested = 6

// suggestion is an article that may be meant.
type suggestion struct {
	Title string `json:"title"`
	Path  string `json:"path"`
	Lang  string `json:"lang,omitempty"`
	Dir   string `json:"dir"`
	Topic string `json:"topic,omitempty"`
}

type suggestions struct {
	Query string       `json:"q"`
	Items []suggestion `json:"items"`
}

// suggest answers a search that is still being typed: titles that go on from
// the words so far, and what the search finds for them, in the order of its
// ranking. It has some tens of milliseconds: where the whole search is not done
// by then, words alone have to do, and the next letter finds it done.
func (w *Widget) suggest(ctx context.Context, c *fiber.Ctx, at place, typed string) error {
	out := suggestions{Query: typed, Items: []suggestion{}}
	if len(wordsIn(typed)) > 0 {
		var titles []Listed
		if at.cat != nil {
			titles = at.cat.find(typed, suggested, at.Langs...)
		}
		out.Items = w.merge(at, titles, w.meant(ctx, at, typed))
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=30")
	return c.JSON(out)
}

// merge puts titles that go on from what was typed and what was found into one
// list: the first two titles, since who types a name wants that page; then the
// search's, in its order; then the other titles.
func (w *Widget) merge(at place, titles []Listed, hits []retrieval.Hit) []suggestion {
	const ahead = 2
	out := []suggestion{}
	seen := map[string]bool{}
	add := func(id, title, lang, topic string) {
		if seen[id] || len(out) == suggested {
			return
		}
		seen[id] = true
		s := suggestion{Title: title, Path: articlePath(at.Help, id), Lang: lang, Dir: dirOf(lang)}
		if topic != "" {
			s.Topic = label(at, topic)
		}
		out = append(out, s)
	}
	for _, a := range titles[:min(ahead, len(titles))] {
		add(a.ID, a.Title, a.Lang, a.Topic)
	}
	for _, h := range hits {
		if h.Superseded == "" {
			add(h.ArticleID, h.Title, h.Lang, h.Topic)
		}
	}
	for _, a := range titles {
		add(a.ID, a.Title, a.Lang, a.Topic)
	}
	return out
}

// meant is what the search finds: the whole of it where it is done in time,
// else by words alone, which take a few milliseconds.
func (w *Widget) meant(ctx context.Context, at place, typed string) []retrieval.Hit {
	q := retrieval.Query{Site: at.Site.ID, Text: strings.TrimSpace(typed), Audience: retrieval.Public, K: suggested}
	whole := w.whollySearched(ctx, q)
	patience := time.NewTimer(w.cfg.SuggestBudget)
	defer patience.Stop()
	select {
	case hits, ok := <-whole:
		if ok {
			return hits
		}
		whole = nil // too many are under way
	case <-patience.C:
	}
	quick := make(chan []retrieval.Hit, 1)
	go func() {
		defer close(quick) // also where the search panics: then there are none
		defer func() { _ = recover() }()
		if w.deps.Quick != nil {
			quick <- hitsOf(w.deps.Quick.Search(ctx, q))
		}
	}()
	select {
	case hits := <-quick:
		return hits
	case hits := <-whole:
		return hits
	case <-ctx.Done():
		return nil
	}
}

// whollySearched begins a search that goes on when nobody waits for it any
// more, so that the question's vector is there for the next letter, and for
// Enter. The channel is closed where too many are under way.
func (w *Widget) whollySearched(ctx context.Context, q retrieval.Query) <-chan []retrieval.Hit {
	done := make(chan []retrieval.Hit, 1)
	select {
	case w.searches <- struct{}{}:
	default:
		close(done)
		return done
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	go func() {
		defer cancel()
		defer func() { <-w.searches }()
		defer func() { _ = recover() }() // what is wrong goes wrong again in the search, and is told there
		done <- hitsOf(w.deps.Finder.Search(ctx, q))
	}()
	return done
}

// hitsOf are a search's hits; one that failed has none, and the search itself,
// when it comes, says why.
func hitsOf(ev retrieval.Evidence, err error) []retrieval.Hit {
	if err != nil {
		return nil
	}
	return ev.Hits
}
