package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func TestAuth_ADayAtTheDesk(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "mara@example.com", handoff.RoleAgent, []string{"support"})
	w := b.browser(t)
	if r := w.do(t, "GET", "/me", nil); r.status != 401 || r.code() != "session_missing" {
		t.Fatalf("before: %d %s", r.status, r.body)
	}
	r := w.login(t, "mara@example.com", authPassword)
	set := r.head.Get("Set-Cookie")
	for _, want := range []string{cookiePlain + "=", "HttpOnly", "SameSite=Strict", "path=/desk", "expires="} {
		if !strings.Contains(strings.ToLower(set), strings.ToLower(want)) {
			t.Errorf("the cookie lacks %s: %s", want, set)
		}
	}
	if strings.Contains(set, "ecure") || strings.Contains(r.body, w.cookie(t)) {
		t.Errorf("over http: %s %s", set, r.body)
	}
	if r.head.Get("Cache-Control") != "no-store" || r.head.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("headers: %v", r.head)
	}
	r = w.do(t, "GET", "/me", nil)
	var me meResponse
	if err := json.Unmarshal([]byte(r.body), &me); err != nil || r.status != 200 {
		t.Fatal(r.status, r.body, err)
	}
	if me.Person.Email != "mara@example.com" || me.Site.Name != "shop" || !slices.Contains(me.Permissions, people.CasesWork) || !slices.Equal(me.Person.Queues, []string{"support"}) || !me.Session.Current {
		t.Errorf("%+v", me)
	}
	old := w.cookie(t)
	if r := w.do(t, "POST", "/logout", nil); r.status != 204 || w.cookie(t) != "" {
		t.Errorf("logout: %d, cookie %q", r.status, w.cookie(t))
	}
	if r := w.do(t, "POST", "/logout", nil); r.status != 204 {
		t.Errorf("logout twice: %d", r.status)
	}
	r = b.browser(t).do(t, "GET", "/me", nil, "Cookie", cookiePlain+"="+old)
	if r.status != 401 || r.code() != "session_over" {
		t.Errorf("replayed after logout: %d %s", r.status, r.body)
	}
	if log := b.log.String(); strings.Contains(log, old) || strings.Contains(log, authPassword) || strings.Contains(log, "mara@") {
		t.Error("the log has a token, a password or an address")
	}
}

func TestAuth_AStolenSessionWorksElsewhereUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{Idle: time.Hour}, AuthConfig{})
	b.join(t, "mara@example.com", handoff.RoleAgent, nil)
	w := b.signedIn(t, "mara@example.com")
	b.add(2 * time.Minute)
	thief := b.browser(t)
	thief.head["User-Agent"], thief.head["Cookie"], thief.head["X-Forwarded-For"] = "curl", cookiePlain+"="+w.cookie(t), "203.0.113.9"
	if r := thief.do(t, "GET", "/me", nil); r.status != 200 {
		t.Fatalf("from another browser: %d", r.status)
	}
	var list struct{ Sessions []sessionBody }
	r := w.do(t, "GET", "/sessions", nil)
	if err := json.Unmarshal([]byte(r.body), &list); err != nil || len(list.Sessions) == 0 {
		t.Fatal(r.status, r.body, err)
	}
	i := slices.IndexFunc(list.Sessions, func(s sessionBody) bool { return s.Current })
	if i < 0 || list.Sessions[i].Address != "203.0.113.9" || list.Sessions[i].UserAgent != "curl" {
		t.Errorf("the owner cannot see it: %+v", list.Sessions)
	}
	if r := w.do(t, "DELETE", "/sessions/"+list.Sessions[i].ID.String(), nil); r.status != 204 {
		t.Fatalf("revoke: %d %s", r.status, r.body)
	}
	for name, x := range map[string]*browser{"the thief": thief, "the owner": w} {
		if r := x.do(t, "GET", "/me", nil); r.status != 401 {
			t.Errorf("%s after it: %d", name, r.status)
		}
	}
	w = b.signedIn(t, "mara@example.com")
	b.add(61 * time.Minute)
	if r := w.do(t, "GET", "/me", nil); r.status != 401 || r.code() != "session_over" {
		t.Errorf("expired: %d %s", r.status, r.body)
	}
}

func TestAuth_AChangeComesFromAPageOfOurs(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "lead@example.com", handoff.RoleLead, nil)
	w := b.signedIn(t, "lead@example.com")
	host := strings.TrimPrefix(b.base, "http://")
	for name, c := range map[string]struct {
		site, origin string
		good         bool
	}{
		"our page":                          {"same-origin", b.base, true},
		"our page in an older browser":      {"", b.base, true},
		"behind a proxy with https":         {"", "https://" + host, true},
		"another site":                      {"cross-site", "https://evil.example", false},
		"another host of the same site":     {"same-site", "https://shop.example", false},
		"typed by the user":                 {"none", "", false},
		"another site in an older browser":  {"", "https://evil.example", false},
		"a host that begins like ours":      {"", b.base + ".evil.example", false},
		"another port":                      {"", "http://127.0.0.1:1", false},
		"a sandboxed frame":                 {"", "null", false},
		"says nothing":                      {"", "", false},
		"a file":                            {"", "file://" + host, false},
		"the site says no, the origin ours": {"cross-site", b.base, false},
	} {
		head := []string{"Sec-Fetch-Site", c.site, "Origin", c.origin}
		for _, route := range []struct{ method, path string }{{"PUT", "/settings/queues/sales"}, {"DELETE", "/sessions"}, {"POST", "/login"}} {
			body := any(map[string]string{})
			if route.path == "/login" {
				body = map[string]string{"email": "lead@example.com", "password": authPassword}
			}
			r := w.do(t, route.method, route.path, body, head...)
			if c.good != (r.status < 300) || !c.good && r.code() != "cross_site" {
				t.Errorf("%s: %s %s: %d %s", name, route.method, route.path, r.status, r.body)
			}
		}
		reads := c.site == "" || c.site == "same-origin" || c.site == "none"
		if r := w.do(t, "GET", "/me", nil, head...); r.status == 200 != reads {
			t.Errorf("%s: reading: %d", name, r.status)
		}
	}
	// A form of another page can send no JSON.
	req, err := http.NewRequestWithContext(t.Context(), "POST", b.base+"/desk/api/v1/login", strings.NewReader(`{"email":"lead@example.com","password":"`+authPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("Origin", b.base)
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 415 {
		t.Errorf("text/plain: %d", resp.StatusCode)
	}
}

func TestAuth_WithAnOriginOfItsOwn(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{Origin: "https://desk.example.com/"})
	b.join(t, "mara@example.com", handoff.RoleAgent, nil)
	w := b.browser(t)
	if r := w.login(t, "mara@example.com", authPassword, "Sec-Fetch-Site", "", "Origin", b.base); r.status != 403 {
		t.Errorf("the address behind the proxy: %d", r.status)
	}
	r := w.login(t, "mara@example.com", authPassword, "Sec-Fetch-Site", "", "Origin", "https://desk.example.com")
	set := r.head.Get("Set-Cookie")
	if r.status != 200 || !strings.HasPrefix(set, cookieSecure+"=") || !strings.Contains(set, "secure") || !strings.Contains(set, "path=/;") || strings.Contains(set, "domain") {
		t.Fatalf("%d %s", r.status, set)
	}
	value, _, _ := strings.Cut(strings.TrimPrefix(set, cookieSecure+"="), ";")
	if r := b.browser(t).do(t, "GET", "/me", nil, "Cookie", cookieSecure+"="+value); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	// What a subdomain or a page without https could have planted is not read.
	if r := b.browser(t).do(t, "GET", "/me", nil, "Cookie", cookiePlain+"="+value); r.status != 401 {
		t.Errorf("the plain name: %d", r.status)
	}
	for name, origin := range map[string]string{"a path": "https://a.example/desk", "no scheme": "desk.example.com", "another scheme": "ftp://a.example", "a user": "https://u@a.example"} {
		if _, err := NewAuth(b.auth.app, b.people, AuthConfig{Origin: origin}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
