package pgpeople

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func TestFirst_IsMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var passwords []string
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 5 { // several instances start at once
		wg.Go(func() {
			p, made, err := b.people.First(context.Background(), b.site, "Admin@Example.com", "Robin")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if made {
				passwords = append(passwords, p)
			}
		})
	}
	wg.Wait()
	if len(passwords) != 1 {
		t.Fatalf("%d were made", len(passwords))
	}
	who, _ := b.login(t, "admin@example.com", passwords[0])
	if who.Person.Role != handoff.RoleAdmin {
		t.Errorf("%+v", who.Person)
	}
	if p, made, err := b.people.First(t.Context(), b.site, "other@example.com", "Eve"); made || p != "" || err != nil {
		t.Errorf("a second one: %v %v", made, err)
	}
	if strings.Contains(b.log.String(), passwords[0]) {
		t.Error("the password is in the log")
	}
}

func TestFirst_OfSomebodyWhoIsThereEndsTheirSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, token := b.login(t, theirAddress, marasPassword)
	password, made, err := b.people.First(t.Context(), b.site, theirAddress, "Mara")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	b.refused(t, token, people.ErrOver, "with the password of before")
	if who, _ := b.login(t, theirAddress, password); who.Person.Role != handoff.RoleAdmin {
		t.Errorf("%+v", who.Person)
	}
}

func TestDemo_HasTheSamePasswordUntilSomebodyChangesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret := []byte("a secret of at least thirty-two bytes")
	demo := func() (string, bool) {
		p, works, err := b.people.Demo(t.Context(), b.site, people.Person{Email: theirAddress, Name: "Mara", Role: handoff.RoleAgent}, secret)
		if err != nil {
			t.Fatal(err)
		}
		return p, works
	}
	first, works := demo()
	if !works {
		t.Fatal("not made")
	}
	who, token := b.login(t, theirAddress, first)
	if again, works := demo(); !works || again != first {
		t.Errorf("the second time: %v", works)
	}
	if _, err := b.who(token); err != nil {
		t.Errorf("a start of the demo signs people out: %v", err)
	}
	if err := b.people.ChangePassword(t.Context(), who, first, "teal bicycle harbour", from("x")); err != nil {
		t.Fatal(err)
	}
	if p, works := demo(); works || p != "" {
		t.Error("a password that does not work is told")
	}
	b.login(t, theirAddress, "teal bicycle harbour")
}

func TestSetPassword_IsTheTerminalsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, session := b.login(t, theirAddress, marasPassword)
	admin := handoff.Actor{Site: b.site, Agent: uuid.New(), Role: handoff.RoleAdmin}
	if err := b.people.SetPassword(t.Context(), admin, id, "teal bicycle harbour"); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("an admin: %v", err)
	}
	if err := b.people.SetPassword(t.Context(), b.system(), id, "teal bicycle harbour"); err != nil {
		t.Fatal(err)
	}
	b.refused(t, session, people.ErrOver, "a session from before")
	b.login(t, theirAddress, "teal bicycle harbour")
	if err := b.people.SetPassword(t.Context(), b.system(), uuid.New(), "teal bicycle harbour"); !errors.Is(err, people.ErrNoPerson) {
		t.Errorf("nobody: %v", err)
	}
}

func TestAudit_IsPagedAndKeepsToItsSite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	mara := handoff.Actor{Site: b.site, Agent: id, Name: "Mara", Role: handoff.RoleAgent}
	c := uuid.New()
	for range 3 { // the same look, told three times
		if err := b.people.Saw(t.Context(), mara, c); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.add(11 * time.Minute)
	if err := b.people.Saw(t.Context(), mara, c); err != nil {
		t.Fatal(err)
	}
	seen := b.audit(t, people.AuditView{Case: c})
	if len(seen) != 2 || seen[0].Agent != id || seen[0].Action != people.ActCaseSeen || !seen[0].At.After(seen[1].At) {
		t.Errorf("%+v", seen)
	}
	for range 12 {
		if err := b.people.Record(t.Context(), mara, people.Entry{Action: people.ActSearched, Detail: map[string]string{"found": "3"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.people.Record(t.Context(), mara, people.Entry{Action: people.ActSearched, Detail: map[string]string{"q": "my order\nis late"}}); !errors.Is(err, people.ErrAudit) {
		t.Errorf("somebody's words are taken: %v", err)
	}
	var all []people.Entry
	for v := (people.AuditView{Action: people.ActSearched, Limit: 5}); ; {
		page, err := b.people.Audit(t.Context(), b.system(), v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Entries...)
		if v.Before = page.Next; page.Next == 0 {
			break
		}
	}
	if len(all) != 12 || all[0].Detail["found"] != "3" {
		t.Errorf("%d entries over pages", len(all))
	}
	for i := 1; i < len(all); i++ {
		if all[i].ID >= all[i-1].ID {
			t.Error("not newest first")
		}
	}
	if _, err := b.people.Audit(t.Context(), mara, people.AuditView{}); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("an agent reads it: %v", err)
	}
	other := handoff.System(b.addSite(t, "other"), "terminal")
	if page, err := b.people.Audit(t.Context(), other, people.AuditView{}); err != nil || len(page.Entries) != 0 {
		t.Errorf("another site reads it: %d, %v", len(page.Entries), err)
	}
}

func TestPeople_ListsEverybodyForThoseWhoMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleLead, []string{"support"}, marasPassword)
	who, _ := b.login(t, theirAddress, marasPassword)
	list, err := b.people.People(t.Context(), who.Actor())
	if err != nil || len(list) != 1 || !list[0].Password || list[0].Sessions != 1 || list[0].SeenAt.IsZero() || list[0].Queues[0] != "support" {
		t.Errorf("%+v %v", list, err)
	}
	agent := who.Actor()
	agent.Role = handoff.RoleAgent
	if _, err := b.people.People(t.Context(), agent); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("an agent: %v", err)
	}
	role := handoff.RoleAdmin
	if _, err := b.people.Change(t.Context(), who.Actor(), who.Person.ID, people.Change{Role: &role}); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("a lead makes themselves an admin: %v", err)
	}
	if _, err := b.people.Change(t.Context(), b.system(), convo.ID{}, people.Change{Role: &role}); !errors.Is(err, people.ErrNoPerson) {
		t.Errorf("nobody: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM agents WHERE role = 'admin'`); n != 0 {
		t.Error("somebody became an admin")
	}
}
