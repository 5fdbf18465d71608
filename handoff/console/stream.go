package console

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

const (
	// maxPending is what may wait in memory for one tab that reads slowly;
	// beyond it the tab is told to load everything.
	maxPending = 256 << 10
	// againEvery is after how many beats a session is looked at again.
	againEvery = 3
)

// frame writes one server-sent event; data is JSON on one line.
func frame(id, event string, data []byte) []byte {
	b := make([]byte, 0, len(id)+len(event)+len(data)+24)
	if id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	b = append(append(append(b, "event: "...), event...), "\ndata: "...)
	return append(append(b, data...), "\n\n"...)
}

// stream is GET /stream?cursor=…&case=…&after=…: rows as they change, and, of
// the case that is open, what is said in it after an event's number. A tab that
// comes back sends the id of the last event as Last-Event-ID instead of cursor.
// &tab= names the page: a stream of the same name takes the place of the one before.
func (c *Console) stream(ctx *fiber.Ctx) error {
	a := actorOf(ctx)
	t := &tab{feed: c.feed, site: a.Site, actor: a, wake: make(chan struct{}, 1), gone: make(chan struct{}), again: c.Guard.Again(ctx), beat: c.cfg.Beat, now: c.Now}
	t.cursor = copied(ctx.Get("Last-Event-ID", ctx.Query("cursor")))
	name := ctx.Query("tab")
	if len(t.cursor) > 4000 || len(name) > 64 {
		return handoff.ErrCursor
	}
	if name != "" {
		t.name = a.Agent.String() + " " + name
	}
	after, err := number(ctx.Query("after"), 0, 1<<62)
	if err != nil {
		return err
	}
	var key convo.Key
	if s := ctx.Query("case"); s != "" {
		if key, err = c.openIn(ctx, t, s); err != nil {
			return err
		}
	}
	c.feed.replace(t)
	if t.release, err = c.tabs.Take(string(a.Agent[:])); err != nil {
		return err
	}
	if t.open != (convo.ID{}) {
		t.follow(c.Hub.Watch(key, after))
		for _, e := range c.Hub.Marks(ctx.UserContext(), key) {
			t.said(e)
		}
	}
	if err := c.feed.join(ctx.UserContext(), t); err != nil {
		t.unfollow()
		t.release()
		return err
	}
	return c.App.Stream(ctx, t)
}

// openIn makes a case the open one of a tab, where its agent may read it.
func (c *Console) openIn(ctx *fiber.Ctx, t *tab, s string) (convo.Key, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return convo.Key{}, handoff.ErrNoCase
	}
	entries, err := c.Store.Rows(ctx.UserContext(), t.site, []convo.ID{id})
	if err != nil {
		return convo.Key{}, err
	}
	if len(entries) == 0 || !t.actor.SeesCase(entries[0].Case) {
		return convo.Key{}, handoff.ErrNoCase
	}
	t.open = id
	return entries[0].Conversation, nil
}

// tab is one page's stream: the source of a web.Stream.
type tab struct {
	feed    *feed
	site    int32
	open    convo.ID // the case that is open; zero: none
	beat    time.Duration
	now     func() time.Time
	again   func(ctx context.Context) (handoff.Actor, error)
	release func()
	name    string // of the page, with its agent; empty: it gave none
	wake    chan struct{}
	gone    chan struct{} // closed when another stream takes its place
	ending  sync.Once
	stop    context.CancelFunc // of the watcher; nil: none

	mu      sync.Mutex
	actor   handoff.Actor
	looks   string // who was looking when it was last told
	written string // likewise, what is being written
	pending []byte
	full    bool // what waited was too much and is dropped

	room sight // guarded by feed.mu

	// Of Next alone.
	timer  *time.Timer // until the next beat, whatever else there is to tell
	cursor string
	begun  bool
	beats  int
	over   bool
}

// Next gives what there is, or a beat where one is due. Beats come however much
// there is to tell: presence lives by them, and so does the second look at whether
// the session still holds.
func (t *tab) Next() ([]byte, error) {
	switch {
	case t.over:
		return nil, io.EOF
	case !t.begun:
		t.begun = true
		return append([]byte("retry: 1000\n\n"), t.catchUp()...), nil
	case t.timer == nil:
		t.timer = time.NewTimer(t.beat)
	}
	for {
		select {
		case <-t.timer.C:
			return t.beating(), nil
		default:
		}
		if b := t.take(); len(b) > 0 {
			return b, nil
		}
		select {
		case <-t.wake:
		case <-t.timer.C:
			return t.beating(), nil
		case <-t.gone:
			return nil, io.EOF
		case <-t.feed.closed:
			return nil, io.EOF
		}
	}
}

// end makes room for the stream that takes this one's place. What it counted
// is given back at once: its client has left, or is about to.
func (t *tab) end() {
	t.ending.Do(func() {
		close(t.gone)
		t.release()
	})
}

// unfollow stops passing on what is said in the open case: it is no longer
// this agent's to read.
func (t *tab) unfollow() {
	if t.stop != nil {
		t.stop()
	}
}

// catchUp is what happened since the cursor that the page brought. Whatever
// comes after it waits in pending already.
func (t *tab) catchUp() []byte {
	out := frame("", "hello", mustJSON(fiber.Map{"now": t.now().UTC()}))
	if t.cursor == "" {
		return out
	}
	cursor := t.cursor
	for range maxReads {
		b, err := t.feed.batch(t.site, cursor)
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid { // a cursor of another time
			return append(out, t.resetFrame("")...)
		}
		if err != nil { // the page comes back with the same cursor
			t.over = true
			return out
		}
		if b.empty() {
			return out
		}
		cursor = b.cursor
		out = append(out, t.frameOf(b)...)
		if b.reset {
			return out
		}
	}
	return append(out, t.resetFrame(cursor)...)
}

func (t *tab) resetFrame(cursor string) []byte { return frame(cursor, "reset", []byte("{}")) }

// beating says that the stream is alive; now and then it looks whether whoever
// reads it may still do so.
func (t *tab) beating() []byte {
	t.timer.Reset(t.beat)
	if t.beats++; t.beats%againEvery == 0 && t.again != nil {
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		defer cancel()
		a, err := t.again(ctx)
		switch kind := fault.KindOf(err); {
		case err == nil:
			t.mu.Lock()
			moved := t.actor.Role != a.Role || !sameSight(t.actor, a)
			t.actor = a
			if moved { // other queues, another role: what is on the page may not be theirs, nor what waits
				t.pending, t.full = nil, false
			}
			t.mu.Unlock()
			if moved {
				t.feed.reseat(t)
				t.unfollow()
				return t.resetFrame("")
			}
		case kind == fault.Unauthorized || kind == fault.Forbidden:
			t.over = true
			return frame("", "over", []byte("{}"))
		}
	}
	return frame("", "beat", mustJSON(fiber.Map{"now": t.now().UTC()}))
}

// who is the agent whose tab it is, as they are now.
func (t *tab) who() handoff.Actor {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.actor
}

func (t *tab) take() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.pending
	t.pending = nil // an idle tab holds no buffer
	if t.full {
		t.full = false
		return t.resetFrame("")
	}
	return b
}

// push lets something wait for the tab.
func (t *tab) push(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.full:
		return
	case len(t.pending)+len(b) > maxPending:
		t.pending, t.full = nil, true
	case t.pending == nil:
		t.pending = slices.Clip(b) // others may have the same bytes
	default:
		t.pending = append(t.pending, b...)
	}
	t.signal()
}

func (t *tab) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *tab) tell(b telling, r *room) {
	if f := t.heed(b.to(t.who(), r)); len(f) > 0 {
		t.push(f)
	}
}

// frameOf is a batch as this tab's agent may know it; empty: nothing of it.
func (t *tab) frameOf(b batch) []byte { return t.heed(b.to(t.who())) }

// heed stops following a case that is no longer the agent's to see.
func (t *tab) heed(n news) []byte {
	if t.open != (convo.ID{}) && slices.Contains(n.gone, t.open) {
		t.unfollow()
	}
	return n.frame
}

// follow passes on what is said in the open case, in a goroutine of its own.
func (t *tab) follow(w Watcher) {
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	go func() {
		defer w.Close()
		for {
			events, err := w.Next(ctx)
			if err != nil {
				return
			}
			for _, e := range events {
				t.said(e)
			}
		}
	}()
}

type saidEvent struct {
	Case convo.ID `json:"case"`
	Line line     `json:"line"`
}

func (t *tab) said(e convo.Event) {
	switch e.Kind {
	case convo.KindMessage, convo.KindOwner:
		t.push(frame("", "said", mustJSON(saidEvent{t.open, line{e.Seq, e.Kind, e.At, e.Body}})))
	case convo.KindTyping:
		t.push(frame("", "typing", append(append([]byte(`{"case":"`+t.open.String()+`","by":`), e.Body...), '}')))
	case convo.KindRead:
		t.push(frame("", "read", append(append([]byte(`{"case":"`+t.open.String()+`","mark":`), e.Body...), '}')))
	}
}

// Close is called once the stream is over.
func (t *tab) Close() {
	if t.timer != nil {
		t.timer.Stop()
	}
	t.unfollow()
	t.feed.part(t)
	t.release()
}
