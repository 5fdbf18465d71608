package main

import (
	"context"
	"net/url"
	"sync"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff/console"
	"frontdesk/handoff/pgconsole"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pg"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
)

// newConsole puts the agents' desk together, and what keeps it going.
func (a *app) newConsole(ctx context.Context, f *front, server *web.App) (desk *console.Console, keep func(ctx context.Context), err error) {
	store, err := pgconsole.New(f.store.pool, f.desk)
	if err != nil {
		return nil, nil, err
	}
	guard, who, err := a.newAccess(server, f.store.pool, f.desk, originOf(a.config.URL))
	if err != nil {
		return nil, nil, err
	}
	news, closeNews, err := f.openNews(ctx)
	if err != nil {
		return nil, nil, err
	}
	desk, err = console.New(console.Deps{
		News:  news,
		Files: f.files, App: server, Guard: guard, Desk: f.desk, Store: store, Finder: deskFinder{withoutCards{f.finder}, store}, Hub: deskHub{f.hub, bot.NewReads(f.convs, f.hub, a.now)}, Labels: deskLabels{f.store, store},
		Shop: f.shopName, Log: a.log, Now: a.now, NewID: bot.NewID,
	}, console.Config{})
	if err != nil {
		closeNews()
		return nil, nil, err
	}
	f.news.OnChange(desk.Wake)
	return desk, func(ctx context.Context) {
		var work sync.WaitGroup
		work.Go(func() { desk.Run(ctx) })
		work.Go(func() { who.KeepHouse(ctx) })
		work.Wait()
		closeNews()
	}, nil
}

// newsConns is how many connections the desks' streams have for themselves: one
// reads changes while the other reads rows.
const newsConns = 2

// openNews opens what the desks' streams are fed from.
func (f *front) openNews(ctx context.Context) (console.News, func(), error) {
	pool, err := pg.Open(ctx, f.parts.DSN(), pg.PoolConfig{MaxConns: newsConns})
	if err != nil {
		return console.News{}, nil, err
	}
	deps := f.desk.Deps
	deps.Pool = pool
	desk, err := pgdesk.NewDesk(deps, pgdesk.Config{})
	if err == nil {
		var store *pgconsole.Store
		if store, err = pgconsole.New(pool, desk); err == nil {
			return console.News{Desk: desk, Store: store}, pool.Close, nil
		}
	}
	pool.Close()
	return console.News{}, nil, err
}

// originOf is the scheme and host of the service's address, where it has one.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// shopName is what a site is called where people read it.
func (f *front) shopName(ctx context.Context, site int32) string {
	s, err := f.sites.ByID(ctx, retrieval.SiteID(site))
	switch {
	case err != nil:
		return ""
	case s.Name == demoSite:
		return demoTitle
	default:
		return s.Name
	}
}

// deskHub is the hub of conversations as the desk sees it.
type deskHub struct {
	hub   *bot.Hub
	reads *bot.Reads
}

// Watch follows a conversation from after an event.
func (h deskHub) Watch(key convo.Key, after int64) console.Watcher {
	return h.hub.Subscribe(key, after)
}

// Typing says that an agent is typing.
func (h deskHub) Typing(key convo.Key) { h.hub.PublishTyping(key, convo.Agent) }

// Read notes how far the agent of a conversation has read.
func (h deskHub) Read(ctx context.Context, key convo.Key, up int64) error {
	return h.reads.Mark(ctx, key, convo.Read{By: convo.Agent, Up: up})
}

// Marks are how far each side has read.
func (h deskHub) Marks(ctx context.Context, key convo.Key) []convo.Event {
	return h.reads.Events(ctx, key)
}

// deskFinder searches the knowledge for agents: what is theirs alone as well.
type deskFinder struct {
	finder retrieval.Finder
	store  *pgconsole.Store
}

// Passages finds the best passage of each of a few articles.
func (f deskFinder) Passages(ctx context.Context, site int32, text, language, product string, limit int) ([]console.Passage, error) {
	// The customer's language is no filter: an agent reads more than one, and an
	// article in another language beats none.
	_ = language
	found, err := f.finder.Search(ctx, retrieval.Query{
		Site: retrieval.SiteID(site), Text: text, Audience: retrieval.AgentsOnly, Product: product, K: limit,
	})
	if err != nil {
		return nil, err
	}
	nos := make([]int, 0, len(found.Hits))
	for _, h := range found.Hits {
		nos = append(nos, h.ArticleNo)
	}
	internal, err := f.store.Internal(ctx, site, found.Generation, nos)
	if err != nil {
		return nil, err
	}
	out := make([]console.Passage, 0, len(found.Hits))
	for _, h := range found.Hits {
		out = append(out, console.Passage{
			Article: h.ArticleID, Title: h.Title, URL: h.URL, Heading: h.Heading, Text: h.Text, Language: h.Lang, Internal: internal[h.ArticleNo],
			Generation: found.Generation, From: h.From, To: h.To,
		})
	}
	if len(out) > 0 {
		out[0].P = found.P
	}
	return out, nil
}
