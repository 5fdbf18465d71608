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
