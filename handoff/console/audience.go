package console

import (
	"encoding/json"
	"slices"
	"strings"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// sight is what decides, of changes that do not name somebody, which ones they
// are told of, and how. Tabs of one sight are told the same, in the same bytes.
type sight struct {
	queues     string
	everywhere bool // works in all queues
	leads      bool
}

func sightOf(a handoff.Actor) sight {
	return sight{queues: strings.Join(a.Queues, ","), everywhere: a.Queues == nil, leads: a.Leads()}
}

// room is the tabs of a sight.
type room struct {
	actor handoff.Actor // nobody of that sight
	tabs  map[*tab]struct{}
}

// audience is a site's tabs, found by what a change concerns: most tabs of a
// large desk are told nothing of it and are not looked at. The feed's lock guards it.
type audience struct {
	tabs  map[*tab]struct{}
	named map[string]*tab // by agent and the name that the page gave itself
	rooms map[sight]*room
	of    map[convo.ID]map[*tab]struct{} // by agent
}

func newAudience() audience {
	return audience{tabs: map[*tab]struct{}{}, named: map[string]*tab{}, rooms: map[sight]*room{}, of: map[convo.ID]map[*tab]struct{}{}}
}

func (u *audience) add(t *tab, a handoff.Actor) {
	u.tabs[t] = struct{}{}
	if t.name != "" {
		u.named[t.name] = t
	}
	if u.of[a.Agent] == nil {
		u.of[a.Agent] = map[*tab]struct{}{}
	}
	u.of[a.Agent][t] = struct{}{}
	u.seat(t, a)
}

// seat puts a tab into the room of its agent's sight.
func (u *audience) seat(t *tab, a handoff.Actor) {
	u.rise(t)
	t.room = sightOf(a)
	r := u.rooms[t.room]
	if r == nil {
		a.Agent, a.Name = convo.ID{}, ""
		r = &room{actor: a, tabs: map[*tab]struct{}{}}
		u.rooms[t.room] = r
	}
	r.tabs[t] = struct{}{}
}

func (u *audience) rise(t *tab) {
	if r := u.rooms[t.room]; r != nil {
		delete(r.tabs, t)
		if len(r.tabs) == 0 {
			delete(u.rooms, t.room)
		}
	}
}

func (u *audience) remove(t *tab, agent convo.ID) {
	if _, there := u.tabs[t]; !there {
		return
	}
	delete(u.tabs, t)
	if u.named[t.name] == t {
		delete(u.named, t.name)
	}
	delete(u.of[agent], t)
	if len(u.of[agent]) == 0 {
		delete(u.of, agent)
	}
	u.rise(t)
}

// seated is a tab with the room that it is in.
type seated struct {
	*tab
	room *room
}

// concerned are the tabs that may be told something of a batch.
func (u *audience) concerned(b batch) []seated {
	var list []seated
	for who := range b.people {
		for t := range u.of[who] {
			list = append(list, seated{t, u.rooms[t.room]})
		}
	}
	named := list
	for _, r := range u.rooms {
		if !b.concerns(r.actor) {
			continue
		}
		for t := range r.tabs {
			if !slices.ContainsFunc(named, func(s seated) bool { return s.tab == t }) {
				list = append(list, seated{t, r})
			}
		}
	}
	return list
}

// telling is a batch with what was made of it for rooms.
type telling struct {
	batch
	made map[*room]news
}

// news is what a batch is to somebody; empty: nothing.
type news struct {
	frame []byte
	gone  []convo.ID // cases that are no longer theirs to see
}

// to is what a batch is to somebody of a room: made once for the room, and anew
// for who is named in it or has another sight than the room by now.
func (t telling) to(a handoff.Actor, r *room) news {
	if t.people[a.Agent] || !sameSight(a, r.actor) {
		return t.batch.to(a)
	}
	n, there := t.made[r]
	if !there {
		n = t.batch.to(a) // named nowhere: as to everybody else here
		t.made[r] = n
	}
	return n
}

func sameSight(a, b handoff.Actor) bool {
	return a.Leads() == b.Leads() && (a.Queues == nil) == (b.Queues == nil) && slices.Equal(a.Queues, b.Queues)
}

// changesEvent is what a batch is to one tab.
type changesEvent struct {
	Cases    []changedCase `json:"cases,omitempty"`
	Gone     []convo.ID    `json:"gone,omitempty"`     // no longer theirs to see
	Presence bool          `json:"presence,omitempty"` // read /agents and /queues again
	Settings bool          `json:"settings,omitempty"` // read /start again
}

type changedCase struct {
	Row   json.RawMessage         `json:"row"`
	Kinds []handoff.CaseEventKind `json:"kinds"`
	// Yours says that one of the changes names the reader: given to them,
	// offered, or mentioned.
	Yours bool `json:"yours,omitempty"`
}

// to is a batch as somebody may know it.
func (b batch) to(a handoff.Actor) (n news) {
	if b.reset {
		return news{frame: frame(b.cursor, "reset", []byte("{}"))}
	}
	if !b.concerns(a) {
		return n
	}
	var ev changesEvent
	place := map[convo.ID]int{}
	for _, ch := range b.list {
		switch {
		case ch.Case == (convo.ID{}):
			ev.Presence = ev.Presence || ch.Kind == handoff.ChangePresence
			ev.Settings = ev.Settings || ch.Kind == handoff.ChangeSettings
			continue
		case slices.Contains(ev.Gone, ch.Case), hidden(a, ch):
			continue
		}
		r, there := b.rows[ch.Case]
		if !there || !a.SeesCase(r.entry.Case) {
			if a.Sees(ch.Queue) || ch.From != "" && a.Sees(ch.From) || ch.Agent == a.Agent {
				ev.Gone = append(ev.Gone, ch.Case)
			}
			continue
		}
		i, known := place[ch.Case]
		if !known {
			i = len(ev.Cases)
			place[ch.Case] = i
			ev.Cases = append(ev.Cases, changedCase{Row: r.json})
		}
		c := &ev.Cases[i]
		c.Kinds = append(c.Kinds, ch.Kind)
		c.Yours = c.Yours || ch.Agent != (convo.ID{}) && ch.Agent == a.Agent
	}
	if len(ev.Cases) == 0 && len(ev.Gone) == 0 && !ev.Presence && !ev.Settings {
		return n
	}
	return news{frame: frame(b.cursor, "changes", mustJSON(ev)), gone: ev.Gone}
}
