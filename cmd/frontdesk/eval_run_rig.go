package main

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/evals/stages"
	"frontdesk/handoff/pgdesk"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// rig is what a player plays with: the front's own parts, or an engine that was
// made of them with something put around some.
type rig struct {
	engine *bot.Engine
	desk   stages.Desk
	decide stages.Decider
	finder retrieval.Finder
	say    func(bot.Say) bot.Say
	looked *looked // nil: nobody notes what is looked up
	spent  *spent  // nil: nobody counts what turns cost
	done   func()  // lets go of what was made for it alone
}

func plainRig(f *front) *rig {
	return &rig{engine: f.engine, desk: f.desk, decide: f.decide, finder: f.finder}
}

// sent is what the engine gets of what a customer sends.
func (r *rig) sent(s bot.Say) bot.Say {
	if r.say == nil {
		return s
	}
	return r.say(s)
}

// stop ends the turns under way.
func (r *rig) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	r.engine.Stop(ctx)
	if r.done != nil {
		r.done()
	}
}

// bench makes rigs over a front. They are an instance of their own, whose turns
// no sweeper takes for abandoned ones.
type bench struct {
	front  *front
	models *keptModels
	a      *app
	bus    *pgconvo.Bus
	finds  stages.Finds // the database's, or one that remembers
}

func (a *app) newBench(ctx context.Context, f *front, models *keptModels) (*bench, error) {
	bus, err := pgconvo.StartBus(ctx, f.store.pool, a.log)
	if err != nil {
		return nil, err
	}
	return &bench{front: f, models: models, a: a, bus: bus, finds: f.store.Find}, nil
}

func (b *bench) Close(ctx context.Context) { _ = b.bus.Close(ctx) } // a row too many is removed by whoever keeps house

// rig makes an engine just as the front's was made, and puts all seams around
// its parts, the first ones innermost.
func (b *bench) rig(seams ...stages.Seams) (*rig, error) {
	f := b.front
	ranking, err := retrieval.DefaultRanking()
	if err != nil {
		return nil, err
	}
	deps, err := b.a.searchDeps(f.store, b.models.first, b.models.more)
	if err != nil {
		return nil, err
	}
	spends := newSpent()
	if deps.Reranker != nil {
		deps.Reranker = spentReranker{deps.Reranker}
	}
	finds, pack, terms := spends.finds(b.finds), stages.Packer(f.desk.Packer), f.deps.Terms
	var current []func(retrieval.Generation) retrieval.Generation
	for _, s := range seams {
		deps.Embedder = stages.Put(s.Embedder, deps.Embedder)
		deps.More = embeddersUnder(s, deps.More)
		deps.Terms, terms = stages.Put(s.Terms, deps.Terms), stages.Put(s.Terms, terms)
		deps.Detect = stages.Put(s.Detect, deps.Detect)
		if s.Current != nil {
			current = append(current, s.Current)
		}
		finds, pack = stages.Put(s.Finds, finds), stages.Put(s.Packer, pack)
		if s.Ranking != nil {
			s.Ranking(&ranking)
		}
	}
	deps.Store = findsBy{f.store, finds, current}
	searcher, err := retrieval.NewSearcher(deps, retrieval.SearchConfig{EmbedBudget: askPatience, Ranking: &ranking})
	if err != nil {
		return nil, err
	}
	deskDeps := f.desk.Deps
	deskDeps.Packer = pack
	for _, s := range seams {
		if s.Append != nil {
			deskDeps.Conversations = appending{deskDeps.Conversations, s.Append}
		}
	}
	desk, err := pgdesk.NewDesk(deskDeps, pgdesk.Config{NoMail: b.a.config.SMTPURL == ""}) // as the front's
	if err != nil {
		return nil, err
	}
	r := &rig{desk: spentDesk{desk, spends}, decide: f.decide, looked: newLooked(), spent: spends}
	r.finder = spends.finder(patient(searcher, r.looked))
	if err := b.readers(r, seams); err != nil {
		return nil, err
	}
	lines, store, thresholds := f.deps.Lines, stages.Store(spentStore{f.convs, spends}), stages.Thresholds(calibrationOf(searcher).Thresholds)
	if lines == nil {
		lines = bot.LinesByWords(terms)
	}
	for _, s := range seams {
		r.finder, r.decide, r.desk = stages.Put(s.Finder, r.finder), stages.Put(s.Decider, r.decide), stages.Put(s.Desk, r.desk)
		store, thresholds, lines = stages.Put(s.Store, store), stages.Put(s.Thresholds, thresholds), stages.Put(s.Lines, lines)
		if s.Say != nil {
			r.say = s.Say
		}
	}
	r.decide = stages.Around{Decider: r.decide, AsRead: r.looked.read, Decided: r.looked.decided}
	engine := f.deps
	engine.Store, engine.Finder, engine.Ahead, engine.Desk, engine.Decider = store, r.finder, spends.ahead(searcher.Ahead), r.desk, r.decide
	engine.Calibration, engine.Lines, engine.Terms = thresholdsBy(thresholds), lines, terms
	r.engine, err = bot.New(engine, bot.Config{Instance: b.bus.Instance(), Budget: askPatience, WriteTimeout: askPatience})
	return r, err
}

// armsOf adds up what the arms of a search made of an article. What it is
// called is read by the ranking.
func armsOf(signals map[string]float64) float64 {
	sum := 0.0
	for _, name := range slices.Sorted(maps.Keys(signals)) {
		if name != "named" && name != "alike" {
			sum += signals[name]
		}
	}
	return math.Round(sum*1e4) / 1e4
}

// bytesOf is how long spans are together.
func bytesOf(spans [][2]int) (n int) {
	for _, s := range spans {
		n += s[1] - s[0]
	}
	return n
}

// readers makes triage anew where its readers are to be others.
func (b *bench) readers(r *rig, seams []stages.Seams) error {
	readers, err := triage.NewReaders()
	if err != nil {
		return err
	}
	others := false
	for _, s := range seams {
		readers, others = stages.Put(s.Readers, readers), others || s.Readers != nil
	}
	if !others {
		return nil
	}
	engine, sites, err := b.a.triageEngineBy(b.front.deps.Triage, readers, b.front.store, b.models.first, b.models.more)
	if err != nil {
		return err
	}
	r.decide, r.done = engine, sites.Close
	return nil
}

func embeddersUnder(s stages.Seams, list []retrieval.Space) []retrieval.Space {
	if s.Embedder == nil {
		return list
	}
	out := make([]retrieval.Space, len(list))
	for i, x := range list {
		x.Embedder = s.Embedder(x.Embedder)
		out[i] = x
	}
	return out
}

// findsBy is a store of which the search's trip is another one, and what it
// says of what is published.
type findsBy struct {
	*store
	find    stages.Finds
	current []func(retrieval.Generation) retrieval.Generation
}

// Current is what is published.
func (f findsBy) Current(ctx context.Context, site retrieval.SiteID) (retrieval.Generation, error) {
	g, err := f.store.Current(ctx, site)
	for _, change := range f.current {
		g = change(g)
	}
	return g, err
}

// Find finds.
func (f findsBy) Find(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
	return f.find(ctx, n)
}

// appending changes what the desk writes into conversations.
type appending struct {
	pgdesk.Conversations
	change func(convo.Append) convo.Append
}

// Append queues writing it.
func (c appending) Append(batch *pgx.Batch, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error) {
	return c.Conversations.Append(batch, key, st, c.change(a))
}

// thresholdsBy gives thresholds by a function.
type thresholdsBy stages.Thresholds

// Thresholds gives both.
func (f thresholdsBy) Thresholds(risk float64) (sure, maybe float64) { return f(risk) }
