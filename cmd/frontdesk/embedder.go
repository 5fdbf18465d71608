package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
)

// movingEmbedder is an embedder whose address may change: a private one that
// had to be restarted answers somewhere else. It keeps a client for the
// present address and makes a new one when it moves.
type movingEmbedder struct {
	endpoint func() EmbedEndpoint
	config   func(EmbedEndpoint) (embed.Config, error)
	log      *slog.Logger

	mu     sync.Mutex
	at     EmbedEndpoint
	client *embed.Client
}

var _ retrieval.TokenEmbedder = (*movingEmbedder)(nil)

// embedderConfig makes a client's settings from an endpoint: the private
// embedder's model is known, another server's may have to be asked for.
func (a *app) embedderConfig(model string, ep EmbedEndpoint) (embed.Config, error) {
	if a.config.EmbeddingsURL != "" {
		return embed.Config{BaseURL: ep.BaseURL, Model: ep.Model, APIKey: ep.APIKey}, nil
	}
	return embed.Private(ep.BaseURL, model), nil
}

// queryEmbedder is where questions are embedded: with a memory, because
// customers ask the same things.
func (a *app) queryEmbedder(p *parts) (first retrieval.Embedder, more []retrieval.Space, err error) {
	cached := func(model string) (retrieval.Embedder, error) {
		m := &movingEmbedder{endpoint: p.Embedder, log: a.log, config: func(ep EmbedEndpoint) (embed.Config, error) { return a.embedderConfig(model, ep) }}
		return embed.NewCache(m, embed.CacheConfig{})
	}
	if first, err = cached(embed.PrivateModel); err != nil || a.config.EmbeddingsURL != "" {
		return first, nil, err
	}
	second, err := cached(embed.PrivateEnglish)
	return first, []retrieval.Space{{Embedder: second, Langs: embed.EnglishOnly()}}, err
}

// ingestEmbedder is where knowledge is embedded. The private one has a process
// of its own, which always finds the next call waiting.
func (a *app) ingestEmbedder(model string, endpoint func() EmbedEndpoint) *movingEmbedder {
	return &movingEmbedder{endpoint: endpoint, log: a.log, config: func(ep EmbedEndpoint) (embed.Config, error) {
		c, err := a.embedderConfig(model, ep)
		c.QueryTimeout = time.Minute // a measurement's questions: nobody waits
		if a.config.EmbeddingsURL == "" {
			c.PassageInFlight = 2
		}
		return c, err
	}}
}

// now is the client for the present address.
func (m *movingEmbedder) now() (*embed.Client, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.endpoint()
	if m.client != nil && (at == m.at || at.BaseURL == "") {
		return m.client, nil // an address that is gone for a moment: calls to the old one fail as they should
	}
	known := at
	// A client can be asked for its model before there is an address.
	known.BaseURL = cmp.Or(known.BaseURL, "http://127.0.0.1:9/v1")
	cfg, err := m.config(known)
	if err != nil {
		return nil, err
	}
	c, err := embed.New(embed.Deps{Log: m.log}, cfg)
	if err != nil {
		return nil, err
	}
	if m.client != nil {
		m.client.Close()
	}
	m.at, m.client = at, c
	return c, nil
}

// Model is the identity of the vectors; zero while it is not known.
func (m *movingEmbedder) Model() retrieval.Model {
	c, err := m.now()
	if err != nil {
		return retrieval.Model{}
	}
	return c.Model()
}

// Embed is embed.Client's.
func (m *movingEmbedder) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	c, err := m.now()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "embedder_config", "The embedder's settings are wrong.")
	}
	return c.Embed(ctx, kind, texts)
}

// TokenDims is embed.Client's.
func (m *movingEmbedder) TokenDims() int {
	c, err := m.now()
	if err != nil {
		return 0
	}
	return c.TokenDims()
}

// DepthDims is embed.Client's.
func (m *movingEmbedder) DepthDims() int {
	c, err := m.now()
	if err != nil {
		return 0
	}
	return c.DepthDims()
}

// EmbedTokens is embed.Client's.
func (m *movingEmbedder) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	c, err := m.now()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "embedder_config", "The embedder's settings are wrong.")
	}
	return c.EmbedTokens(ctx, kind, texts)
}

// Close stops what the present client does by itself.
func (m *movingEmbedder) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.client != nil {
		m.client.Close()
	}
}

// blamedText says which text of a call made it fail, where one did.
func blamedText(err error) (int, bool) {
	t, ok := errors.AsType[*embed.TextError](err)
	if !ok {
		return 0, false
	}
	return t.Index, true
}
