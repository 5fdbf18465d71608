package loadgen

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"
)

// checkers is how many things are asked for at a time.
const checkers = 4

// check holds what was noted against what the API says.
func (l *Load) check(ctx context.Context) {
	f := &findings{said: map[string]int{}, ours: map[string]bool{}}
	l.each(ctx, l.ledger.Talks(), func(t *Talk) { l.checkTalk(ctx, f, t) })
	root := l.root()
	if root == nil {
		return
	}
	for _, s := range l.ledger.Replies() {
		if n := f.said[s.Name]; f.ours[s.Case] && (n > 1 || n == 0 && s.Taken) {
			l.ledger.broken(LostMessage, "case %s: the reply %s is there %d times, taken: %v", s.Case, s.Name, n, s.Taken)
		}
	}
	l.checkClaims(ctx, root)
	l.checkDesks(ctx, root)
}

// each asks for several at a time.
func (l *Load) each(ctx context.Context, talks []*Talk, f func(*Talk)) {
	var wg sync.WaitGroup
	next := make(chan *Talk)
	for range checkers {
		wg.Go(func() {
			for t := range next {
				f(t)
			}
		})
	}
	for _, t := range talks {
		select {
		case next <- t:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
}

// findings is what the talks together say.
type findings struct {
	mu   sync.Mutex
	said map[string]int  // texts of agents, by name
	ours map[string]bool // cases of these talks
}

// checkTalk reads one conversation as its customer.
func (l *Load) checkTalk(ctx context.Context, f *findings, t *Talk) {
	d := &door{c: l.client}
	var all []message
	before := ""
	for {
		var v view
		path := "/v1/conversations/" + t.id + "?limit=100"
		if before != "" {
			path += "&before=" + url.QueryEscape(before)
		}
		_, err := d.insist(ctx, t.as, "GET", path, nil, &v)
		if r := refused(err); r != nil && r.Status == 401 {
			t.renew(ctx, d)
			if _, err = d.insist(ctx, t.as, "GET", path, nil, &v); err != nil {
				l.ledger.broken(BadAnswer, "%s: it cannot be read at the end: %v", t.id, err)
				return
			}
		} else if err != nil {
			l.ledger.broken(LostMessage, "%s: it cannot be read at the end: %v", t.id, err)
			return
		}
		all = append(v.Messages, all...)
		if before = v.Earlier; before == "" {
			break
		}
	}
	at := map[string][]int{}
	for i, m := range all {
		if name := nameOf(m.Text); name != "" {
			at[name] = append(at[name], i)
		}
	}
	l.checkSaid(t, at)
	f.mu.Lock()
	for name, places := range at {
		if name[0] == 'a' {
			f.said[name] += len(places)
		}
	}
	f.mu.Unlock()
	if root := l.root(); root != nil {
		l.checkPromises(ctx, f, root, t)
	}
}

// checkSaid looks whether each text is there as often as it may be, in order.
func (l *Load) checkSaid(t *Talk, at map[string][]int) {
	last := -1
	said := t.Said()
	for i, s := range said {
		places := at[s.Name]
		switch {
		case len(places) > 1, len(places) == 0 && s.Taken:
			l.ledger.broken(LostMessage, "%s: %s is there %d times, taken: %v", t.id, s.Name, len(places), s.Taken)
			continue
		case len(places) == 0:
			continue
		case places[0] < last && i > 0 && said[i-1].Taken:
			l.ledger.broken(LostMessage, "%s: %s stands before what was said before it", t.id, s.Name)
		}
		last = max(last, places[0])
	}
}

// checkPromises looks for the case of every reference that the customer was
// told, and for the owner that goes with it.
func (l *Load) checkPromises(ctx context.Context, f *findings, root *agent, t *Talk) {
	refs := t.Told()
	slices.Sort(refs)
	// Two reads are no snapshot: what does not fit is looked at again.
	for try := range 5 {
		var rows []row
		for _, ref := range refs {
			var out struct {
				Cases []row `json:"cases"`
			}
			if err := root.door.atOnce(ctx, root.as, "GET", deskPath+"/cases?reference="+url.QueryEscape(ref), &out); err != nil {
				l.ledger.broken(BadAnswer, "case %s cannot be asked for: %v", ref, err)
				return
			}
			if len(out.Cases) != 1 {
				if try == 0 {
					l.ledger.broken(BrokenPromise, "%s: its customer was told of %s, and there are %d of that name", t.id, ref, len(out.Cases))
				}
				continue
			}
			rows = append(rows, out.Cases[0])
		}
		var v view
		if err := root.door.atOnce(ctx, t.as, "GET", "/v1/conversations/"+t.id+"?limit=1", &v); err != nil {
			return // said already
		}
		f.mu.Lock()
		for _, r := range rows {
			f.ours[r.ID] = true
		}
		f.mu.Unlock()
		wrong := fits(v.Owner, rows)
		if wrong == "" {
			return
		}
		if try == 4 {
			l.ledger.broken(BrokenPromise, "%s: %s", t.id, wrong)
		}
		if !pause(ctx, 300*time.Millisecond) {
			return
		}
	}
}

// atOnce is insist from a door of its own: many ask at the same time.
func (d *door) atOnce(ctx context.Context, w func() who, method, path string, out any) error {
	own := &door{c: d.c}
	_, err := own.insist(ctx, w, method, path, nil, out)
	return err
}

// fits says what is wrong with a conversation's owner and its cases; empty:
// nothing.
func fits(owner string, cases []row) string {
	waiting, held := false, false
	for _, c := range cases {
		switch {
		case c.State == "waiting" && c.Queue == "":
			return "case " + c.Reference + " waits in no queue"
		case c.State == "claimed" && c.Agent == "":
			return "case " + c.Reference + " is somebody's, and nobody has it"
		case c.State != "waiting" && c.State != "claimed" && c.State != "closed":
			return "case " + c.Reference + " is " + c.State
		case c.Link == "second":
			continue
		}
		waiting = waiting || c.State == "waiting" && !c.Aside
		held = held || c.State == "claimed"
	}
	switch {
	case owner == "queue" && !waiting:
		return "the conversation waits in a queue, and no case of it does"
	case owner == "agent" && !held:
		return "the conversation is a person's, and no case of it is"
	case owner == "bot" && (waiting || held):
		return "the assistant has the conversation, and a case of it is open"
	}
	return ""
}

// logged is an entry of a case's log.
type logged struct {
	N     int64  `json:"n"`
	Kind  string `json:"kind"`
	Agent string `json:"agent"`
}

// checkClaims reads the log of every case that a player was told of.
func (l *Load) checkClaims(ctx context.Context, root *agent) {
	claims := map[string][]Claim{}
	for _, c := range l.ledger.Claims() {
		claims[c.Case] = append(claims[c.Case], c)
	}
	for id, list := range claims {
		for i, c := range list {
			for _, other := range list[:i] {
				if other.Version == c.Version && other.Agent != c.Agent {
					l.ledger.broken(OwnedTwice, "case %s: %s and %s were both told that they have it at version %d", id, other.Agent, c.Agent, c.Version)
				}
			}
		}
	}
	for _, id := range l.ledger.Cases() {
		var out struct {
			Log []logged `json:"log"`
		}
		err := root.door.atOnce(ctx, root.as, "GET", deskPath+"/cases/"+id+"/log", &out)
		if ctx.Err() != nil {
			return
		}
		if r := refused(err); r != nil && r.Status == 404 && root.sees() {
			l.ledger.broken(BrokenPromise, "case %s was shown, and is not there", id)
			continue
		}
		if err == nil {
			l.checkLog(id, out.Log, claims[id])
		}
	}
}

// sees says whether nothing of the desk is hidden from an agent.
func (p *agent) sees() bool {
	p.desk.mu.Lock()
	defer p.desk.mu.Unlock()
	return p.desk.scope == nil
}

// checkLog goes through a case's log: nobody takes it while another has it, and
// everybody who was told that they have it stands there.
func (l *Load) checkLog(id string, log []logged, claims []Claim) {
	holder := ""
	by := map[string]int{}
	for _, e := range log {
		switch e.Kind {
		case "claimed", "reopened":
			if e.Kind == "claimed" && holder != "" {
				l.ledger.broken(OwnedTwice, "case %s: entry %d, %s takes it while %s has it", id, e.N, e.Agent, holder)
			}
			if e.Agent != "" {
				holder = e.Agent
				by[e.Agent]++
			}
		case "released", "transferred", "escalated", "closed", "merged", "passed":
			holder = ""
		}
	}
	want := map[string]int{}
	for _, c := range claims {
		want[c.Agent]++
	}
	for who, n := range want {
		if by[who] < n {
			l.ledger.broken(OwnedTwice, "case %s: %s was told %d times that they have it, and its log says so %d times", id, who, n, by[who])
		}
	}
}

// checkDesks looks whether every page shows every case as it is. What changed
// just now is given time to get there.
func (l *Load) checkDesks(ctx context.Context, root *agent) {
	deadline := time.Now().Add(l.cfg.Patience)
	for _, id := range l.ledger.Cases() {
		for {
			wrong := l.stale(ctx, root, id)
			if len(wrong) == 0 {
				break
			}
			if time.Now().After(deadline) {
				for _, w := range wrong {
					l.ledger.broken(DeskGap, "%s", w)
				}
				break
			}
			if !pause(ctx, 100*time.Millisecond) {
				return
			}
		}
	}
}

// stale says which pages show a case wrongly.
func (l *Load) stale(ctx context.Context, root *agent, id string) (wrong []string) {
	now, err := l.now(ctx, root, id)
	if err != nil {
		return nil // what is not there was said before
	}
	l.ledger.mu.Lock()
	pressed := l.ledger.note(id).pressed
	l.ledger.mu.Unlock()
	for _, a := range l.agents {
		shown, known, sure := a.desk.shows(id)
		switch {
		case !sure, known && shown.Version == now.Version:
		case known:
			wrong = append(wrong, fmt.Sprintf("agent %d, case %s: it is shown as %s at version %d, and is %s at %d", a.no+1, id, shown.State, shown.Version, now.State, now.Version))
		case a.sees() && a.desk.wasThere(pressed):
			wrong = append(wrong, fmt.Sprintf("agent %d, case %s: it was never shown", a.no+1, id))
		}
	}
	return wrong
}

// now reads a case's row as it is, by its reference where a page knows that: a
// row costs less than the whole case.
func (l *Load) now(ctx context.Context, root *agent, id string) (row, error) {
	for _, a := range l.agents {
		if shown, known, _ := a.desk.shows(id); known {
			var out struct {
				Cases []row `json:"cases"`
			}
			err := root.door.atOnce(ctx, root.as, "GET", deskPath+"/cases?reference="+url.QueryEscape(shown.Reference), &out)
			if err == nil && len(out.Cases) == 1 {
				return out.Cases[0], nil
			}
			break
		}
	}
	var out page
	err := root.door.atOnce(ctx, root.as, "GET", deskPath+"/cases/"+id, &out)
	return out.Case, err
}
