package pgdesk

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestClose_GivesTheConversationBackWithTheMemo(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	_, err := s.desk.Close(t.Context(), s.omar, handoff.Target{Case: c.ID}, handoff.WrapUp{})
	wantErr(t, "another's", err, handoff.ErrTaken)
	_, err = s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Ended: "gone"})
	wantErr(t, "no such end", err, handoff.ErrEnded)
	_, err = s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Memo: strings.Repeat("x", maxMemo+1)})
	wantErr(t, "a memo without end", err, handoff.ErrMemo)
	got, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Memo: "Changed the address.", Topic: "account"})
	if err != nil || got.State != handoff.Closed || got.Ended != handoff.Solved || got.Memo != "Changed the address." || got.TopicFinal != "account" || got.Waits() {
		t.Fatalf("%+v, %v", got, err)
	}
	said := s.said(t, c.Conversation)
	if said[len(said)-2] != "→ bot " || !strings.Contains(said[len(said)-1], "Mara") || !strings.Contains(said[len(said)-1], "Changed the address.") || !strings.Contains(said[len(said)-1], "abgeschlossen") {
		t.Errorf("%q", said)
	}
	if s.promised(t, c.ID) != "[rating]" {
		t.Error(s.promised(t, c.ID))
	}
	if rec := s.writes(t, c.Conversation, "Danke"); !rec.Open {
		t.Error("the assistant is not back")
	}
	_, err = s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{})
	wantErr(t, "again", err, handoff.ErrClosed)
	_, err = s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "And"})
	wantErr(t, "a word after it", err, handoff.ErrClosed)
}

func TestReopen_ByAnAgentIsTheirs(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	_, err := s.desk.Reopen(t.Context(), s.omar, handoff.Target{Case: c.ID})
	wantErr(t, "open", err, handoff.ErrOpen)
	if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{}); err != nil {
		t.Fatal(err)
	}
	got, err := s.desk.Reopen(t.Context(), s.omar, handoff.Target{Case: c.ID})
	if err != nil || got.Agent != s.omar.Agent || got.State != handoff.Claimed || got.Ended != "" || s.owner(t, c.Conversation) != convo.OwnerAgent {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.desk.Close(t.Context(), s.omar, handoff.Target{Case: c.ID}, handoff.WrapUp{Ended: handoff.Spam}); err != nil {
		t.Fatal(err)
	}
	newer := s.opened(t, c.Conversation, s.visitorOf(t, c.Conversation))
	if newer.Reopened {
		t.Error("spam was taken up again")
	}
	_, err = s.desk.Reopen(t.Context(), s.omar, handoff.Target{Case: c.ID})
	wantErr(t, "another one is open", err, handoff.ErrTaken)
	// From the terminal it goes to its line.
	if _, err := s.desk.Close(t.Context(), s.root, handoff.Target{Case: newer.Case.ID}, handoff.WrapUp{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.desk.Reopen(t.Context(), s.root, handoff.Target{Case: c.ID}); err != nil || got.State != handoff.Waiting || s.owner(t, c.Conversation) != convo.OwnerQueue {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMerge_OneGoesOnUnderTheOther(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	first, visitor := s.conversation(t, s.site)
	other := convo.Key{Site: s.site, ID: bot.NewID()}
	if _, err := s.convs.Open(t.Context(), bot.Opening{Site: s.site, Conversation: other.ID, Visitor: visitor, Known: true, Language: "en", At: s.clock.now()}); err != nil {
		t.Fatal(err)
	}
	a, b := s.opened(t, first, visitor).Case, s.opened(t, other, visitor).Case
	_, err := s.desk.Merge(t.Context(), s.mara, handoff.Target{Case: a.ID}, a.ID)
	wantErr(t, "itself", err, handoff.ErrMerge)
	_, err = s.desk.Merge(t.Context(), s.mara, handoff.Target{Case: a.ID}, s.waiting(t).ID)
	wantErr(t, "another customer's", err, handoff.ErrMerge)
	got, err := s.desk.Merge(t.Context(), s.mara, handoff.Target{Case: b.ID}, a.ID)
	if err != nil || got.ID != a.ID || got.State != handoff.Waiting {
		t.Fatalf("%+v, %v", got, err)
	}
	gone := s.read(t, b.ID)
	said := s.said(t, other)
	if gone.State != handoff.Closed || gone.Ended != handoff.MergedInto || gone.LinkedTo != a.ID || gone.Link != handoff.Merged || s.owner(t, other) != convo.OwnerBot || !strings.Contains(said[len(said)-1], a.Reference) {
		t.Errorf("%+v, %q", gone, said)
	}
	_, err = s.desk.Merge(t.Context(), s.mara, handoff.Target{Case: a.ID}, b.ID)
	wantErr(t, "into a closed one", err, handoff.ErrMerge)
}

func TestMerge_CrosswiseAtOnceStandsInLine(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for range 4 {
		first, visitor := s.conversation(t, s.site)
		other := convo.Key{Site: s.site, ID: bot.NewID()}
		if _, err := s.convs.Open(t.Context(), bot.Opening{Site: s.site, Conversation: other.ID, Visitor: visitor, Known: true, At: s.clock.now()}); err != nil {
			t.Fatal(err)
		}
		a, b := s.opened(t, first, visitor).Case, s.opened(t, other, visitor).Case
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { _, errs[0] = s.desk.Merge(t.Context(), s.mara, handoff.Target{Case: a.ID}, b.ID) })
		wg.Go(func() { _, errs[1] = s.desk.Merge(t.Context(), s.omar, handoff.Target{Case: b.ID}, a.ID) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v; %v", errs[0], errs[1])
		}
	}
}

func TestWait_TheCustomersSide(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.waiting(t) // somebody stands before
	s.clock.pass(time.Second)
	key, visitor := s.conversation(t, s.site)
	wait := func(action handoff.WaitAction, contact string) (handoff.WaitState, error) {
		return s.desk.Wait(t.Context(), handoff.WaitRequest{Key: key, Visitor: visitor, Action: action, Contact: contact, Fallback: "en"})
	}
	_, err := wait(handoff.WaitAssistant, "")
	wantErr(t, "does not wait", err, handoff.ErrNotWaiting)
	c := s.opened(t, key, visitor).Case
	_, err = wait("dance", "")
	wantErr(t, "no such action", err, handoff.ErrWaitAction)
	_, err = s.desk.Wait(t.Context(), handoff.WaitRequest{Key: key, Visitor: bot.NewID(), Action: handoff.WaitCancel})
	wantErr(t, "another visitor", err, handoff.ErrNoConversation)

	st, err := wait(handoff.WaitAssistant, "ada@example.org")
	if err != nil || st.Owner != convo.OwnerBot || st.Position != 2 || !st.Case.Aside || st.Case.Contact != "ada@example.org" || s.owner(t, key) != convo.OwnerBot {
		t.Fatalf("%+v, %v", st, err)
	}
	rec := s.writes(t, key, "How do I descale it?")
	if !rec.Open {
		t.Error("the assistant does not answer")
	}
	// The bot wants a person: the same case, the same place, and the turn ends.
	o, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Turn: rec.Turn, Fence: rec.Fence, Reason: handoff.NoAnswer, Started: s.clock.now(), Trace: []byte("{}")})
	if err != nil || o.Case.ID != c.ID || o.Position != 2 || o.Case.Aside || s.owner(t, key) != convo.OwnerQueue {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := wait(handoff.WaitAssistant, ""); err != nil {
		t.Fatal(err)
	}
	if st, err := wait(handoff.WaitResume, ""); err != nil || st.Owner != convo.OwnerQueue || st.Position != 2 {
		t.Errorf("%+v, %v", st, err)
	}
	n := len(s.said(t, key))
	if st, err := wait(handoff.WaitResume, ""); err != nil || st.Owner != convo.OwnerQueue || len(s.said(t, key)) != n {
		t.Errorf("again: %+v, %v", st, err)
	}
	if _, err := wait(handoff.WaitAssistant, ""); err != nil {
		t.Fatal(err)
	}
	// Somebody takes it while the customer talks to the assistant.
	rec = s.writes(t, key, "And the filter?")
	if got, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID}); err != nil || got.Aside || s.owner(t, key) != convo.OwnerAgent {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.convs.Finish(t.Context(), bot.End{Key: key, Turn: rec.Turn, Fence: rec.Fence, Outcome: convo.Answer, Trace: []byte("{}"), At: s.clock.now(), Started: s.clock.now()}); err == nil {
		t.Error("the assistant spoke after somebody took over")
	}
	_, err = wait(handoff.WaitCancel, "")
	wantErr(t, "somebody is there", err, handoff.ErrNotWaiting)
}

func TestWait_CancelledIsClosed(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	key, visitor := s.conversation(t, s.site)
	c := s.opened(t, key, visitor).Case
	st, err := s.desk.Wait(t.Context(), handoff.WaitRequest{Key: key, Visitor: visitor, Action: handoff.WaitCancel})
	if err != nil || st.Owner != convo.OwnerBot || st.Case.State != handoff.Closed || st.Case.Ended != handoff.Cancelled || st.Position != 0 {
		t.Fatalf("%+v, %v", st, err)
	}
	if k := s.kinds(t, c.ID); !slices.Equal(k, []handoff.CaseEventKind{handoff.CaseOpened, handoff.CaseClosed}) || s.promised(t, c.ID) != "[]" {
		t.Errorf("%v, %s", k, s.promised(t, c.ID))
	}
	if o := s.opened(t, key, visitor); o.Case.ID == c.ID || o.Reopened {
		t.Errorf("%+v", o)
	}
}

func TestClose_TheMemoIsInTheConversationHoweverItEnded(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for _, how := range []handoff.Ended{handoff.Solved, handoff.Workaround, handoff.NotSolved, handoff.NoReply, handoff.Other} {
		c := s.held(t, s.mara)
		if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Ended: how, Memo: "Changed the address."}); err != nil {
			t.Fatal(err)
		}
		said := s.said(t, c.Conversation)
		if last := said[len(said)-1]; !strings.HasPrefix(last, "system: ") || !strings.Contains(last, "Changed the address.") {
			t.Errorf("%s: %q", how, last)
		}
		// The assistant reads it with the customer's next words.
		rec := s.writes(t, c.Conversation, "Danke")
		settled, err := s.convs.Settled(t.Context(), c.Conversation)
		if err != nil || rec.Settled == 0 || len(settled) != 1 || settled[0].Memo != "Changed the address." {
			t.Errorf("%s: the assistant does not have it: %d, %+v, %v", how, rec.Settled, settled, err)
		}
	}
}
