package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/internal/fault"
)

// ErrNoSite says that there is no site of that name or number.
var ErrNoSite = fault.New(fault.NotFound, "site_not_found", "There is no such site.")

// Site is a site with what it chose.
type Site struct {
	ID       int32
	Name     string
	Title    string // the site's own title; empty: none
	Default  bool
	Settings Settings
	Version  int // moves with every change of the settings; 0: none were ever stored
}

// NameOf is what people call the shop.
func (s Site) NameOf() string { return cmp.Or(s.Settings.Name, s.Title, s.Name) }

// store reads the sites; few rows, read whole.
type store interface {
	All(ctx context.Context) ([]Site, error)
}

// Cache keeps every site's settings in memory, at most maxAge old; safe for
// concurrent use.
type Cache struct {
	store  store
	now    func() time.Time
	maxAge time.Duration

	current atomic.Pointer[list]
	mu      sync.Mutex // one reader at a time; it guards what is below
	failed  time.Time  // of the last read, where it failed
	failure error
}

type list struct {
	at     time.Time
	byID   map[int32]*Site
	byName map[string]*Site
	places map[string][]*Site // by domain
	one    *Site              // the default, or the only one
}

// NewCache makes a Cache; maxAge 0 means two seconds.
func NewCache(s store, now func() time.Time, maxAge time.Duration) (*Cache, error) {
	if s == nil || now == nil {
		return nil, errors.New("settings: a store and a clock are needed")
	}
	return &Cache{store: s, now: now, maxAge: cmp.Or(maxAge, 2*time.Second)}, nil
}

// ByID finds a site by its number. Errors: ErrNoSite, the store's.
func (c *Cache) ByID(ctx context.Context, id int32) (Site, error) {
	l, err := c.list(ctx, c.maxAge)
	if err != nil {
		return Site{}, err
	}
	if s := l.byID[id]; s != nil {
		return *s, nil
	}
	return Site{}, ErrNoSite
}

// ByName finds a site by its name; "" is the default or only one. One that is not
// among those known is looked for once more: it was made a moment ago, perhaps.
// Errors: ErrNoSite, the store's.
func (c *Cache) ByName(ctx context.Context, name string) (Site, error) {
	for _, age := range []time.Duration{c.maxAge, min(c.maxAge, missedAge)} {
		l, err := c.list(ctx, age)
		if err != nil {
			return Site{}, err
		}
		if s := l.named(name); s != nil {
			return *s, nil
		}
	}
	return Site{}, ErrNoSite
}

// missedAge is how old a list may be that says that there is no such site: names
// that nobody has are not to cost a trip to the store each.
const missedAge = 100 * time.Millisecond

func (l *list) named(name string) *Site {
	if name == "" {
		return l.one
	}
	return l.byName[name]
}

// At finds the site whose help pages stand at a host (with its port, where it
// has one) and path; of several at one host the one with the longest path.
// base is that path without a slash at its end: "" for the host's root.
func (c *Cache) At(ctx context.Context, host, path string) (site Site, base string, ok bool) {
	l, err := c.list(ctx, c.maxAge)
	if err != nil {
		return Site{}, "", false
	}
	for _, s := range l.places[strings.ToLower(host)] {
		b := s.Settings.Help.Base()
		if (path == b || strings.HasPrefix(path, b+"/")) && (!ok || len(b) > len(base)) {
			site, base, ok = *s, b, true
		}
	}
	return site, base, ok
}

// Base is the place's path without a slash at its end.
func (p Place) Base() string { return strings.TrimSuffix(cmp.Or(p.Path, "/help"), "/") }

// list is the list that was read last where it is younger than age, else a new one.
func (c *Cache) list(ctx context.Context, age time.Duration) (*list, error) {
	l := c.current.Load()
	asked := c.now()
	if l != nil && asked.Sub(l.at) < age {
		return l, nil
	}
	if l == nil || age < c.maxAge {
		c.mu.Lock()
	} else if !c.mu.TryLock() {
		return l, nil // somebody is reading already; a little old is good enough
	}
	defer c.mu.Unlock()
	if newer := c.current.Load(); newer != nil && newer.at.After(asked) {
		return newer, nil
	}
	if c.failure != nil && asked.Sub(c.failed) < c.maxAge {
		return l, c.unless(l) // a store that is away is not asked by everybody in turn
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	sites, err := c.store.All(ctx)
	c.failed, c.failure = c.now(), err
	if err != nil {
		return l, c.unless(l)
	}
	fresh := newList(sites, c.now())
	c.current.Store(fresh)
	return fresh, nil
}

// unless is the last failure, unless there is a list: settings of a moment ago
// beat none at all.
func (c *Cache) unless(l *list) error {
	if l != nil {
		return nil
	}
	return fmt.Errorf("read widget settings: %w", c.failure)
}

func newList(sites []Site, at time.Time) *list {
	l := &list{at: at, byID: map[int32]*Site{}, byName: map[string]*Site{}, places: map[string][]*Site{}}
	for i := range sites {
		s := &sites[i]
		l.byID[s.ID], l.byName[s.Name] = s, s
		if s.Default || len(sites) == 1 {
			l.one = s
		}
		if d := s.Settings.Help.Domain; d != "" {
			l.places[d] = append(l.places[d], s)
		}
	}
	return l
}
