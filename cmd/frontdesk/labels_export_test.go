package main

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/triage/pii"
)

func TestChoiceOf_MasksWhatIsPersonal(t *testing.T) {
	t.Parallel()
	finder, err := pii.New()
	if err != nil {
		t.Fatal(err)
	}
	problem := convo.ID{15: 7}
	l := handoff.Labelled{
		Reference: "TR4W-XX3H", Name: "Ann Lee", Email: "ann@shop.example", Desk: "support", Topic: "faults", Product: "kettle",
		Was: handoff.Triage{Desk: "service", Topic: "refunds"}, From: "service", To: "support", Moved: true, Topical: true,
		Why: []string{"Ann asked twice, call +44 20 7946 0958"}, Article: "k2-red-light", Edited: .2, Unused: []string{"returns"}, Problem: problem,
		Messages: []convo.Message{
			{Author: convo.Customer, Text: "Hello, this is ann lee, ann.private@example.org"},
			{Author: convo.System, Text: "I'm connecting you"},
			{Author: convo.Bot, Text: "Which order?"},
			{ID: problem, Author: convo.Customer, Text: "Order no. KW-204417, card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00: the K2 flashes red"},
			{Author: convo.Customer, Text: "a later one"},
		},
	}
	line, ok := choiceOf(l, choiceMasker{finder, []string{`KW-\d{6}`}, []string{l.Name, l.Email}})
	if !ok {
		t.Fatal("no line")
	}
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"204417", "4111", "DE89", "ann.private", "ann lee", "Ann asked", "7946", "a later one", "connecting"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%q is in %s", secret, raw)
		}
	}
	if line.Text != "Order no. [order], card [card], IBAN [iban]: the K2 flashes red" || line.ID != "desk-TR4W-XX3H" || len(line.History) != 2 ||
		line.Article != "k2-red-light" || strings.Join(line.From.Chosen, " ") != "moved sent topic unused" || line.From.FromQueue != "service" || line.From.Was.Topic != "refunds" {
		t.Errorf("%s", raw)
	}
	l.Edited = .8 // another reply: its article does not answer
	if line, _ := choiceOf(l, choiceMasker{finder: finder}); line.Article != "" || line.From.Suggested != "k2-red-light" {
		t.Errorf("%+v", line)
	}
	l.Desk = ""
	if _, ok := choiceOf(l, choiceMasker{finder: finder}); ok {
		t.Error("an example without desk and article")
	}
}

func TestParseSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{"": "0001-01-01T00:00:00Z", "2026-11-01": "2026-11-01T00:00:00Z", "30d": "2026-10-23T12:00:00Z", "2026-11-01T08:00:00+02:00": "2026-11-01T08:00:00+02:00"} {
		if got, err := parseSince(s, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"yesterday", "-3d", "30", "2026-13-01"} {
		if _, err := parseSince(s, now); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestLabels_ExportGivesAgentsChoicesAsExamples(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, stdin string, args ...string) string {
		t.Helper()
		status, stdout, stderr := cli(t, s.env, stdin, args...)
		if status != want {
			t.Fatalf("frontdesk %s: %d %s", strings.Join(args, " "), status, stderr)
		}
		return stdout
	}
	ask := func(text string) string {
		t.Helper()
		run(0, "", "ask", "--keep", text, "talk to a human")
		var newest string
		for sc := bufio.NewScanner(strings.NewReader(run(0, "", "case", "list", "--view", "open", "--json"))); sc.Scan(); {
			var c struct{ Reference, Problem string }
			if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(c.Problem, text[:12]) {
				newest = c.Reference
			}
		}
		if newest == "" {
			t.Fatalf("no case of %q", text)
		}
		return newest
	}
	moved := ask("My kettle hisses, write to ann@shop.example")
	run(0, "", "agent", "add", "mara@shop.example", "--name", "Mara")
	run(0, "", "case", "transfer", moved, "support", "it is the base")
	run(0, "", "case", "close", moved, "--ended", "solved", "--topic", "faults", "--memo", "Sent a base")
	plain := ask("Where do you have your office")
	run(0, "", "case", "close", plain, "--ended", "solved")
	open := ask("Can I get a plain invoice")

	out := run(0, "", "labels", "export", "--choices")
	if again := run(0, "", "labels", "export", "--since", "1d"); again != out {
		t.Errorf("two exports:\n%s%s", out, again)
	}
	if strings.Count(out, "\n") != 1 || strings.Contains(out, plain) || strings.Contains(out, open) || strings.Contains(out, "ann@shop") {
		t.Fatalf("%s", out)
	}
	var line choiceLine
	if err := json.Unmarshal([]byte(out), &line); err != nil {
		t.Fatal(err)
	}
	if line.ID != "desk-"+moved || line.Text != "My kettle hisses, write to [email]" || line.Desk != "support" || line.Topic != "faults" || line.From.Queue != "support" || len(line.From.Why) != 1 {
		t.Errorf("%s", out)
	}
	if got := run(0, "", "labels", "export", "--since", "2199-01-01"); got != "" {
		t.Errorf("from the future: %s", got)
	}
	run(2, "", "labels", "export", "--since", "whenever")
	// Imported twice it is one example.
	run(0, out, "labels", "examples", "import", "-")
	run(0, out, "labels", "examples", "import", "-")
	if list := run(0, "", "labels", "examples", "list", "--json"); strings.Count(list, "\n") != 1 || !strings.Contains(list, "desk-"+moved) {
		t.Errorf("%s", list)
	}
}
