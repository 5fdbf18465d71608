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
		status, stdout, stderr := cli(t, s.env, stdin, args...)
		if status != want {
			t.Fatalf("frontdesk %s: %d %s", strings.Join(args, " "), status, stderr)
		}
		return stdout + stderr
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
	holds(run(0, "", "case", "show", ref), "Sent a new lid.", "the lid again", "support → support-2", "claimed")
	holds(run(0, "", "case", "show", ref, "--json"), `"packet"`, `"memo":"Sent a new lid."`)
	holds(run(0, "", "case", "reopen", ref, "--as", "omar@shop.example"), "is with Omar")
	holds(run(0, "", "case", "list", "--view", "mine", "--agent", "omar@shop.example", "--json"), ref)
	holds(run(1, "", "case", "show", "XXXX-XXXX"), "no such case")

	holds(run(0, "", "agent", "disable", "omar@shop.example"), "1 cases went back")
	holds(run(0, "", "queue", "list"), ref)
	holds(run(1, "", "queue", "remove", "vip"), "routes lead to it")
	run(0, "", "queue", "routes", "[]")
	holds(run(0, "", "queue", "remove", "vip"), "removed vip")
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
