package pgdesk

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"frontdesk/handoff"
)

const capacityClaims = 50

// crowd has one agent with room for three, and fifty claims in their name at the
// same instant over four processes: of single cases, and of what is next. It
// gives the weight that they hold afterwards.
func crowd(t *testing.T, change func(*Desk)) (holds int) {
	t.Helper()
	s := scenery(t)
	one := s.agent(t, "Tove", handoff.RoleAgent, 3)
	cases := make([]handoff.Case, capacityClaims)
	for i := range cases {
		cases[i] = s.waiting(t)
	}
	desks := make([]*Desk, 4)
	for i := range desks {
		desks[i] = s.another(t, func(*Deps) {})
		change(desks[i])
	}
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i, c := range cases {
		wg.Go(func() {
			<-begin
			var err error
			if i%2 == 0 {
				_, err = desks[i%4].Claim(context.Background(), one, handoff.Target{Case: c.ID})
			} else {
				_, _, err = desks[i%4].ClaimNext(context.Background(), one, "service")
			}
			if err != nil && !errors.Is(err, handoff.ErrFull) {
				t.Error(err)
			}
		})
	}
	close(begin)
	wg.Wait()
	list, err := s.desk.agentsOf(t.Context(), s.pool, s.site, s.clock.now(), one.Agent)
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Load
}

func TestClaim_CapacityHoldsAgainstManyAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 3 {
		if holds := crowd(t, func(*Desk) {}); holds != 3 {
			t.Errorf("holds %d of 3", holds)
		}
	}
}

func TestClaim_CapacityBreaksWithoutTheLock(t *testing.T) {
	t.Parallel()
	for range 10 {
		if crowd(t, func(d *Desk) { d.sql.lockAgents = strings.ReplaceAll(d.sql.lockAgents, "FOR NO KEY UPDATE", "") }) > 3 {
			return
		}
	}
	t.Error("nobody held too much: the test above proves nothing")
}

// A transfer to a person counts what they hold likewise.
func TestTransfer_ToOnePersonAtTheSameInstantKeepsTheirCapacity(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	one := s.agent(t, "Tove", handoff.RoleAgent, 3)
	s.online(t, one)
	other := s.another(t, func(*Deps) {})
	var wg sync.WaitGroup
	for i := range 10 {
		c, d := s.waiting(t), s.desk
		if i%2 == 1 {
			d = other
		}
		wg.Go(func() {
			_, err := d.Transfer(context.Background(), s.mara, handoff.Target{Case: c.ID}, handoff.TransferTo{Agent: one.Agent})
			if err != nil && !errors.Is(err, handoff.ErrTheyFull) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := s.desk.agentsOf(t.Context(), s.pool, s.site, s.clock.now(), one.Agent)
	if err != nil || list[0].Load != 3 {
		t.Errorf("holds %d of 3: %v", list[0].Load, err)
	}
}
