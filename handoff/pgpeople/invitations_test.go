package pgpeople

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func (b *bundle) invite(t *testing.T, g people.Guest) (people.Invitation, string) {
	t.Helper()
	i, token, err := b.people.Invite(t.Context(), b.system(), g)
	if err != nil {
		t.Fatal(err)
	}
	return i, token.Reveal()
}

func acceptance(token string) people.Acceptance {
	return people.Acceptance{Token: token, Name: "Tom", Password: "teal bicycle harbour", Where: from("192.0.2.5")}
}

func TestInvitation_LetsSomebodyInOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, token := b.invite(t, people.Guest{Email: "Tom@Example.com", Name: "T.", Role: handoff.RoleAgent, Queues: []string{"support", "sales"}, Languages: []string{"de"}, Skills: []string{"K2"}, Capacity: 3})
	seen, err := b.people.Invitation(t.Context(), token, from("192.0.2.5"))
	if err != nil || seen.ID != i.ID || seen.Email != "tom@example.com" || seen.Name != "T." {
		t.Fatalf("%+v %v", seen, err)
	}
	weak := acceptance(token)
	weak.Password = "tom@example.com1"
	if _, _, err := b.people.Accept(t.Context(), weak); err == nil {
		t.Fatal("a weak password is taken")
	}
	who, session, err := b.people.Accept(t.Context(), acceptance(token))
	if err != nil {
		t.Fatal(err)
	}
	a := who.Actor()
	if a.Name != "Tom" || a.Role != handoff.RoleAgent || len(a.Queues) != 2 || who.Person.Email != "tom@example.com" {
		t.Errorf("%+v", a)
	}
	if again, err := b.who(session.Reveal()); err != nil || again.Person.ID != who.Person.ID {
		t.Errorf("is not signed in: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM agents WHERE languages = '{de}' AND skills = '{K2}' AND capacity = 3`); n != 1 {
		t.Error("languages, skills and capacity are lost")
	}
	if _, _, err := b.people.Accept(t.Context(), acceptance(token)); !errors.Is(err, people.ErrInvitationHad) {
		t.Errorf("a second time: %v", err)
	}
	b.login(t, "tom@example.com", "teal bicycle harbour")
}

func TestInvitation_OfManyAtOnceOneIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, join := b.invite(t, people.Guest{Email: "tom@example.com", Role: handoff.RoleAgent})
	_, reset, err := b.people.ResetPassword(t.Context(), b.system(), id)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"to join": join, "to choose a password": reset.Reveal()} {
		var in atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, _, err := b.people.Accept(context.Background(), acceptance(token))
				switch {
				case err == nil:
					in.Add(1)
				case !errors.Is(err, people.ErrInvitationHad) && !errors.Is(err, people.ErrNoInvitation):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%s: %d were let in", name, in.Load())
		}
	}
	if b.count(t, `SELECT count(*) FROM agents`) != 2 || b.count(t, `SELECT count(*) FROM agent_sessions`) != 2 {
		t.Error("more than one each is there")
	}
}

func TestInvitation_ThatIsNotGoodIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest := people.Guest{Email: "tom@example.com", Role: handoff.RoleAgent}
	_, older := b.invite(t, guest)
	revoked, token := b.invite(t, guest)
	try := func(token string) error {
		_, _, err := b.people.Accept(t.Context(), acceptance(token))
		return err
	}
	if err := try(older); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("one that a newer one took the place of: %v", err)
	}
	if list, err := b.people.Invitations(t.Context(), b.system()); err != nil || len(list) != 1 || list[0].ID != revoked.ID {
		t.Errorf("open ones: %+v %v", list, err)
	}
	if err := b.people.RevokeInvitation(t.Context(), b.system(), revoked.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.people.RevokeInvitation(t.Context(), b.system(), revoked.ID); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("revoked twice: %v", err)
	}
	if err := try(token); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("a revoked one: %v", err)
	}
	_, late := b.invite(t, guest)
	b.clock.add(73 * time.Hour)
	if err := try(late); !errors.Is(err, people.ErrInvitationOld) {
		t.Errorf("one that has run out: %v", err)
	}
	_, secret, _ := strings.Cut(late, ".")
	for name, token := range map[string]string{"none": "", "nonsense": "nonsense", "of another site": "99." + secret} {
		if err := try(token); !errors.Is(err, people.ErrNoInvitation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.person(t, "mara@example.com", handoff.RoleAgent, nil, marasPassword)
	_, session := b.login(t, "mara@example.com", marasPassword)
	if err := try(session); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("a session's token: %v", err)
	}
}

func TestInvite_Refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	good := people.Guest{Email: "tom@example.com", Role: handoff.RoleAgent}
	for name, c := range map[string]struct {
		role handoff.Role
		edit func(*people.Guest)
		want error
	}{
		"by an admin":            {handoff.RoleAdmin, func(*people.Guest) {}, nil},
		"by a lead":              {handoff.RoleLead, func(*people.Guest) {}, handoff.ErrForbidden},
		"by an agent":            {handoff.RoleAgent, func(*people.Guest) {}, handoff.ErrForbidden},
		"no address":             {handoff.RoleAdmin, func(g *people.Guest) { g.Email = "tom" }, people.ErrEmail},
		"somebody who is there":  {handoff.RoleAdmin, func(g *people.Guest) { g.Email = "MARA@example.com" }, people.ErrEmailTaken},
		"a role that is none":    {handoff.RoleAdmin, func(g *people.Guest) { g.Role = "king" }, handoff.ErrRole},
		"the service's own role": {handoff.RoleAdmin, func(g *people.Guest) { g.Role = handoff.RoleSystem }, handoff.ErrRole},
		"a queue that is not":    {handoff.RoleAdmin, func(g *people.Guest) { g.Queues = []string{"attic"} }, handoff.Bad("", "")},
		"a default queue":        {handoff.RoleAdmin, func(g *people.Guest) { g.Queues = []string{"service"} }, nil},
		"a name with a break":    {handoff.RoleAdmin, func(g *people.Guest) { g.Name = "a\x00b" }, people.ErrName},
		"a huge capacity":        {handoff.RoleAdmin, func(g *people.Guest) { g.Capacity = 5000 }, handoff.Bad("", "")},
	} {
		g := good
		c.edit(&g)
		_, _, err := b.people.Invite(t.Context(), handoff.Actor{Site: b.site, Agent: uuid.New(), Name: "x", Role: c.role}, g)
		switch {
		case c.want == nil && err != nil, c.want != nil && err == nil:
			t.Errorf("%s: %v", name, err)
		case errors.Is(c.want, handoff.Bad("", "")): // any refusal of settings
		case !errors.Is(err, c.want):
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReset_TheOldPasswordIsWorthlessAndTheLinkWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := b.person(t, "robin@example.com", handoff.RoleAdmin, nil, marasPassword)
	id := b.person(t, theirAddress, handoff.RoleLead, []string{}, marasPassword)
	robin := handoff.Actor{Site: b.site, Agent: admin, Name: "Robin", Role: handoff.RoleAdmin}
	_, session := b.login(t, theirAddress, marasPassword)
	if _, _, err := b.people.ResetPassword(t.Context(), robin, admin); !errors.Is(err, people.ErrYourself) {
		t.Errorf("one's own: %v", err)
	}
	_, first, err := b.people.ResetPassword(t.Context(), robin, id)
	if err != nil {
		t.Fatal(err)
	}
	i, token, err := b.people.ResetPassword(t.Context(), robin, id)
	if err != nil || i.Kind != people.Reset || i.Agent != id {
		t.Fatal(i, err)
	}
	b.refused(t, session, people.ErrOver, "a session from before")
	if _, _, err := b.people.Login(t.Context(), attempt(theirAddress, marasPassword)); !errors.Is(err, people.ErrLogin) {
		t.Errorf("the old password: %v", err)
	}
	if _, _, err := b.people.Accept(t.Context(), acceptance(first.Reveal())); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("the first of two links: %v", err)
	}
	who, _, err := b.people.Accept(t.Context(), acceptance(token.Reveal()))
	if err != nil || who.Person.ID != id || who.Person.Role != handoff.RoleLead || who.Person.Name != "Mara" || who.Actor().Sees("support") {
		t.Errorf("who they are is theirs, not the link's: %+v %v", who.Person, err)
	}
	if _, _, err := b.people.Accept(t.Context(), acceptance(token.Reveal())); !errors.Is(err, people.ErrInvitationHad) {
		t.Errorf("the link twice: %v", err)
	}
	b.login(t, theirAddress, "teal bicycle harbour")

	_, unused, err := b.people.ResetPassword(t.Context(), robin, id)
	if err != nil {
		t.Fatal(err)
	}
	disabled := true
	if _, err := b.people.Change(t.Context(), robin, id, people.Change{Disabled: &disabled}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.people.Accept(t.Context(), acceptance(unused.Reveal())); !errors.Is(err, people.ErrNoInvitation) {
		t.Errorf("a link of somebody disabled: %v", err)
	}
	if _, _, err := b.people.ResetPassword(t.Context(), robin, id); !errors.Is(err, people.ErrDisabled) {
		t.Errorf("a new link for them: %v", err)
	}
	log := b.audit(t, people.AuditView{Person: id, Action: people.ActPersonDisabled})
	if len(log) != 1 || log[0].Agent != admin || log[0].Actor != "Robin" {
		t.Errorf("who disabled: %+v", log)
	}
}

func TestInvite_SomebodyWithoutAPasswordGetsALink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.pool.Exec(t.Context(), `INSERT INTO agents (site_id, agent_id, email, name, role, created_at) VALUES ($1, gen_random_uuid(), 'new@example.com', 'Nele', 'lead', now())`, b.site); err != nil {
		t.Fatal(err)
	}
	i, token := b.invite(t, people.Guest{Email: "new@example.com", Role: handoff.RoleAdmin})
	if i.Kind != people.Reset || i.Role != handoff.RoleLead {
		t.Errorf("%+v", i)
	}
	who, _, err := b.people.Accept(t.Context(), acceptance(token))
	if err != nil || who.Person.Name != "Nele" || who.Person.Role != handoff.RoleLead {
		t.Errorf("%+v %v", who.Person, err)
	}
}

func TestInvitation_ANewerOneKeepsTheQueuesUnlessTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest := people.Guest{Email: "tom@example.com", Role: handoff.RoleLead, Queues: []string{"support"}}
	first, _ := b.invite(t, guest)
	if first.Replaced != nil {
		t.Errorf("the first one replaces %+v", first.Replaced)
	}
	guest.Role, guest.Queues, guest.KeepQueues = handoff.RoleAgent, nil, true
	second, token := b.invite(t, guest)
	if !slices.Equal(second.Queues, []string{"support"}) || second.Replaced == nil || second.Replaced.ID != first.ID || second.Replaced.Role != handoff.RoleLead {
		t.Errorf("%+v", second)
	}
	if seen, err := b.people.Invitation(t.Context(), token, from("192.0.2.5")); err != nil || !slices.Equal(seen.Queues, []string{"support"}) || seen.Role != handoff.RoleAgent {
		t.Errorf("what is kept: %+v %v", seen, err)
	}
	// Told otherwise it is otherwise, and that it was is told.
	guest.KeepQueues = false
	if all, _ := b.invite(t, guest); all.Queues != nil || all.Replaced == nil || !slices.Equal(all.Replaced.Queues, []string{"support"}) {
		t.Errorf("%+v", all)
	}
	if other, _ := b.invite(t, people.Guest{Email: "eve@example.com", Role: handoff.RoleAgent, KeepQueues: true}); other.Queues != nil || other.Replaced != nil {
		t.Errorf("nothing to keep: %+v", other)
	}
}
