package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCase_SearchFromTheTerminal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, args ...string) string {
		t.Helper()
		return s.command(t, want, "", args...)
	}
	holds := func(out, part string) {
		t.Helper()
		if !strings.Contains(out, part) {
			t.Errorf("no %q in %s", part, out)
		}
	}
	holds(run(0, "case", "search", "is:open"), "no cases")
	run(0, "agent", "add", "omar@shop.example", "--name", "Omar")
	run(0, "agent", "queues", "omar@shop.example", "sales")
	run(0, "ask", "--keep", "Der Zebrafink pfeift", "talk to a human")
	var found struct {
		Reference string
		Extracts  []struct{ By string }
	}
	if err := json.Unmarshal([]byte(run(0, "case", "search", "zebrafi", "is:open", "--json")), &found); err != nil || found.Reference == "" || len(found.Extracts) == 0 || found.Extracts[0].By != "customer" {
		t.Fatalf("%+v, %v", found, err)
	}
	holds(run(0, "case", "search", `"zebrafink pfeift"`), "*Zebrafink pfeift*")
	run(0, "case", "note", found.Reference, "a quokka told me")
	holds(run(0, "case", "search", "quokka", "has:note"), found.Reference)
	holds(run(0, "case", "search", "quokka", "--as", "omar@shop.example"), "no cases")
	holds(run(1, "case", "search", "is:asleep"), "is: has to be one of")
	holds(run(1, "case", "search", "agent:nobody"), "nobody")
	run(2, "case", "search")
}

func TestCase_SearchShowsWhatTheAssistantHandledAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.command(t, 0, "", "agent", "add", "omar@shop.example", "--name", "Omar")
	s.command(t, 0, "", "agent", "queues", "omar@shop.example", "sales")
	s.command(t, 0, "", "ask", "--keep", "Der Zebrafink pfeift")
	s.command(t, 0, "", "ask", "--keep", "My zebrafinch sings", "talk to a human")
	search := func(args ...string) string {
		return s.command(t, 0, "", append([]string{"case", "search"}, args...)...)
	}
	both := search("zebrafi")
	if strings.Count(both, "assistant alone") != 1 || strings.Count(both, "\n") != 3 || !strings.Contains(both, "*Zebrafink*") || !strings.Contains(both, "*zebrafinch*") {
		t.Errorf("%s", both)
	}
	if out := search("zebrafi", "is:assistant"); !strings.Contains(out, "*Zebrafink*") || strings.Contains(out, "zebrafinch") {
		t.Errorf("%s", out)
	}
	if out := search("zebrafi", "is:case"); strings.Contains(out, "Zebrafink") || !strings.Contains(out, "*zebrafinch*") {
		t.Errorf("%s", out)
	}
	var line struct {
		Kind, Conversation, Problem string
		Extracts                    []struct{ By string }
	}
	if err := json.Unmarshal([]byte(search("zebrafink", "--json")), &line); err != nil || line.Kind != "assistant" || line.Conversation == "" || line.Problem != "Der Zebrafink pfeift" || len(line.Extracts) == 0 {
		t.Errorf("%+v, %v", line, err)
	}
	if out := search("zebrafi", "--as", "omar@shop.example"); !strings.Contains(out, "no cases") {
		t.Errorf("%s", out)
	}
}
