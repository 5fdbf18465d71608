package console

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	searchLines = 25 // results of a page
	searchTime  = 5 * time.Second
	// countMost is how far the cases of a saved view are counted: more is "99+".
	countMost = 100
	indexRest = 500 * time.Millisecond
	// indexMany is from how many words that were due on there is no rest before the
	// next ones: fewer are not worth a transaction of their own.
	indexMany = 100
)

// searcher finds conversations by their words; pgconsole.Store is the one that
// serves.
type searcher interface {
	// Search lists the cases that fit and that the actor may read, and the
	// conversations without one, the newest first. Error: handoff.ErrCursor.
	Search(ctx context.Context, a handoff.Actor, s Search) (Found, error)
	// SearchCount counts them, up to most.
	SearchCount(ctx context.Context, a handoff.Actor, s Search, most int) (int, error)
	// Sayings reads all that is said in and about cases, by case.
	Sayings(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID][]Saying, error)
	// Alone reads conversations by their ids, with the case that one has become;
	// those that are gone are left out.
	Alone(ctx context.Context, site int32, ids []convo.ID) ([]Alone, error)
	// AloneSayings reads all that is said in conversations without a case.
	AloneSayings(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID][]Saying, error)
	// IndexWords reads the words of conversations that are due and returns how
	// many there were; at most some at once.
	IndexWords(ctx context.Context) (int, error)
	// Hasten makes all that was said without a case due now.
	Hasten(ctx context.Context) error
}

// Found is a page of what was found: each kind the newest first.
type Found struct {
	Cases []convo.ID
	Alone []convo.ID // conversations without a case
	Next  string
}

// Hit is a case that was found, or a conversation without one, with where the
// words stand in it.
type Hit struct {
	handoff.Entry
	Alone    *Alone // nil: a case
	Extracts []Extract
}

func (h Hit) order() (time.Time, convo.ID) {
	if h.Alone != nil {
		return h.Alone.OpenedAt, h.Alone.ID
	}
	return h.OpenedAt, h.ID
}

// searchResult is a hit as the page reads it: one of the two.
type searchResult struct {
	Case         *row      `json:"case,omitempty"`
	Conversation *Alone    `json:"conversation,omitempty"`
	Extracts     []Extract `json:"extracts"`
}

// Seeker reads searches and runs them, for the desk's page and for the terminal.
type Seeker struct {
	Desk  seekerDesk
	Store seekerStore
	Now   func() time.Time
}

// seekerDesk knows the names that a search may hold.
type seekerDesk interface {
	Agents(ctx context.Context, a handoff.Actor) ([]handoff.Agent, error)
	Queues(ctx context.Context, a handoff.Actor) ([]handoff.Queue, error)
}

type seekerStore interface {
	searcher
	Rows(ctx context.Context, site int32, ids []convo.ID) ([]handoff.Entry, error)
}

func (c *Console) mountSearch(r fiber.Router) {
	r.Get("/search", c.limited(c.search))
	r.Get("/conversations/:id", c.getAlone)
	r.Get("/conversations/:id/messages", c.aloneMessages)
	r.Get("/conversations/:id/files/:file", c.aloneFile)
	r.Get("/views", c.views)
	r.Put("/views/order", c.limited(c.orderViews))
	r.Put("/views/:id", c.limited(c.putView))
	r.Delete("/views/:id", c.limited(c.removeView))
}

// search is GET /search?q=…&zone=Europe/Berlin&after=…&limit=25. What is found
// are cases that the actor may read, by the words of their conversation, notes
// and memo, and conversations that the assistant had alone.
func (c *Console) search(ctx *fiber.Ctx) error {
	within, cancel := context.WithTimeout(ctx.UserContext(), searchTime)
	defer cancel()
	a := actorOf(ctx)
	s, err := c.seeker().Ask(within, a, copied(ctx.Query("q")), copied(ctx.Query("zone")))
	if err != nil {
		return err
	}
	limit, err := number(ctx.Query("limit"), searchLines, 100)
	if err != nil {
		return err
	}
	s.Page, s.Limit = copied(ctx.Query("after")), int(max(1, limit))
	hits, next, err := c.seeker().Find(within, a, s)
	if err != nil {
		return err
	}
	results := make([]searchResult, 0, len(hits))
	for _, h := range hits {
		x := searchResult{Conversation: h.Alone, Extracts: h.Extracts}
		if h.Alone == nil {
			r := rowOf(h.Entry)
			x.Case = &r
		}
		results = append(results, x)
	}
	return ctx.JSON(fiber.Map{"results": results, "next": next, "now": c.Now().UTC()})
}

func (c *Console) seeker() Seeker { return Seeker{Desk: c.Desk, Store: c.Store, Now: c.Now} }

// Ask reads a search as it was typed, with the names that the desk has now; a
// day begins in the zone (empty: UTC). Error: Invalid, which says what is not
// understood.
func (k Seeker) Ask(ctx context.Context, a handoff.Actor, q, zone string) (Search, error) {
	n, err := k.names(ctx, a, zone)
	if err != nil {
		return Search{}, err
	}
	s, err := parseSearch(q, n)
	if err != nil {
		return s, err
	}
	if s.Empty() {
		return s, errQuery("Say what to look for: words, or filters such as queue:support or is:open.")
	}
	return s, nil
}

func (k Seeker) names(ctx context.Context, a handoff.Actor, zone string) (n names, err error) {
	n.me, n.now = a, k.Now().UTC()
	if n.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		n.zone = time.UTC // days of a zone that nobody knows
	}
	if n.queues, err = k.Desk.Queues(ctx, a); err != nil {
		return n, err
	}
	n.agents, err = k.Desk.Agents(ctx, a)
	return n, err
}

// Find runs a search: a page of what the actor may read, and how to go on.
func (k Seeker) Find(ctx context.Context, a handoff.Actor, s Search) (hits []Hit, next string, err error) {
	found, err := k.Store.Search(ctx, a, s)
	if err != nil {
		return nil, "", err
	}
	if hits, err = k.cases(ctx, a, s, found.Cases); err != nil {
		return nil, "", err
	}
	alone, err := k.alone(ctx, a, s, found.Alone)
	if err != nil {
		return nil, "", err
	}
	hits = append(hits, alone...)
	slices.SortFunc(hits, func(x, y Hit) int {
		xAt, xID := x.order()
		yAt, yID := y.order()
		return cmp.Or(yAt.Compare(xAt), bytes.Compare(yID[:], xID[:]))
	})
	return hits, found.Next, nil
}

func (k Seeker) cases(ctx context.Context, a handoff.Actor, s Search, ids []convo.ID) (hits []Hit, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	entries, err := k.Store.Rows(ctx, a.Site, ids)
	if err != nil {
		return nil, err
	}
	// One that went elsewhere meanwhile is not shown.
	entries = slices.DeleteFunc(entries, func(e handoff.Entry) bool { return !a.SeesCase(e.Case) })
	var there []convo.ID
	for _, e := range entries {
		there = append(there, e.ID)
	}
	var said map[convo.ID][]Saying
	if len(s.Words) > 0 && len(there) > 0 {
		if said, err = k.Store.Sayings(ctx, a.Site, there); err != nil {
			return nil, err
		}
	}
	for _, e := range entries {
		hits = append(hits, Hit{Entry: e, Extracts: s.Extracts(said[e.ID])})
	}
	return hits, nil
}

func (k Seeker) alone(ctx context.Context, a handoff.Actor, s Search, ids []convo.ID) (hits []Hit, err error) {
	if len(ids) == 0 || !a.SeesAlone() {
		return nil, nil
	}
	list, err := k.Store.Alone(ctx, a.Site, ids)
	if err != nil {
		return nil, err
	}
	// One that a person got meanwhile is a case, and found as one.
	list = slices.DeleteFunc(list, func(x Alone) bool { return x.Case != (convo.ID{}) })
	var said map[convo.ID][]Saying
	if len(s.Words) > 0 && len(list) > 0 {
		if said, err = k.Store.AloneSayings(ctx, a.Site, ids); err != nil {
			return nil, err
		}
	}
	for i := range list {
		hits = append(hits, Hit{Alone: &list[i], Extracts: s.Extracts(said[list[i].ID])})
	}
	return hits, nil
}

// indexWords reads what was said until ctx ends: half a second after somebody
// wrote, it is found. Every process may do so at once; each takes what no other
// one has.
func (c *Console) indexWords(ctx context.Context) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		within, cancel := context.WithTimeout(ctx, 30*time.Second)
		n, err := c.Store.IndexWords(within)
		cancel()
		switch {
		case err != nil:
			if ctx.Err() == nil {
				c.Log.Warn("words were not read for the search", "cause", err.Error())
			}
			wait.Reset(5 * time.Second)
		case n >= indexMany: // there are more: a moment for those who answer customers
			wait.Reset(20 * time.Millisecond)
		default:
			wait.Reset(indexRest)
		}
	}
}
