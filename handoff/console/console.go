package console

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
	sent "frontdesk/bot/files"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/internal/web"
)

// Deps are what the desk stands on.
type Deps struct {
	App    *web.App
	Guard  Guard
	Desk   desk
	Store  Store
	Finder Finder
	Hub    hub
	// Labels says what articles are about; nil: the desk has no page of them.
	Labels Labels
	// Files takes what agents send along and gives out what customers sent; nil:
	// none are taken.
	Files filer
	// Shop says what a site is called where people read it.
	Shop  func(ctx context.Context, site int32) string
	Log   *slog.Logger
	Now   func() time.Time
	NewID func() convo.ID
	News  News // zero: of Desk and Store
}

// Config bounds the desk's page.
type Config struct {
	Beat       time.Duration // how often a stream beats, and with it presence; 0: 10 s, a third of a lease
	Poll       time.Duration // how often changes are looked for that nobody told of; 0: 1 s
	LookPoll   time.Duration // how often who is looking is read; 0: 2 s
	AgentRate  web.Rate      // requests of one agent that change or search; default 20 a second, 100 at once
	TabsOfOne  int           // streams one agent may hold; 0: 12
	SearchTime time.Duration // for a search of passages; 0: 3 s
}

func (c Config) withDefaults() Config {
	c.Beat = cmp.Or(c.Beat, handoff.Lease/3)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.LookPoll = cmp.Or(c.LookPoll, 2*time.Second)
	c.AgentRate = cmp.Or(c.AgentRate, web.Rate{PerSecond: 20, Burst: 100})
	c.TabsOfOne = cmp.Or(c.TabsOfOne, 12)
	c.SearchTime = cmp.Or(c.SearchTime, 3*time.Second)
	return c
}

// Console serves the desk. Run it, Close it before the app stops.
type Console struct {
	Deps
	cfg   Config
	feed  *feed
	files *files
	rate  *web.Limiter
	tabs  *web.Counter
	// What after a change every page asks for, read once for all of them.
	queues *gathered[[]handoff.QueueState]
	people *gathered[[]handoff.Agent]
	// description is the API as OpenAPI says it.
	description []byte
}

// News is what the streams are fed from. It may have connections of its own:
// where everybody presses at once, what they did is then told all the same.
type News struct {
	Desk  changer
	Store rowReader
}

// New makes a Console; Mount adds its routes.
func New(d Deps, cfg Config) (*Console, error) {
	if d.App == nil || d.Guard == nil || d.Desk == nil || d.Store == nil || d.Finder == nil || d.Hub == nil || d.Shop == nil || d.Log == nil || d.Now == nil || d.NewID == nil {
		return nil, errors.New("console: every dependency is needed")
	}
	cfg = cfg.withDefaults()
	if d.Files == nil {
		d.Files = sent.None{}
	}
	if d.News.Desk == nil || d.News.Store == nil {
		d.News = News{Desk: d.Desk, Store: d.Store}
	}
	files, err := loadFiles()
	if err != nil {
		return nil, err
	}
	description, err := describe()
	if err != nil {
		return nil, err
	}
	queues, people := newCounts(d.Desk)
	return &Console{
		Deps: d, cfg: cfg, files: files, description: description, queues: queues, people: people,
		feed: newFeed(d.News.Desk, d.News.Store, d.Log, d.Now, cfg),
		rate: web.NewLimiter(cfg.AgentRate, 0, d.Now),
		tabs: web.NewCounter(cfg.TabsOfOne),
	}, nil
}

// Run keeps the streams fed until ctx ends.
func (c *Console) Run(ctx context.Context) {
	go c.forgetLooks(ctx)
	go c.indexWords(ctx)
	c.feed.run(ctx)
}

// forgetLooks removes, once a minute, who looked at what and has gone. What one
// round leaves the next one takes.
func (c *Console) forgetLooks(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		within, cancel := context.WithTimeout(ctx, readTime)
		if err := c.Store.ForgetLooks(within, c.Now().Add(-lookFor)); err != nil {
			c.Log.Debug("who looked was not forgotten", "cause", err.Error())
		}
		cancel()
	}
}

// Wake says that something changed at a site's desk; it never blocks.
func (c *Console) Wake(site int32) { c.feed.wake(site) }

// Close ends every stream, now and later.
func (c *Console) Close() { c.feed.close() }

// Mount adds the routes.
func (c *Console) Mount() {
	app := c.App.Fiber()
	api := app.Group(apiPath, apiHeaders)
	c.Guard.Mount(api)
	api.Get("/packet.schema.json", func(c *fiber.Ctx) error { return c.Type("json").Send(packet.Schema()) }) // no secret: programs read it without signing in
	api.Get("/openapi.json", func(ctx *fiber.Ctx) error { return ctx.Type("json").Send(c.description) })     // likewise
	in := api.Group("", c.Guard.Require)

	in.Get("/start", c.start)
	in.Get("/stream", c.stream)
	in.Get("/queues", c.wall)
	in.Get("/agents", c.agents)
	in.Post("/presence", c.beat)
	in.Delete("/presence", c.leave)

	in.Get("/cases", c.list)
	in.Post("/cases/next", c.act(c.next))
	in.Get("/cases/:id", c.getCase)
	in.Get("/cases/:id/messages", c.messages)
	in.Get("/cases/:id/log", c.log)
	in.Get("/cases/:id/visitor", c.visitor)
	for name, do := range map[string]action{
		"claim": c.claim, "release": c.release, "transfer": c.transfer, "escalate": c.escalate, "snooze": c.snooze,
		"priority": c.priority, "merge": c.merge, "close": c.close, "reopen": c.reopen,
	} {
		in.Post("/cases/:id/"+name, c.act(do))
	}
	in.Post("/cases/:id/replies", c.limited(c.reply))
	in.Post("/cases/:id/files", c.limited(c.postFile))
	in.Get("/cases/:id/files/:file", c.getFile)
	c.App.Large("/desk/api/v1/cases/", "/files")
	in.Post("/cases/:id/notes", c.limited(c.note))
	in.Put("/cases/:id/draft", c.limited(c.putDraft))
	in.Post("/cases/:id/typing", c.limited(c.typing))
	in.Post("/cases/:id/read", c.limited(c.read))

	in.Post("/passages", c.limited(c.passages))
	in.Get("/canned", c.canned)
	in.Put("/canned/:id", c.limited(c.putCanned))
	in.Delete("/canned/:id", c.limited(c.removeCanned))

	c.mountSupervision(in)
	c.mountSearch(in)
	c.mountSettings(in)
	c.mountPage(app)
}

const localActor = "desk_actor"

// keepActor leaves who asks for actorOf: what a Guard's Require ends with.
func keepActor(c *fiber.Ctx, a handoff.Actor) { c.Locals(localActor, a) }

// actorOf is who asks; Require has let them in.
func actorOf(c *fiber.Ctx) handoff.Actor {
	a, _ := c.Locals(localActor).(handoff.Actor)
	return a
}

// limited bounds what one agent asks for: a key that is held down, or a page
// gone mad, does not keep the desk from the others.
func (c *Console) limited(h fiber.Handler) fiber.Handler {
	return func(ctx *fiber.Ctx) error {
		a := actorOf(ctx)
		if err := c.rate.Allow(string(a.Agent[:])); err != nil {
			return err
		}
		return h(ctx)
	}
}

// apiHeaders keep the desk's answers with the desk's own pages.
func apiHeaders(c *fiber.Ctx) error {
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	return c.Next()
}
