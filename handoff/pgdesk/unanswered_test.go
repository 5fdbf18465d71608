package pgdesk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

// A claim is no answer: whoever takes a case and leaves its customer without a
// word is told of to the leads, as one that nobody takes is.
func TestLadder_LeadsHearOfACaseThatIsHeldAndNotAnswered(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	c := p.waiting(t)
	p.online(t, p.mara)
	p.claim(t, p.mara, c.ID)
	mails := func() int { return has(p.post.to("lea@shop.example"), c.Reference+" waits for an answer") }
	p.pass(t, 19*time.Minute)
	if n := mails(); n != 0 {
		t.Fatalf("%d mails before twice the target", n)
	}
	p.pass(t, 2*time.Minute)
	if n, kinds := mails(), p.kinds(t, c.ID); n != 1 || !slices.Contains(kinds, CaseUnanswered) || slices.Contains(kinds, CaseAlarm) {
		t.Fatalf("%d mails, %v", n, kinds)
	}
	if m := p.post.last(t); !strings.Contains(m.Text, "Mara has the case.") {
		t.Errorf("%s", m.Text)
	}
	if got := p.system(t, c.Conversation); has(got, "has not been forgotten") != 0 {
		t.Errorf("the customer has somebody: %q", got)
	}
	p.pass(t, 6*time.Hour)
	if n := mails(); n < 2 || n > 6 {
		t.Errorf("%d mails after six hours", n)
	}
	// An answer ends it, and another wait begins anew.
	p.reply(t, p.mara, c.ID, "Sorry, here I am.")
	before := mails()
	p.pass(t, 20*time.Hour)
	if n := mails(); n != before {
		t.Errorf("%d mails, then %d, after an answer", before, n)
	}
	p.writes(t, c.Conversation, "And now?")
	for range 25 { // the sweep looks each minute
		p.pass(t, time.Minute)
		if err := p.keeper.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := mails(); n != before+1 {
		t.Errorf("%d mails, then %d, after another wait", before, n)
	}
}

// A mail to a lead that was overtaken by a claim is not sent as if nobody had it.
func TestLadder_ALeadIsNotToldOfWhatSomebodyHasJustTaken(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.queue(t, "service", func(q *handoff.Queue) { q.Notify = []byte(`{"update_s":-1,"callback_s":-1,"lead_s":60}`) })
	c := p.waiting(t)
	p.pass(t, time.Minute) // the mail is written, and due two seconds later
	if !slices.Contains(p.kinds(t, c.ID), CaseAlarm) {
		t.Fatal(p.kinds(t, c.ID))
	}
	p.clock.pass(time.Second)
	p.claim(t, p.mara, c.ID)
	p.pass(t, 10*time.Second)
	if got := p.post.to("lea@shop.example"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// Whose clock says what is no matter: who waits is not silent.
func TestSilence_IsNotTakenFromTheClocksOfTwoProcesses(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	ahead := p.another(t, func(d *Deps) {
		d.Promiser = p.promises
		d.Now = func() time.Time { return p.clock.now().Add(45 * time.Second) }
	})
	if _, err := ahead.Reply(t.Context(), p.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "Which colour is the light?"}); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(10 * time.Second)
	p.writes(t, c.Conversation, "Red.")
	p.pass(t, 100*time.Hour)
	if now := p.read(t, c.ID); now.State != handoff.Claimed || has(p.system(t, c.Conversation), "is waiting to hear") != 0 {
		t.Errorf("%s %s, %q", now.State, now.Ended, p.system(t, c.Conversation))
	}
}

// What is owed to the customer of a case goes on with the one it is merged into.
func TestMerge_TakesTheWaitAndTheAddressAlong(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	first, visitor := p.conversation(t, p.site)
	other := convo.Key{Site: p.site, ID: bot.NewID()}
	if _, err := p.convs.Open(t.Context(), bot.Opening{Site: p.site, Conversation: other.ID, Visitor: visitor, Known: true, Language: "en", At: p.clock.now()}); err != nil {
		t.Fatal(err)
	}
	waits := p.scene.opened(t, first, visitor, english, contact(ann)).Case
	if _, err := p.desk.SetPriority(t.Context(), p.mara, handoff.Target{Case: waits.ID}, handoff.High); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(time.Minute)
	into := p.scene.opened(t, other, visitor, english).Case
	p.claim(t, p.mara, into.ID)
	p.reply(t, p.mara, into.ID, "Hello, what is it about?")
	if _, err := p.desk.Merge(t.Context(), p.mara, handoff.Target{Case: waits.ID}, into.ID); err != nil {
		t.Fatal(err)
	}
	now := p.read(t, into.ID)
	if now.Contact != ann || now.Priority != handoff.High || !now.WaitsSince.Equal(waits.WaitsSince) || !now.DueFirst.Equal(waits.WaitsSince.Add(5*time.Minute)) {
		t.Errorf("%q %v, waits since %v, due %v", now.Contact, now.Priority, now.WaitsSince, now.DueFirst)
	}
	p.reply(t, p.mara, into.ID, "It ships tomorrow.")
	p.pass(t, 10*time.Minute)
	if !slices.Contains(p.mails(t, into.ID), "reply held") {
		t.Errorf("%v", p.mails(t, into.ID))
	}
}

func TestRating_IsNotAskedOfWhoWaitsElsewhere(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.closed(t)
	other := convo.Key{Site: p.site, ID: bot.NewID()}
	visitor := p.visitorOf(t, c.Conversation)
	if _, err := p.convs.Open(t.Context(), bot.Opening{Site: p.site, Conversation: other.ID, Visitor: visitor, Known: true, Language: "en", At: p.clock.now()}); err != nil {
		t.Fatal(err)
	}
	p.scene.opened(t, other, visitor, english)
	p.pass(t, 10*time.Minute)
	if got := p.system(t, c.Conversation); has(got, "How was it?") != 0 {
		t.Errorf("%q", got)
	}
}

// A line that nobody is free for holds up no other, nor does one that is closed.
func TestDistribute_EachLineByItself(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for _, q := range []string{"service", "support"} {
		if err := s.desk.SetQueue(t.Context(), s.lea, handoff.Queue{Queue: q, Name: q, Distribution: handoff.ByPush}); err != nil {
			t.Fatal(err)
		}
	}
	s.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{support}')`, s.site, s.mara.Agent)
	s.online(t, s.mara)
	for range 101 {
		s.waiting(t)
	}
	s.clock.pass(time.Second)
	c := s.waiting(t, seen(support))
	if err := s.desk.Distribute(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, c.ID); got.Queue != "support" || got.OfferedTo != s.mara.Agent {
		t.Errorf("%s, offered to %v", got.Queue, got.OfferedTo)
	}
	d := s.waiting(t, seen(support))
	for _, q := range []string{"service", "support"} {
		to := handoff.Queue{Queue: q, Name: q, Distribution: handoff.ByClaim}
		if q == "support" {
			to.Distribution, to.Closed = handoff.ByPush, true
		}
		if err := s.desk.SetQueue(t.Context(), s.lea, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.desk.Distribute(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, d.ID); got.OfferedTo != s.mara.Agent {
		t.Error("what waits in a closed queue is offered to nobody")
	}
}

// An admin works in every queue whatever their list says: they are told, named
// and counted there.
func TestScopes_AnAdminWorksEverywhere(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	ada := p.agent(t, "Ada", handoff.RoleAdmin, 5)
	for _, a := range []handoff.Actor{p.mara, p.omar, p.lea, ada} {
		p.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{sales}')`, p.site, a.Agent)
	}
	c := p.waiting(t)
	if _, err := p.desk.Note(t.Context(), p.root, handoff.Target{Case: c.ID}, "Ada?", []convo.ID{ada.Agent}); err != nil {
		t.Error(err)
	}
	p.pass(t, time.Hour)
	if has(p.post.to("ada@shop.example"), "Nobody has taken "+c.Reference) == 0 {
		t.Errorf("%q", p.post.to("ada@shop.example"))
	}
}

func TestEscalate_PastQueuesThatNobodyWorksIn(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for _, a := range []handoff.Actor{s.mara, s.omar, s.lea} {
		s.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{support,escalations}')`, s.site, a.Agent)
	}
	c := s.waiting(t, seen(support))
	_, err := s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: c.ID}, "support-2", "")
	wantErr(t, "to one that nobody works in", err, handoff.ErrUnserved)
	_, err = s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: c.ID}, "", strings.Repeat("x", 401))
	wantErr(t, "for a reason without end", err, handoff.ErrLongWhy)
	if got, err := s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: c.ID}, "", ""); err != nil || got.Queue != "escalations" {
		t.Errorf("%s, %v", got.Queue, err)
	}
	s.exec(t, `UPDATE agent_queues SET queues = '{support}'`)
	d := s.waiting(t, seen(support))
	_, err = s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: d.ID}, "", "")
	wantErr(t, "nobody works above", err, handoff.ErrUnserved)
	for _, why := range []string{"a\x00b", strings.Repeat("x", 401)} {
		_, err = s.desk.Transfer(t.Context(), s.mara, handoff.Target{Case: d.ID}, handoff.TransferTo{Queue: "support", Why: why})
		wantErr(t, "a reason that cannot be kept", err, handoff.ErrLongWhy)
	}
	for _, q := range []handoff.Queue{{Queue: "old", Name: "Old"}, {Queue: "shut", Name: "Shut", Closed: true}} {
		if err := s.desk.SetQueue(t.Context(), s.root, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.desk.RemoveQueue(t.Context(), s.root, "old", "shut"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("cases go where nothing goes: %v", err)
	}
}
