package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// All that a lead does at the desk's page can be done at the terminal.
func TestCase_TheRestOfALeadsWork(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, parts string, args ...string) string {
		t.Helper()
		out := s.command(t, want, "", args...)
		if !strings.Contains(out, parts) {
			t.Errorf("%v: no %q in %s", args, parts, out)
		}
		return out
	}
	open := func() string {
		t.Helper()
		run(0, "", "ask", "--keep", "talk to a human")
		var last struct{ Reference string }
		for line := range strings.Lines(run(0, "", "queue", "list", "--json")) {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatal(err)
			}
		}
		return last.Reference
	}
	run(0, "", "agent", "add", "mara@shop.example", "--name", "Mara", "--role", "lead")
	run(0, "", "agent", "add", "omar@shop.example", "--name", "Omar")
	ref := open()
	run(0, "waits", "case", "priority", ref, "urgent")
	run(1, "low, normal, high or urgent", "case", "priority", ref, "soon")
	run(0, "urgent", "case", "list")
	run(1, "Claim it first", "case", "reply", ref, "Hello", "--as", "omar@shop.example")
	run(0, "", "case", "claim", ref, "--as", "omar@shop.example")
	run(2, "--as is missing", "case", "reply", ref, "Hello")
	run(0, "is with Omar", "case", "reply", ref, "Hello,", "this is Omar", "--as", "omar@shop.example")
	run(0, "", "case", "whisper", ref, "offer a new lid")
	run(1, "Nobody has this case", "case", "whisper", open(), "to nobody", "--as", "omar@shop.example")
	run(0, "", "case", "snooze", ref, "2h")
	run(0, "Omar", "case", "list", "--view", "snoozed", "--agent", "omar@shop.example")
	run(0, "", "case", "snooze", ref, "wake")
	run(2, "is no time", "case", "snooze", ref, "soon")
	run(1, "in the future", "case", "snooze", ref, "2020-01-01")
	run(2, "--as is missing", "case", "takeover", ref, "shift ends")
	run(1, "role does not allow", "case", "takeover", ref, "mine", "--as", "omar@shop.example")
	run(0, "is with Mara", "case", "takeover", ref, "shift", "ends", "--as", "mara@shop.example")
	show := run(0, "shift ends", "case", "show", ref)
	if !strings.Contains(show, "offer a new lid") || !strings.Contains(show, "snoozed") {
		t.Error(show)
	}
	run(1, "one customer", "case", "merge", ref, open())
	run(1, "no such case", "case", "merge", ref, "XXXX-XXXX")

	run(0, "nobody is blocked", "case", "blocked")
	run(2, "--for", "case", "block", ref, "--for", "long")
	run(0, "blocked", "case", "block", ref, "rude", "--for", "7d")
	run(0, "rude", "case", "blocked")
	run(0, `"by":"terminal"`, "case", "blocked", "--json")
	run(0, "not blocked", "case", "unblock", ref)
	run(0, "nobody is blocked", "case", "blocked")

	run(0, "max_open       3", "queue", "rules")
	run(0, "changed", "queue", "rules", "max_open=-1", "max_day=20", "zone=Europe/Berlin")
	run(0, "no limit", "queue", "rules")
	run(0, `"max_day":20`, "queue", "rules", "--json")
	run(1, "no time zone", "queue", "rules", "zone=Mars/One")
	run(2, "no limit", "queue", "rules", "most=1")

	audit := s.command(t, 0, "", "agent", "audit", "--json", "--limit", "100")
	for what, want := range map[string]int{`"what":"/blocks/:visitor"`: 2, `"what":"/settings/rules"`: 1} {
		if n := strings.Count(audit, what); n != want {
			t.Errorf("%d of %s, not %d, in %s", n, what, want, audit)
		}
	}
}
