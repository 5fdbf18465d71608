package bot

import (
	"context"
	"errors"
	"sync"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// AheadFunc begins to embed a question that will probably be searched for at
// once, and returns when that is done or has failed; who searches then finds
// the vectors ready, or joins the call under way.
type AheadFunc func(ctx context.Context, q retrieval.Query)

// early is a search that was begun before its message was recorded. A nil one is none.
type early struct {
	text string
	done chan struct{} // closed when ev and err stand
	ev   retrieval.Evidence
	err  error
}

// ahead begins what a message will want while it is being recorded: neither needs
// the other, and a message that is not recorded is not answered. Where few turns
// are at work that is the whole search, which is in vain where the message turns out
// to be a follow-up or small talk; else its embedding, which is kept. What is said
// to a person is nothing for an embedder: conversations known to be theirs are left
// alone.
func (e *Engine) ahead(ctx context.Context, s Say, text string) *early {
	search := e.Running() <= e.cfg.Early
	if e.Ahead == nil && !search || s.Choice != nil || e.theirs.has(s.Key) {
		return nil
	}
	q := query(s.Site.ID, text)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Budget)
	stop := context.AfterFunc(e.base, cancel)
	f := &early{text: text, done: make(chan struct{}), err: errors.New("the search ahead broke off")}
	e.turns.Go(func() {
		defer cancel()
		defer stop()
		defer func() { _ = recover() }() // what is wrong goes wrong again in the search, and is told there
		defer close(f.done)
		if search {
			f.ev, f.err = e.Finder.Search(ctx, q)
			return
		}
		e.Ahead(ctx, q)
	})
	if !search {
		return nil
	}
	return f
}

// take is what was found for the text, once it is; false where nothing was looked
// for or that failed: then it is to be searched for as if nothing had been begun.
func (f *early) take(ctx context.Context, text string) (retrieval.Evidence, bool) {
	if f == nil || f.text != text {
		return retrieval.Evidence{}, false
	}
	select {
	case <-f.done:
		return f.ev, f.err == nil
	case <-ctx.Done():
		return retrieval.Evidence{}, false
	}
}

// query is what a turn searches for.
func query(site retrieval.SiteID, text string) retrieval.Query {
	return retrieval.Query{Site: site, Text: text, Audience: retrieval.Public, K: tracePassages, Around: true}
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
