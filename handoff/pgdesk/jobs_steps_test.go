package pgdesk

import (
	"slices"
	"testing"
	"time"

	"frontdesk/handoff"
)

func TestSilence_RemindsOnceAndCloses(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Have you tried the other socket?")
	p.pass(t, 23*time.Hour)
	if got := p.system(t, c.Conversation); has(got, "Mara is waiting to hear from you") != 0 {
		t.Fatalf("before a day: %q", got)
	}
	p.pass(t, 2*time.Hour)
	if got := p.system(t, c.Conversation); has(got, "Mara is waiting to hear from you") != 1 {
		t.Fatalf("after a day: %q", got)
	}
	p.pass(t, 46*time.Hour)
	if p.read(t, c.ID).State != handoff.Claimed {
		t.Fatal("closed before three days")
	}
	p.pass(t, 2*time.Hour)
	now := p.read(t, c.ID)
	got := p.system(t, c.Conversation)
	if now.State != handoff.Closed || now.Ended != handoff.NoReply || has(got, "We haven't heard from you") != 1 || has(got, "is waiting to hear") != 1 {
		t.Errorf("after three days: %s %s, %q", now.State, now.Ended, got)
	}
	if !slices.Contains(p.kinds(t, c.ID), CaseReminded) {
		t.Errorf("%v", p.kinds(t, c.ID))
	}
}

func TestSilence_EndsWhenEitherSaysSomething(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Which colour is the light?")
	p.pass(t, 25*time.Hour)
	p.writes(t, c.Conversation, "Red.")
	p.pass(t, 100*time.Hour)
	if p.read(t, c.ID).State != handoff.Claimed {
		t.Fatal("closed though the customer answered")
	}
	p.reply(t, p.mara, c.ID, "Then press it for ten seconds.")
	p.pass(t, 20*time.Hour)
	p.reply(t, p.mara, c.ID, "Did that help?")
	p.pass(t, 20*time.Hour)
	if got := p.system(t, c.Conversation); has(got, "is waiting to hear") != 1 {
		t.Errorf("the agent's last word counts: %q", got)
	}
	p.pass(t, 60*time.Hour)
	if got := p.system(t, c.Conversation); has(got, "is waiting to hear") != 2 || p.read(t, c.ID).State != handoff.Closed {
		t.Errorf("%s, %q", p.read(t, c.ID).State, got)
	}
	var jobs int
	if err := p.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE state <> 'completed' AND args ->> 'what' = 'silence'`).Scan(&jobs); err != nil || jobs != 0 {
		t.Errorf("%d jobs are left, %v", jobs, err)
	}
}

func TestSilence_AServiceThatStoodStillGivesTimeToAnswer(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Which colour is the light?")
	p.clock.pass(10 * 24 * time.Hour)
	p.pass(t, time.Hour)
	if got := p.system(t, c.Conversation); has(got, "is waiting to hear") != 1 || p.read(t, c.ID).State != handoff.Claimed {
		t.Fatalf("reminded and closed at once: %q", got)
	}
	p.pass(t, 49*time.Hour)
	if p.read(t, c.ID).State != handoff.Closed {
		t.Error("not closed two days after the reminder")
	}
}

func TestSnooze_EndsByItselfAndHoldsTheReminder(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "I will ask the maker.")
	until := p.clock.now().Add(50 * time.Hour)
	if _, err := p.desk.Snooze(t.Context(), p.mara, handoff.Target{Case: c.ID}, until); err != nil {
		t.Fatal(err)
	}
	p.pass(t, 49*time.Hour)
	if now := p.read(t, c.ID); now.SnoozedUntil.IsZero() || has(p.system(t, c.Conversation), "is waiting") != 0 {
		t.Fatalf("it sleeps no longer: %v, %q", now.SnoozedUntil, p.system(t, c.Conversation))
	}
	p.pass(t, 70*time.Minute)
	if now := p.read(t, c.ID); !now.SnoozedUntil.IsZero() || !slices.Contains(p.kinds(t, c.ID), handoff.CaseWoken) {
		t.Error("it sleeps on")
	}
	// Snoozed, woken by hand and snoozed again: the first end is void.
	first := p.clock.now().Add(time.Hour)
	for _, at := range []time.Time{first, {}, first.Add(5 * time.Hour)} {
		if _, err := p.desk.Snooze(t.Context(), p.mara, handoff.Target{Case: c.ID}, at); err != nil {
			t.Fatal(err)
		}
	}
	p.pass(t, 2*time.Hour)
	if p.read(t, c.ID).SnoozedUntil.IsZero() {
		t.Error("woken by a promise that was void")
	}
}
