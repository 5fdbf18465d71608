package widget

import (
	"context"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Errors of a Library.
var (
	ErrNoSite    = fault.New(fault.NotFound, "site_not_found", "There is no such site.")
	ErrNoArticle = fault.New(fault.NotFound, "article_not_found", "There is no such article.")
)

// Library is the published, public part of a site's knowledge. Every method
// reads the generation named by its Site, so that one page is of one piece; what
// is for agents only is not there. Errors: ErrNoSite, ErrNoArticle, and
// fault.Unavailable or fault.Timeout where the store is away.
type Library interface {
	// Site finds a site by its name; "" is the default one, or the only one.
	Site(ctx context.Context, name string) (Site, error)
	// Topics lists the topics in use with their first perTopic articles, by name.
	Topics(ctx context.Context, site Site, perTopic int) ([]Topic, error)
	// Topic lists a topic's articles by title, limit of them after the first skip.
	Topic(ctx context.Context, site Site, topic string, skip, limit int) ([]Entry, error)
	// Article finds an article by its id.
	Article(ctx context.Context, site Site, id string) (Article, error)
	// Related lists up to limit current articles near this one: of its product
	// and topic first, then of either.
	Related(ctx context.Context, site Site, a Article, limit int) ([]Entry, error)
	// Body is an article's text in an earlier generation, where that is kept and
	// the article was public then; else ErrNoArticle.
	Body(ctx context.Context, site Site, generation int, id string) (string, error)
}

// Site is one seller's knowledge and the generation of it that readers see.
type Site struct {
	ID         retrieval.SiteID
	Name       string
	Title      string // what people call it: "Kettlewick"; empty: Name is all there is
	Generation int    // 0: nothing is published yet
	Default    bool
}

// Entry is an article in a list.
type Entry struct {
	ID    string
	Title string
	Lang  string
}

// Topic is a group of articles.
type Topic struct {
	Name    string // as in the articles' front matter; "" for those without one
	Total   int
	Entries []Entry // its first ones by title
}

// Article is one article as its owner published it.
type Article struct {
	Entry
	Topic      string
	Product    string
	Updated    time.Time // zero: not said
	Outdated   bool      // another article replaces this one
	Superseded *Entry    // that other one, where a visitor may read it
	Body       string    // Markdown: what spans of quotes point into
}
