package pgdesk

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// held is a case that somebody has.
func (s *scene) held(t *testing.T, a handoff.Actor, change ...func(*handoff.Request)) handoff.Case {
	t.Helper()
	c, err := s.desk.Claim(t.Context(), a, handoff.Target{Case: s.waiting(t, change...).ID})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTransfer_ToAQueueKeepsTheWait(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	s.clock.pass(time.Minute)
	got, err := s.desk.Transfer(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.TransferTo{Queue: "support", Why: "it is the pump"})
	if err != nil || got.Queue != "support" || got.State != handoff.Waiting || got.Moves != 1 || !got.WaitsSince.Equal(c.WaitsSince) || !got.DueFirst.Equal(c.WaitsSince.Add(15*time.Minute)) {
		t.Fatalf("%+v, %v", got, err)
	}
	said := s.said(t, c.Conversation)
	if said[len(said)-2] != "→ queue support" || !strings.Contains(said[len(said)-1], c.Reference) || s.owner(t, c.Conversation) != convo.OwnerQueue {
		t.Errorf("%q", said)
	}
	if s.promised(t, c.ID) != "[ladder]" {
		t.Error(s.promised(t, c.ID))
	}
}

func TestTransfer_RefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	to := func(a handoff.Actor, to handoff.TransferTo) error {
		_, err := s.desk.Transfer(t.Context(), a, handoff.Target{Case: c.ID}, to)
		return err
	}
	wantErr(t, "nowhere", to(s.mara, handoff.TransferTo{}), handoff.ErrNowhere)
	wantErr(t, "both", to(s.mara, handoff.TransferTo{Queue: "sales", Agent: s.omar.Agent}), handoff.ErrNowhere)
	wantErr(t, "no queue", to(s.mara, handoff.TransferTo{Queue: "nobody"}), handoff.ErrNoQueue)
	wantErr(t, "no agent", to(s.mara, handoff.TransferTo{Agent: bot.NewID()}), handoff.ErrNoAgent)
	wantErr(t, "oneself", to(s.mara, handoff.TransferTo{Agent: s.mara.Agent}), handoff.ErrSelf)
	wantErr(t, "another's", to(s.omar, handoff.TransferTo{Queue: "sales"}), handoff.ErrTaken)
	wantErr(t, "away", to(s.mara, handoff.TransferTo{Agent: s.omar.Agent}), handoff.ErrTheyFull)
	for _, a := range []handoff.Actor{s.mara, s.omar, s.lea} {
		s.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{service,sales}')`, s.site, a.Agent)
	}
	wantErr(t, "a queue that nobody serves", to(s.mara, handoff.TransferTo{Queue: "support"}), handoff.ErrUnserved)
	q := handoff.Queue{Queue: "sales", Name: "Sales", Closed: true}
	if err := s.desk.SetQueue(t.Context(), s.lea, q); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "a closed queue", to(s.mara, handoff.TransferTo{Queue: "sales"}), handoff.ErrUnserved)
	if got := s.read(t, c.ID); got.Version != c.Version || got.Agent != s.mara.Agent {
		t.Errorf("something changed: %+v", got)
	}
}

func TestTransfer_InACircleEnds(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.waiting(t)
	queues := []string{"sales", "service"}
	var err error
	n := 0
	for ; err == nil && n < 50; n++ {
		_, err = s.desk.Transfer(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.TransferTo{Queue: queues[n%2]})
	}
	if !errors.Is(err, handoff.ErrCircle) || n != 9 {
		t.Fatalf("after %d: %v", n, err)
	}
	// A lead still can; and an answer begins the count anew.
	if _, err := s.desk.Transfer(t.Context(), s.lea, handoff.Target{Case: c.ID}, handoff.TransferTo{Queue: "sales"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Transfer(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.TransferTo{Queue: "service"}); err != nil {
		t.Error(err)
	}
}

func TestTransfer_ToAPersonIsTheirsAtOnce(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.online(t, s.omar)
	c := s.held(t, s.mara)
	got, err := s.desk.Transfer(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.TransferTo{Agent: s.omar.Agent})
	if err != nil || got.Agent != s.omar.Agent || got.State != handoff.Claimed {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "One more thing"})
	wantErr(t, "the one before", err, handoff.ErrTaken)
	if said := s.said(t, c.Conversation); said[len(said)-1] != "→ agent Omar" {
		t.Errorf("%q", said)
	}
	s.clock.pass(time.Minute) // the lease has ended
	_, err = s.desk.Transfer(t.Context(), s.omar, handoff.Target{Case: s.held(t, s.omar).ID}, handoff.TransferTo{Agent: s.mara.Agent})
	wantErr(t, "to one who is away", err, handoff.ErrTheyFull)
	if _, err := s.desk.Transfer(t.Context(), s.lea, handoff.Target{Case: c.ID}, handoff.TransferTo{Agent: s.mara.Agent}); err != nil {
		t.Errorf("a lead may: %v", err)
	}
}

func TestEscalate_ClimbsTierByTier(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara, seen(handoff.Triage{Desk: "support"}))
	for _, want := range []string{"support-2", "escalations"} {
		got, err := s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: c.ID}, "", "no idea")
		if err != nil || got.Queue != want || got.Priority != handoff.High || got.State != handoff.Waiting {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	_, err := s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: c.ID}, "", "")
	wantErr(t, "above the top", err, handoff.ErrNobodyUp)
	if got, err := s.desk.Escalate(t.Context(), s.mara, handoff.Target{Case: s.held(t, s.mara).ID}, "", ""); err != nil || got.Queue != "escalations" {
		t.Errorf("from service: %s, %v", got.Queue, err)
	}
}

func TestReply_IsSaidOnceAndOnlyByWhoHasIt(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	waits := s.waiting(t)
	say := func(a handoff.Actor, id convo.ID, name, text string) (handoff.Replied, error) {
		return s.desk.Reply(t.Context(), a, handoff.Target{Case: id}, handoff.Reply{ClientMsgID: name, Text: text, Suggested: "Hello there, it is on its way."})
	}
	_, err := say(s.mara, waits.ID, "1", "Hello")
	wantErr(t, "not claimed", err, handoff.ErrNotMine)
	c := s.held(t, s.mara, func(r *handoff.Request) { r.Contact = "ada@example.org" })
	s.clock.pass(time.Minute)
	first, err := say(s.mara, c.ID, "1", " Hello there, it is on its way. ")
	if err != nil || first.Message.Name != "Mara" || first.Message.Author != convo.Agent || first.Repeat || !first.Case.WaitsSince.IsZero() || !first.Case.DueFirst.IsZero() || !first.Case.FirstReplyAt.Equal(s.clock.now()) {
		t.Fatalf("%+v, %v", first, err)
	}
	if s.promised(t, c.ID) != "[mail reminder]" {
		t.Error(s.promised(t, c.ID))
	}
	again, err := say(s.mara, c.ID, "1", "Hello there, it is on its way.")
	if err != nil || !again.Repeat || again.Message.ID != first.Message.ID || again.Seq != first.Seq {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = say(s.mara, c.ID, "1", "Something else")
	wantErr(t, "a name used again", err, handoff.ErrReused)
	_, err = say(s.omar, c.ID, "2", "Me too")
	wantErr(t, "another", err, handoff.ErrTaken)
	for name, text := range map[string]string{"empty": " ", "long": strings.Repeat("x", maxText+1), "nul": "a\x00b"} {
		_, err = say(s.mara, c.ID, "3", text)
		wantErr(t, name, err, handoff.ErrText)
	}
	said := s.said(t, c.Conversation)
	if n := len(slices.DeleteFunc(said, func(x string) bool { return !strings.HasPrefix(x, "agent: ") })); n != 1 {
		t.Errorf("said %d times", n)
	}
	// The customer answers: the clock begins with the first of two.
	s.clock.pass(time.Minute)
	s.writes(t, c.Conversation, "Where is it now?")
	since := s.clock.now()
	s.clock.pass(time.Minute)
	s.writes(t, c.Conversation, "Hello?")
	if got := s.read(t, c.ID); !got.WaitsSince.Equal(since) || !got.DueFirst.Equal(since.Add(10*time.Minute)) || !got.CustomerAt.Equal(s.clock.now()) || got.Version != c.Version {
		t.Errorf("%+v", got)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"", "", 0}, {"it is here", "it is here", 0}, {"it is here", "is it here", .1}, {"one two three four", "one two", .5}, {"one", "two", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %g", c.a, c.b, got)
		}
	}
}

func TestNote_StaysInsideAndTellsWhoIsNamed(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	before := s.said(t, c.Conversation)
	e, err := s.desk.Note(t.Context(), s.mara, handoff.Target{Case: c.ID}, "Omar, is the pump known?", []convo.ID{s.omar.Agent, s.omar.Agent})
	if err != nil || e.N != 3 {
		t.Fatalf("%+v, %v", e, err)
	}
	if !slices.Equal(before, s.said(t, c.Conversation)) {
		t.Error("the customer saw something")
	}
	list, err := s.desk.List(t.Context(), s.omar, handoff.View{Kind: handoff.ViewMentions}, handoff.Page{})
	if err != nil || len(list.Cases) != 1 || list.Cases[0].ID != c.ID {
		t.Errorf("%+v, %v", list, err)
	}
	if s.promised(t, c.ID) != "[mention]" {
		t.Error(s.promised(t, c.ID))
	}
	_, err = s.desk.Note(t.Context(), s.mara, handoff.Target{Case: c.ID}, "?", []convo.ID{bot.NewID()})
	wantErr(t, "nobody", err, handoff.ErrNoAgent)
}

func TestSnooze_EndsWhenTheCustomerWrites(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	now := s.clock.now()
	for name, until := range map[string]time.Time{"the past": now.Add(-time.Minute), "now": now, "for ever": now.AddDate(1, 0, 0)} {
		_, err := s.desk.Snooze(t.Context(), s.mara, handoff.Target{Case: c.ID}, until)
		wantErr(t, name, err, handoff.ErrSnooze)
	}
	got, err := s.desk.Snooze(t.Context(), s.mara, handoff.Target{Case: c.ID}, now.Add(time.Hour))
	if err != nil || s.promised(t, c.ID) != "[wake]" {
		t.Fatalf("%+v, %v, %s", got, err, s.promised(t, c.ID))
	}
	if list, err := s.desk.List(t.Context(), s.mara, handoff.View{Kind: handoff.ViewMine}, handoff.Page{}); err != nil || len(list.Cases) != 0 {
		t.Errorf("it is awake: %+v, %v", list, err)
	}
	s.writes(t, c.Conversation, "I found the receipt")
	woken := s.read(t, c.ID)
	if !woken.SnoozedUntil.IsZero() || woken.Version == got.Version || s.promised(t, c.ID) != "[]" {
		t.Errorf("%+v", woken)
	}
	_, err = s.desk.Snooze(t.Context(), s.mara, handoff.Target{Case: s.waiting(t).ID}, now.Add(time.Hour))
	wantErr(t, "nobody has it", err, handoff.ErrNotHeld)
}
