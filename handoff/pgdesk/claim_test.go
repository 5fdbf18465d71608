package pgdesk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestClaim_OneOfManyGetsIt(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	other := s.another(t, func(*Deps) {}) // a second process
	for range 5 {
		c := s.waiting(t)
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			d, a := s.desk, s.mara
			if i%2 == 1 {
				d, a = other, s.omar
			}
			wg.Go(func() {
				_, err := d.Claim(context.Background(), a, handoff.Target{Case: c.ID})
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, handoff.ErrTaken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got := s.read(t, c.ID)
		if got.State != handoff.Claimed || won.Load() != 4 { // all four of the one who has it, none of the other
			t.Errorf("%s has it, %d claims won", got.AgentName, won.Load())
		}
		if n := s.kinds(t, c.ID); !slices.Equal(n, []handoff.CaseEventKind{handoff.CaseOpened, handoff.CaseClaimed}) {
			t.Errorf("log %v", n)
		}
		if st := s.owner(t, c.Conversation); st != convo.OwnerAgent {
			t.Errorf("the conversation belongs to %s", st)
		}
		if _, err := s.desk.Close(t.Context(), s.lea, handoff.Target{Case: c.ID}, handoff.WrapUp{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClaim_SaysWhoHasItAndWhyNot(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.waiting(t)
	got, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID, Version: c.Version})
	if err != nil || got.AgentName != "Mara" || got.Version != c.Version+1 || !got.ClaimedAt.Equal(s.clock.now()) {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.desk.Claim(t.Context(), s.omar, handoff.Target{Case: c.ID})
	wantErr(t, "another", err, handoff.ErrTaken)
	if err == nil || !strings.Contains(err.Error(), "Mara") {
		t.Errorf("does not say who: %v", err)
	}
	_, err = s.desk.Claim(t.Context(), s.omar, handoff.Target{Case: bot.NewID()})
	wantErr(t, "none", err, handoff.ErrNoCase)
	scoped := s.omar
	scoped.Queues = []string{"sales"}
	_, err = s.desk.Claim(t.Context(), scoped, handoff.Target{Case: s.waiting(t).ID})
	wantErr(t, "another queue's", err, handoff.ErrNoCase)
	onlooker := s.omar
	onlooker.Role = handoff.RoleReadOnly
	_, err = s.desk.Claim(t.Context(), onlooker, handoff.Target{Case: s.waiting(t).ID})
	wantErr(t, "looks on", err, handoff.ErrForbidden)
	old := s.waiting(t)
	if _, err := s.desk.Transfer(t.Context(), s.lea, handoff.Target{Case: old.ID}, handoff.TransferTo{Queue: "sales"}); err != nil {
		t.Fatal(err)
	}
	_, err = s.desk.Claim(t.Context(), s.omar, handoff.Target{Case: old.ID, Version: old.Version})
	wantErr(t, "an older state", err, handoff.ErrMoved)
	if _, err := s.desk.Close(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{}); err != nil {
		t.Fatal(err)
	}
	_, err = s.desk.Claim(t.Context(), s.omar, handoff.Target{Case: c.ID})
	wantErr(t, "closed", err, handoff.ErrClosed)
}

func TestClaim_CapacityCountsOnlyWhatNeedsTheAgent(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	two := s.agent(t, "Tove", handoff.RoleAgent, 2)
	none := s.agent(t, "Nils", handoff.RoleAgent, 0)
	_, err := s.desk.Claim(t.Context(), none, handoff.Target{Case: s.waiting(t).ID})
	wantErr(t, "capacity 0", err, handoff.ErrFull)
	first, second, third := s.waiting(t), s.waiting(t), s.waiting(t)
	for _, c := range []handoff.Case{first, second} {
		if _, err := s.desk.Claim(t.Context(), two, handoff.Target{Case: c.ID}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = s.desk.Claim(t.Context(), two, handoff.Target{Case: third.ID})
	wantErr(t, "full", err, handoff.ErrFull)
	if _, err := s.desk.Snooze(t.Context(), two, handoff.Target{Case: first.ID}, s.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Claim(t.Context(), two, handoff.Target{Case: third.ID}); err != nil {
		t.Errorf("a case that sleeps counts: %v", err)
	}
	fourth := s.waiting(t)
	if _, err := s.desk.Reply(t.Context(), two, handoff.Target{Case: second.ID}, handoff.Reply{ClientMsgID: "1", Text: "Done."}); err != nil {
		t.Fatal(err)
	}
	_, err = s.desk.Claim(t.Context(), two, handoff.Target{Case: fourth.ID})
	wantErr(t, "just answered", err, handoff.ErrFull)
	s.clock.pass(11 * time.Minute)
	if _, err := s.desk.Claim(t.Context(), two, handoff.Target{Case: fourth.ID}); err != nil {
		t.Errorf("a quiet case counts: %v", err)
	}
	five := s.waiting(t)
	lead := two
	lead.Role = handoff.RoleLead
	if _, err := s.desk.Claim(t.Context(), lead, handoff.Target{Case: five.ID}); err != nil {
		t.Errorf("a lead may hold more: %v", err)
	}
}

func TestClaimNext_TakesWhatIsDueFirst(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	_, found, err := s.desk.ClaimNext(t.Context(), s.mara)
	if err != nil || found {
		t.Fatalf("in an empty line: %v, %v", found, err)
	}
	first := s.waiting(t)
	s.clock.pass(time.Minute)
	second := s.waiting(t)
	s.clock.pass(time.Minute)
	urgent := s.waiting(t)
	if _, err := s.desk.SetPriority(t.Context(), s.mara, handoff.Target{Case: urgent.ID}, handoff.Urgent); err != nil {
		t.Fatal(err)
	}
	for i, want := range []handoff.Case{urgent, first, second} {
		got, found, err := s.desk.ClaimNext(t.Context(), s.mara, "service")
		if err != nil || !found || got.ID != want.ID {
			t.Errorf("claim %d: %v, %v, %v", i, got.Reference, found, err)
		}
	}
	scoped := s.omar
	scoped.Queues = []string{"sales"}
	s.waiting(t)
	if _, found, err := s.desk.ClaimNext(t.Context(), scoped); err != nil || found {
		t.Errorf("of another queue: %v, %v", found, err)
	}
	_, _, err = s.desk.ClaimNext(t.Context(), scoped, "service")
	wantErr(t, "asked for another queue", err, handoff.ErrNoQueue)
}

func TestClaimNext_ManyShareALineWithoutOneTwice(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	const n = 40
	for range n {
		s.waiting(t)
	}
	var mu sync.Mutex
	got := map[convo.ID]string{}
	var wg sync.WaitGroup
	for _, name := range []string{"A", "B", "C", "D"} {
		a := s.agent(t, name, handoff.RoleAgent, 100)
		wg.Go(func() {
			for {
				c, found, err := s.desk.ClaimNext(context.Background(), a)
				if err != nil {
					t.Error(err)
				}
				if err != nil || !found {
					return
				}
				mu.Lock()
				if who, twice := got[c.ID]; twice {
					t.Errorf("%s went to %s and to %s", c.Reference, who, name)
				}
				got[c.ID] = name
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(got) != n {
		t.Errorf("%d of %d were claimed", len(got), n)
	}
}

func TestRelease_GoesBackToItsOldPlace(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	first := s.waiting(t)
	s.clock.pass(time.Minute)
	s.waiting(t)
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: first.ID}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(time.Minute)
	_, err := s.desk.Release(t.Context(), s.omar, handoff.Target{Case: first.ID}, "")
	wantErr(t, "another's", err, handoff.ErrTaken)
	c, err := s.desk.Release(t.Context(), s.mara, handoff.Target{Case: first.ID}, "lunch")
	if err != nil || c.State != handoff.Waiting || c.Agent != (convo.ID{}) || !c.WaitsSince.Equal(first.WaitsSince) {
		t.Fatalf("%+v, %v", c, err)
	}
	if s.owner(t, c.Conversation) != convo.OwnerQueue || s.promised(t, c.ID) != "[ladder]" {
		t.Errorf("%s, %s", s.owner(t, c.Conversation), s.promised(t, c.ID))
	}
	_, err = s.desk.Release(t.Context(), s.mara, handoff.Target{Case: first.ID}, "")
	wantErr(t, "again", err, handoff.ErrNotHeld)
	if next, _, err := s.desk.ClaimNext(t.Context(), s.omar); err != nil || next.ID != first.ID {
		t.Errorf("it lost its place: %v, %v", next.Reference, err)
	}
}
