package pgdesk

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"frontdesk/handoff"
)

var support = handoff.Triage{Desk: "support", Topic: "repair"} //nolint:gochecknoglobals // a constant

// The default of support: target 15 min, then support-2 with 1 h, then escalations.
func TestLadder_ClimbsUntilLeadsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, seen(support))
	if c.Queue != "support" {
		t.Fatalf("it waits in %s", c.Queue)
	}
	p.pass(t, 7*time.Minute)
	if got := p.system(t, c.Conversation); len(got) != 1 {
		t.Fatalf("before half the target: %q", got)
	}
	p.pass(t, 2*time.Minute)
	if got := p.system(t, c.Conversation); has(got, "has not been forgotten") != 1 || has(got, "You are next.") != 1 {
		t.Fatalf("at half the target: %q", got)
	}
	p.pass(t, 7*time.Minute)
	if now := p.read(t, c.ID); now.Queue != "support-2" || now.WaitsSince != c.WaitsSince {
		t.Fatalf("at the target: %s, waits since %v", now.Queue, now.WaitsSince)
	}
	p.pass(t, 3*time.Hour)
	now := p.read(t, c.ID)
	got := p.system(t, c.Conversation)
	if now.Queue != "escalations" || now.Priority < handoff.High || has(got, "leave an e-mail address") != 1 {
		t.Errorf("after three hours: %s, %v, %q", now.Queue, now.Priority, got)
	}
	kinds := p.kinds(t, c.ID)
	if !slices.Contains(kinds, CaseAlarm) || has(p.post.to("lea@shop.example"), now.Reference) == 0 || len(p.post.to("mara@shop.example")) != 0 {
		t.Errorf("leads: %v, mails %v", kinds, p.post.to("lea@shop.example"))
	}
	// And on, at longer and longer intervals, for as long as nobody takes it.
	before := has(p.post.to("lea@shop.example"), now.Reference)
	p.pass(t, 72*time.Hour)
	if after := has(p.post.to("lea@shop.example"), now.Reference); after <= before || after > before+12 {
		t.Errorf("told %d times, then %d", before, after)
	}
	if got := p.system(t, c.Conversation); has(got, "has not been forgotten") > maxUpdates {
		t.Errorf("the customer is told again and again: %q", got)
	}
}

func TestLadder_EndsWithTheClaimAndGoesOnWithTheSameWait(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, seen(support))
	p.pass(t, 8*time.Minute)
	p.claim(t, p.mara, c.ID)
	p.pass(t, 4*time.Minute)
	said := p.system(t, c.Conversation)
	if has(said, "has not been forgotten") != 1 {
		t.Fatalf("%q", said)
	}
	p.online(t, p.mara)
	// She gives it back without a word: the customer has waited all along, and is
	// not told again what they were told.
	if _, err := p.desk.Release(t.Context(), p.mara, handoff.Target{Case: c.ID}, ""); err != nil {
		t.Fatal(err)
	}
	p.pass(t, 4*time.Minute)
	if now := p.read(t, c.ID); now.Queue != "support-2" || has(p.system(t, c.Conversation), "has not been forgotten") > 2 {
		t.Errorf("%s after 16 minutes", now.Queue)
	}
}

func TestLadder_CountsBusinessHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hours string
		calm, late  time.Duration // nothing yet, and surely something, after so long
	}{
		{"closing in two minutes", `{"week": {"daily": "08:00-10:02"}}`, 22 * time.Hour, 22*time.Hour + 10*time.Minute},
		{"closed until tomorrow", `{"week": {"daily": "08:00-09:00"}}`, 22 * time.Hour, 22*time.Hour + 10*time.Minute},
		{"always open", ``, 7 * time.Minute, 9 * time.Minute},
		{"never open: by the clock, for nobody is forgotten", `{"never": true}`, 7 * time.Minute, 9 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlay(t)
			p.queue(t, "support", func(q *handoff.Queue) { q.Hours, q.Overflow = json.RawMessage(c.hours), nil })
			p.online(t, p.mara)
			o := p.waiting(t, seen(support))
			began := len(p.system(t, o.Conversation))
			p.pass(t, c.calm)
			if got := p.system(t, o.Conversation); len(got) != began {
				t.Fatalf("said already: %q", got)
			}
			p.pass(t, c.late-c.calm)
			if got := p.system(t, o.Conversation); len(got) != began+1 {
				t.Errorf("said: %q", got)
			}
		})
	}
}

func TestLadder_IsTheQueuesOwn(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	p.queue(t, "support", func(q *handoff.Queue) {
		q.Notify = json.RawMessage(`{"update_s": -1, "overflow_s": -1, "callback_s": 30, "lead_s": 60, "leads": ["Boss <boss@shop.example>"]}`)
	})
	c := p.waiting(t, seen(support), contact("ann@example.org"))
	p.pass(t, 50*time.Second)
	if got := p.system(t, c.Conversation); has(got, "once you have pressed the button in our e-mail to ann@example.org") != 1 {
		t.Errorf("callback: %q", got)
	}
	p.pass(t, 20*time.Second)
	if got := p.post.to("boss@shop.example"); len(got) != 1 {
		t.Errorf("boss: %q", got)
	}
	for _, bad := range []string{`[]`, `{"lead_s": -1}`, `{"leads": ["nobody"]}`, `{"update_s": "soon"}`} {
		if _, err := ReadNotify(json.RawMessage(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestLadder_LeavesAQueueThatNobodyServesOut(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	p.queue(t, "support-2", func(q *handoff.Queue) { q.Closed = true })
	c := p.waiting(t, seen(support))
	p.pass(t, 3*time.Hour)
	if now := p.read(t, c.ID); now.Queue != "support" || !slices.Contains(p.kinds(t, c.ID), CaseAlarm) {
		t.Errorf("%s, %v", now.Queue, p.kinds(t, c.ID))
	}
}

func TestLadder_LeavesWhoTalksToTheAssistantInPeace(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, seen(support))
	_, err := p.desk.Wait(t.Context(), handoff.WaitRequest{Key: c.Conversation, Visitor: p.visitorOf(t, c.Conversation), Action: handoff.WaitAssistant})
	if err != nil {
		t.Fatal(err)
	}
	p.pass(t, 5*time.Hour)
	if got := p.system(t, c.Conversation); has(got, "has not been forgotten") != 0 || has(got, "leave an e-mail address") != 0 {
		t.Errorf("%q", got)
	}
	if !slices.Contains(p.kinds(t, c.ID), CaseAlarm) {
		t.Error("nobody was told of it")
	}
}

func TestLadder_ManyLateCasesAreFewMails(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	p.queue(t, "support", func(q *handoff.Queue) { q.Notify = json.RawMessage(`{"lead_s": 60, "overflow_s": -1}`) })
	var list []handoff.Case
	for range 12 {
		list = append(list, p.waiting(t, seen(support)))
	}
	p.pass(t, 100*time.Second)
	for _, c := range list {
		if !slices.Contains(p.kinds(t, c.ID), CaseAlarm) {
			t.Error("one is forgotten")
		}
	}
	if got := p.post.to("lea@shop.example"); len(got) != maxAlarms {
		t.Errorf("%d mails", len(got))
	}
}

func TestSweep_FindsWhatWasForgotten(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, seen(support))
	// As if it were from before there were ladders, and its job lost.
	p.exec(t, `DELETE FROM river_job`)
	p.exec(t, `DELETE FROM case_ladders`)
	d := p.waiting(t, seen(support))
	p.exec(t, `DELETE FROM river_job`)
	p.pass(t, 3*time.Hour)
	for _, want := range []int{0, 1} {
		for _, x := range []handoff.Case{c, d} {
			if got := has(p.system(t, x.Conversation), "leave an e-mail address"); got != want {
				t.Errorf("said %d times, want %d", got, want)
			}
		}
		if err := p.keeper.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.pass(t, 3*time.Hour)
	}
	var jobs int
	if err := p.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE state <> 'completed' AND kind = 'case_step'`).Scan(&jobs); err != nil || jobs != 2 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
}

func TestOutlook_NobodyThere(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	c := p.waiting(t)
	if got := p.system(t, c.Conversation); has(got, "Nobody from our team is here right now.") != 1 || has(got, "Leave an e-mail address") != 1 {
		t.Errorf("nobody present: %q", got)
	}
	p.online(t, p.mara)
	p.clock.pass(keepPresent)
	if got := p.system(t, p.waiting(t).Conversation); has(got, "Nobody") != 0 {
		t.Errorf("somebody present: %q", got)
	}
	p.queue(t, "service", func(q *handoff.Queue) {
		q.Hours = json.RawMessage(`{"zone": "Europe/Berlin", "week": {"mon-fri": "07:00-09:00"}}`)
	})
	if got := p.system(t, p.waiting(t).Conversation); has(got, "We are back at 2026-11-24 07:00 CET.") != 1 {
		t.Errorf("out of hours: %q", got)
	}
}

func TestOutlook_SaysARangeWhenEnoughIsKnown(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	for n := range 14 {
		key, visitor := p.conversation(t, p.site)
		o := p.opened(t, key, visitor)
		if n < 8 && o.Estimate != "" {
			t.Fatalf("after %d claims: %q", n, o.Estimate)
		}
		p.clock.pass(4 * time.Minute)
		p.online(t, p.mara)
		p.claim(t, p.mara, o.Case.ID)
		if _, err := p.desk.Close(t.Context(), p.mara, handoff.Target{Case: o.Case.ID}, handoff.WrapUp{}); err != nil {
			t.Fatal(err)
		}
	}
	key, visitor := p.conversation(t, p.site)
	if o := p.opened(t, key, visitor); o.Estimate != "3 to 5 minutes" {
		t.Errorf("%q", o.Estimate)
	}
}

func TestOutlook_RemembersWhoWasThere(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.clock.pass(123456789 * time.Nanosecond) // a clock finer than the database's
	p.online(t, p.mara, p.omar)
	p.waiting(t)
	c := p.waiting(t)
	var position, agents int
	err := p.pool.QueryRow(t.Context(), `SELECT position, agents FROM case_ladders WHERE case_id = $1`, c.ID).Scan(&position, &agents)
	if err != nil || position != 2 || agents != 2 {
		t.Errorf("place %d with %d, %v", position, agents, err)
	}
}

// What a wait began with says how long others wait: of the 700th in a line it
// must not say that they were the 500th.
func TestOutlook_RemembersAPlaceFarBack(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	fill(t, p.desk, p.site, 700)
	p.exec(t, `UPDATE cases SET due_first = now() - interval '2 years'`)
	c := p.waiting(t)
	place := func() (n int) {
		t.Helper()
		if err := p.pool.QueryRow(t.Context(), `SELECT position FROM case_ladders WHERE case_id = $1`, c.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := place(); n != 701 {
		t.Errorf("opened at place %d of 701", n)
	}
	for _, q := range []string{"sales", "service"} { // away, and back to the end of the line
		if _, err := p.desk.Transfer(t.Context(), p.root, handoff.Target{Case: c.ID}, handoff.TransferTo{Queue: q, Why: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := place(); n != 701 {
		t.Errorf("moved back to place %d of 701", n)
	}
}
