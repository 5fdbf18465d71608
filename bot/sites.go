package bot

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/retrieval"
)

// siteStore reads the sites; few rows, read whole.
type siteStore interface {
	Sites(ctx context.Context) ([]Site, error)
}

// Sites keeps the sites in memory, at most maxAge old: a setting changed by
// another process takes effect within that time without a query in each turn.
type Sites struct {
	store  siteStore
	now    func() time.Time
	maxAge time.Duration

	current atomic.Pointer[siteList]
	mu      sync.Mutex // one reader at a time
}

type siteList struct {
	at     time.Time
	byID   map[retrieval.SiteID]*Site
	byName map[string]*Site
	one    *Site // the default, or the only one
	origin map[string]bool
}

// NewSites makes a Sites; maxAge 0 means two seconds.
func NewSites(store siteStore, now func() time.Time, maxAge time.Duration) *Sites {
	if maxAge == 0 {
		maxAge = 2 * time.Second
	}
	return &Sites{store: store, now: now, maxAge: maxAge}
}

// ByID finds a site by its number. Errors: ErrNoSite, and Unavailable where
// the database is away and nothing was ever read.
func (s *Sites) ByID(ctx context.Context, id retrieval.SiteID) (*Site, error) {
	l, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	if site := l.byID[id]; site != nil {
		return site, nil
	}
	return nil, ErrNoSite
}

// ByName finds a site by its name; an empty name means the default or only one.
func (s *Sites) ByName(ctx context.Context, name string) (*Site, error) {
	l, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	site := l.one
	if name != "" {
		site = l.byName[name]
	}
	if site == nil {
		if l, err = s.read(ctx, s.now()); err != nil { // made a moment ago, perhaps
			return nil, err
		}
		site = l.one
		if name != "" {
			site = l.byName[name]
		}
	}
	if site == nil {
		return nil, ErrNoSite
	}
	return site, nil
}

// All lists the sites by number.
func (s *Sites) All(ctx context.Context) ([]*Site, error) {
	l, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*Site, 0, len(l.byID))
	for _, site := range l.byID {
		all = append(all, site)
	}
	slices.SortFunc(all, func(a, b *Site) int { return int(a.ID) - int(b.ID) })
	return all, nil
}

// OriginKnown says whether any site names the origin.
func (s *Sites) OriginKnown(ctx context.Context, origin string) bool {
	l, err := s.list(ctx)
	return err == nil && l.origin[normalOrigin(origin)]
}

func (s *Sites) list(ctx context.Context) (*siteList, error) {
	l := s.current.Load()
	now := s.now()
	if l != nil && now.Sub(l.at) < s.maxAge {
		return l, nil
	}
	if l != nil && !s.mu.TryLock() {
		return l, nil // somebody is reading already; a little old is good enough
	} else if l != nil {
		s.mu.Unlock()
	}
	fresh, err := s.read(ctx, now)
	if err != nil && l != nil {
		return l, nil // settings of a moment ago beat none at all
	}
	return fresh, err
}

func (s *Sites) read(ctx context.Context, asked time.Time) (*siteList, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.current.Load(); l != nil && l.at.After(asked) {
		return l, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	sites, err := s.store.Sites(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading sites: %w", err)
	}
	l := newSiteList(sites, s.now())
	s.current.Store(l)
	return l, nil
}

func newSiteList(sites []Site, at time.Time) *siteList {
	l := &siteList{at: at, byID: map[retrieval.SiteID]*Site{}, byName: map[string]*Site{}, origin: map[string]bool{}}
	for i := range sites {
		site := &sites[i]
		l.byID[site.ID], l.byName[site.Name] = site, site
		if site.Default || len(sites) == 1 {
			l.one = site
		}
		for _, o := range site.Settings.Origins {
			l.origin[normalOrigin(o)] = true
		}
	}
	return l
}
