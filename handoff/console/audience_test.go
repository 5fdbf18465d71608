package console

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// TestFeed_TellsEachTabWhatIsItsOwn holds what tabs are told in common against
// what each would be told by itself, with people of many rights, who are named in
// changes or not, and whose rights change between.
func TestFeed_TellsEachTabWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := newLedger()
		f := testFeed(l, Config{Poll: time.Hour, LookPoll: time.Hour})
		defer func() { f.close(); f.work.Wait() }()
		queues := []string{"support", "sales", "service"}
		actor := func(label string, n int) handoff.Actor {
			a := handoff.Actor{Site: 1, Agent: caseNo(100 + n), Role: rapid.SampledFrom([]handoff.Role{handoff.RoleAgent, handoff.RoleLead, handoff.RoleReadOnly}).Draw(rt, label+" role")}
			if rapid.Bool().Draw(rt, label+" scoped") {
				a.Queues = rapid.SliceOfDistinct(rapid.SampledFrom(queues), rapid.ID[string]).Draw(rt, label+" queues")
			}
			return a
		}
		var tabs []*tab
		moved := map[*tab]bool{} // their rights have changed, and they are not seated anew yet
		for i := range rapid.IntRange(1, 8).Draw(rt, "tabs") {
			at := testTab(f, "")
			at.actor = actor(fmt.Sprint("tab ", i), rapid.IntRange(0, 3).Draw(rt, "agent"))
			if err := f.join(context.Background(), at); err != nil {
				rt.Fatal(err)
			}
			tabs = append(tabs, at)
		}
		f.mu.Lock()
		s := f.sites[1]
		f.mu.Unlock()
		for range rapid.IntRange(1, 5).Draw(rt, "readings") {
			begin := len(l.list)
			for range rapid.IntRange(1, 4).Draw(rt, "changes") {
				l.commit(rapid.IntRange(1, 3).Draw(rt, "case"), rapid.SampledFrom(queues).Draw(rt, "queue"))
				last := &l.list[len(l.list)-1]
				last.Kind = rapid.SampledFrom([]handoff.CaseEventKind{handoff.CaseTransferred, handoff.CaseWhispered, handoff.ChangePresence}).Draw(rt, "kind")
				if last.Kind == handoff.ChangePresence {
					last.Case, last.Queue, last.From = convo.ID{}, "", ""
				}
				if rapid.Bool().Draw(rt, "names somebody") {
					last.Agent = caseNo(100 + rapid.IntRange(0, 3).Draw(rt, "whom"))
				}
				if e := l.rows[last.Case]; last.Case != (convo.ID{}) && rapid.Bool().Draw(rt, "held") {
					e.Agent = last.Agent
					l.rows[last.Case] = e
				}
			}
			for i, at := range tabs {
				if rapid.Bool().Draw(rt, "rights stay") {
					continue
				}
				at.actor = actor(fmt.Sprint("changed ", i), int(at.actor.Agent[15])-100)
				if moved[at] = rapid.Bool().Draw(rt, "on the way"); !moved[at] {
					f.reseat(at)
				}
			}
			b, err := f.batch(1, fmt.Sprint(begin))
			if err != nil {
				rt.Fatal(err)
			}
			f.read(s)
			for i, at := range tabs {
				want, got := string(b.to(at.who()).frame), string(at.take())
				// A tab whose rights have just changed is about to load everything;
				// until it is seated anew it may be told less, and never another thing.
				if got != want && (!moved[at] || got != "") {
					rt.Fatalf("tab %d of %+v is told\n%q\nby itself\n%q", i, at.actor, got, want)
				}
			}
		}
		for _, at := range tabs {
			at.Close()
		}
		if n := len(s.tabs) + len(s.rooms) + len(s.of) + len(s.named); n != 0 {
			rt.Fatalf("%d entries are left when all have gone", n)
		}
	})
}

func TestTab_WhatIsSharedIsNotWrittenInto(t *testing.T) {
	t.Parallel()
	f := testFeed(newLedger(), Config{})
	shared := append(make([]byte, 0, 1024), frame("", "changes", []byte(`{"shared":true}`))...) // room behind it
	before := slices.Clone(shared)
	a, b := testTab(f, ""), testTab(f, "")
	a.push(shared)
	b.push(shared)
	a.push(frame("", "said", []byte(`{"of":"a"}`)))
	b.push(frame("", "said", []byte(`{"of":"b"}`)))
	if x, y := string(a.take()), string(b.take()); !slices.Equal(shared, before) || x == y || len(frames([]byte(x))) != 2 || len(frames([]byte(y))) != 2 {
		t.Errorf("%q and %q", x, y)
	}
}
