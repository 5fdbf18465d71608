package bot

import (
	"context"
	"sync"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// AheadFunc begins to embed a question that will probably be searched for at
// once, and returns when that is done or has failed; who searches then finds
// the vectors ready, or joins the call under way.
type AheadFunc func(ctx context.Context, q retrieval.Query)

// ahead has a message embedded while it is being recorded: neither needs the
// other, and a message that is not recorded is not answered. What is said to a
// person is nothing for an embedder: conversations known to be theirs are left
// alone.
func (e *Engine) ahead(ctx context.Context, s Say, text string) {
	if e.Ahead == nil || s.Choice != nil || e.theirs.has(s.Key) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Budget)
	stop := context.AfterFunc(e.base, cancel)
	e.turns.Go(func() {
		defer cancel()
		defer stop()
		defer func() { _ = recover() }() // what is wrong goes wrong again in the search, and is told there
		e.Ahead(ctx, retrieval.Query{Site: s.Site.ID, Text: text})
	})
}

// mostTheirs bounds how many conversations that people own are remembered:
// 4,096 are some 100 kB. One that is forgotten has a message embedded in vain.
const mostTheirs = 4096

// keySet remembers the last conversations put into it. The zero value is empty.
type keySet struct {
	mu    sync.Mutex
	place map[convo.Key]int // in ring
	ring  []convo.Key
	next  int
}

func (k *keySet) has(key convo.Key) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.place[key]
	return ok
}

func (k *keySet) add(key convo.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.place[key]; ok {
		return
	}
	if k.place == nil {
		k.place = map[convo.Key]int{}
	}
	if len(k.ring) < mostTheirs {
		k.place[key] = len(k.ring)
		k.ring = append(k.ring, key)
		return
	}
	if old := k.ring[k.next]; k.place[old] == k.next {
		delete(k.place, old)
	}
	k.ring[k.next], k.place[key] = key, k.next
	k.next = (k.next + 1) % mostTheirs
}

func (k *keySet) drop(key convo.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.place, key)
}
