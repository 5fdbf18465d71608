package triage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// siteStore reads what sites settled; pgtriage.Store is the one implementation.
type siteStore interface {
	// Stamp moves with every change of what a site settled or published.
	Stamp(ctx context.Context, site retrieval.SiteID) (Stamp, error)
	// Settled reads all that was settled and suggested.
	Settled(ctx context.Context, site retrieval.SiteID) (Site, error)
	// Articles lists the published articles with their owner's labels.
	Articles(ctx context.Context, site retrieval.SiteID) ([]Article, error)
	// Texts lists them with what a suggestion goes by.
	Texts(ctx context.Context, site retrieval.SiteID) ([]ArticleText, error)
	// Questions lists the ways customers ask for public articles.
	Questions(ctx context.Context, site retrieval.SiteID) ([]Question, error)
	// List is the kept list of a key; nil where there is none.
	List(ctx context.Context, site retrieval.SiteID, key []byte) ([]byte, error)
	// KeepList keeps a site's list under its key, in place of any other.
	KeepList(ctx context.Context, site retrieval.SiteID, key, list []byte) error
}

// Sites keeps in memory what sites settled, at most a moment old: a change made
// by another process takes effect within that time, without a query in each turn.
type Sites struct {
	SitesDeps
	maxAge  time.Duration
	shipped Policy

	base context.Context // of what is learned beside
	stop context.CancelFunc
	work sync.WaitGroup

	mu   sync.Mutex
	byID map[retrieval.SiteID]*kept
}

// kept is a site in memory.
type kept struct {
	mu      sync.Mutex // one reader at a time
	current atomic.Pointer[dated]
}

type dated struct {
	site *Site
	at   time.Time
}

// SitesDeps are what a Sites works with.
type SitesDeps struct {
	Store siteStore
	Model *model.Learned // nil: nothing is suggested, and no list is learned
	Embed EmbedFunc      // nil: no list is learned
	// Rules makes the must-go rules of a site with words of its own; nil: the
	// shipped ones serve all.
	Rules func(Policy) (SiteReaders, error)
	Now   func() time.Time
	Log   *slog.Logger
}

// NewSites makes a Sites; maxAge 0 means two seconds. Close it.
func NewSites(d SitesDeps, maxAge time.Duration) (*Sites, error) {
	if d.Store == nil || d.Now == nil {
		return nil, errors.New("triage: a store and a clock are required")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	shipped, err := DefaultPolicy()
	if err != nil {
		return nil, err
	}
	if maxAge == 0 {
		maxAge = 2 * time.Second
	}
	s := &Sites{SitesDeps: d, maxAge: maxAge, shipped: shipped, byID: map[retrieval.SiteID]*kept{}}
	s.base, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Close ends what is being learned, and waits for it.
func (s *Sites) Close() {
	s.stop()
	s.work.Wait()
}

// Site is what a site settled. Where the database is away, what was read before
// serves on.
func (s *Sites) Site(ctx context.Context, id retrieval.SiteID) (*Site, error) {
	s.mu.Lock()
	k := s.byID[id]
	if k == nil {
		k = &kept{}
		s.byID[id] = k
	}
	s.mu.Unlock()

	now := s.Now()
	old := k.current.Load()
	if old != nil && now.Sub(old.at) < s.maxAge {
		return old.site, nil
	}
	if old != nil && !k.mu.TryLock() {
		return old.site, nil // somebody is reading already; a little old is good enough
	} else if old == nil {
		k.mu.Lock()
	}
	defer k.mu.Unlock()
	if fresh := k.current.Load(); fresh != nil && fresh != old {
		return fresh.site, nil
	}
	var had *Site
	if old != nil {
		had = old.site
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	site, err := s.read(ctx, id, had)
	if err != nil && had == nil {
		return nil, err
	}
	if err != nil {
		site = had // what was settled a moment ago beats nothing at all
	}
	k.current.Store(&dated{site, now})
	return site, nil
}

// readTimeout bounds a read that a turn waits for.
const readTimeout = 2 * time.Second

// read reads a site anew where its stamp has moved.
func (s *Sites) read(ctx context.Context, id retrieval.SiteID, old *Site) (*Site, error) {
	stamp, err := s.Store.Stamp(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("what the site settled: %w", err)
	}
	if old != nil && old.Stamp == stamp && (old.again.IsZero() || s.Now().Before(old.again)) {
		return old, nil
	}
	site, err := s.Store.Settled(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("what the site settled: %w", err)
	}
	site.Stamp, site.shipped = stamp, s.shipped
	if s.Rules != nil && site.Policy.ownRules() {
		reads, err := s.Rules(site.Policy)
		if err != nil {
			return nil, fmt.Errorf("the site's must-go rules: %w", err)
		}
		site.reads = &reads
	}
	return &site, s.complete(ctx, &site)
}

// complete adds what follows from the published articles: labels as their owner
// said them, suggestions for those without, and the list where one is kept. One
// that has to be learned is learned beside, and is there some reads later.
func (s *Sites) complete(ctx context.Context, site *Site) error {
	articles, err := s.Store.Articles(ctx, site.ID)
	if err != nil {
		return fmt.Errorf("the site's articles: %w", err)
	}
	site.Owner = make(map[string]Article, len(articles))
	open := false
	site.kept = make(map[string]bool, len(site.Suggested))
	for id := range site.Suggested {
		site.kept[id] = true
	}
	for _, a := range articles {
		site.Owner[a.ID] = a
		open = open || site.label(neighbourOf(a)).from == FromNowhere
	}
	if s.Model == nil {
		return nil
	}
	site.Suggested = maps.Clone(site.Suggested)
	if site.Suggested == nil {
		site.Suggested = map[string]Label{}
	}
	if open {
		texts, err := s.Store.Texts(ctx, site.ID)
		if err != nil {
			return fmt.Errorf("the site's articles: %w", err)
		}
		for _, l := range NewSuggester(s.Model).Suggest(site, articles, texts) {
			if _, kept := site.Suggested[l.Article]; !kept {
				site.Suggested[l.Article] = l
			}
		}
	}
	return s.list(ctx, site, articles)
}

// list finds the site's list, or starts to learn it.
func (s *Sites) list(ctx context.Context, site *Site, articles []Article) error {
	questions, err := s.Store.Questions(ctx, site.ID)
	if err != nil {
		return fmt.Errorf("the site's questions: %w", err)
	}
	if site.Examples != nil {
		for _, x := range site.Examples.List {
			if _, published := site.Owner[x.Article]; published {
				questions = append(questions, Question{Article: x.Article, Text: x.Text})
			}
		}
	}
	if !isList(articles, questions) {
		return nil
	}
	questions = titled(articles, questions)
	key := listKey(questions)
	data, err := s.Store.List(ctx, site.ID, key)
	if err != nil {
		return fmt.Errorf("the site's list: %w", err)
	}
	if data != nil {
		if site.List, err = model.ReadList(data); err == nil {
			site.suggest(s.Model)
			return nil
		}
		s.Log.Warn("a site's list cannot be read and is learned again", "site", site.ID, "cause", err.Error())
	}
	if s.Embed == nil {
		return nil
	}
	site.learning = make(chan struct{})
	s.work.Go(func() { s.learn(*site, key, questions) })
	return nil
}

// learn learns a site's list and puts it where the site is still as it was.
func (s *Sites) learn(site Site, key []byte, questions []Question) {
	defer close(site.learning)
	ctx, cancel := context.WithTimeout(s.base, learnTimeout)
	defer cancel()
	began := s.Now()
	list, err := fitList(ctx, s.Embed, s.Model, questions)
	if err != nil {
		s.Log.Warn("a site's list was not learned: its articles vote as articles do", "site", site.ID, "cause", err.Error())
		site.again = s.Now().Add(learnAgain)
		s.swap(&site)
		return
	}
	if data, err := list.Bytes(); err != nil {
		s.Log.Warn("a site's list is not kept", "site", site.ID, "cause", err.Error())
	} else if err := s.Store.KeepList(ctx, site.ID, key, data); err != nil {
		s.Log.Warn("a site's list is not kept", "site", site.ID, "cause", err.Error())
	}
	s.Log.Info("a site's list was learned", "site", site.ID, "questions", len(questions), "entries", len(list.Entries), "took_ms", s.Now().Sub(began).Milliseconds())
	site.List = list
	site.Suggested = maps.Clone(site.Suggested) // the one before is being read
	site.suggest(s.Model)
	s.swap(&site)
}

// learnAgain is how long after a failure a list is tried again.
const learnAgain = time.Minute

// swap puts a site in the place of what is known of it, unless that has moved
// on: the next read then sees to it.
func (s *Sites) swap(site *Site) {
	s.mu.Lock()
	k := s.byID[site.ID]
	s.mu.Unlock()
	if old := k.current.Load(); old != nil && old.site.Stamp == site.Stamp {
		k.current.CompareAndSwap(old, &dated{site, old.at})
	}
}

// learnTimeout bounds the learning of a list; most of it is the embedder's time.
const learnTimeout = 15 * time.Minute

// Wait is Site once its list is learned, where one is being learned: for
// commands that have time.
func (s *Sites) Wait(ctx context.Context, id retrieval.SiteID) (*Site, error) {
	site, err := s.Site(ctx, id)
	if err != nil || site.learning == nil {
		return site, err
	}
	select {
	case <-site.learning:
		return s.Site(ctx, id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
