package bot

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"frontdesk/bot/convo"
)

const (
	hubShards = 64
	// pendingMax bounds what waits in memory for one slow reader; beyond it the
	// reader catches up from the database.
	pendingMax = 64
	// pageSize is how many events one catching-up read takes.
	pageSize = 200
	// beatEvery is how often an idle subscription is woken so that its reader
	// notices a client that is gone. 15 s: with 8,000 idle streams that is 530
	// writes a second, about one hundredth of a core; 5 s would be three times
	// as much for streams nobody is waiting on. (A running turn's own stream
	// beats faster, and is short.)
	beatEvery = 15 * time.Second
)

// ErrClosed ends a subscription: the service is stopping, or its owner left.
var ErrClosed = errors.New("subscription closed")

// eventReader reads a conversation's log from the database.
type eventReader interface {
	Events(ctx context.Context, key convo.Key, after int64, limit int) ([]convo.Event, error)
}

// announcer tells other processes; it never blocks.
type announcer interface {
	Announce(key convo.Key, seq int64)
	AnnounceTyping(key convo.Key, author convo.Author)
	AnnounceRead(key convo.Key, r convo.Read)
}

// Hub tells the watchers of a conversation what happened in it. The tables are
// the truth: what a hub carries is at most early, never needed.
type Hub struct {
	store  eventReader
	others announcer
	shards [hubShards]hubShard
	closed chan struct{}
	once   sync.Once
}

type hubShard struct {
	mu   sync.Mutex
	subs map[convo.Key][]*Subscription
}

// NewHub makes a Hub; others may be nil where there is one process only.
func NewHub(store eventReader, others announcer) *Hub {
	h := &Hub{store: store, others: others, closed: make(chan struct{})}
	for i := range h.shards {
		h.shards[i].subs = map[convo.Key][]*Subscription{}
	}
	return h
}

func (h *Hub) shard(key convo.Key) *hubShard { return &h.shards[key.ID[15]%hubShards] }

// Publish passes on what this process committed just now.
func (h *Hub) Publish(key convo.Key, events []convo.Event) {
	if len(events) == 0 {
		return
	}
	if h.others != nil {
		h.others.Announce(key, events[len(events)-1].Seq)
	}
	h.each(key, func(s *Subscription) { s.push(events) })
}

// PublishTyping passes on that somebody is typing, here and elsewhere.
func (h *Hub) PublishTyping(key convo.Key, author convo.Author) {
	if h.others != nil {
		h.others.AnnounceTyping(key, author)
	}
	h.PassTyping(key, author)
}

// PassTyping tells the watchers in this process that somebody is typing.
func (h *Hub) PassTyping(key convo.Key, author convo.Author) {
	body, err := json.Marshal(convo.Typing{Author: author})
	if err != nil {
		return
	}
	h.each(key, func(s *Subscription) { s.push([]convo.Event{{Kind: convo.KindTyping, Body: body}}) })
}

// PublishRead passes on how far somebody has read, here and elsewhere. It is a
// notice only: a stream that begins later is told by the database.
func (h *Hub) PublishRead(key convo.Key, r convo.Read) {
	if h.others != nil {
		h.others.AnnounceRead(key, r)
	}
	h.PassRead(key, r)
}

// PassRead tells the watchers in this process how far somebody has read.
func (h *Hub) PassRead(key convo.Key, r convo.Read) {
	body, err := json.Marshal(r)
	if err != nil {
		return
	}
	h.each(key, func(s *Subscription) { s.push([]convo.Event{{Kind: convo.KindRead, Body: body}}) })
}

// Hint says that the conversation's log reaches at least to seq: another
// process committed it.
func (h *Hub) Hint(key convo.Key, seq int64) {
	h.each(key, func(s *Subscription) { s.hint(seq) })
}

func (h *Hub) each(key convo.Key, f func(*Subscription)) {
	sh := h.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, s := range sh.subs[key] {
		f(s)
	}
}

// Watched lists the conversations that are watched here with the lowest event
// number that all of their watchers have.
func (h *Hub) Watched() map[convo.Key]int64 {
	out := map[convo.Key]int64{}
	for i := range h.shards {
		sh := &h.shards[i]
		sh.mu.Lock()
		for key, subs := range sh.subs {
			for _, s := range subs {
				known := s.known()
				if low, ok := out[key]; !ok || known < low {
					out[key] = known
				}
			}
		}
		sh.mu.Unlock()
	}
	return out
}

// Run beats until ctx ends: each subscription is woken once in beatEvery, a
// share of them each second, by this one timer.
func (h *Hub) Run(ctx context.Context) {
	const share = int(beatEvery / time.Second)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for i := range h.shards {
			sh := &h.shards[i]
			sh.mu.Lock()
			for _, subs := range sh.subs {
				for _, s := range subs {
					if s.slot == n%share {
						s.beat()
					}
				}
			}
			sh.mu.Unlock()
		}
	}
}

// Close ends every subscription, now and later.
func (h *Hub) Close() { h.once.Do(func() { close(h.closed) }) }

// Subscribe watches a conversation from after the event numbered after (0:
// from its beginning). Close the subscription when done.
func (h *Hub) Subscribe(key convo.Key, after int64) *Subscription {
	s := &Subscription{
		hub: h, key: key, cursor: after, behind: true,
		wake: make(chan struct{}, 1), slot: int(key.ID[14]) % int(beatEvery/time.Second),
	}
	sh := h.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.subs[key] = append(sh.subs[key], s)
	return s
}

func (h *Hub) unsubscribe(s *Subscription) {
	sh := h.shard(s.key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	rest := sh.subs[s.key]
	for i, other := range rest {
		if other == s {
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	if len(rest) == 0 {
		delete(sh.subs, s.key)
		return
	}
	sh.subs[s.key] = rest
}
