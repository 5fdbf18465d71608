package widget

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Deps is what the pages stand on.
type Deps struct {
	Library Library
	Finder  retrieval.Finder
	Log     *slog.Logger
	// Limit, where set, runs before a search of the help pages and may refuse
	// it: a search costs what a question costs, and needs no token.
	Limit fiber.Handler
}

// Config says how the pages behave.
type Config struct {
	Shop    string        // name of the demo shop's site; "": "/" leads to the help pages
	Timeout time.Duration // for one page; 0: 5 s
}

// Widget serves the demo shop's page, the help pages and their files.
type Widget struct {
	deps     Deps
	cfg      Config
	assets   *assets
	pages    *template.Template
	articles *articleRenderer
}

// New makes a Widget. Errors: a missing dependency; a broken template or file,
// which no build of ours has.
func New(deps Deps, cfg Config) (*Widget, error) {
	if deps.Library == nil || deps.Finder == nil || deps.Log == nil {
		return nil, errors.New("widget: Library, Finder and Log are needed")
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Second)
	files, err := loadAssets(files)
	if err != nil {
		return nil, fmt.Errorf("widget: %w", err)
	}
	modules := files.modules()
	slices.Sort(modules)
	pages, err := template.New("").Funcs(template.FuncMap{
		"asset":   func(name string) string { return files.base() + "/" + name },
		"modules": func() []string { return modules },
	}).ParseFS(templates, "shop/*.html", "help/*.html")
	if err != nil {
		return nil, fmt.Errorf("widget: parse templates: %w", err)
	}
	return &Widget{deps: deps, cfg: cfg, assets: files, pages: pages, articles: newArticleRenderer()}, nil
}

// Mount adds the pages' routes: / · /help · /help/<article> · the same below
// /s/<site>/ for every other site · /assets/<build>/<file>.
func (w *Widget) Mount(r fiber.Router) {
	r.Get("/", w.shop)
	r.Get("/assets/:build/*", w.assets.serve)
	limited := []fiber.Handler{w.index}
	if w.deps.Limit != nil {
		limited = []fiber.Handler{w.limited, w.index}
	}
	for _, base := range []string{"", "/s/:site"} {
		r.Get(base+"/help", limited...)
		r.Get(base+"/help/*", w.article)
	}
}

// limited puts the limit before searches, and lets the lists through.
func (w *Widget) limited(c *fiber.Ctx) error {
	if c.Query("q") == "" {
		return c.Next()
	}
	err := w.deps.Limit(c)
	if err != nil && fault.KindOf(err) == fault.RateLimited {
		return w.fail(c, Site{Default: true}, err)
	}
	return err
}
