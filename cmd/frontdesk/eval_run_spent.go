package main

import (
	"context"
	"sync"
	"unicode/utf8"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/retrieval"
)

// spent counts what a turn costs, by site: one turn goes on at a site at a time. A
// nil one counts nothing.
type spent struct {
	mu sync.Mutex
	by map[retrieval.SiteID]*tally
}

// tally is what a turn cost so far. What is embedded ahead may come to it late.
type tally struct {
	mu       sync.Mutex
	cost     runner.Cost
	embedded map[asked]bool
}

// asked is a text as an encoder gets it. The search asks for the one that was asked
// for ahead once more, and finds it under way or ready.
type asked struct {
	by   *keptEmbedder
	text string
}

func newSpent() *spent { return &spent{by: map[retrieval.SiteID]*tally{}} }

// begin begins a turn.
func (s *spent) begin(site retrieval.SiteID) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[site] = &tally{embedded: map[asked]bool{}}
}

// of is the site's turn; nil: none has begun.
func (s *spent) of(site retrieval.SiteID) *tally {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[site]
}

// cost is what the site's turn cost until now.
func (s *spent) cost(site retrieval.SiteID) runner.Cost {
	t := s.of(site)
	if t == nil {
		return runner.Cost{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cost
}

func (t *tally) add(more runner.Cost) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cost = t.cost.Plus(more)
}

func (t *tally) query() { t.add(runner.Cost{Queries: 1}) }

// embed counts a question that an encoder is asked for.
func (t *tally) embed(by *keptEmbedder, text string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if key := (asked{by, text}); !t.embedded[key] {
		t.embedded[key] = true
		t.cost = t.cost.Plus(runner.Cost{Embeddings: 1, Characters: utf8.RuneCountInString(text)})
	}
}

// tallyKey is under which a context has the tally of its turn.
type tallyKey struct{}

// within is a context of what goes on for the site's turn.
func (s *spent) within(ctx context.Context, site retrieval.SiteID) context.Context {
	if t := s.of(site); t != nil {
		return context.WithValue(ctx, tallyKey{}, t)
	}
	return ctx
}

func tallyOf(ctx context.Context) *tally {
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}

// ahead is what a message is embedded by while it is recorded.
func (s *spent) ahead(next bot.AheadFunc) bot.AheadFunc {
	return func(ctx context.Context, q retrieval.Query) { next(s.within(ctx, q.Site), q) }
}

// finder counts searches.
func (s *spent) finder(next retrieval.Finder) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		s.of(q.Site).add(runner.Cost{Searches: 1})
		return next.Search(s.within(ctx, q.Site), q)
	})
}

// finds counts the search's trips to the database.
func (s *spent) finds(next stages.Finds) stages.Finds {
	return func(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
		s.of(n.Site).query()
		return next(ctx, n)
	}
}

// spentReranker counts what a reranker is asked for.
type spentReranker struct{ retrieval.Reranker }

// Rerank asks.
func (r spentReranker) Rerank(ctx context.Context, question string, passages []string) ([]float64, error) {
	read := 0
	for _, p := range passages {
		read += utf8.RuneCountInString(question) + utf8.RuneCountInString(p)
	}
	tallyOf(ctx).add(runner.Cost{Models: 1, Read: read})
	return r.Reranker.Rerank(ctx, question, passages)
}

// spentStore counts what a turn asks of the store of conversations.
type spentStore struct {
	stages.Store
	spent *spent
}

func (s spentStore) of(key convo.Key) *tally { return s.spent.of(retrieval.SiteID(key.Site)) }

// Record records.
func (s spentStore) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	s.of(r.Key).query()
	return s.Store.Record(ctx, r)
}

// Finish ends a turn.
func (s spentStore) Finish(ctx context.Context, e bot.End) ([]convo.Event, error) {
	s.of(e.Key).query()
	return s.Store.Finish(ctx, e)
}

// Turn reads a turn.
func (s spentStore) Turn(ctx context.Context, key convo.Key, turn convo.ID) (bot.TurnLog, error) {
	s.of(key).query()
	return s.Store.Turn(ctx, key, turn)
}

// Choices reads what was offered.
func (s spentStore) Choices(ctx context.Context, key convo.Key, visitor, message convo.ID) ([]convo.Choice, error) {
	s.of(key).query()
	return s.Store.Choices(ctx, key, visitor, message)
}

// Settled reads closed cases.
func (s spentStore) Settled(ctx context.Context, key convo.Key) ([]bot.Settled, error) {
	s.of(key).query()
	return s.Store.Settled(ctx, key)
}

// Sections reads an article.
func (s spentStore) Sections(ctx context.Context, site int32, article string) (int, []retrieval.Passage, error) {
	s.spent.of(retrieval.SiteID(site)).query()
	return s.Store.Sections(ctx, site, article)
}

// spentDesk counts what a turn asks of the desk. Find is the run's own.
type spentDesk struct {
	stages.Desk
	spent *spent
}

func (d spentDesk) of(key convo.Key) *tally { return d.spent.of(retrieval.SiteID(key.Site)) }

// Open opens a case.
func (d spentDesk) Open(ctx context.Context, r handoff.Request) (handoff.Opened, error) {
	d.of(r.Key).query()
	return d.Desk.Open(ctx, r)
}

// Returns says whether a closed case goes on.
func (d spentDesk) Returns(ctx context.Context, key convo.Key) (bool, error) {
	d.of(key).query()
	return d.Desk.Returns(ctx, key)
}

// Retriage routes a case once more.
func (d spentDesk) Retriage(ctx context.Context, key convo.Key, t handoff.Triage) (handoff.Case, bool, error) {
	d.of(key).query()
	return d.Desk.Retriage(ctx, key, t)
}
