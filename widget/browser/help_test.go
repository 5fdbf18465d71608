package browser_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/google/uuid"

	"frontdesk/internal/stage"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/widget"
)

// readers is the demo shop's shelf seen from afar, and the journal of whoever
// reads there, in memory.
type readers struct {
	*shelf

	mu      sync.Mutex
	ratings map[string]bool // by id: words were added
	gaps    []string
}

func (r *readers) Catalogue(context.Context, widget.Site) ([]widget.Listed, error) {
	var out []widget.Listed
	for _, a := range r.articles {
		if a.SupersededBy == "" {
			out = append(out, widget.Listed{Entry: entry(a), Topic: a.Topic, Product: a.Product, URL: "", Updated: a.Updated, Questions: a.Questions})
		}
	}
	slices.SortFunc(out, func(a, b widget.Listed) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func (r *readers) Counts(context.Context, widget.Site, time.Time) (map[string]widget.Count, error) {
	return nil, nil
}

func (r *readers) Opened(retrieval.SiteID, string) {}

func (r *readers) Rate(_ context.Context, rating widget.Rating) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ratings[rating.ID] = false
	return nil
}

func (r *readers) Missing(_ context.Context, _ retrieval.SiteID, id, _ string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if written, there := r.ratings[id]; !there || written {
		return widget.ErrNoRating
	}
	r.ratings[id] = true
	return nil
}

func (r *readers) Gap(_ context.Context, g widget.Gap) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps = append(r.gaps, g.Asked)
	return nil
}

// TestHelp plays the help pages: suggestions, ratings, languages, what is not
// found.
func TestHelp(t *testing.T) {
	with := stage.Need(t, ".")
	r := &readers{shelf: newShelf(t), ratings: map[string]bool{}}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	app, err := web.New(log, nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := widget.New(widget.Deps{
		Library: r, Finder: r, Log: log, Sites: r.sites, Shelf: r, Journal: r, NewID: uuid.NewString,
	}, widget.Config{Shop: "shop", Chat: true, SuggestBudget: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	pages.Mount(app.Fiber())
	server := httptest.NewServer(adaptor.FiberApp(app.Fiber()))
	t.Cleanup(server.Close)
	with.Run(t, stage.Play{Base: server.URL, Set: "help", Only: *only})
	r.mu.Lock()
	defer r.mu.Unlock()
	if *only != "" {
		return
	}
	written := 0
	for _, w := range r.ratings {
		if w {
			written++
		}
	}
	if len(r.ratings) != 6 || written != 3 {
		t.Errorf("%d ratings, %d with words", len(r.ratings), written)
	}
	if !slices.Contains(r.gaps, "zzzzz") {
		t.Errorf("gaps %q", r.gaps)
	}
}
