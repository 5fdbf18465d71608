package embed

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Client embeds texts through one server. It is safe for concurrent use.
type Client struct {
	cfg     Config
	base    string
	log     *slog.Logger
	given   http.RoundTripper // Deps.Transport
	breaker *breaker
	count   counters

	patience    atomic.Int64  // how long the last question that found the server slow had waited; 0: none
	discovering chan struct{} // held by whoever asks the server for its model
	hearing     sync.Mutex    // held by whose answer first tells what the server is

	mu     sync.Mutex
	route  *route
	manner manner
}

var _ retrieval.Embedder = (*Client)(nil)

// route is how calls are made, which depends on what is known about the model.
type route struct {
	model   string // sent; empty until the server was asked
	settled bool   // the server's own word about its model was heard
	facts   facts
	api     *openai.Client
	gate    *gate
	close   func() // idle connections
}

// New makes a Client; nothing is sent yet. Close ends it.
func New(deps Deps, cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	base, err := cfg.baseURL()
	if err != nil {
		return nil, err
	}
	known, err := factsOf(cfg.Model)
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg: cfg, base: base, log: deps.Log, given: deps.Transport,
		breaker:     newBreaker(cfg.BreakAfter, cfg.ProbeMin, cfg.ProbeMax),
		discovering: make(chan struct{}, 1),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.breaker.probe, c.breaker.turned = c.probe, c.turned
	c.take(cfg.Model, known, cfg.Model != "")
	return c, nil
}

// take sets the route for a model; where it is the model's true name, also
// what is known of its vectors.
func (c *Client) take(model string, known facts, named bool) *route {
	rt, idle := c.given, func() {}
	if rt == nil {
		own := newTransport(c.cfg.PassageTimeout, known.TwoPieces)
		rt, idle = own, own.CloseIdleConnections
	}
	oc := openai.DefaultConfig(c.cfg.APIKey)
	oc.BaseURL = c.base
	oc.HTTPClient = newHTTPClient(rt)
	writes := 1
	if known.Parallel {
		writes = 4
	}
	r := &route{
		model: model, facts: known, close: idle,
		api: openai.NewClientWithConfig(oc),
		gate: newGate(cmp.Or(c.cfg.QueryInFlight, known.InFlight),
			cmp.Or(c.cfg.PassageInFlight, writes), !known.Parallel),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.route != nil {
		c.route.close()
	}
	c.route, c.manner.encoding = r, known.Encoding
	if named && c.manner.dims == 0 {
		c.manner.dims = cmp.Or(c.cfg.Dims, known.Ask, known.Dims)
	}
	return r
}

// Close stops the probe and lets connections go; calls under way end as they
// will.
func (c *Client) Close() {
	c.breaker.close()
	c.current().close()
}

func (c *Client) current() *route {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.route
}

// Model is the identity of the vectors: name[/revision]/width. Until an unknown
// model has given its first vector it is zero, which matches nothing stored;
// Learn asks for one.
func (c *Client) Model() retrieval.Model {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manner.dims == 0 || c.route.model == "" {
		return retrieval.Model{}
	}
	return retrieval.Model{Name: c.cfg.identity(c.route, c.manner.dims), Dims: c.manner.dims}
}

// Learn returns the identity, after one call where it is not known yet.
func (c *Client) Learn(ctx context.Context) (retrieval.Model, error) {
	if m := c.Model(); m.Dims > 0 {
		return m, nil
	}
	if _, err := c.Embed(ctx, retrieval.EmbedQuery, []string{probeText}); err != nil {
		return retrieval.Model{}, err
	}
	return c.Model(), nil
}

// probeText is embedded to see whether the server works: short, and a word in
// any model's vocabulary.
const probeText = "hello"

// leastPatience is what a probe waits at least: a caller with hardly any time
// left says nothing about the server.
const leastPatience = 300 * time.Millisecond

// probe makes one call, with all checks, past the breaker. A server that was
// too slow for those who asked is back when it answers within their time.
func (c *Client) probe(ctx context.Context) *failure {
	limit := c.cfg.QueryTimeout
	if p := time.Duration(c.patience.Load()); p > 0 {
		limit = min(limit, max(p, leastPatience))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, f := c.found(ctx)
	if f != nil {
		return f
	}
	text, _, _ := r.facts.prepare(retrieval.EmbedQuery, probeText, c.cfg.QueryTokens)
	if _, f = c.once(ctx, r, retrieval.EmbedQuery, []string{text}); f != nil && f.reroute {
		return nil // it answers
	}
	return f
}

func (c *Client) turned(open bool, cause *fault.Error, lasted time.Duration) {
	if open {
		c.log.Warn("embedder away", "code", cause.Code)
		return
	}
	c.log.Info("embedder back", "away_ms", lasted.Milliseconds())
}
