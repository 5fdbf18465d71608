package console

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

// Each route, asked by each role: who may, and what must not be in the answer.
func TestAuth_WhoMayWhat(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "admin@example.com", handoff.RoleAdmin, nil)
	b.join(t, "lead@example.com", handoff.RoleLead, nil)
	b.join(t, "agent@example.com", handoff.RoleAgent, nil)
	b.join(t, "looker@example.com", handoff.RoleReadOnly, nil)
	other := b.join(t, "other@example.com", handoff.RoleAgent, nil)
	guest := b.browser(t)
	as := map[string]*browser{"guest": guest}
	for _, role := range []string{"admin", "lead", "agent", "looker"} {
		as[role] = b.signedIn(t, role+"@example.com")
	}
	nobody := uuid.NewString()
	for _, c := range []struct {
		method, path string
		body         string
		statuses     string // guest looker agent lead admin
	}{
		{"GET", "/me", "", "401 200 200 200 200"},
		{"GET", "/sessions", "", "401 200 200 200 200"},
		{"GET", "/sessions?person=" + other.String(), "", "401 403 403 403 200"},
		{"GET", "/sessions?person=" + nobody, "", "401 403 403 403 404"},
		{"GET", "/sessions?person=me", "", "401 404 404 404 404"},
		{"DELETE", "/sessions?person=" + nobody, "", "401 403 403 403 404"},
		{"DELETE", "/sessions/" + nobody, "", "401 404 404 404 404"},
		{"DELETE", "/sessions/x", "", "401 404 404 404 404"},
		{"GET", "/people", "", "401 403 403 200 200"},
		{"PATCH", "/people/" + other.String(), `{"capacity":4}`, "401 403 403 403 200"},
		{"PATCH", "/people/" + nobody, `{"capacity":4}`, "401 403 403 403 404"},
		{"PATCH", "/people/x", `{"capacity":4}`, "401 404 404 404 404"},
		{"POST", "/people/" + nobody + "/reset", "", "401 403 403 403 404"},
		{"GET", "/invitations", "", "401 403 403 403 200"},
		{"POST", "/invitations", `{"email":"new@example.com","role":"agent"}`, "401 403 403 403 201"},
		{"POST", "/invitations", `{"email":"admin@example.com","role":"agent"}`, "401 403 403 403 409"},
		{"DELETE", "/invitations/" + nobody, "", "401 403 403 403 404"},
		{"GET", "/audit", "", "401 403 403 403 200"},
		{"GET", "/audit?after=-1", "", "401 400 400 400 400"},
		{"GET", "/audit?agent=x", "", "401 400 400 400 400"},
		{"POST", "/password", `{"old":"x","new":"y"}`, "401 400 400 400 400"},
		{"POST", "/login", `{"email":1}`, "400 400 400 400 400"},
		{"POST", "/login", ``, "415 415 415 415 415"},
		{"POST", "/invitations/look", `{"token":"7.nonsense"}`, "404 404 404 404 404"},
		{"POST", "/invitations/accept", `{"token":"","password":"plum orbit kettle"}`, "404 404 404 404 404"},
		{"GET", "/nothing", "", "401 404 404 404 404"},
	} {
		want := strings.Fields(c.statuses)
		for i, role := range []string{"guest", "looker", "agent", "lead", "admin"} {
			var body any
			if c.body != "" {
				body = json.RawMessage(c.body)
			}
			r := as[role].do(t, c.method, c.path, body)
			if got := strconv.Itoa(r.status); got != want[i] {
				t.Errorf("%s %s by %s: %s, want %s: %s", c.method, c.path, role, got, want[i], r.body)
			}
			for _, never := range []string{"argon2", "token_hash", authPassword} {
				if strings.Contains(r.body, never) {
					t.Errorf("%s %s by %s tells %s", c.method, c.path, role, never)
				}
			}
			if r.status >= 400 && strings.Contains(r.body, "other@example.com") {
				t.Errorf("%s %s by %s: a refusal names somebody", c.method, c.path, role)
			}
		}
	}
}

func TestAuth_AnInvitationOverHTTP(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "admin@example.com", handoff.RoleAdmin, nil)
	admin := b.signedIn(t, "admin@example.com")
	r := admin.do(t, "POST", "/invitations", json.RawMessage(`{"email":"tom@example.com","name":"Tom","role":"agent","queues":["support"]}`))
	var made invitationBody
	if err := json.Unmarshal([]byte(r.body), &made); err != nil || r.status != 201 {
		t.Fatal(r.status, r.body)
	}
	path, token, ok := strings.Cut(made.Path, "#join=")
	if !ok || path != "/desk" {
		t.Fatalf("path %q", made.Path)
	}
	if r := admin.do(t, "GET", "/invitations", nil); strings.Contains(r.body, token) || !strings.Contains(r.body, "tom@example.com") {
		t.Errorf("the list tells the token again: %s", r.body)
	}
	tom := b.browser(t)
	if r := tom.do(t, "POST", "/invitations/look", map[string]string{"token": token}); r.status != 200 || !strings.Contains(r.body, `"role":"agent"`) {
		t.Errorf("look: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "POST", "/invitations/accept", map[string]string{"token": token, "password": "short"}); r.status != 400 || r.code() != "password_weak" {
		t.Errorf("weak: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "POST", "/invitations/accept", map[string]string{"token": token, "password": "teal bicycle harbour"}); r.status != 201 {
		t.Fatalf("accept: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "GET", "/me", nil); r.status != 200 || !strings.Contains(r.body, `"queues":["support"]`) {
		t.Errorf("me: %d %s", r.status, r.body)
	}
	if r := b.browser(t).do(t, "POST", "/invitations/accept", map[string]string{"token": token, "password": "teal bicycle harbour"}); r.status != 409 || r.code() != "invitation_used" {
		t.Errorf("again: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "POST", "/password", map[string]string{"old": "teal bicycle harbour", "new": "plum orbit kettle"}); r.status != 204 {
		t.Errorf("change: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "GET", "/me", nil); r.status != 200 {
		t.Errorf("this browser is signed out by its own change: %d", r.status)
	}
	var me meResponse
	if err := json.Unmarshal([]byte(tom.do(t, "GET", "/me", nil).body), &me); err != nil {
		t.Fatal(err)
	}
	r = admin.do(t, "POST", "/people/"+me.Person.ID.String()+"/reset", nil)
	if r.status != 201 || !strings.Contains(r.body, `"kind":"password"`) {
		t.Fatalf("reset: %d %s", r.status, r.body)
	}
	if r := tom.do(t, "GET", "/me", nil); r.status != 401 {
		t.Errorf("after the reset: %d", r.status)
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("the token is in the log")
	}
}
