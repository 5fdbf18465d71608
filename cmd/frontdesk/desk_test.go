package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDesk_ALeadsWorkFromTheTerminal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, stdin string, args ...string) string {
		t.Helper()
		return s.command(t, want, stdin, args...)
	}
	holds := func(out string, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(out, p) {
				t.Errorf("no %q in %s", p, out)
			}
		}
	}
	holds(run(0, "", "agent", "list"), "nobody works")
	run(0, "", "agent", "add", "mara@shop.example", "--name", "Mara", "--role", "lead", "--skills", "returns,kettles")
	run(0, "", "agent", "add", "omar@shop.example", "--name", "Omar")
	holds(run(1, "", "agent", "add", "OMAR@shop.example", "--name", "Omar Two"), "already")
	run(2, "", "agent", "add", "x@shop.example")
	holds(run(1, "", "agent", "add", "x", "--name", "X"), "e-mail")
	run(0, "", "agent", "set", "omar@shop.example", "capacity=7", "languages=de, en")
	run(2, "", "agent", "set", "omar@shop.example", "height=2")
	holds(run(0, "", "agent", "list"), "Mara", "0 of 7", "de,en", "away")

	holds(run(0, "", "queue", "show"), "service", "(default)", "escalations")
	run(0, "", "queue", "add", "vip", "name=Very important", "first_reply=2m", "distribution=push", "overflow=service")
	holds(run(1, "", "queue", "add", "vip"), "already")
	run(2, "", "queue", "set", "vip", "first_reply=soon")
	holds(run(1, "", "queue", "set", "vip", "overflow=nowhere"), "nowhere")
	holds(run(1, "", "queue", "set", "vip", `notify={"bogus":1}`), "bogus")
	run(0, "", "queue", "set", "vip", "weight=3")
	holds(run(0, "", "queue", "show", "vip"), "Very important", "2m0s", "push")
	run(0, `{"zone":"Europe/Berlin","week":{"mon-fri":["09:00-17:00"]}}`, "queue", "hours", "vip", "-")
	holds(run(0, "", "queue", "hours", "vip"), "Europe/Berlin")
	holds(run(1, "", "queue", "hours", "vip", `{"week":{"someday":["09:00-10:00"]}}`), "hours")

	run(0, "", "ask", "--keep", "talk to a human")
	var waits struct{ Reference, Queue string }
	if err := json.Unmarshal([]byte(run(0, "", "queue", "list", "--json")), &waits); err != nil || waits.Reference == "" {
		t.Fatalf("%+v, %v", waits, err)
	}
	ref := waits.Reference
	holds(run(0, "", "queue", "routes"), "reason sensitive", "anything else")
	table := `[{"reason":["asked"],"queue":"vip","priority":"high"}]`
	holds(run(0, "", "queue", "dry-run", table), waits.Queue, "vip", "high", "1 of 1 would go elsewhere")
	run(0, "", "queue", "routes", table)
	run(2, "", "queue", "routes", `[{"wish":"x"}]`)
	holds(run(1, "", "queue", "routes", `[{"queue":"nowhere"}]`), "nowhere")

	// What people moved since is not what the routes said.
	run(0, "", "case", "transfer", ref, "quick")
	holds(run(0, "", "queue", "dry-run", `[{"reason":["asked"],"queue":"service"}]`), "0 of 1 would go elsewhere")

	run(2, "", "case", "claim", ref)
	holds(run(0, "", "case", "claim", strings.ToLower(ref), "--as", "omar@shop.example"), "is with Omar")
	holds(run(1, "", "case", "claim", ref, "--as", "mara@shop.example"), "Omar has this case")
	run(0, "", "case", "note", ref, "the", "lid", "again")
	holds(run(0, "", "case", "transfer", ref, "support", "it", "leaks"), "waits in support")
	holds(run(0, "", "case", "escalate", ref), "waits in support-2")
	holds(run(0, "", "case", "transfer", ref, "mara@shop.example"), "is with Mara")
	holds(run(0, "", "case", "release", ref), "waits in support-2")
	holds(run(0, "", "case", "list"), ref, "high")
	holds(run(0, "", "case", "close", ref, "--memo", "Sent a new lid."), "is closed: solved")
	show := run(0, "", "case", "show", ref)
	holds(show, "Sent a new lid.", "the lid again", "support → support-2", "claimed")
	holds(show, "Handed over because: asked for a person", "Language: en") // the packet in words
	holds(run(0, "", "case", "show", ref, "--json"), `"packet"`, `"memo":"Sent a new lid."`)
	holds(run(0, "", "case", "reopen", ref, "--as", "omar@shop.example"), "is with Omar")
	holds(run(0, "", "case", "list", "--view", "mine", "--agent", "omar@shop.example", "--json"), ref)
	holds(run(1, "", "case", "show", "XXXX-XXXX"), "no such case")

	holds(run(0, "", "agent", "disable", "omar@shop.example"), "1 cases went back")
	holds(run(0, "", "queue", "list"), ref)
	holds(run(1, "", "queue", "remove", "vip"), "routes lead to it")
	run(0, "", "queue", "routes", "[]")
	holds(run(0, "", "queue", "remove", "vip"), "removed vip")

	audit := run(0, "", "agent", "audit", "--json", "--limit", "100")
	if strings.Contains(audit, `"actor":""`) || strings.Contains(audit, "overflow") {
		t.Errorf("audit: %s", audit)
	}
	for what, want := range map[string]int{
		`"actor":"terminal"`:         10,
		`"action":"person_added"`:    2,
		`"action":"person_changed"`:  1,
		`"action":"person_disabled"`: 1,
		`"detail":{"method":"PUT","queue":"vip","what":"/settings/queues/:queue"}`:    3, // added, set, its hours
		`"detail":{"method":"PUT","what":"/settings/routes"}`:                         2,
		`"detail":{"method":"DELETE","queue":"vip","what":"/settings/queues/:queue"}`: 1,
		`"detail":{"method":"PUT","queue":"sales","what":"/settings/queues/:queue"}`:  0, // refused
	} {
		if n := strings.Count(audit, what); n != want {
			t.Errorf("%d of %s, not %d, in %s", n, what, want, audit)
		}
	}
}

func TestDesk_TheLastAdminStaysInWords(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	if _, _, err := agentCLI(t, dsn, "", "first", "robin@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"disable", "robin@example.com"}, {"set", "robin@example.com", "role=lead"}} {
		_, _, err := agentCLI(t, dsn, "", args...)
		if err == nil || !strings.Contains(err.Error(), "the last admin who can sign in") || strings.Contains(err.Error(), "SQLSTATE") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if out, _, err := agentCLI(t, dsn, "", "audit", "--action", "person_disabled"); err != nil || strings.Contains(out, "terminal") {
		t.Errorf("what was refused is written down: %s %v", out, err)
	}
}

func TestCommands_SayNothingOfWhatTheyDoBeside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if status, _, stderr := cli(t, s.env, "", "ask", "--keep", "talk to a human"); status != 0 {
		t.Fatal(stderr)
	}
	s.command(t, 0, "", "agent", "add", "mara@shop.example", "--name", "Mara") // somebody works there
	var ref string
	s.scan(t, `SELECT reference FROM cases`, &ref)
	for _, args := range [][]string{{"escalate", ref}, {"close", ref}, {"reopen", ref}} {
		status, _, stderr := cli(t, s.env, "", append([]string{"case"}, args...)...)
		if status != 0 || strings.Contains(stderr, "WARN") || strings.Contains(stderr, "names of products") {
			t.Errorf("%v: %d %s", args, status, stderr)
		}
	}
}

func TestServe_ACaseThatTriageHadNotSeenIsRoutedWhenItHas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.serve(t)
	p.open(t)
	status, body, err := p.call("POST", "/v1/conversations/"+p.conversation+"/human", `{"text":"My kettle leaks at the lid, what can I do?"}`)
	if err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	var opened struct{ Case, Queue string }
	if err := json.Unmarshal([]byte(body), &opened); err != nil || opened.Queue != "service" {
		t.Fatalf("%v: %s", err, body)
	}
	eventually(t, "routed", func() (triaged bool) {
		s.scan(t, `SELECT triaged FROM cases WHERE case_id = '`+opened.Case+`'`, &triaged)
		return triaged
	})
	var log string
	s.scan(t, `SELECT string_agg(kind, ' ' ORDER BY n) FROM case_events`, &log)
	if log != "opened routed" {
		t.Errorf("log %s", log)
	}
	var problem string
	s.scan(t, `SELECT problem FROM cases`, &problem)
	if !strings.Contains(problem, "leaks at the lid") {
		t.Errorf("problem %q", problem)
	}
}
