package widget

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

// Deps is what the pages stand on. The first three are needed; what is left out
// of the others is a part that is not there.
type Deps struct {
	Library Library
	Finder  retrieval.Finder
	Log     *slog.Logger
	// Limit, where set, runs before a search of the help pages and may refuse
	// it: a search costs what a question costs, and needs no token.
	Limit fiber.Handler

	Sites   choices     // what sites chose; nil: nothing
	Shelf   Shelf       // for menus, suggestions, translations and the sitemap
	Journal Journal     // what readers did and said
	Rules   ruleCounter // take-up of the widget's rules; nil: there are none
	// Quick finds by words alone, for suggestions that cannot wait.
	Quick retrieval.Finder
	// Answers says whether what a search found is likely to answer, by the same
	// decision by which the chat says that it has none; nil: whatever was found is.
	Answers func(ctx context.Context, site retrieval.SiteID, ev retrieval.Evidence) bool
	// Hours say whether people are there; nil, or a nil result: not known.
	Hours func(ctx context.Context, site retrieval.SiteID) (*settings.Hours, error)
	// Mask takes personal data out of what a reader wrote, before it is kept;
	// nil: nothing is taken out.
	Mask  func(string) string
	Now   func() time.Time // nil: time.Now
	NewID func() string    // UUIDs for ratings; nil: the pages ask for none
}

// Config says how the pages behave.
type Config struct {
	Shop    string        // name of the demo shop's site; "": "/" leads to the help pages
	Timeout time.Duration // for one page; 0: 5 s
	URL     string        // address under which customers reach the service; "": that of each request
	// Chat says that /chat/<site> is there to lead questions to (about=, ask=,
	// person=).
	Chat  bool
	Files bool // customers may send files
	Mail  bool // customers may have their conversation sent by e-mail
	// SuggestBudget is how long suggestions wait for the whole search, before
	// they go by words alone; 0: 25 ms, so that they come within 50.
	SuggestBudget time.Duration
}

// Widget serves the demo shop's page, the help pages and their files.
type Widget struct {
	deps       Deps
	cfg        Config
	assets     *assets
	pages      *template.Template
	articles   *articleRenderer
	words      vocabulary
	sites      choices
	catalogues *catalogues
	public     *publics
	embedded   *embedded
	searches   chan struct{} // whole searches under way for suggestions
}

// searchesAtOnce bounds the whole searches that typing sets off: on two cores
// four keep the embedder busy, and customers' questions wait in the same line.
const searchesAtOnce = 4

// New makes a Widget. Errors: a missing dependency; a broken template or file,
// which no build of ours has.
func New(deps Deps, cfg Config) (*Widget, error) {
	if deps.Library == nil || deps.Finder == nil || deps.Log == nil {
		return nil, errors.New("widget: Library, Finder and Log are needed")
	}
	deps = deps.withDefaults()
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Second)
	cfg.SuggestBudget = cmp.Or(cfg.SuggestBudget, 25*time.Millisecond)
	files, err := loadAssets(files)
	if err != nil {
		return nil, fmt.Errorf("widget: %w", err)
	}
	words, err := loadWords(wordFiles)
	if err != nil {
		return nil, fmt.Errorf("widget: %w", err)
	}
	embedded, err := loadEmbedded()
	if err != nil {
		return nil, fmt.Errorf("widget: %w", err)
	}
	modules := files.modules()
	slices.Sort(modules)
	pages, err := template.New("").Funcs(template.FuncMap{
		"asset":    func(name string) string { return files.base() + "/" + name },
		"modules":  func() []string { return modules },
		"fill":     fill,
		"anchor":   anchor,
		"isolated": isolated,
	}).ParseFS(templates, "shop/*.html", "help/*.html")
	if err != nil {
		return nil, fmt.Errorf("widget: parse templates: %w", err)
	}
	return &Widget{
		deps: deps, cfg: cfg, assets: files, pages: pages, articles: newArticleRenderer(), words: words, sites: deps.Sites,
		catalogues: newCatalogues(deps.Shelf, deps.Now), public: newPublics(deps.Now), embedded: embedded, searches: make(chan struct{}, searchesAtOnce),
	}, nil
}

func (d Deps) withDefaults() Deps {
	if d.Sites == nil {
		d.Sites = noChoices{}
	}
	if d.Shelf == nil {
		d.Shelf = noShelf{}
	}
	if d.Journal == nil {
		d.Journal = noJournal{}
	}
	if d.Mask == nil {
		d.Mask = func(s string) string { return s }
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}

// Mount adds the pages' routes: / · /help · /help/<article> · the same below
// /s/<site>/ for every other site, and under sites' own domains ·
// /assets/<build>/<file> · /v1/widget/<site>, which belongs behind the API's
// own guards.
func (w *Widget) Mount(r fiber.Router) {
	r.Get("/v1/widget/:site", w.getPublic)
	r.Get("/v1/widget/:site/logo", w.logo)
	r.Post("/v1/widget/:site/rules", w.countRule)
	r.Get("/assets/:build/*", w.assets.serve)
	w.mountEmbed(r)
	r.Use(w.findDomain, w.limitDomain, w.atDomain)
	r.Get("/", w.shop)
	for _, base := range []string{"", "/s/:site"} {
		r.Get(base+"/help", w.limited, w.index)
		r.Get(base+"/help/*", w.under)
		r.Post(base+"/help/*", w.limited, w.rate)
	}
}

// limited puts the limit before searches and what readers send, and lets the
// lists through.
func (w *Widget) limited(c *fiber.Ctx) error {
	if w.deps.Limit == nil || c.Query("q") == "" && c.Method() != fiber.MethodPost {
		return c.Next()
	}
	err := w.deps.Limit(c)
	if err != nil && fault.KindOf(err) == fault.RateLimited {
		return w.fail(c, place{Site: Site{Default: true}, Help: "/help", W: w.words.in(accepted(c.Get(fiber.HeaderAcceptLanguage))...)}, err)
	}
	return err
}
