package console

import (
	"context"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// What an agent is writing to a customer is shown to leads who have the case
// open, as it is written.

type writingEvent struct {
	Case convo.ID `json:"case"`
	Writing
}

// oversees says whose writing the tab may watch: of its open case, where its
// agent leads.
func (t *tab) oversees() (agent convo.ID, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.actor.Agent, t.actor.Leads() && t.open != (convo.ID{})
}

// watched says whether anybody here watches what is written in a case: only then
// is it read at once.
func (f *feed) watched(site int32, id convo.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sites[site]
	if s == nil {
		return false
	}
	for t := range s.tabs {
		if t.open != id {
			continue
		}
		if _, ok := t.oversees(); ok {
			return true
		}
	}
	return false
}

// tellWriting tells leads what is written in their open cases, where that is not
// as it was.
func (f *feed) tellWriting(ctx context.Context, s *siteFeed, open map[convo.ID][]*tab) {
	watchers := map[convo.ID][]*tab{}
	var ids []convo.ID
	for id, tabs := range open {
		for _, t := range tabs {
			if _, ok := t.oversees(); !ok {
				continue
			}
			if watchers[id] == nil {
				ids = append(ids, id)
			}
			watchers[id] = append(watchers[id], t)
		}
	}
	if len(ids) == 0 {
		return
	}
	writing, err := f.store.Writing(ctx, s.id, ids)
	if err != nil {
		return // the next look tries again
	}
	for _, id := range ids {
		w := writing[id]
		raw, now := mustJSON(writingEvent{id, w}), w.Agent.String()+w.Text
		if w.Text == "" {
			now = "" // as at the beginning: nothing
		}
		for _, t := range watchers[id] {
			if who, ok := t.oversees(); ok && who != w.Agent && t.news(&t.written, now) {
				t.push(frame("", "writing", raw))
			}
		}
	}
}

// news remembers what a tab is told of something that goes on, and says whether
// it is not what it was told last. By tab, and not by case: a page that has just
// come has been told nothing, whatever a round that is under way has told the
// others.
func (t *tab) news(last *string, now string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if *last == now {
		return false
	}
	*last = now
	return true
}

// hidden says whether a change is none of an actor's: a whisper is known to
// leads and to whom it is for.
func hidden(a handoff.Actor, ch handoff.Change) bool {
	return ch.Kind == handoff.CaseWhispered && !a.Leads() && ch.Agent != a.Agent
}
