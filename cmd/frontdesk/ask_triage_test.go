package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAsk_AMustGoMatterGoesToAPersonWithTheSitesWordsFirst(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.ingest(0)
	k.run(0, `{"words":{"recall":["crackling lid"]},"safety":{"recall":{"en":"Please stop using it."}}}`, "labels", "policy", "import", "--site", "shop", "-")
	out, _ := k.run(0, `{"id":1,"say":["hello, there is a crackling lid on my kettle"]}`+"\n"+`{"id":2,"say":["how does the lid open"]}`, "ask", "--site", "shop", "--jsonl", "--keep")
	lines := strings.Split(out, "\n")
	var first, second askReply
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &second); err != nil {
		t.Fatal(err)
	}
	turn := first.Turns[0]
	if turn.Action != "handoff" || turn.Reason != "sensitive" || !strings.HasPrefix(turn.Text, "Please stop using it.") || turn.Topic != "faults" {
		t.Errorf("%+v", turn)
	}
	if got := second.Turns[0]; got.Action == "handoff" || got.Topic != "faults" || got.Desk == "" {
		t.Errorf("%+v", got)
	}
	var topic string
	if err := k.pool.QueryRow(t.Context(), `SELECT topic FROM cases`).Scan(&topic); err != nil || topic != "faults" {
		t.Errorf("the case's topic is %q, %v", topic, err)
	}
	out, _ = k.run(0, "", "ask", "--site", "shop", "--explain", "a crackling lid again")
	contains(t, "stdout", out, "must-go rule", "recall", "triage:")
}
