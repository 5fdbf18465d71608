package pgpeople

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func TestChangePassword_EndsTheOthersAndKeepsThisOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	who, here := b.login(t, theirAddress, marasPassword)
	_, there := b.login(t, theirAddress, marasPassword)
	const fresh = "teal bicycle harbour"
	change := func(old, next string) error {
		return b.people.ChangePassword(t.Context(), who, old, next, from("192.0.2.1"))
	}
	if err := change("a wrong one", fresh); !errors.Is(err, people.ErrOldWrong) {
		t.Errorf("with a wrong one: %v", err)
	}
	if err := change(marasPassword, "short"); err == nil {
		t.Error("a weak one is taken")
	}
	if err := change(marasPassword, fresh); err != nil {
		t.Fatal(err)
	}
	b.refused(t, there, people.ErrOver, "another browser")
	if _, err := b.who(here); err != nil {
		t.Errorf("this browser: %v", err)
	}
	if _, _, err := b.people.Login(t.Context(), attempt(theirAddress, marasPassword)); !errors.Is(err, people.ErrLogin) {
		t.Errorf("the old password: %v", err)
	}
	b.login(t, theirAddress, fresh)
}

func TestChangePassword_GuessesAreBounded(t *testing.T) {
	t.Parallel()
	b := setupWith(t, people.Config{Account: people.Rule{Burst: 3, Every: time.Minute}})
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	who, _ := b.login(t, theirAddress, marasPassword)
	for range 3 {
		_ = b.people.ChangePassword(t.Context(), who, "a wrong one", "teal bicycle harbour", from("192.0.2.1"))
	}
	if err := b.people.ChangePassword(t.Context(), who, marasPassword, "teal bicycle harbour", from("192.0.2.1")); !errors.Is(err, people.ErrTooMany) {
		t.Errorf("got %v", err)
	}
}

// A login whose password was right a moment ago does not overtake its change,
// nor the person's end.
func TestBegin_DoesNotOvertakeWhatEndsSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	begun := func() people.Begun {
		acc, err := b.store.Account(t.Context(), b.site, theirAddress, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := b.clock.now()
		s := people.Session{ID: uuid.New(), Agent: id, CreatedAt: now, ExpiresAt: now.Add(time.Hour), EndsAt: now.Add(time.Hour)}
		return people.Begun{Site: b.site, Session: s, TokenHash: s.ID[:], Checked: acc.Password, Place: []byte("x"), Keep: 9, Entry: people.Entry{At: now, Action: people.ActLogin}}
	}
	late := begun()
	if err := b.people.SetPassword(t.Context(), b.system(), id, "teal bicycle harbour"); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Begin(t.Context(), late); !errors.Is(err, people.ErrLogin) {
		t.Errorf("after a change of the password: %v", err)
	}
	late = begun()
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }() // where the test ends before it commits
	if _, err := tx.Exec(t.Context(), `UPDATE agents SET state = 'disabled' WHERE agent_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.store.Begin(context.Background(), late) }()
	waitForLock(t, b)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, people.ErrLogin) {
		t.Errorf("while the person is disabled: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM agent_sessions WHERE ended_at IS NULL`); n != 0 {
		t.Errorf("%d sessions live", n)
	}
}

// waitForLock returns when somebody waits for a lock in the test's database.
func waitForLock(t *testing.T, b *bundle) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if b.count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
	}
	t.Fatal("nobody waits")
}

func TestAdmin_TheLastOneStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	robin := b.person(t, "robin@example.com", handoff.RoleAdmin, nil, marasPassword)
	if _, err := b.pool.Exec(t.Context(), `INSERT INTO agents (site_id, agent_id, email, name, role, created_at) VALUES ($1, gen_random_uuid(), 'paper@example.com', 'Paper', 'admin', now())`, b.site); err != nil {
		t.Fatal(err) // an admin who cannot sign in is none
	}
	who, _ := b.login(t, "robin@example.com", marasPassword)
	less, disabled := handoff.RoleLead, true
	if _, err := b.people.Change(t.Context(), b.system(), robin, people.Change{Role: &less}); !errors.Is(err, people.ErrLastAdmin) {
		t.Errorf("made a lead: %v", err)
	}
	if _, err := b.people.Change(t.Context(), b.system(), robin, people.Change{Disabled: &disabled}); !errors.Is(err, people.ErrLastAdmin) {
		t.Errorf("disabled: %v", err)
	}
	if _, err := b.people.Change(t.Context(), who.Actor(), robin, people.Change{Disabled: &disabled}); !errors.Is(err, people.ErrYourself) {
		t.Errorf("disables themselves: %v", err)
	}
	kim := b.person(t, "kim@example.com", handoff.RoleAdmin, nil, marasPassword)
	// Each takes the right from the other at the same moment.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, id := range []convo.ID{robin, kim} {
		wg.Go(func() { _, errs[i] = b.people.Change(context.Background(), b.system(), id, people.Change{Role: &less}) })
	}
	wg.Wait()
	if n := b.count(t, `SELECT count(*) FROM agents JOIN agent_passwords USING (site_id, agent_id) WHERE role = 'admin' AND state = 'active'`); n != 1 {
		t.Errorf("%d admins are left: %v", n, errs)
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, people.ErrLastAdmin) {
			t.Error(err)
		}
	}
	// The database holds it also against whoever asks nobody.
	if _, err := b.pool.Exec(t.Context(), `UPDATE agents SET role = 'agent' WHERE site_id = $1`, b.site); err == nil {
		t.Error("all admins are gone with one statement")
	}
	// Whole sites go as ever.
	if _, err := b.pool.Exec(t.Context(), `DELETE FROM sites WHERE site_id = $1`, b.site); err != nil {
		t.Errorf("the site cannot be removed: %v", err)
	}
}

// Two who take the right from each other, the second before the first has
// committed: it waits, and then finds itself the last.
func TestAdmin_OfTwoWhoGoAtOnceOneStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	robin := b.person(t, "robin@example.com", handoff.RoleAdmin, nil, marasPassword)
	kim := b.person(t, "kim@example.com", handoff.RoleAdmin, nil, marasPassword)
	const lower = `UPDATE agents SET role = 'lead' WHERE agent_id = $1`
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), lower, robin); err != nil {
		t.Fatal(err)
	}
	less, done := handoff.RoleLead, make(chan error, 1)
	go func() {
		_, err := b.people.Change(context.Background(), b.system(), kim, people.Change{Role: &less})
		done <- err
	}()
	waitForLock(t, b)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, people.ErrLastAdmin) {
		t.Errorf("got %v", err)
	}
}
