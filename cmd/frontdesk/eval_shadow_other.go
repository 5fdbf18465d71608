package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/pgconvo"
	"frontdesk/retrieval"
)

// side is where turns are replayed: a copy of the site, and what decides there.
type side struct {
	front  *front
	engine *bot.Engine
	site   *bot.Site
}

// shadowed are the variables of the program that a replay may have otherwise: what
// decides about a turn, as serve reads it.
func shadowed() []string {
	return []string{"EMBEDDINGS_BASE_URL", "EMBEDDINGS_MODEL", "EMBEDDINGS_API_KEY", "RERANK_BASE_URL", "RERANK_MODEL", "RERANK_API_KEY"}
}

// otherProgram reads variables of the program. Another model of vectors needs the
// knowledge that it is to encode.
func otherProgram(list []string, knowledge bool) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		if !ok || !slices.Contains(shadowed(), name) {
			return nil, fmt.Errorf("%q is none of %s with = and a value", name, strings.Join(shadowed(), ", "))
		}
		if strings.HasPrefix(name, "EMBEDDINGS_") && !knowledge {
			return nil, errors.New("another model of vectors has to encode the knowledge: name it with --knowledge")
		}
		out[name] = value
	}
	return out, nil
}

// otherRanking reads a ranking that was fitted, which goes with the lenses and the
// weights of asked tokens that are built in. No file: nil.
func otherRanking(path string) (*retrieval.Ranking, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // what is built in
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the ranking: %w", err)
	}
	r, err := retrieval.ParseRanking(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; `frontdesk train rank` writes one", path, err)
	}
	ours, err := retrieval.DefaultRanking()
	if err != nil {
		return nil, err
	}
	r.Asked, r.Lenses = ours.Asked, ours.Lenses
	return &r, nil
}

// with is the program with other variables.
func (a *app) with(values map[string]string) (*app, error) {
	b := *a
	for _, s := range b.config.settings() {
		v, other := values[s.env]
		if !other {
			continue
		}
		if s.check != nil && v != "" {
			if err := s.check(v); err != nil {
				return nil, usageError{fmt.Errorf("--with %s: %w", s.env, err)}
			}
		}
		*s.value = v
	}
	return &b, nil
}

// withOther runs something with the program of another configuration: its front,
// and the engine that decides there. Where neither variables nor the ranking are
// other these are the program's own.
func (a *app) withOther(ctx context.Context, own *front, o other, use func(*app, *front, *bot.Engine) error) error {
	b, theirs := a, own
	if len(o.program) > 0 {
		var err error
		if b, err = a.with(o.program); err != nil {
			return err
		}
		if theirs, err = b.openFront(ctx, frontConfig{need: needPostgres | needEmbedderSoon, awaitEmbedder: true, embedBudget: askPatience, budget: askPatience}); err != nil {
			return fmt.Errorf("the other configuration: %w", err)
		}
		defer theirs.Close(ctx)
	}
	if o.ranking == nil {
		return use(b, theirs, theirs.engine)
	}
	engine, stop, err := b.rankedEngine(ctx, theirs, o.ranking)
	if err != nil {
		return err
	}
	defer stop()
	return use(b, theirs, engine)
}

// rankedEngine is a front's engine with another ranking: an instance of its own,
// whose turns no sweeper takes for abandoned ones.
func (a *app) rankedEngine(ctx context.Context, f *front, r *retrieval.Ranking) (*bot.Engine, func(), error) {
	embedder, more, err := a.queryEmbedder(f.parts)
	if err != nil {
		return nil, nil, err
	}
	searcher, err := a.newSearcher(f.store, embedder, more, retrieval.SearchConfig{EmbedBudget: askPatience, Ranking: r})
	if err != nil {
		return nil, nil, err
	}
	bus, err := pgconvo.StartBus(ctx, f.store.pool, a.log)
	if err != nil {
		return nil, nil, plain(err)
	}
	deps := f.deps
	deps.Finder, deps.Ahead, deps.Calibration = searcher, searcher.Ahead, calibrationOf(searcher)
	engine, err := bot.New(deps, bot.Config{Instance: bus.Instance(), Budget: askPatience, WriteTimeout: askPatience})
	if err != nil {
		return nil, nil, errors.Join(err, bus.Close(ctx))
	}
	return engine, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		engine.Stop(ctx)
		_ = bus.Close(ctx) // a row too many is removed by whoever keeps house
	}, nil
}
