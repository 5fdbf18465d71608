package chatapi

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/handoff"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
)

type engine interface {
	Say(ctx context.Context, s bot.Say) (*bot.Turn, error)
}

type store interface {
	Open(ctx context.Context, o bot.Opening) (convo.ID, error)
	VisitorExists(ctx context.Context, site int32, visitor convo.ID) (bool, error)
	VisitorTalks(ctx context.Context, site int32, visitor convo.ID, limit int) ([]bot.Talk, error)
	Conversation(ctx context.Context, key convo.Key, visitor convo.ID) (convo.State, error)
	Messages(ctx context.Context, key convo.Key, before int64, limit int) (events []convo.Event, more bool, err error)
	MarkRead(ctx context.Context, key convo.Key, r convo.Read, at time.Time) (moved bool, err error)
	ReadMarks(ctx context.Context, key convo.Key) ([]convo.Read, error)
	PutFeedback(ctx context.Context, f bot.Feedback) (quoted bool, err error)
	Ratings(ctx context.Context, site retrieval.SiteID) ([]bot.Rating, error)
	PutLearned(ctx context.Context, site retrieval.SiteID, l bot.Learned) error
}

// filer takes files in and gives them out; *files.Service is the one
// implementation.
type filer interface {
	Take(ctx context.Context, p files.Piece) (files.Taken, error)
	Open(ctx context.Context, key convo.Key, id convo.ID, reader files.Side, small bool) (*files.Reading, error)
}

type desk interface {
	Open(ctx context.Context, r handoff.Request) (handoff.Opened, error)
	Wait(ctx context.Context, r handoff.WaitRequest) (handoff.WaitState, error)
	// Identify gives a conversation to the customer that its visitor is; they may
	// be known by another visitor's id. Errors: ErrNoConversation,
	// bot.ErrOtherCustomer, bot.ErrReplayed.
	Identify(ctx context.Context, key convo.Key, c convo.Claim, fallback string) (visitor convo.ID, err error)
}

// Deps are what the routes work with.
type Deps struct {
	App    *web.App
	Engine engine
	Store  store
	Desk   desk
	Hub    *bot.Hub
	Sites  *bot.Sites
	// Ratings keeps what customers say of closed cases; nil: nobody is asked.
	Ratings ratings
	// Files takes what customers send along; nil: nothing is taken.
	Files filer
	// Transcript sends a conversation to its customer's address; nil: nobody does.
	Transcript func(ctx context.Context, key convo.Key, visitor convo.ID) (handoff.Transcript, error)
	Secret     []byte // signs tokens; the same in every instance
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() convo.ID
}

// Config bounds what callers may do. Rates with a zero PerSecond take their
// default; a negative one means no limit.
type Config struct {
	TokenTTL   time.Duration // 0: 1 h
	TokenGrace time.Duration // how long after its end a token may still be renewed; 0: 24 h
	// VisitorRate is messages, presses and feedback of one visitor; default 30
	// a second, 300 at once: far more than anybody types, and too little for
	// one visitor to keep a core busy.
	VisitorRate web.Rate
	// AddressRate is requests of one address (IPv6: one /64); default 50 a
	// second, 500 at once: a whole office behind one address stays below.
	AddressRate web.Rate
	// LimitLoopback applies AddressRate to loopback too. By default it does
	// not: behind a proxy on the same machine that is everybody's address.
	LimitLoopback bool
	// StreamsPerVisitor is how many event streams a visitor may hold; 0: 40. They
	// need one a tab, on all their devices; one that was left is noticed only when
	// it beats, so those of a quarter of a minute's reloads count as well.
	StreamsPerVisitor int
	// TurnBeat is how often a stream of a running turn says that it is there;
	// 0: 4 s. Somebody waits on it, and proxies cut what is silent for long.
	TurnBeat time.Duration
}

func (c Config) withDefaults() Config {
	c.TokenTTL = cmp.Or(c.TokenTTL, time.Hour)
	c.TokenGrace = cmp.Or(c.TokenGrace, 24*time.Hour)
	c.VisitorRate = cmp.Or(c.VisitorRate, web.Rate{PerSecond: 30, Burst: 300})
	c.AddressRate = cmp.Or(c.AddressRate, web.Rate{PerSecond: 50, Burst: 500})
	c.StreamsPerVisitor = cmp.Or(c.StreamsPerVisitor, 40)
	c.TurnBeat = cmp.Or(c.TurnBeat, 4*time.Second)
	return c
}

// API is the widget's HTTP.
type API struct {
	Deps
	cfg       Config
	tokens    tokens
	visitors  *web.Limiter
	addresses *web.Limiter
	streams   *web.Counter
	mail      *mailPages
	reads     *bot.Reads
}

// New makes an API; Mount adds its routes.
func New(d Deps, cfg Config) (*API, error) {
	switch {
	case d.App == nil, d.Engine == nil, d.Store == nil, d.Desk == nil, d.Hub == nil, d.Sites == nil, d.Log == nil, d.Now == nil, d.NewID == nil:
		return nil, errors.New("chatapi: every dependency is needed")
	case len(d.Secret) < 32:
		return nil, errors.New("chatapi: the secret needs at least 32 bytes")
	}
	cfg = cfg.withDefaults()
	if d.Ratings == nil {
		d.Ratings = noRatings{}
	}
	if d.Files == nil {
		d.Files = files.None{}
	}
	if d.Transcript == nil {
		d.Transcript = noTranscript
	}
	pages, err := newMailPages()
	if err != nil {
		return nil, err
	}
	return &API{
		Deps: d, cfg: cfg, mail: pages, reads: bot.NewReads(d.Store, d.Hub, d.Now),
		tokens:    tokens{secret: d.Secret, ttl: cfg.TokenTTL, grace: cfg.TokenGrace, now: d.Now},
		visitors:  web.NewLimiter(cfg.VisitorRate, 0, d.Now),
		addresses: web.NewLimiter(cfg.AddressRate, 0, d.Now),
		streams:   web.NewCounter(cfg.StreamsPerVisitor),
	}, nil
}

// Mount adds the routes.
func (a *API) Mount() {
	app := a.App.Fiber()
	app.Get("/openapi.json", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(openAPI)
	})
	v1 := app.Group("/v1",
		web.CORS(func(origin string) bool { return a.Sites.OriginKnown(a.App.Base(), origin) }),
		a.LimitAddress)
	v1.Post("/conversations", a.postConversation)
	v1.Get("/conversations", a.getConversations)
	v1.Post("/token", a.postToken)
	v1.Get("/conversations/:id", a.withConversation(a.getConversation))
	v1.Get("/conversations/:id/events", a.withConversation(a.getEvents))
	v1.Post("/conversations/:id/messages", a.withConversation(a.postMessage))
	v1.Post("/conversations/:id/files", a.withConversation(a.postFile))
	v1.Get("/conversations/:id/files/:file", a.withConversation(a.getFile))
	a.App.Large("/v1/conversations/", "/files")
	v1.Post("/conversations/:id/typing", a.withConversation(a.postTyping))
	v1.Post("/conversations/:id/read", a.withConversation(a.postRead))
	v1.Post("/conversations/:id/transcript", a.withConversation(a.postTranscript))
	v1.Post("/conversations/:id/identity", a.withConversation(a.postIdentity))
	v1.Post("/conversations/:id/human", a.withConversation(a.postHuman))
	v1.Post("/conversations/:id/wait", a.withConversation(a.postWait))
	v1.Post("/conversations/:id/feedback", a.withConversation(a.postFeedback))
	v1.Post("/conversations/:id/rating", a.withConversation(a.postRating))
	app.Get("/mail/:id", a.LimitAddress, a.getMailPage)
	app.Post("/mail/:id", a.LimitAddress, a.postMailPage)
}

// LimitAddress refuses an address that asks for too much; other routes that
// cost a search use it too.
func (a *API) LimitAddress(c *fiber.Ctx) error {
	addr := a.App.ClientAddr(c)
	if addr.IsLoopback() && !a.cfg.LimitLoopback {
		return c.Next()
	}
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	if err := a.addresses.Allow(addressKey(addr)); err != nil {
		return err
	}
	return c.Next()
}

func addressKey(addr netip.Addr) string {
	b := addr.As16()
	return string(b[:])
}
