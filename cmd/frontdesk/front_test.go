package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/pgtest"
)

const returnsArticle = `---
id: returns
title: Returns and refunds
questions:
  - How long do I have to send something back?
---
You can send anything back within 45 days of delivery.

## Refunds

The money goes back the way it came within five working days.
`

// shop is a database with a small published site, and an embedder that the
// test scripts.
type shop struct {
	env   map[string]string
	model *fakemodel.Server
	dsn   string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{model: fakemodel.New(t, fakemodel.Config{}), dsn: pgtest.DSN(t)}
	s.env = map[string]string{"DATABASE_URL": s.dsn, "EMBEDDINGS_BASE_URL": s.model.URL, "FRONTDESK_HOME": t.TempDir()}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "returns.md"), []byte(returnsArticle), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"ingest", "--site", "shop", dir},
		{"site", "set", "shop", "threshold=0.001"}, // vectors that mean nothing are no evidence
	} {
		if status, _, stderr := cli(t, s.env, "", args...); status != 0 {
			t.Fatalf("%v: %d %s", args, status, stderr)
		}
	}
	return s
}

// command gives all that the program prints; its exit status has to be want.
func (s *shop) command(t *testing.T, want int, stdin string, args ...string) string {
	t.Helper()
	status, stdout, stderr := cli(t, s.env, stdin, args...)
	if status != want {
		t.Fatalf("frontdesk %s: %d %s%s", strings.Join(args, " "), status, stdout, stderr)
	}
	return stdout + stderr
}

func (s *shop) scan(t *testing.T, sql string, to ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(to...); err != nil {
		t.Fatal(err)
	}
}

func TestAsk_BatchContract(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := strings.Join([]string{
		`{"id":"a","say":["How long do I have to send something back?"]}`,
		`not JSON`,
		`{"id":7,"say":["hello","I want to talk to a human","are you there?"]}`,
		``,
		`{"id":"c","say":"one"}`,
		`{"id":"d","say":[]}`,
		`{"id":"e","say":["   "]}`,
	}, "\n")
	status, stdout, stderr := cli(t, s.env, in, "ask", "--site", "shop", "--jsonl")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if status != 1 || len(lines) != 6 {
		t.Fatalf("status %d, %d lines: %s%s", status, len(lines), stdout, stderr)
	}
	var out [6]struct {
		ID    json.RawMessage  `json:"id"`
		Error string           `json:"error"`
		Turns []map[string]any `json:"turns"`
	}
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &out[i]); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
	}
	for i, want := range []string{`"a"`, `null`, `7`, `"c"`, `"d"`, `"e"`} {
		if string(out[i].ID) != want || (out[i].Error != "") == (i == 0 || i == 2) {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
	answer := out[0].Turns[0]
	for _, key := range strings.Fields("action text citations choices desk topic reason queue first_byte_ms total_ms") {
		if _, ok := answer[key]; !ok {
			t.Errorf("a turn has no %s: %v", key, answer)
		}
	}
	if answer["action"] != "answer" || !strings.Contains(returnsArticle, answer["text"].(string)) {
		t.Errorf("got %v", answer)
	}
	if c := answer["citations"].([]any)[0].(map[string]any); c["article"] != "returns" || c["quote"] != answer["text"] {
		t.Errorf("got %v", c)
	}
	var got []string
	for _, turn := range out[2].Turns {
		got = append(got, fmt.Sprint(turn["action"], "/", turn["reason"], "/", turn["queue"]))
	}
	if strings.Join(got, " ") != "answer/smalltalk/ handoff/asked/service relay//" {
		t.Errorf("got %v", got)
	}
	var kept int
	s.scan(t, `SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM cases) + (SELECT count(*) FROM visitors)`, &kept)
	if kept != 0 {
		t.Errorf("%d rows are kept", kept)
	}
}

func TestAsk_ExplainsInWords(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	status, stdout, stderr := cli(t, s.env, "", "ask", "--site", "shop", "--explain", "How long do I have to send something back?")
	if status != 0 {
		t.Fatalf("%d %s", status, stderr)
	}
	for _, part := range []string{"45 days", "from: Returns and refunds (returns)", "probability", "threshold", "generation 1", "1. returns", "time: record"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %q in %s", part, stdout)
		}
	}
	if status, _, stderr := cli(t, s.env, "", "ask", "--site", "nowhere", "hi"); status != 1 || !strings.Contains(stderr, "frontdesk ingest") {
		t.Errorf("no such site: %d %s", status, stderr)
	}
	if status, _, _ := cli(t, s.env, "", "ask"); status != 2 {
		t.Errorf("nothing to say: %d", status)
	}
}

func TestQueueAndVisitor_FromTheTerminal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if _, stdout, _ := cli(t, s.env, "", "queue", "list"); !strings.Contains(stdout, "nobody") {
		t.Errorf("an empty queue: %s", stdout)
	}
	if status, _, stderr := cli(t, s.env, "", "ask", "--site", "shop", "--keep", "talk to a human"); status != 0 {
		t.Fatal(stderr)
	}
	status, stdout, _ := cli(t, s.env, "", "queue", "list", "--site", "shop", "--json")
	var entry struct{ Reference, Queue, Reason, Visitor, Since string }
	if err := json.Unmarshal([]byte(stdout), &entry); err != nil || status != 0 || entry.Reference == "" || entry.Queue != "service" || entry.Reason != "asked" || entry.Since == "" {
		t.Fatalf("%d %v %s", status, err, stdout)
	}
	if _, table, _ := cli(t, s.env, "", "queue", "list"); !strings.Contains(table, entry.Reference) || !strings.Contains(table, "WAITING") {
		t.Errorf("got %s", table)
	}
	if status, _, _ := cli(t, s.env, "", "queue", "list", "--site", "nowhere"); status != 1 {
		t.Errorf("no such site: %d", status)
	}
	if status, stdout, _ := cli(t, s.env, "", "visitor", "export", "--site", "shop", "--visitor", entry.Visitor); status != 0 || !strings.Contains(stdout, "talk to a human") || !strings.Contains(stdout, entry.Reference) {
		t.Errorf("%d %s", status, stdout)
	}
	if status, stdout, _ := cli(t, s.env, "", "visitor", "erase", "--site", "shop", "--visitor", entry.Visitor); status != 0 || !strings.Contains(stdout, "1 conversations") {
		t.Errorf("%d %s", status, stdout)
	}
	for _, args := range [][]string{
		{"visitor", "erase", "--site", "shop", "--visitor", entry.Visitor},
		{"visitor", "export", "--site", "shop", "--subject", "nobody"},
	} {
		if status, _, stderr := cli(t, s.env, "", args...); status != 1 || !strings.Contains(stderr, "No such visitor") {
			t.Errorf("%v: %d %s", args, status, stderr)
		}
	}
	for _, args := range [][]string{{"visitor", "erase"}, {"visitor", "erase", "--visitor", "x"}, {"visitor", "erase", "--visitor", entry.Visitor, "--subject", "y"}} {
		if status, _, _ := cli(t, s.env, "", args...); status == 0 {
			t.Errorf("%v was taken", args)
		}
	}
}
