package console

import (
	"testing"

	"frontdesk/bot"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

// People of a second site sign in by its name; whoever guesses learns nothing of
// which sites there are and who is at one.
func TestAuth_PeopleOfASecondSiteSignInByItsName(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "mara@example.com", handoff.RoleAgent, nil)
	if r := b.browser(t).do(t, "GET", "/login", nil); r.status != 200 || r.body != `{"site":"none"}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	var second int32
	if err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ('second') RETURNING site_id`).Scan(&second); err != nil {
		t.Fatal(err)
	}
	password, _, err := b.people.First(t.Context(), second, "tom@example.com", "Tom")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE sites SET is_default = name = 'shop'`); err != nil {
		t.Fatal(err)
	}
	if r := b.browser(t).do(t, "GET", "/login", nil); r.body != `{"site":"optional"}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := b.browser(t).do(t, "GET", "/login", nil, "Sec-Fetch-Site", "cross-site"); r.status != 403 {
		t.Errorf("another page asks: %d", r.status)
	}
	told := map[string]bool{}
	for _, c := range []struct{ site, email, password string }{
		{"", "tom@example.com", password},                     // of another site
		{"shop", "tom@example.com", password},                 // likewise, by name
		{"second", "tom@example.com", "teal bicycle harbour"}, // there, with a wrong password
		{"second", "mara@example.com", authPassword},          // of the first one
		{"third", "tom@example.com", password},                // there is none
		{"' OR 1=1 --", "tom@example.com", password},
		{"", bot.NewID().String() + "@example.com", password},
	} {
		r := b.browser(t).do(t, "POST", "/login", map[string]string{"site": c.site, "email": c.email, "password": c.password})
		if r.status != 401 || r.code() != "login_failed" {
			t.Errorf("%+v: %d %s", c, r.status, r.body)
		}
		told[r.code()] = true
	}
	if len(told) != 1 {
		t.Errorf("%v", told)
	}
	tom := b.browser(t)
	if r := tom.do(t, "POST", "/login", map[string]string{"site": "second", "email": "tom@example.com", "password": password}); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := tom.do(t, "GET", "/audit", nil); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
}
