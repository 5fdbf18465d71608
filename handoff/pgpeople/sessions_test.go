package pgpeople

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func TestSession_IsOverWhenItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	admin := handoff.Actor{Site: b.site, Agent: uuid.New(), Name: "Robin", Role: handoff.RoleAdmin}
	for name, end := range map[string]func(t *testing.T, who people.Who){
		"logged out": func(t *testing.T, who people.Who) {
			t.Helper()
			if err := b.people.Logout(t.Context(), who); err != nil {
				t.Fatal(err)
			}
			if err := b.people.Logout(t.Context(), who); !errors.Is(err, people.ErrNoSession) {
				t.Errorf("a second time: %v", err)
			}
		},
		"revoked from another browser": func(t *testing.T, who people.Who) {
			t.Helper()
			if err := b.people.Revoke(t.Context(), who.Actor(), who.Session.ID); err != nil {
				t.Fatal(err)
			}
		},
		"revoked by an admin": func(t *testing.T, who people.Who) {
			t.Helper()
			if err := b.people.Revoke(t.Context(), admin, who.Session.ID); err != nil {
				t.Fatal(err)
			}
		},
		"all revoked": func(t *testing.T, who people.Who) {
			t.Helper()
			if n, err := b.people.RevokeAll(t.Context(), admin, id, convo.ID{}); err != nil || n != 1 {
				t.Fatal(n, err)
			}
		},
		"disabled and let in again": func(t *testing.T, _ people.Who) {
			t.Helper()
			for _, disabled := range []bool{true, false} {
				if _, err := b.people.Change(t.Context(), admin, id, people.Change{Disabled: &disabled}); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			who, token := b.login(t, theirAddress, marasPassword)
			if _, err := b.who(token); err != nil {
				t.Fatal(err)
			}
			end(t, who)
			b.refused(t, token, people.ErrOver, "replayed")
			if _, err := b.people.Still(t.Context(), b.site, who.Session.ID); !errors.Is(err, people.ErrOver) {
				t.Errorf("a stream goes on: %v", err)
			}
		})
	}
}

func TestSession_ExpiresIdleAndAbsolutely(t *testing.T) {
	t.Parallel()
	b := setupWith(t, people.Config{Idle: time.Hour, Absolute: 5 * time.Hour})
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, used := b.login(t, theirAddress, marasPassword)
	_, idle := b.login(t, theirAddress, marasPassword)
	for i := range 7 {
		b.clock.add(40 * time.Minute)
		if _, err := b.who(used); err != nil {
			t.Fatalf("used every 40 minutes, after %d: %v", (i+1)*40, err)
		}
	}
	b.refused(t, idle, people.ErrOver, "not used for hours")
	b.clock.add(20 * time.Minute)
	b.refused(t, used, people.ErrOver, "after five hours of use")
	b.refused(t, "", people.ErrSignedOut, "without a token")
	b.refused(t, "nonsense", people.ErrOver, "with nonsense")
}

func TestSession_AnotherBrowserMayAndIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	who, token := b.login(t, theirAddress, marasPassword)
	b.clock.add(2 * time.Minute)
	w := people.Where{Address: "203.0.113.9", Place: "203.0.113.9", UserAgent: "curl"}
	if _, err := b.people.Who(t.Context(), token, w); err != nil {
		t.Fatalf("from another browser: %v", err)
	}
	list, err := b.people.Sessions(t.Context(), who.Actor(), id)
	if err != nil || len(list) != 1 || list[0].UserAgent != "curl" || list[0].Address != "203.0.113.9" {
		t.Errorf("the person does not see it: %+v %v", list, err)
	}
	if err := b.people.Revoke(t.Context(), who.Actor(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.people.Who(t.Context(), token, w); !errors.Is(err, people.ErrOver) {
		t.Errorf("and cannot end it: %v", err)
	}
}

func TestSession_WhatIsTakenAwayIsGoneAtTheNextRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleLead, []string{"support", "sales"}, marasPassword)
	for _, q := range []string{"support", "sales"} {
		if _, err := b.pool.Exec(t.Context(), `INSERT INTO queues (site_id, queue, name) VALUES ($1, $2, $2)`, b.site, q); err != nil {
			t.Fatal(err)
		}
	}
	who, token := b.login(t, theirAddress, marasPassword)
	role, queues := handoff.RoleReadOnly, []string{"sales"}
	if _, err := b.people.Change(t.Context(), b.system(), id, people.Change{Role: &role, Queues: &queues}); err != nil {
		t.Fatal(err)
	}
	again, err := b.who(token)
	a := again.Actor()
	if err != nil || a.Works() || a.Sees("support") || !a.Sees("sales") {
		t.Errorf("%+v %v", a, err)
	}
	still, err := b.people.Still(t.Context(), b.site, who.Session.ID)
	if err != nil || still.Actor().Role != handoff.RoleReadOnly {
		t.Errorf("a stream: %+v %v", still.Person, err)
	}
	none := []string{}
	if _, err := b.people.Change(t.Context(), b.system(), id, people.Change{Queues: &none}); err != nil {
		t.Fatal(err)
	}
	if w, err := b.who(token); err != nil || w.Actor().Sees("sales") {
		t.Errorf("no queue is all queues: %+v %v", w.Actor(), err)
	}
	var all []string
	if _, err := b.people.Change(t.Context(), b.system(), id, people.Change{Queues: &all}); err != nil {
		t.Fatal(err)
	}
	if w, err := b.who(token); err != nil || !w.Actor().Sees("support") {
		t.Errorf("all queues: %+v %v", w.Actor(), err)
	}
	queues = []string{"sales"}
	if _, err := b.people.Change(t.Context(), b.system(), id, people.Change{Queues: &queues}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `DELETE FROM queues WHERE queue = 'sales'`); err != nil {
		t.Fatal(err)
	}
	if w, err := b.who(token); err != nil || w.Actor().Queues == nil || w.Actor().Sees("sales") {
		t.Errorf("of a queue that is gone nothing is left, and not all: %+v %v", w.Actor(), err)
	}
	attic := []string{"attic"}
	if _, err := b.people.Change(t.Context(), b.system(), id, people.Change{Queues: &attic}); err == nil {
		t.Error("a queue that is not there is taken")
	}
}

func TestSession_OthersAreNotOnesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleLead, nil, marasPassword)
	other := b.person(t, "tom@example.com", handoff.RoleAgent, nil, marasPassword)
	mara, _ := b.login(t, theirAddress, marasPassword)
	tom, token := b.login(t, "tom@example.com", marasPassword)
	if err := b.people.Revoke(t.Context(), mara.Actor(), tom.Session.ID); !errors.Is(err, people.ErrNoSession) {
		t.Errorf("a lead ends another's: %v", err)
	}
	if _, err := b.people.Sessions(t.Context(), mara.Actor(), other); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("and lists them: %v", err)
	}
	if _, err := b.people.RevokeAll(t.Context(), mara.Actor(), other, convo.ID{}); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("and ends all: %v", err)
	}
	site := b.addSite(t, "other")
	stranger := handoff.Actor{Site: site, Agent: uuid.New(), Role: handoff.RoleAdmin}
	if err := b.people.Revoke(t.Context(), stranger, tom.Session.ID); !errors.Is(err, people.ErrNoSession) {
		t.Errorf("an admin of another site: %v", err)
	}
	if _, err := b.people.Sessions(t.Context(), stranger, other); !errors.Is(err, people.ErrNoPerson) {
		t.Errorf("an admin of another site lists: %v", err)
	}
	if _, err := b.who(token); err != nil {
		t.Error(err)
	}
}

func TestSession_TheLongestUnusedOfManyEnds(t *testing.T) {
	t.Parallel()
	b := setupWith(t, people.Config{Sessions: 3})
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	var tokens []string
	for range 4 {
		_, token := b.login(t, theirAddress, marasPassword)
		tokens = append(tokens, token)
		b.clock.add(time.Second)
	}
	b.refused(t, tokens[0], people.ErrOver, "the oldest of four, three are kept")
	for _, token := range tokens[1:] {
		if _, err := b.who(token); err != nil {
			t.Error(err)
		}
	}
}

func TestLogin_AnewInTheSameBrowserEndsTheOldSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, old := b.login(t, theirAddress, marasPassword)
	a := attempt(theirAddress, marasPassword)
	a.Had = old
	if _, fresh, err := b.people.Login(t.Context(), a); err != nil || fresh.Reveal() == old {
		t.Fatal(err)
	}
	b.refused(t, old, people.ErrOver, "the one from before")
}

func TestStore_WithoutTheDatabaseSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	_, token := b.login(t, theirAddress, marasPassword)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.people.Who(ctx, token, people.Where{}); err == nil || errors.Is(err, people.ErrOver) {
		t.Errorf("nobody is signed out by that: %v", err)
	}
	if _, err := b.who(token); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if !errors.Is(instead(pgx.ErrNoRows, people.ErrOver), people.ErrOver) {
		t.Error("absent")
	}
}

func TestSweep_RemovesWhatIsLongOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	b.login(t, theirAddress, marasPassword)
	if _, _, err := b.people.Login(t.Context(), attempt("nobody@example.com", "x")); !errors.Is(err, people.ErrLogin) {
		t.Fatal(err)
	}
	if _, _, err := b.people.Invite(t.Context(), b.system(), people.Guest{Email: "new@example.com", Role: handoff.RoleAgent}); err != nil {
		t.Fatal(err)
	}
	counts := func() (all [5]int) {
		for i, table := range []string{"agent_sessions", "agent_invitations", "login_tries", "login_places", "desk_audit"} {
			all[i] = b.count(t, `SELECT count(*) FROM `+table)
		}
		return all
	}
	before := counts()
	if err := b.people.Sweep(t.Context()); err != nil || counts() != before {
		t.Errorf("what is fresh: %v, %v before, %v", err, before, counts())
	}
	for i := range before {
		if before[i] == 0 {
			t.Errorf("nothing to sweep in table %d", i)
		}
	}
	b.clock.add(2 * time.Hour)
	if err := b.people.Sweep(t.Context()); err != nil || counts()[2] != 0 || counts()[0] == 0 {
		t.Errorf("tries after two hours: %v %v", err, counts())
	}
	b.clock.add(401 * 24 * time.Hour)
	if err := b.people.Sweep(t.Context()); err != nil || counts() != [5]int{} {
		t.Errorf("after a year: %v %v", err, counts())
	}
}
