package pgdesk

import (
	"context"
	"strconv"
	"sync"
)

// bus carries short payloads to the other processes.
type bus interface {
	Topic(ctx context.Context, channel string, f func(payload string)) error
	Tell(channel, payload string)
}

// topic is the channel on which processes tell each other which sites' desks
// changed: the site's number, nothing else.
const topic = "frontdesk_desk"

// Notifier wakes those who watch desks, here at once and in other processes a
// moment later. It is a hint: watchers read their changes every second besides.
type Notifier struct {
	bus bus

	mu    sync.Mutex
	wakes []func(site int32)
	sites map[int32]struct{} // that were ever told of here
}

// NewNotifier makes one over the process's bus, before that runs.
func NewNotifier(ctx context.Context, b bus) (*Notifier, error) {
	n := &Notifier{bus: b, sites: map[int32]struct{}{}}
	return n, b.Topic(ctx, topic, n.heard)
}

// OnChange has f called with the site of every change; f must not block.
func (n *Notifier) OnChange(f func(site int32)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wakes = append(n.wakes, f)
}

// DeskChanged tells everybody: see Announcer.
func (n *Notifier) DeskChanged(site int32) {
	n.wake(site)
	n.bus.Tell(topic, strconv.Itoa(int(site)))
}

// heard takes what another process told; the empty payload says that some may
// have been missed.
func (n *Notifier) heard(payload string) {
	if payload == "" {
		n.mu.Lock()
		sites := make([]int32, 0, len(n.sites))
		for s := range n.sites {
			sites = append(sites, s)
		}
		n.mu.Unlock()
		for _, s := range sites {
			n.wake(s)
		}
		return
	}
	if site, err := strconv.ParseInt(payload, 10, 32); err == nil {
		n.wake(int32(site))
	}
}

func (n *Notifier) wake(site int32) {
	n.mu.Lock()
	n.sites[site] = struct{}{}
	wakes := n.wakes
	n.mu.Unlock()
	for _, f := range wakes {
		f(site)
	}
}
