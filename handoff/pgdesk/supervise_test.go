package pgdesk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestTakeOver_IsALeadsAndSaysWhy(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	on := handoff.Target{Case: c.ID}
	_, err := s.desk.TakeOver(t.Context(), s.omar, on, "I know this one")
	wantErr(t, "an agent", err, handoff.ErrForbidden)
	_, err = s.desk.TakeOver(t.Context(), s.root, on, "the terminal is nobody")
	wantErr(t, "nobody", err, handoff.ErrForbidden)
	_, err = s.desk.TakeOver(t.Context(), s.lea, on, "  ")
	wantErr(t, "without a reason", err, handoff.ErrWhy)
	_, err = s.desk.TakeOver(t.Context(), s.lea, handoff.Target{Case: c.ID, Version: c.Version + 1}, "it moved")
	wantErr(t, "of another version", err, handoff.ErrMoved)
	_, err = s.desk.TakeOver(t.Context(), s.lea, handoff.Target{Case: s.waiting(t).ID}, "nobody has it")
	wantErr(t, "of nobody", err, handoff.ErrNotHeld)

	var before, after int64
	version := func(to *int64) {
		t.Helper()
		if err := s.pool.QueryRow(t.Context(), `SELECT owner_version FROM conversations WHERE site_id = $1 AND conversation_id = $2`, s.site, c.Conversation.ID).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	version(&before)
	got, err := s.desk.TakeOver(t.Context(), s.lea, on, " The press asks about it. ")
	if err != nil || got.Agent != s.lea.Agent || got.AgentName != "Lea" || got.State != handoff.Claimed || got.Moves != c.Moves {
		t.Fatalf("%+v, %v", got, err)
	}
	if version(&after); after != before+1 {
		t.Errorf("the owner's version went from %d to %d", before, after)
	}
	if said := s.said(t, c.Conversation); said[len(said)-1] != "→ agent Lea" {
		t.Errorf("%q", said)
	}
	log, err := s.desk.Log(t.Context(), s.mara, c.ID, 0, 100)
	last := log[len(log)-1]
	if err != nil || last.Kind != handoff.CaseTakenOver || last.Actor != "Lea" || !strings.Contains(string(last.Body), `"why":"The press asks about it."`) || !strings.Contains(string(last.Body), `"name":"Mara"`) {
		t.Errorf("%v %+v", err, last)
	}
	_, err = s.desk.Reply(t.Context(), s.mara, on, handoff.Reply{ClientMsgID: "late", Text: "One moment"})
	wantErr(t, "a reply under way", err, handoff.ErrTaken)
	if _, err = s.desk.Reply(t.Context(), s.lea, on, handoff.Reply{ClientMsgID: "1", Text: "I am Lea."}); err != nil {
		t.Error(err)
	}
	_, err = s.desk.TakeOver(t.Context(), s.lea, on, "again")
	wantErr(t, "one's own", err, handoff.ErrSelf)
}

// TestTakeOver_NothingOfTheOtherIsSaidAfterIt lets an agent send as fast as they
// can while a lead takes over: what is in the conversation after the new owner is
// the lead's.
func TestTakeOver_NothingOfTheOtherIsSaidAfterIt(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	other := s.another(t, func(*Deps) {}) // a second process
	for round := range 20 {
		c := s.held(t, s.mara)
		var work sync.WaitGroup
		begun := make(chan struct{})
		var refused []string
		work.Go(func() {
			for i := range 12 {
				if i == 3 {
					close(begun)
				}
				text := fmt.Sprintf("word %d", i)
				_, err := s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: text[5:], Text: text})
				switch {
				case errors.Is(err, handoff.ErrTaken):
					refused = append(refused, text)
				case err != nil:
					t.Error(err)
				}
			}
		})
		<-begun
		if _, err := other.TakeOver(t.Context(), s.lea, handoff.Target{Case: c.ID}, "supervision"); err != nil {
			t.Fatal(err)
		}
		work.Wait()
		said := s.said(t, c.Conversation)
		at := slices.Index(said, "→ agent Lea")
		for _, line := range said[at+1:] {
			if strings.Contains(line, "word") {
				t.Fatalf("round %d: said after the other owner: %q", round, said)
			}
		}
		for _, text := range refused {
			if slices.ContainsFunc(said, func(l string) bool { return strings.HasSuffix(l, text) }) {
				t.Fatalf("round %d: %q was refused, and said", round, text)
			}
		}
		if n := len(refused) + strings.Count(strings.Join(said, "\n"), "word "); n != 12 {
			t.Fatalf("round %d: %d of 12 were said or refused", round, n)
		}
		s.exec(t, `UPDATE cases SET state = 'closed', closed_at = now() WHERE case_id = $1`, c.ID) // room for the next
	}
}

func TestWhisper_IsForTheOneWhoHasItAndLeads(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	on := handoff.Target{Case: c.ID}
	_, err := s.desk.Whisper(t.Context(), s.omar, on, "offer her a coffee")
	wantErr(t, "of somebody else", err, handoff.ErrForbidden)
	_, err = s.desk.Whisper(t.Context(), s.lea, on, "")
	wantErr(t, "of nothing", err, handoff.ErrText)
	_, err = s.desk.Whisper(t.Context(), s.lea, handoff.Target{Case: s.waiting(t).ID}, "to nobody")
	wantErr(t, "to nobody", err, handoff.ErrNotHeld)

	e, err := s.desk.Whisper(t.Context(), s.lea, on, "Offer HUSH-1 at once.")
	if err != nil || e.Kind != handoff.CaseWhispered || !strings.Contains(string(e.Body), s.mara.Agent.String()) {
		t.Fatalf("%+v, %v", e, err)
	}
	back, err := s.desk.Whisper(t.Context(), s.mara, on, "HUSH-2, she is glad.")
	if err != nil || back.N != e.N+1 {
		t.Fatalf("%+v, %v", back, err)
	}
	reads := func(a handoff.Actor) string {
		t.Helper()
		list, err := s.desk.Log(t.Context(), a, c.ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range list {
			b.Write(e.Body)
		}
		return b.String()
	}
	for name, x := range map[string]struct {
		who  handoff.Actor
		want bool
	}{
		"the one who has it": {s.mara, true}, "the lead who said it": {s.lea, true}, "another lead": {s.agent(t, "Lou", handoff.RoleLead, 1), true},
		"the terminal": {s.root, true}, "a colleague of the queue": {s.omar, false}, "who only reads": {s.agent(t, "Rita", handoff.RoleReadOnly, 1), false},
	} {
		if got := reads(x.who); strings.Contains(got, "HUSH-1") != x.want || strings.Contains(got, "HUSH-2") != x.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if said := strings.Join(s.said(t, c.Conversation), "\n"); strings.Contains(said, "HUSH") {
		t.Errorf("in the conversation: %s", said)
	}
	if got := s.read(t, c.ID); strings.Contains(string(got.Packet), "HUSH") || got.Problem != "" && strings.Contains(got.Problem, "HUSH") {
		t.Errorf("in the packet: %s", got.Packet)
	}
	// Who has it next does not read what was whispered to the one before.
	if _, err := s.desk.Transfer(t.Context(), s.lea, on, handoff.TransferTo{Agent: s.omar.Agent}); err != nil {
		t.Fatal(err)
	}
	if got := reads(s.omar); strings.Contains(got, "HUSH") {
		t.Errorf("the next one reads %s", got)
	}
	if got := reads(s.mara); !strings.Contains(got, "HUSH-1") {
		t.Errorf("the one it was for does not: %s", got)
	}
	// The guard is what keeps it: without it everybody of the queue reads it.
	s.desk.sql.log = selectLog + ` AND ($5::boolean IS NOT NULL OR $6::uuid IS NOT NULL)` + logOrder
	if got := reads(s.omar); !strings.Contains(got, "HUSH-1") {
		t.Error("without the guard nothing is different: the test sees nothing")
	}
}

func TestUnused_KeepsWhatWasTurnedDown(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	on := handoff.Target{Case: c.ID}
	_, err := s.desk.Unused(t.Context(), s.omar, on, handoff.Suggestion{Article: "returns"})
	wantErr(t, "another's", err, handoff.ErrTaken)
	_, err = s.desk.Unused(t.Context(), s.mara, on, handoff.Suggestion{})
	wantErr(t, "of nothing", err, handoff.ErrText)
	if e, err := s.desk.Unused(t.Context(), s.mara, on, handoff.Suggestion{Article: "returns", Why: "too old"}); err != nil || string(e.Body) != `{"why":"too old","article":"returns"}` {
		t.Errorf("%s, %v", e.Body, err)
	}
	if _, err := s.desk.Reply(t.Context(), s.mara, on, handoff.Reply{ClientMsgID: "1", Text: "You have 45 days", Suggested: "You have 30 days", Article: "returns"}); err != nil {
		t.Fatal(err)
	}
	log, err := s.desk.Log(t.Context(), s.mara, c.ID, 0, 100)
	if last := log[len(log)-1]; err != nil || !strings.Contains(string(last.Body), `"article":"returns"`) || !strings.Contains(string(last.Body), `"edited":0.25`) {
		t.Errorf("%s, %v", last.Body, err)
	}
	got, err := s.desk.Close(t.Context(), s.mara, on, handoff.WrapUp{Topic: "returns", Product: "grinder"})
	if err != nil || got.Product != "grinder" {
		t.Errorf("%+v, %v", got, err)
	}
	if stored := s.read(t, c.ID); stored.Product != "grinder" {
		t.Errorf("kept %q", stored.Product)
	}
}

func TestClose_SettlesWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	key, visitor := s.conversation(t, s.site)
	s.writes(t, key, "This is the third time, I am furious")
	c := s.opened(t, key, visitor).Case
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Memo: "Changed the address."}); err != nil {
		t.Fatal(err)
	}
	rec := s.writes(t, key, "Thank you")
	if rec.Settled == 0 || len(rec.Past) != 0 || !rec.Open {
		t.Errorf("%+v", rec)
	}
	// A second message, as the store reads it under its lock: the first is open.
	rec = s.writes(t, key, "And when do you open?")
	if len(rec.Past) != 1 || rec.Past[0].Author != convo.Customer || rec.Past[0].Text != "Thank you" {
		t.Errorf("%+v", rec.Past)
	}
	// Without the mark all of it comes back.
	s.exec(t, `UPDATE conversations SET settled_seq = 0 WHERE conversation_id = $1`, key.ID)
	if rec = s.writes(t, key, "Hello"); len(rec.Past) < 4 {
		t.Errorf("the mark makes no difference: %+v", rec.Past)
	}
	// A customer who no longer wants to wait begins anew as well.
	if s.opened(t, key, visitor); s.owner(t, key) != convo.OwnerQueue {
		t.Fatal("not waiting")
	}
	if _, err := s.desk.Wait(t.Context(), handoff.WaitRequest{Key: key, Visitor: visitor, Action: handoff.WaitCancel}); err != nil {
		t.Fatal(err)
	}
	if rec = s.writes(t, key, "Do you ship to Austria?"); len(rec.Past) != 0 {
		t.Errorf("%+v", rec.Past)
	}
}

func TestNote_NamesNobodyWhoCannotReadIt(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.held(t, s.mara)
	s.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{sales}')`, s.site, s.omar.Agent)
	_, err := s.desk.Note(t.Context(), s.mara, handoff.Target{Case: c.ID}, "Have a look, @Omar", []convo.ID{s.omar.Agent})
	wantErr(t, "of another queue", err, handoff.ErrUnseen)
	if n := s.count(t, `SELECT count(*) FROM case_events WHERE kind = 'note'`); n != 0 {
		t.Errorf("%d notes were written all the same", n)
	}
	if _, err := s.desk.Note(t.Context(), s.mara, handoff.Target{Case: c.ID}, "Have a look, @Lea", []convo.ID{s.lea.Agent}); err != nil {
		t.Error(err)
	}
}

func TestLabelled_IsWhatPeopleDecided(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	on := func(c handoff.Case) handoff.Target { return handoff.Target{Case: c.ID} }
	end := func(c handoff.Case, a handoff.Actor, w handoff.WrapUp) {
		t.Helper()
		s.clock.pass(time.Minute)
		if _, err := s.desk.Close(t.Context(), a, on(c), w); err != nil {
			t.Fatal(err)
		}
	}
	told := seen(handoff.Triage{Desk: "service", Topic: "refunds"})
	plain := s.held(t, s.mara, told)
	end(plain, s.mara, handoff.WrapUp{})
	key, visitor := s.conversation(t, s.site)
	s.writes(t, key, "My kettle hisses")
	s.writes(t, key, "Hello?")
	moved := s.opened(t, key, visitor, told).Case
	s.clock.pass(time.Minute)
	if _, err := s.desk.Claim(t.Context(), s.mara, on(moved)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Transfer(t.Context(), s.mara, on(moved), handoff.TransferTo{Queue: "support", Why: "it is the base"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Claim(t.Context(), s.omar, on(moved)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Reply(t.Context(), s.omar, on(moved), handoff.Reply{ClientMsgID: "1", Text: "Press the base down", Suggested: "Press the base down", Article: "k2-base"}); err != nil {
		t.Fatal(err)
	}
	end(moved, s.omar, handoff.WrapUp{Product: "kettle"})
	back := s.held(t, s.mara, told)
	for _, q := range []string{"support", "service"} {
		if _, err := s.desk.Transfer(t.Context(), s.lea, on(back), handoff.TransferTo{Queue: q}); err != nil {
			t.Fatal(err)
		}
	}
	end(back, s.lea, handoff.WrapUp{})
	topical := s.held(t, s.mara, told)
	end(topical, s.mara, handoff.WrapUp{Topic: "delivery"})
	spam := s.held(t, s.mara, told)
	end(spam, s.mara, handoff.WrapUp{Ended: handoff.Spam, Topic: "nonsense"})
	open := s.held(t, s.mara, told)

	read := func(since time.Time) (out []handoff.Labelled) {
		t.Helper()
		if err := s.desk.Labelled(t.Context(), s.root, since, func(l handoff.Labelled) error { out = append(out, l); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := read(time.Time{})
	if len(got) != 2 || got[0].Reference != moved.Reference || got[1].Reference != topical.Reference {
		t.Fatalf("%d of %s %s: %+v (not %s, %s, %s)", len(got), moved.Reference, topical.Reference, got, plain.Reference, back.Reference, open.Reference)
	}
	m := got[0]
	if !m.Moved || m.From != "service" || m.To != "support" || m.Desk != "support" || m.Topic != "" || m.Product != "kettle" || !m.Lined || m.Answered() != "k2-base" ||
		strings.Join(m.Why, "|") != "it is the base" || m.Was.Topic != "refunds" {
		t.Errorf("%+v", m)
	}
	if text, before := m.Said(); text != "Hello?" && text != "My kettle hisses" || len(before) > 1 {
		t.Errorf("%q after %d", text, len(before))
	}
	if x := got[1]; x.Moved || !x.Topical || x.Topic != "delivery" || x.Desk != "service" {
		t.Errorf("%+v", x)
	}
	if got := read(m.ClosedAt.Add(time.Microsecond)); len(got) != 1 || got[0].Reference != topical.Reference {
		t.Errorf("since then: %+v", got)
	}
	if err := s.desk.Labelled(t.Context(), s.mara, time.Time{}, func(handoff.Labelled) error { return nil }); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("an agent: %v", err)
	}
	if _, err := s.convs.Erase(t.Context(), s.site, visitor); err != nil {
		t.Fatal(err)
	}
	if got := read(time.Time{}); len(got) != 1 {
		t.Errorf("of somebody who was erased: %+v", got)
	}
}
