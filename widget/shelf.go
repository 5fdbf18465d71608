package widget

import (
	"context"
	"time"

	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

// Shelf is a Library seen from afar: what every list, menu and sitemap is made
// of. Like a Library's, its methods read the generation that Site names, and
// what is for agents only is not there. Errors: as a Library's.
type Shelf interface {
	// Catalogue lists every current article, by id; at most CatalogueSize.
	Catalogue(ctx context.Context, site Site) ([]Listed, error)
	// Counts are how often articles were opened and quoted since a moment, by id.
	Counts(ctx context.Context, site Site, since time.Time) (map[string]Count, error)
}

// CatalogueSize bounds how many articles a catalogue has: as many as a sitemap
// may list, and some 10 MB in memory.
const CatalogueSize = 50_000

// Listed is an article as a catalogue has it.
type Listed struct {
	Entry
	Topic, Product string
	URL            string    // where its owner says it stands; "": only here
	Updated        time.Time // zero: not said
	TranslationOf  string    // id that its owner gave; "": none given
	Questions      []string  // ways customers ask, a few
}

// Count is how popular an article is.
type Count struct {
	Opened int // its page, by readers
	Asked  int // conversations of late in which it was quoted
}

// Journal keeps what readers of the help pages do and say. It holds nothing of
// who they are.
type Journal interface {
	// Opened counts a reader; it never waits.
	Opened(site retrieval.SiteID, article string)
	// Rate keeps a rating.
	Rate(ctx context.Context, r Rating) error
	// Missing adds what a reader found missing to a rating of the last hour that
	// has no words yet; ErrNoRating where there is none.
	Missing(ctx context.Context, site retrieval.SiteID, id, text string, at time.Time) error
	// Gap counts a search that was not answered.
	Gap(ctx context.Context, g Gap) error
}

// Rating is one reader's "Was this helpful?".
type Rating struct {
	Site       retrieval.SiteID
	ID         string // a UUID
	Article    string
	Generation int
	Helpful    bool
	At         time.Time
}

// Gap is a search that was not answered.
type Gap struct {
	Site     retrieval.SiteID
	Asked    string // masked
	Language string
	Nearest  string // id of the article that came first all the same; "": none
	P        float64
	At       time.Time
}

// choices are sites' settings; *settings.Cache is the one implementation.
type choices interface {
	ByID(ctx context.Context, id int32) (settings.Site, error)
	ByName(ctx context.Context, name string) (settings.Site, error)
	At(ctx context.Context, host, path string) (site settings.Site, base string, ok bool)
}

// ruleCounter counts what became of a site's rules. Errors: of kinds NotFound
// and Invalid for what is no rule, or no event of one.
type ruleCounter interface {
	CountRule(ctx context.Context, site int32, rule, event string) error
}

// noChoices is a world in which nobody chose anything.
type noChoices struct{}

func (noChoices) ByID(_ context.Context, id int32) (settings.Site, error) {
	return settings.Site{ID: id}, nil
}

func (noChoices) ByName(_ context.Context, name string) (settings.Site, error) {
	return settings.Site{Name: name}, nil
}

func (noChoices) At(context.Context, string, string) (settings.Site, string, bool) {
	return settings.Site{}, "", false
}

// noJournal keeps nothing.
type noJournal struct{}

func (noJournal) Opened(retrieval.SiteID, string)    {}
func (noJournal) Rate(context.Context, Rating) error { return nil }
func (noJournal) Missing(context.Context, retrieval.SiteID, string, string, time.Time) error {
	return nil
}
func (noJournal) Gap(context.Context, Gap) error { return nil }

// noShelf is empty.
type noShelf struct{}

func (noShelf) Catalogue(context.Context, Site) ([]Listed, error) { return nil, nil }

func (noShelf) Counts(context.Context, Site, time.Time) (map[string]Count, error) { return nil, nil }
