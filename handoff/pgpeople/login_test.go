package pgpeople

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
)

func TestLogin_GivesASessionThatSpeaksForThePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, []string{"support"}, marasPassword)
	who, token := b.login(t, "  Mara@Example.COM ", marasPassword)
	if who.Person.ID != id || who.Site.Name != "shop" || !strings.HasPrefix(token, fmt.Sprint(b.site, ".")) {
		t.Fatalf("got %+v", who)
	}
	again, err := b.who(token)
	a := again.Actor()
	if err != nil || a.Site != b.site || a.Agent != id || a.Name != "Mara" || a.Role != handoff.RoleAgent || len(a.Queues) != 1 || a.Queues[0] != "support" {
		t.Errorf("%+v, %v", a, err)
	}
	if n := b.count(t, `SELECT count(*) FROM agent_sessions WHERE position($1 in encode(token_hash, 'escape')) > 0`, token[2:]); n != 0 {
		t.Error("the token itself is stored")
	}
	log := b.audit(t, people.AuditView{Agent: id})
	if len(log) != 1 || log[0].Action != people.ActLogin || log[0].Session != who.Session.ID || log[0].Address != "192.0.2.1" {
		t.Errorf("%+v", log)
	}
}

func TestLogin_QueuesOfNobodyAndOfAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, "all@example.com", handoff.RoleAgent, nil, marasPassword)
	b.person(t, "none@example.com", handoff.RoleAgent, []string{}, marasPassword)
	_, all := b.login(t, "all@example.com", marasPassword)
	_, none := b.login(t, "none@example.com", marasPassword)
	if w, err := b.who(all); err != nil || w.Actor().Queues != nil {
		t.Errorf("all: %#v %v", w.Actor().Queues, err)
	}
	if w, err := b.who(none); err != nil || w.Actor().Queues == nil || w.Actor().Sees("support") {
		t.Errorf("none: %#v %v", w.Actor().Queues, err)
	}
}

// Whatever is wrong is told in the same words and costs the same derivation.
func TestLogin_WhatIsWrongLooksAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	b.person(t, "gone@example.com", handoff.RoleAgent, nil, marasPassword)
	if _, err := b.pool.Exec(t.Context(), `UPDATE agents SET state = 'disabled' WHERE email = 'gone@example.com'`); err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `INSERT INTO agents (site_id, agent_id, email, name, role, created_at) VALUES ($1, gen_random_uuid(), 'new@example.com', 'New', 'agent', now())`, b.site); err != nil {
		t.Fatal(err)
	}
	elsewhere := attempt(theirAddress, marasPassword)
	elsewhere.Site = "attic"
	for name, a := range map[string]people.Attempt{
		"wrong password":          attempt(theirAddress, "plum orbit teapot"),
		"no password":             attempt(theirAddress, ""),
		"unknown account":         attempt("nobody@example.com", marasPassword),
		"disabled":                attempt("gone@example.com", marasPassword),
		"without a password yet":  attempt("new@example.com", ""),
		"no address":              attempt("mara", marasPassword),
		"an address with a quote": attempt("' OR true --", marasPassword),
		"a password like a book":  attempt(theirAddress, strings.Repeat("x", 60_000)),
		"a site that is not":      elsewhere,
	} {
		before := b.hashes.verified
		_, _, err := b.people.Login(t.Context(), a)
		if !errors.Is(err, people.ErrLogin) {
			t.Errorf("%s: %v", name, err)
		}
		if f, ok := fault.As(err); !ok || f.Public != people.ErrLogin.Public {
			t.Errorf("%s: told in other words", name)
		}
		if b.hashes.verified != before+1 {
			t.Errorf("%s: %d derivations", name, b.hashes.verified-before)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM agent_sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
	for _, e := range b.audit(t, people.AuditView{Action: people.ActLoginFailed}) {
		if e.Actor == "nobody@example.com" || len(e.Detail) > 0 {
			t.Errorf("the log has what was typed: %+v", e)
		}
	}
	if strings.Contains(b.log.String(), "plum") || strings.Contains(b.log.String(), "mara@") {
		t.Error("the process's log has what was typed")
	}
}

func TestLogin_OfASiteIsNotOfAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	b.addSite(t, "other")
	named := func(site string) error {
		a := attempt(theirAddress, marasPassword)
		a.Site = site
		_, _, err := b.people.Login(t.Context(), a)
		return err
	}
	if err := named("other"); !errors.Is(err, people.ErrLogin) {
		t.Errorf("other: %v", err)
	}
	if err := named(""); !errors.Is(err, people.ErrLogin) { // two sites and no default: none is meant
		t.Errorf("none named: %v", err)
	}
	if err := named("shop"); err != nil {
		t.Errorf("shop: %v", err)
	}
	_, token, err := b.people.Login(t.Context(), people.Attempt{Site: "shop", Email: theirAddress, Password: marasPassword, Where: from("192.0.2.1")})
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(token.Reveal(), ".")
	b.refused(t, fmt.Sprint(b.site+1, ".", secret), people.ErrOver, "the token with another site's number")
}

// Whether a site is to be named follows from where people can sign in, and says
// neither where nor who.
func TestNaming_GoesWithWhereSomebodyCanSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	is := func(what string, want people.Naming) {
		t.Helper()
		if got, err := b.people.Naming(t.Context()); err != nil || got != want {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	is("nobody anywhere", people.NamingNone)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	is("one site", people.NamingNone)
	other := b.addSite(t, "other")
	is("two and no default, somebody at one", people.NamingRequired)
	if _, err := b.pool.Exec(t.Context(), `UPDATE sites SET is_default = true WHERE site_id = $1`, b.site); err != nil {
		t.Fatal(err)
	}
	is("everybody at the default one", people.NamingNone)
	if _, made, err := b.people.First(t.Context(), other, theirAddress, "Mara"); err != nil || !made {
		t.Fatal(made, err)
	}
	is("somebody at each", people.NamingOptional)
	if _, err := b.pool.Exec(t.Context(), `DELETE FROM agent_passwords WHERE site_id = $1`, b.site); err != nil {
		t.Fatal(err)
	}
	is("nobody at the default one", people.NamingRequired)
}

func TestLogin_ThrottlesAnAccountAndSparesItsOwner(t *testing.T) {
	t.Parallel()
	b := setupWith(t, people.Config{Account: people.Rule{Burst: 3, Every: time.Minute}, Address: people.Rule{Burst: 100, Every: time.Second}})
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	b.login(t, theirAddress, marasPassword) // known at 192.0.2.1 from now on
	guess := func(place, email, password string) error {
		_, _, err := b.people.Login(t.Context(), people.Attempt{Email: email, Password: password, Where: from(place)})
		return err
	}
	for _, email := range []string{theirAddress, "nobody@example.com"} {
		for i := range 3 {
			if err := guess(fmt.Sprintf("198.51.100.%d", i), email, "a wrong guess"); !errors.Is(err, people.ErrLogin) {
				t.Fatalf("%s: guess %d: %v", email, i, err)
			}
		}
		before := b.hashes.verified
		err := guess("198.51.100.99", email, marasPassword)
		f, ok := fault.As(err)
		if !errors.Is(err, people.ErrTooMany) || !ok || f.RetryAfter <= 0 || f.RetryAfter > time.Minute {
			t.Errorf("%s: a fourth guess, the right one even, is answered: %v", email, err)
		}
		if b.hashes.verified != before {
			t.Errorf("%s: a throttled guess costs a derivation", email)
		}
	}
	if err := guess("192.0.2.1", theirAddress, marasPassword); err != nil {
		t.Errorf("the owner is locked out where they sign in from: %v", err)
	}
	for range 3 {
		_ = guess("192.0.2.1", theirAddress, "a wrong guess")
	}
	if err := guess("192.0.2.1", theirAddress, marasPassword); !errors.Is(err, people.ErrTooMany) {
		t.Errorf("guesses from there are not counted: %v", err)
	}
	b.clock.add(time.Minute)
	if err := guess("192.0.2.1", theirAddress, marasPassword); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestLogin_ThrottlesAnAddressOverAllAccounts(t *testing.T) {
	t.Parallel()
	b := setupWith(t, people.Config{Address: people.Rule{Burst: 4, Every: time.Minute}})
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	for i := range 4 {
		if _, _, err := b.people.Login(t.Context(), attempt(fmt.Sprintf("guess%d@example.com", i), "x")); !errors.Is(err, people.ErrLogin) {
			t.Fatal(err)
		}
	}
	if _, _, err := b.people.Login(t.Context(), attempt(theirAddress, marasPassword)); !errors.Is(err, people.ErrTooMany) {
		t.Errorf("a fifth account: %v", err)
	}
	near := attempt(theirAddress, marasPassword)
	near.Loopback = true
	if _, _, err := b.people.Login(t.Context(), near); err != nil {
		t.Errorf("loopback is everybody behind a proxy: %v", err)
	}
}

// Many at once, at two instances, get no more guesses than the rule allows.
func TestLogin_ThrottleHoldsForManyAtOnce(t *testing.T) {
	t.Parallel()
	cfg := people.Config{Account: people.Rule{Burst: 5, Every: time.Hour}, Address: people.Rule{Burst: 1000, Every: time.Second}}
	b := setupWith(t, cfg)
	b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	instances := []*people.People{b.people, b.with(t, b.hashes, cfg)}
	var tried atomic.Int32
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, _, err := instances[i%2].Login(t.Context(), attempt(theirAddress, "a wrong guess"))
			if errors.Is(err, people.ErrLogin) {
				tried.Add(1)
			} else if !errors.Is(err, people.ErrTooMany) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tried.Load() != 5 {
		t.Errorf("%d guesses were answered, 5 are allowed", tried.Load())
	}
}

// The statement says the same as the rule that the domain states.
func TestTake_IsTheRule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		r := people.Rule{Burst: rapid.IntRange(1, 6).Draw(rt, "burst"), Every: time.Duration(rapid.IntRange(1, 50).Draw(rt, "every")) * time.Second}
		n++
		key := fmt.Appendf(nil, "key %d", n)
		now, full := b.clock.now(), time.Time{}
		for _, step := range rapid.SliceOfN(rapid.IntRange(-20, 100), 1, 12).Draw(rt, "steps") { // clocks of instances differ
			now = now.Add(time.Duration(step) * time.Second)
			next, wait := r.Take(full, now)
			got, err := b.store.Take(t.Context(), b.site, key, r, now)
			if err != nil || got != wait {
				rt.Fatalf("the statement says %s, the rule %s (%v)", got, wait, err)
			}
			full = next
		}
	})
}

func TestLogin_HashesAnewWhenTheParametersChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.person(t, theirAddress, handoff.RoleAgent, nil, marasPassword)
	dear := b.with(t, b.hasher(t, people.Params{MemoryKiB: 128, Passes: 2}), people.Config{})
	if _, _, err := dear.Login(t.Context(), attempt(theirAddress, "wrong")); !errors.Is(err, people.ErrLogin) {
		t.Fatal(err)
	}
	var hash string
	read := func() string {
		if err := b.pool.QueryRow(t.Context(), `SELECT hash FROM agent_passwords WHERE agent_id = $1`, id).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	if !strings.Contains(read(), "m=64,t=1") {
		t.Errorf("a wrong password changes the hash: %s", hash)
	}
	var wg sync.WaitGroup
	for range 6 { // several browsers at once: none waits for another for ever
		wg.Go(func() {
			if _, _, err := dear.Login(t.Context(), attempt(theirAddress, marasPassword)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if !strings.Contains(read(), "m=128,t=2") {
		t.Errorf("the right one does not: %s", hash)
	}
	if _, _, err := dear.Login(t.Context(), attempt(theirAddress, marasPassword)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
