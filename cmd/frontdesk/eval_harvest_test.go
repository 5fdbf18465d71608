package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/evals/harvest"
)

// exec runs a statement in the shop's database.
func (s *shop) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if tag, err := conn.Exec(t.Context(), sql, args...); err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v %v", sql, tag, err)
	}
}

// rated presses a thumb down under the first quote of the conversation that
// begins with some words, as the page does.
const rated = `
INSERT INTO feedback (site_id, conversation_id, message_id, helpful, at)
SELECT b.site_id, b.conversation_id, (b.body ->> 'id')::uuid, false, now()
FROM events b
JOIN events c ON c.site_id = b.site_id AND c.conversation_id = b.conversation_id AND c.turn_id = b.turn_id AND c.body ->> 'author' = 'customer'
WHERE b.kind = 'message' AND b.body ->> 'author' = 'bot' AND c.body ->> 'text' LIKE $1 || '%'`

func TestEvalHarvest_OfRealConversations(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, args ...string) string {
		t.Helper()
		return s.command(t, want, "", args...)
	}
	newest := func() string {
		t.Helper()
		var c struct{ Reference string }
		out := run(0, "case", "list", "--view", "open", "--json")
		if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &c); err != nil {
			t.Fatal(err)
		}
		return c.Reference
	}
	// Each of the reasons once, and a conversation that went well.
	run(0, "ask", "--keep", "Hello", "How long do I have to send something back? I am Berta Quill, order KW-204417, berta@post.example")
	s.exec(t, rated, "How long do I have to send")
	run(0, "ask", "--keep", "My toaster hums at night", "talk to a human")
	moved := newest()
	run(0, "agent", "add", "mara@shop.example", "--name", "Mara")
	run(0, "case", "transfer", moved, "support", "it is the coil")
	run(0, "case", "close", moved, "--ended", "solved", "--topic", "faults")
	run(0, "ask", "--keep", "The money did not come back", "talk to a human")
	back := newest()
	run(0, "case", "close", back, "--ended", "solved")
	run(0, "case", "reopen", back)
	s.exec(t, `INSERT INTO case_ratings (site_id, case_id, conversation_id, queue, asked_by, asked_at, satisfaction, rated_at)
SELECT site_id, case_id, conversation_id, queue, 'page', now(), 1, now() FROM cases WHERE reference = $1`, back)
	run(0, "ask", "--keep", "How does the money come back?")

	folder := filepath.Join(t.TempDir(), "harvest")
	harvested := func(more ...string) string {
		t.Helper()
		return run(0, append([]string{"eval", "harvest", "--out", folder, "--frozen", "0.5"}, more...)...)
	}
	contains(t, "a try", harvested("--dry-run"), "3 conversations", "3 turns")
	if _, err := os.Stat(folder); err == nil {
		t.Error("a try wrote something")
	}
	contains(t, "the first", harvested(), "3 new candidates")
	contains(t, "the second", harvested(), "0 new candidates", "3 were harvested before")
	var all strings.Builder
	for _, name := range candidateFiles(t, folder) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	text := all.String()
	contains(t, "the candidates", text, "not_quite", "corrected", "bad_rating, reopened", "My toaster hums at night", "# proposed: desk: support", "# proposed: topic: faults", "[order", "[email]", "[name]", "# was: answer returns")
	for _, secret := range []string{"Berta", "Quill", "204417", "berta@", moved, "talk to a human", "How does the money"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
	// A run takes none of them before somebody has labelled it.
	out := run(1, "eval", "lint", folder)
	contains(t, "lint", out, "expects nothing")

	run(0, "ask", "--keep", "Is the money sent by post?")
	s.exec(t, rated, "Is the money sent")
	contains(t, "a third", harvested("--why", harvest.NotQuite), "1 new candidates")
	contains(t, "another share", run(1, "eval", "harvest", "--out", folder, "--frozen", "0.2"), "freezes 0.5", "leave --frozen out")
	run(0, "eval", "harvest", "--out", folder) // goes on as it was begun
	run(1, "eval", "harvest", "--why", "whatever")
	run(1, "eval", "harvest", "--frozen", "1.5")
	run(1, "eval", "harvest", "--since", "whenever")
	contains(t, "no site", run(1, "eval", "harvest", "--site", "nowhere", "--out", t.TempDir()), "site list")
}

func candidateFiles(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	for _, split := range []string{harvest.Train, harvest.Frozen} {
		list, err := filepath.Glob(filepath.Join(folder, split, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	return out
}

func TestHideWords_WhereTheyStandByThemselves(t *testing.T) {
	t.Parallel()
	words := map[string]string{"ann": "[name]", "ann lee": "[name]", "name": "[name]", "kw-1": "[order]"}
	for in, want := range map[string]string{
		"Ann Lee, annual, ANN.":        "[name], annual, [name].",
		"my name is Ann":               "my [name] is [name]",
		"KW-1 and KW-12, xKW-1":        "[order] and KW-12, xKW-1",
		"nothing of anybody's is here": "nothing of anybody's is here",
		"":                             "",
	} {
		if got := hideWords(in, words); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	if got := hideWords("Ann", nil); got != "Ann" {
		t.Error(got)
	}
}
