package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCase_RatingsAndMailsFromTheTerminal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, args ...string) string {
		t.Helper()
		return s.command(t, want, "", args...)
	}
	for args, says := range map[string]string{
		"case ratings": "nobody was asked", "case ratings --by agent": "nobody was asked", "case ratings --by each": "no ratings",
	} {
		if out := run(0, strings.Fields(args)...); !strings.Contains(out, says) {
			t.Errorf("%s: %s", args, out)
		}
	}
	if out := run(2, "case", "ratings", "--by", "mood"); !strings.Contains(out, "mood") {
		t.Errorf("%s", out)
	}
	run(0, "ask", "--keep", "talk to a human")
	var waits struct{ Reference string }
	if err := json.Unmarshal([]byte(run(0, "queue", "list", "--json")), &waits); err != nil || waits.Reference == "" {
		t.Fatalf("%+v, %v", waits, err)
	}
	if out := run(0, "case", "mails", waits.Reference); !strings.Contains(out, "no e-mails") {
		t.Errorf("%s", out)
	}
	run(1, "case", "mails", "XXXX-XXXX")
}
