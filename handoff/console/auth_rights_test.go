package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func TestAuth_ThrottleSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{Account: people.Rule{Burst: 3, Every: time.Minute}}, AuthConfig{})
	b.join(t, "mara@example.com", handoff.RoleAgent, nil)
	w := b.browser(t)
	w.head["X-Forwarded-For"] = "203.0.113.9"
	var told []string
	for _, email := range []string{"mara@example.com", "nobody@example.com"} {
		for range 3 {
			r := w.login(t, email, "a wrong guess")
			if r.status != 401 || r.code() != "login_failed" {
				t.Fatalf("%d %s", r.status, r.body)
			}
			words, _, _ := strings.Cut(r.body, `"request_id"`)
			told = append(told, words)
		}
		r := w.login(t, email, authPassword)
		if r.status != 429 || r.code() != "login_throttled" || r.head.Get("Retry-After") == "" || r.head.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", email, r.status, r.body)
		}
	}
	if slices.Sort(told); told[0] != told[len(told)-1] {
		t.Errorf("a known and an unknown account are told apart: %q", told)
	}
}

func TestAuth_AnAgentOfOneQueueSeesNoOther(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	const secret = "my order 4711 never came"
	sales := b.openCase(t, "sales", secret)
	b.join(t, "admin@example.com", handoff.RoleAdmin, nil)
	for email, queues := range map[string][]string{"support@example.com": {"support"}, "none@example.com": {}, "sales@example.com": {"sales"}, "all@example.com": nil} {
		b.join(t, email, handoff.RoleAgent, queues)
	}
	b.join(t, "lead@example.com", handoff.RoleLead, []string{"support"})
	b.join(t, "looker@example.com", handoff.RoleReadOnly, []string{"sales"})
	for email, want := range map[string]int{
		"support@example.com": 404, "none@example.com": 404, "lead@example.com": 404,
		"sales@example.com": 200, "all@example.com": 200, "looker@example.com": 200, "admin@example.com": 200,
	} {
		r := b.signedIn(t, email).do(t, "GET", "/cases/"+sales.String(), nil)
		if r.status != want || strings.Contains(r.body, secret) != (want == 200) {
			t.Errorf("%s: %d %s", email, r.status, r.body)
		}
	}
	var log struct{ Entries []entryBody }
	admin := b.signedIn(t, "admin@example.com")
	r := admin.do(t, "GET", "/audit?case="+sales.String(), nil)
	if err := json.Unmarshal([]byte(r.body), &log); err != nil || len(log.Entries) != 4 {
		t.Errorf("four saw it, the log says %s", r.body)
	}
	if strings.Contains(r.body, "4711") {
		t.Error("the log has the customer's words")
	}
}

func TestAuth_WhatIsTakenAwayIsGoneAtTheNextRequest(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "admin@example.com", handoff.RoleAdmin, nil)
	id := b.join(t, "lead@example.com", handoff.RoleLead, []string{"sales"})
	sales := b.openCase(t, "sales", "hello")
	admin, lead := b.signedIn(t, "admin@example.com"), b.signedIn(t, "lead@example.com")
	see := func() int { return lead.do(t, "GET", "/cases/"+sales.String(), nil).status }
	set := func() int { return lead.do(t, "PUT", "/settings/queues/sales", map[string]string{}).status }
	change := func(body string) {
		t.Helper()
		if r := admin.do(t, "PATCH", "/people/"+id.String(), json.RawMessage(body)); r.status != 200 {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
	}
	if see() != 200 || set() != 204 {
		t.Fatal("a lead may")
	}
	change(`{"role":"read_only"}`)
	if see() != 200 || set() != 403 {
		t.Error("the role taken away in mid-work goes on")
	}
	change(`{"queues":["support"]}`)
	if see() != 404 {
		t.Error("the queue taken away goes on")
	}
	change(`{"queues":null}`)
	if see() != 200 {
		t.Error("all queues are not all")
	}
	change(`{"disabled":true}`)
	if see() != 401 {
		t.Error("disabled, and goes on")
	}
	change(`{"disabled":false}`)
	if see() != 401 {
		t.Error("the session of before is alive again")
	}
	r := admin.do(t, "GET", "/audit?action=settings_changed", nil)
	if !strings.Contains(r.body, `"queue":"sales"`) || !strings.Contains(r.body, `"method":"PUT"`) || strings.Count(r.body, "settings_changed") != 1 {
		t.Errorf("the log of settings: %s", r.body)
	}
	for body, code := range map[string]string{
		`{"role":"king"}`: "role", `{"queues":["attic"]}`: "queues", `{"queues":"all"}`: "json_type", `{"name":""}`: "name", `{"site":3}`: "json_unknown_field",
	} {
		if r := admin.do(t, "PATCH", "/people/"+id.String(), json.RawMessage(body)); r.status != 400 || r.code() != code {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
}

func TestAuth_AStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	id := b.join(t, "mara@example.com", handoff.RoleAgent, []string{"sales"})
	who, _, err := b.people.Login(t.Context(), people.Attempt{Email: "mara@example.com", Password: authPassword, Where: people.Where{Place: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	fctx := fiber.New()
	var again func(context.Context) (handoff.Actor, error)
	fctx.Get("/", func(c *fiber.Ctx) error {
		c.Locals(localWho, who)
		again = b.auth.Again(c)
		return nil
	})
	req, err := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := fctx.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if a, err := again(t.Context()); err != nil || !a.Sees("sales") || a.Sees("support") {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := b.people.RevokeAll(t.Context(), handoff.System(b.site, "test"), id, convo.ID{}); err != nil {
		t.Fatal(err)
	}
	if _, err := again(t.Context()); err == nil {
		t.Error("goes on after it was revoked")
	}
}

// Looking at a conversation that is nobody's case is written down as looking at
// a case is: once in ten minutes, and whoever may not look leaves no line.
func TestAuth_WhoReadsAConversationWithoutACaseIsWrittenDown(t *testing.T) {
	t.Parallel()
	b := startAuth(t, people.Config{}, AuthConfig{})
	b.join(t, "admin@example.com", handoff.RoleAdmin, nil)
	b.join(t, "all@example.com", handoff.RoleAgent, nil)
	b.join(t, "support@example.com", handoff.RoleAgent, []string{"support"})
	one, other := bot.NewID(), bot.NewID()
	admin, all, support := b.signedIn(t, "admin@example.com"), b.signedIn(t, "all@example.com"), b.signedIn(t, "support@example.com")
	look := func(w *browser, id convo.ID, want int) {
		t.Helper()
		if r := w.do(t, "GET", "/conversations/"+id.String(), nil); r.status != want {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	look(all, one, 200)
	look(all, one, 200)
	look(all, other, 200)
	look(admin, one, 200)
	look(support, one, 404)
	read := func(query string, want int) {
		t.Helper()
		var log struct{ Entries []entryBody }
		r := admin.do(t, "GET", "/audit?"+query, nil)
		if err := json.Unmarshal([]byte(r.body), &log); err != nil || len(log.Entries) != want {
			t.Errorf("%s: %s", query, r.body)
		}
		for _, e := range log.Entries {
			if e.Action != people.ActConversationSeen || e.Conversation == nil || e.Case != nil {
				t.Errorf("%s: %+v", query, e)
			}
		}
	}
	read("conversation="+one.String(), 2)
	read("conversation="+other.String(), 1)
	read("action=conversation_seen", 3)
	b.add(11 * time.Minute)
	look(all, one, 200)
	read("conversation="+one.String(), 3)
}
