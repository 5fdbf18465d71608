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
	Writing(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID]Writing, error)
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
	audience
	cursor string
	asked  int // tabs on their way in
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
	s.add(t, t.who())
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
		s = &siteFeed{id: id, wake: make(chan struct{}, 1), eyes: make(chan struct{}, 1), audience: newAudience()}
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
		s.remove(t, t.who().Agent)
	}
}

// reseat has a tab told what its agent may see now.
func (f *feed) reseat(t *tab) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sites[t.site]; s != nil {
		if _, there := s.tabs[t]; there {
			s.seat(t, t.who())
		}
	}
}

// follow reads a site's changes until nobody is there any more.
func (f *feed) follow(s *siteFeed) {
	poll, look := time.NewTicker(f.cfg.Poll), time.NewTicker(f.cfg.LookPoll)
	defer poll.Stop()
	defer look.Stop()
	var last time.Time
	for {
		select {
		case <-f.closed:
			return
		case <-s.wake:
			if rest := readGap - time.Since(last); rest > 0 {
				time.Sleep(rest)
			}
			last = time.Now()
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

const (
	// maxReads bounds how often a tab that comes back reads on: what is left then
	// is more than loading everything.
	maxReads = 20
	// readGap is the least between two reads of a site's changes: what is told of
	// faster than this is read together, so that a busy desk costs each process at
	// most 250 reads a second however much happens at it. It is a few times what a
	// read takes, and a tenth of what anybody notices.
	readGap = 4 * time.Millisecond
)

// read takes what is new and tells the tabs. One read is all there is: what comes
// after it wakes the next one, or the poll finds it.
func (f *feed) read(s *siteFeed) {
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
	var tabs []seated
	if !b.empty() {
		tabs = s.concerned(b)
	}
	f.mu.Unlock()
	all := telling{batch: b, made: map[*room]news{}}
	for _, t := range tabs {
		t.tell(all, t.room)
	}
}

// batch is what one reading brought, with the rows as they are now.
type batch struct {
	list   []handoff.Change
	rows   map[convo.ID]told
	cursor string
	reset  bool
	// Whom it is for: who sees one of these queues, and these people. Most tabs
	// of a large desk are told nothing of a change, and find out by this.
	queues map[string]bool
	people map[convo.ID]bool
	all    bool // something that every tab is told of
}

// told is a row with its JSON, made once for all tabs.
type told struct {
	entry handoff.Entry
	json  json.RawMessage
}

func (b batch) empty() bool { return len(b.list) == 0 && !b.reset }

// concerns says whether there may be something in it for somebody; where not,
// nobody needs to look closer.
func (b batch) concerns(a handoff.Actor) bool {
	if b.all || a.Queues == nil || b.people[a.Agent] {
		return true
	}
	for _, q := range a.Queues {
		if b.queues[q] {
			return true
		}
	}
	return false
}

func (f *feed) batch(site int32, cursor string) (batch, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	ch, err := f.desk.Changes(ctx, site, cursor)
	if err != nil {
		return batch{}, err
	}
	b := batch{list: ch.List, cursor: ch.Cursor, reset: ch.Reset, all: ch.Reset}
	if b.reset || len(b.list) == 0 {
		return b, nil
	}
	b.queues, b.people = map[string]bool{}, map[convo.ID]bool{}
	var ids []convo.ID
	known := map[convo.ID]bool{{}: true}
	for _, c := range b.list {
		b.all = b.all || c.Case == (convo.ID{})
		b.queues[c.Queue], b.queues[c.From], b.people[c.Agent] = true, true, true
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
		b.queues[e.Queue], b.people[e.Agent] = true, true
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
	f.tellWriting(ctx, s, open)
	looking, err := f.store.Looking(ctx, s.id, ids, f.now())
	if err != nil {
		return
	}
	for _, id := range ids {
		raw := mustJSON(lookingEvent{Case: id, People: orEmpty(looking[id])})
		now := string(raw)
		for _, t := range open[id] {
			if t.news(&t.looks, now) {
				t.push(frame("", "looking", raw))
			}
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
