package console

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// readTime bounds one reading of changes or rows.
const readTime = 3 * time.Second

var errFeedClosed = errors.New("the desk's streams are closed")

type changer interface {
	Changes(ctx context.Context, site int32, cursor string) (handoff.Changes, error)
}

type rowReader interface {
	Rows(ctx context.Context, site int32, ids []convo.ID) ([]handoff.Entry, error)
	Looking(ctx context.Context, site int32, ids []convo.ID, at time.Time) (map[convo.ID][]Looker, error)
}

// feed reads each site's changes once for all tabs of this process.
type feed struct {
	desk  changer
	store rowReader
	log   *slog.Logger
	now   func() time.Time
	cfg   Config

	mu     sync.Mutex
	sites  map[int32]*siteFeed
	closed chan struct{}
	once   sync.Once
	work   sync.WaitGroup
}

// siteFeed is what one site's tabs share. It lives while there are tabs.
type siteFeed struct {
	id    int32
	ready sync.Mutex // held while the place to go on from is read for the first time
	wake  chan struct{}
	eyes  chan struct{} // somebody began to type or to look

	// Guarded by feed.mu.
	cursor string
	tabs   map[*tab]struct{}
	named  map[string]*tab     // by agent and the name that the page gave itself
	asked  int                 // tabs on their way in
	seen   map[convo.ID]string // who was looking when it was last told
}

func newFeed(d changer, s rowReader, log *slog.Logger, now func() time.Time, cfg Config) *feed {
	return &feed{desk: d, store: s, log: log, now: now, cfg: cfg, sites: map[int32]*siteFeed{}, closed: make(chan struct{})}
}

// run waits until ctx ends, then for the readers.
func (f *feed) run(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-f.closed:
	}
	f.close()
	f.work.Wait()
}

func (f *feed) close() { f.once.Do(func() { close(f.closed) }) }

// wake has a site's changes read at once.
func (f *feed) wake(site int32) { f.poke(site, func(s *siteFeed) chan struct{} { return s.wake }) }

// look has it read at once who is looking and typing.
func (f *feed) look(site int32, _ convo.ID) {
	f.poke(site, func(s *siteFeed) chan struct{} { return s.eyes })
}

func (f *feed) poke(site int32, which func(*siteFeed) chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sites[site]; s != nil {
		select {
		case which(s) <- struct{}{}:
		default:
		}
	}
}

// join adds a tab to its site. When it returns, every change that the site's
// reader has not read yet will reach the tab: what the tab reads for itself
// from then on leaves no gap.
func (f *feed) join(ctx context.Context, t *tab) error {
	s, err := f.site(t.site)
	if err != nil {
		return err
	}
	defer f.leaveDoor(s)
	s.ready.Lock()
	defer s.ready.Unlock()
	f.mu.Lock()
	begun := s.cursor != ""
	f.mu.Unlock()
	if !begun {
		ch, err := f.desk.Changes(ctx, t.site, "")
		if err != nil {
			return err
		}
		f.mu.Lock()
		s.cursor = ch.Cursor
		f.mu.Unlock()
		f.work.Go(func() { f.follow(s) })
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s.tabs[t] = struct{}{}
	if t.name != "" {
		s.named[t.name] = t
	}
	delete(s.seen, t.open) // so that the new one is told, too
	select {
	case s.eyes <- struct{}{}:
	default:
	}
	return nil
}

func (f *feed) site(id int32) (*siteFeed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return nil, errFeedClosed
	default:
	}
	s := f.sites[id]
	if s == nil {
		s = &siteFeed{id: id, wake: make(chan struct{}, 1), eyes: make(chan struct{}, 1), tabs: map[*tab]struct{}{}, named: map[string]*tab{}, seen: map[convo.ID]string{}}
		f.sites[id] = s
	}
	s.asked++
	return s, nil
}

func (f *feed) leaveDoor(s *siteFeed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.asked--
}

// replace ends the stream that a page of this name had before. A page that
// opens another case begins a new one; that the old one is left would show at
// its next beat only, and until then it would count.
func (f *feed) replace(t *tab) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sites[t.site]; s != nil && t.name != "" && s.named[t.name] != nil {
		s.named[t.name].end()
	}
}

func (f *feed) part(t *tab) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sites[t.site]; s != nil {
		delete(s.tabs, t)
		if s.named[t.name] == t {
			delete(s.named, t.name)
		}
	}
}

// follow reads a site's changes until nobody is there any more.
func (f *feed) follow(s *siteFeed) {
	poll, look := time.NewTicker(f.cfg.Poll), time.NewTicker(f.cfg.LookPoll)
	defer poll.Stop()
	defer look.Stop()
	for {
		select {
		case <-f.closed:
			return
		case <-s.wake:
			f.read(s)
		case <-poll.C:
			if f.deserted(s) {
				return
			}
			f.read(s)
		case <-s.eyes:
			f.tellLooking(s)
		case <-look.C:
			f.tellLooking(s)
		}
	}
}

// deserted forgets a site that nobody watches; the next tab begins anew.
func (f *feed) deserted(s *siteFeed) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(s.tabs) > 0 || s.asked > 0 {
		return false
	}
	delete(f.sites, s.id)
	return true
}

// maxReads bounds one round: what is left is read by the next.
const maxReads = 20

func (f *feed) read(s *siteFeed) {
	for range maxReads {
		f.mu.Lock()
		cursor := s.cursor
		f.mu.Unlock()
		b, err := f.batch(s.id, cursor)
		if err != nil {
			f.log.Debug("changes could not be read", "site", s.id, "cause", err.Error())
			return // the next poll tries again
		}
		f.mu.Lock()
		s.cursor = b.cursor
		tabs := make([]*tab, 0, len(s.tabs))
		for t := range s.tabs {
			tabs = append(tabs, t)
		}
		f.mu.Unlock()
		if b.empty() {
			return
		}
		for _, t := range tabs {
			t.tell(b)
		}
		if b.reset {
			return
		}
	}
}

// batch is what one reading brought, with the rows as they are now.
type batch struct {
	list   []handoff.Change
	rows   map[convo.ID]told
	cursor string
	reset  bool
}

// told is a row with its JSON, made once for all tabs.
type told struct {
	entry handoff.Entry
	json  json.RawMessage
}

func (b batch) empty() bool { return len(b.list) == 0 && !b.reset }

func (f *feed) batch(site int32, cursor string) (batch, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	ch, err := f.desk.Changes(ctx, site, cursor)
	if err != nil {
		return batch{}, err
	}
	b := batch{list: ch.List, cursor: ch.Cursor, reset: ch.Reset}
	if b.reset || len(b.list) == 0 {
		return b, nil
	}
	var ids []convo.ID
	known := map[convo.ID]bool{{}: true}
	for _, c := range b.list {
		if !known[c.Case] {
			known[c.Case] = true
			ids = append(ids, c.Case)
		}
	}
	b.rows = make(map[convo.ID]told, len(ids))
	if len(ids) == 0 {
		return b, nil
	}
	entries, err := f.store.Rows(ctx, site, ids)
	if err != nil {
		return batch{}, err
	}
	for _, e := range entries {
		raw, err := json.Marshal(rowOf(e))
		if err != nil {
			return batch{}, err
		}
		b.rows[e.ID] = told{entry: e, json: raw}
	}
	return b, nil
}

// tellLooking tells the tabs of a case who else has it open, where that is not
// as it was.
func (f *feed) tellLooking(s *siteFeed) {
	f.mu.Lock()
	open := map[convo.ID][]*tab{}
	for t := range s.tabs {
		if t.open != (convo.ID{}) {
			open[t.open] = append(open[t.open], t)
		}
	}
	f.mu.Unlock()
	if len(open) == 0 {
		return
	}
	ids := make([]convo.ID, 0, len(open))
	for id := range open {
		ids = append(ids, id)
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	looking, err := f.store.Looking(ctx, s.id, ids, f.now())
	if err != nil {
		return
	}
	for _, id := range ids {
		raw := mustJSON(lookingEvent{Case: id, People: orEmpty(looking[id])})
		f.mu.Lock()
		same := s.seen[id] == string(raw)
		s.seen[id] = string(raw)
		f.mu.Unlock()
		if same {
			continue
		}
		for _, t := range open[id] {
			t.push(frame("", "looking", raw))
		}
	}
	f.forget(s, open)
}

// forget drops what was told about cases that nobody has open any more.
func (f *feed) forget(s *siteFeed, open map[convo.ID][]*tab) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range s.seen {
		if open[id] == nil {
			delete(s.seen, id)
		}
	}
}

type lookingEvent struct {
	Case   convo.ID `json:"case"`
	People []Looker `json:"people"`
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil { // every type that comes here can be written
		return []byte("{}")
	}
	return raw
}
