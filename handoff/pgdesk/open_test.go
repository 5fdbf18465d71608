package pgdesk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestOpen_GoesWhereTheRoutesSay(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for _, c := range []struct {
		name     string
		change   func(*handoff.Request)
		queue    string
		priority handoff.Priority
		triaged  bool
	}{
		{"nothing known: the default queue", func(*handoff.Request) {}, "service", handoff.Normal, false},
		{"called main: the default queue", func(r *handoff.Request) { r.Queue = "main" }, "service", handoff.Normal, false},
		{"a fault", seen(handoff.Triage{Desk: "support", Topic: "faults"}), "support", handoff.Normal, true},
		{"a pressing fault", seen(handoff.Triage{Desk: "support", Urgency: .9}), "support", handoff.High, true},
		{"a quick matter", seen(handoff.Triage{Desk: "service", Topic: "login"}), "quick", handoff.Normal, true},
		{"both desks", seen(handoff.Triage{Desk: "both"}), "sales", handoff.Normal, true},
		{"sensitive goes before all else", func(r *handoff.Request) {
			r.Reason, r.Triage = handoff.Sensitive, &handoff.Triage{Desk: "support"}
		}, "escalations", handoff.Urgent, true},
		{"angry, unseen", func(r *handoff.Request) { r.Reason = handoff.Angry }, "service", handoff.High, false},
	} {
		got := s.waiting(t, c.change)
		if got.Queue != c.queue || got.Priority != c.priority || got.Triaged != c.triaged {
			t.Errorf("%s: %s, %s, triaged %v", c.name, got.Queue, got.Priority, got.Triaged)
		}
		setup, err := s.desk.readOnly(t.Context(), s.site)
		if err != nil {
			t.Fatal(err)
		}
		q, _ := setup.Queue(got.Queue)
		if want := got.OpenedAt.Add(got.Priority.Within(q.FirstReply())); !got.DueFirst.Equal(want) {
			t.Errorf("%s: due %v, not %v", c.name, got.DueFirst, want)
		}
	}
}

func TestOpen_ASiteThatNamedItsQueueHasItAndNoRoutes(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.site = s.addSite(t, "front")
	c := s.waiting(t, seen(handoff.Triage{Desk: "support"}), func(r *handoff.Request) { r.Queue = "front" })
	if c.Queue != "front" {
		t.Errorf("waits in %s", c.Queue)
	}
	routes, err := s.desk.Routes(t.Context(), handoff.System(s.site, "test"))
	if err != nil || len(routes) != 0 {
		t.Errorf("%v, %v", routes, err)
	}
}

func TestOpen_TheFirstOfASiteMakesItsQueuesOnce(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.site = s.addSite(t, "fresh")
	other := s.another(t, func(*Deps) {})
	var wg sync.WaitGroup
	for i := range 8 {
		key, visitor := s.conversation(t, s.site)
		d := s.desk
		if i%2 == 1 {
			d = other
		}
		wg.Go(func() {
			if _, err := d.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.count(t, `SELECT count(*) FROM queues WHERE site_id = `+fmt.Sprint(s.site)); n != 6 {
		t.Errorf("%d queues", n)
	}
}

func TestRetriage_RoutesOnceAndOnlyBeforeAClaim(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.waiting(t)
	tr := handoff.Triage{Desk: "support", Topic: "faults", Product: "kettle", Language: "de", Mood: -.2, Urgency: .8}
	s.clock.pass(time.Minute)
	got, done, err := s.desk.Retriage(t.Context(), c.Conversation, tr)
	if err != nil || !done || got.Queue != "support" || !got.Triaged || got.Product != "kettle" || got.Priority != handoff.High || !got.WaitsSince.Equal(c.WaitsSince) {
		t.Fatalf("%+v, %v, %v", got, done, err)
	}
	if !slices.Equal(s.kinds(t, c.ID), []handoff.CaseEventKind{handoff.CaseOpened, handoff.CaseRouted}) || s.promised(t, c.ID) != "[ladder]" {
		t.Errorf("%v, %s", s.kinds(t, c.ID), s.promised(t, c.ID))
	}
	if said := s.said(t, c.Conversation); said[len(said)-1] != "→ queue support" {
		t.Errorf("the customer was told %q", said)
	}
	if _, done, err := s.desk.Retriage(t.Context(), c.Conversation, handoff.Triage{Desk: "both"}); err != nil || done {
		t.Errorf("again: %v, %v", done, err)
	}
	taken := s.waiting(t)
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: taken.ID}); err != nil {
		t.Fatal(err)
	}
	if _, done, err := s.desk.Retriage(t.Context(), taken.Conversation, tr); err != nil || done || s.read(t, taken.ID).Queue != "service" {
		t.Errorf("after a claim: %v, %v", done, err)
	}
}

func TestOpen_TwoMattersAreTwoLinkedCases(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	key, visitor := s.conversation(t, s.site)
	two := func(r *handoff.Request) { r.Second = &handoff.Triage{Desk: "support", Topic: "faults"} }
	o := s.opened(t, key, visitor, seen(handoff.Triage{Desk: "service", Topic: "orders"}), two)
	if o.Second == nil || o.Second.Queue != "support" || o.Second.LinkedTo != o.Case.ID || o.Second.Link != handoff.Second || o.Second.Reference == o.Case.Reference {
		t.Fatalf("%+v", o.Second)
	}
	claim := func(a handoff.Actor, id convo.ID) {
		t.Helper()
		if _, err := s.desk.Claim(t.Context(), a, handoff.Target{Case: id}); err != nil {
			t.Fatal(err)
		}
	}
	claim(s.mara, o.Case.ID)
	claim(s.omar, o.Second.ID)
	_, err := s.desk.Reply(t.Context(), s.omar, handoff.Target{Case: o.Second.ID}, handoff.Reply{ClientMsgID: "1", Text: "Hello"})
	wantErr(t, "two speak", err, handoff.ErrSecond)
	if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: o.Case.ID}, handoff.WrapUp{}); err != nil {
		t.Fatal(err)
	}
	if s.owner(t, key) != convo.OwnerAgent || s.read(t, o.Second.ID).Link != handoff.After {
		t.Errorf("%s, %q", s.owner(t, key), s.read(t, o.Second.ID).Link)
	}
	if _, err := s.desk.Reply(t.Context(), s.omar, handoff.Target{Case: o.Second.ID}, handoff.Reply{ClientMsgID: "1", Text: "Hello"}); err != nil {
		t.Errorf("the second matter's turn: %v", err)
	}
	if _, err := s.desk.Close(t.Context(), s.omar, handoff.Target{Case: o.Second.ID}, handoff.WrapUp{}); err != nil || s.owner(t, key) != convo.OwnerBot {
		t.Errorf("%v, %s", err, s.owner(t, key))
	}
	key, visitor = s.conversation(t, s.site)
	one := func(r *handoff.Request) { r.Second = &handoff.Triage{Desk: "service", Topic: "delivery"} }
	if o := s.opened(t, key, visitor, seen(handoff.Triage{Desk: "service", Topic: "orders"}), one); o.Second != nil {
		t.Error("two matters of one queue are two cases")
	}
}

func TestOpen_LimitsAreKindAndExact(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	first, visitor := s.conversation(t, s.site)
	again := func() convo.Key {
		t.Helper()
		key := convo.Key{Site: s.site, ID: bot.NewID()}
		if _, err := s.convs.Open(t.Context(), bot.Opening{Site: s.site, Conversation: key.ID, Visitor: visitor, Known: true, Language: "en", At: s.clock.now()}); err != nil {
			t.Fatal(err)
		}
		return key
	}
	keys := []convo.Key{first}
	for range 500 / 20 {
		keys = append(keys, again())
	}
	var mu sync.Mutex
	var won, refused int
	var wg sync.WaitGroup
	for _, key := range keys {
		wg.Go(func() {
			_, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, handoff.ErrManyOpen):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 3 || refused != len(keys)-3 {
		t.Errorf("%d opened, %d refused", won, refused)
	}
	// A turn of the bot's ends with kind words instead.
	key := again()
	rec := s.writes(t, key, "a person please")
	o, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Turn: rec.Turn, Fence: rec.Fence, Reason: handoff.Asked, Started: s.clock.now(), Trace: []byte("{}")})
	said := s.said(t, key)
	if !errors.Is(o.Refused, handoff.ErrManyOpen) || err != nil || !strings.Contains(said[len(said)-1], "3 open requests") || s.owner(t, key) != convo.OwnerBot {
		t.Errorf("%v, %v: %q", o.Refused, err, said)
	}
	if rec := s.writes(t, key, "hello?"); rec.Merged != (convo.ID{}) || !rec.Open {
		t.Error("the turn was left open")
	}
	// Twelve a day, whatever became of them.
	if err := s.desk.SetRules(t.Context(), s.root, handoff.Rules{DefaultQueue: "service", MaxOpen: -1, MaxDay: 5}); err != nil {
		t.Fatal(err)
	}
	s.opened(t, again(), visitor)
	s.opened(t, again(), visitor)
	_, err = s.desk.Open(t.Context(), handoff.Request{Key: again(), Visitor: visitor, Reason: handoff.Asked})
	wantErr(t, "too many today", err, handoff.ErrManyToday)
	s.clock.pass(25 * time.Hour)
	s.opened(t, again(), visitor)
	wantErr(t, "an agent blocks", s.desk.Block(t.Context(), s.mara, visitor, time.Time{}, "abuse"), handoff.ErrForbidden)
	wantErr(t, "words that cannot be kept", s.desk.Block(t.Context(), s.lea, visitor, time.Time{}, "a\x00b"), handoff.ErrLongWhy)
	if err := s.desk.Block(t.Context(), s.lea, visitor, time.Time{}, "abuse"); err != nil {
		t.Fatal(err)
	}
	_, err = s.desk.Open(t.Context(), handoff.Request{Key: again(), Visitor: visitor, Reason: handoff.Asked})
	wantErr(t, "blocked", err, handoff.ErrBlocked)
	if list, err := s.desk.Blocked(t.Context(), s.lea); err != nil || len(list) != 1 || list[0].By != "Lea" {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = s.desk.Blocked(t.Context(), s.mara)
	wantErr(t, "an agent reads the list", err, handoff.ErrForbidden)
	wantErr(t, "an agent lets them in again", s.desk.Unblock(t.Context(), s.mara, visitor), handoff.ErrForbidden)
	if err := s.desk.Unblock(t.Context(), s.lea, visitor); err != nil {
		t.Fatal(err)
	}
	s.opened(t, again(), visitor)
}

func TestOpen_WithinItsTimeGoesOnWithTheOldCase(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	key, visitor := s.conversation(t, s.site)
	c := s.opened(t, key, visitor).Case
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Memo: "Sent a new lid."}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(71 * time.Hour)
	o := s.opened(t, key, visitor)
	if !o.Reopened || o.Case.ID != c.ID || o.Case.State != handoff.Waiting || o.Position != 1 || s.owner(t, key) != convo.OwnerQueue {
		t.Errorf("%+v", o)
	}
	if _, err := s.desk.Close(t.Context(), s.lea, handoff.Target{Case: c.ID}, handoff.WrapUp{}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(73 * time.Hour)
	if o = s.opened(t, key, visitor); o.Reopened || o.Case.ID == c.ID || o.Case.LinkedTo != c.ID || o.Case.Link != handoff.After {
		t.Errorf("%+v", o.Case)
	}
}

func TestOpen_APromiseThatCannotBeWrittenIsNoCase(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.rec.fail = errors.New("no jobs today")
	key, visitor := s.conversation(t, s.site)
	if _, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}); err == nil {
		t.Fatal("no error")
	}
	if n := s.count(t, `SELECT count(*) FROM cases`); n != 0 || s.owner(t, key) != convo.OwnerBot || len(s.said(t, key)) != 0 {
		t.Errorf("%d cases, %s, %q", n, s.owner(t, key), s.said(t, key))
	}
}

func TestSettings_OfATransactionThatWasRolledBackAreNotKept(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.site = s.addSite(t, "fresh")
	key, visitor := s.conversation(t, s.site)
	s.rec.fail = errors.New("no jobs today")
	if _, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: "front", Reason: handoff.Asked}); err == nil {
		t.Fatal("no error")
	}
	s.rec.fail = nil
	other := s.another(t, func(*Deps) {})
	if _, err := other.Queues(t.Context(), handoff.System(s.site, "test")); err != nil {
		t.Fatal(err)
	}
	if o := s.opened(t, key, visitor, func(r *handoff.Request) { r.Queue = "front" }); o.Case.Queue != "service" {
		t.Errorf("waits in %s, which is not there", o.Case.Queue)
	}
}
