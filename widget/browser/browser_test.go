package browser_test

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"frontdesk/internal/stage"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/widget"
	"frontdesk/widget/settings"
)

var (
	pictures = flag.String("pictures", "", "folder that TestPictures writes to")
	only     = flag.String("only", "", "play only the scenarios whose name holds this")
)

// newScripted starts the pages in front of the scripted API.
func newScripted(t *testing.T) (base string, shelf *shelf) {
	t.Helper()
	shelf = newShelf(t)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	app, err := web.New(log, nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := widget.New(widget.Deps{Library: shelf, Finder: shelf, Log: log, Sites: shelf.sites, Shelf: &readers{shelf: shelf}, Rules: ruleCounts{}, Hours: func(context.Context, retrieval.SiteID) (*settings.Hours, error) { return shelf.hours.Load(), nil }}, widget.Config{Shop: "shop", Chat: true, Mail: true})
	if err != nil {
		t.Fatal(err)
	}
	// As the service has it: other origins may call the API where the site lists them.
	app.Fiber().Use("/v1", web.CORS(func(origin string) bool { return slices.Contains(shelf.sites.site.Settings.Origins, origin) }))
	pages.Mount(app.Fiber())
	mux := http.NewServeMux()
	newFakeAPI(shelf).routes(mux)
	mux.HandleFunc("/", adaptor.FiberApp(app.Fiber()))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL, shelf
}

// TestScripted plays every state of the chat, against an API that does as it is
// told.
func TestScripted(t *testing.T) {
	with := stage.Need(t, ".")
	base, _ := newScripted(t)
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "scripted", Only: *only})
}

// TestPictures takes the README's pictures from the real service, into the
// folder that -pictures names.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures: see make pictures")
	}
	with := stage.Need(t, ".")
	with.Run(t, stage.Play{Base: "http://" + newService(t).addr, Set: "pictures", Out: *pictures, Only: *only})
}

// TestLooks takes a picture of every screen, for people to look at; only with
// -pictures, since nothing in it can fail that TestScripted does not play.
func TestLooks(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures")
	}
	with := stage.Need(t, ".")
	base, _ := newScripted(t)
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "looks", Out: *pictures, Only: *only})
}
