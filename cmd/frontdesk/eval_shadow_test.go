package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/evals/shadow"
	"frontdesk/internal/fakemodel"
	"frontdesk/retrieval"
)

// everything counts what a replay must not change.
const everything = `
SELECT (SELECT count(*) FROM sites), (SELECT count(*) FROM conversations), (SELECT count(*) FROM events), (SELECT count(*) FROM turns),
    (SELECT count(*) FROM cases), (SELECT count(*) FROM visitors), (SELECT count(*) FROM chunks), (SELECT count(*) FROM river_job), (SELECT settings::text FROM sites)`

func TestEvalShadow_ListsWhatWouldChangeAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	run := func(want int, args ...string) string {
		t.Helper()
		return s.command(t, want, "", args...)
	}
	counts := func() (out [9]string) {
		t.Helper()
		s.scan(t, strings.NewReplacer("(SELECT count", "(SELECT ''||count").Replace(everything), &out[0], &out[1], &out[2], &out[3], &out[4], &out[5], &out[6], &out[7], &out[8])
		return out
	}
	contains(t, "nothing stored", run(1, "eval", "shadow", "--set", "threshold=0.5"), "no turn to replay")
	run(0, "ask", "--keep", "How long do I have to send something back? Write to berta@post.example", "And when does the money come?", "I want to talk to a human", "hello?")
	run(0, "ask", "--keep", "Hello!", "When do I get the money back?")
	before := counts()

	same := run(0, "eval", "shadow", "--set", "threshold=0.001")
	contains(t, "the same configuration", same, "5 turns of 2 conversations replayed, 1 left out; 0 would end otherwise")
	if strings.Contains(same, "already") {
		t.Errorf("a replay is not what happened:\n%s", same)
	}
	file := filepath.Join(t.TempDir(), "shadow.jsonl")
	strict := run(0, "eval", "shadow", "--set", "threshold=1", "--set", "maybe=1", "--json", file)
	contains(t, "nothing is sure enough", strict, "3 would end otherwise", "answer → none  3", "0.600", "turn 1: answer → none", "now:  answer: returns", "then: none (no_answer)", "[email]")
	if strings.Contains(strict, "berta@") {
		t.Errorf("an address is shown:\n%s", strict)
	}
	dir := t.TempDir()
	article := strings.Replace(returnsArticle, "working days", "weeks", 1)
	if article == returnsArticle {
		t.Fatal("the article changed: change this test")
	}
	if err := os.WriteFile(filepath.Join(dir, "returns.md"), []byte(article), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, "another article", run(0, "eval", "shadow", "--knowledge", dir, "--limit", "5"), "other words of the article", "… weeks")
	policy := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(policy, []byte(`{"topics":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, "half a policy", run(1, "eval", "shadow", "--policy", policy), "policy.json")
	other := fakemodel.New(t, fakemodel.Config{Dims: 48})
	model := run(0, "eval", "shadow", "--with", "EMBEDDINGS_BASE_URL="+other.URL, "--with", "EMBEDDINGS_MODEL="+other.Model(), "--knowledge", dir, "--limit", "5")
	contains(t, "another model of vectors", model, "5 turns of 2 conversations replayed", "… weeks")
	if other.Calls() == 0 {
		t.Error("the other model of vectors was never asked")
	}
	contains(t, "without the knowledge", run(1, "eval", "shadow", "--with", "EMBEDDINGS_MODEL=x"), "--knowledge")
	contains(t, "another variable", run(1, "eval", "shadow", "--with", "DATABASE_URL=x", "--knowledge", dir), "DATABASE_URL", "RERANK_BASE_URL")
	ranking := filepath.Join(dir, "ranking.json")
	if err := os.WriteFile(ranking, []byte(timidRanking(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, "another ranking", run(0, "eval", "shadow", "--ranking", ranking), "5 turns of 2 conversations replayed", "answer → ")
	if err := os.WriteFile(ranking, []byte(`{"plans":`), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, "half a ranking", run(1, "eval", "shadow", "--ranking", ranking), "ranking.json")
	if after := counts(); after != before {
		t.Errorf("before %v\nafter  %v", before, after)
	}

	lines := strings.Split(strings.TrimSpace(readText(t, file)), "\n")
	var r shadow.Report
	if err := json.Unmarshal([]byte(lines[0]), &r); err != nil || r.Changed.Turns != 3 || len(lines) != 4 {
		t.Errorf("%v %+v, %d lines", err, r, len(lines))
	}
	for _, args := range [][]string{{}, {"--set", "sure=1"}, {"--set", "threshold=7"}, {"--set", "threshold=.5", "--limit", "0"}, {"--set", "threshold=.5", "--since", "ever"}} {
		run(1, append([]string{"eval", "shadow"}, args...)...)
	}
	contains(t, "no folder", run(1, "eval", "shadow", "--knowledge", filepath.Join(dir, "away")), "away")
	contains(t, "no site", run(1, "eval", "shadow", "--set", "threshold=.5", "--site", "nowhere"), "nowhere")
}

// timidRanking is the one that is built in, to which hardly anything is evidence.
func timidRanking(t *testing.T) string {
	t.Helper()
	r, err := retrieval.DefaultRanking()
	if err != nil {
		t.Fatal(err)
	}
	r.WithVectors.Evidence.Intercept -= 50
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A table that a site's configuration is kept in is copied, or is known not to be.
func TestShadowCopy_KnowsEveryTable(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var all []string
	s.scan(t, `SELECT array_agg(c.relname::text ORDER BY 1) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace`, &all)
	known := map[string]bool{}
	for _, c := range copyTables() {
		known[c.name] = true
	}
	// People, customers and what they said and did; what is for readers of help pages.
	for _, name := range strings.Fields(`sites visitors identity_jtis conversations open_turns turns events feedback cases
agents presence blocked_visitors case_events case_mentions desk_changes agent_queues agent_passwords agent_sessions agent_invitations
login_tries login_places desk_audit case_ladders case_silences mails confirmed_addresses mail_codes case_ratings desk_drafts canned_replies
desk_looking files file_pieces case_words case_words_due conversation_words conversation_words_due saved_views article_label_setters site_widgets rule_counts article_counts
article_ratings help_gaps read_marks`) {
		known[name] = true
	}
	for _, name := range all {
		if !known[name] && !strings.HasPrefix(name, "large_") {
			t.Errorf("is %s part of what a site decides by? Add it to copyTables, or to the list here", name)
		}
	}
}

// A case that is opened in a copy is told to nobody.
func TestShadowCopy_HasTheKnowledgeAndNobodyToNotify(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.exec(t, `INSERT INTO queues (site_id, queue, name, notify) SELECT site_id, 'loud', 'Loud', '{"mails":["a@shop.example"]}' FROM sites`)
	conn, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	var from, to retrieval.SiteID
	if err := tx.QueryRow(t.Context(), `SELECT site_id FROM sites`).Scan(&from); err != nil {
		t.Fatal(err)
	}
	if err := tx.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ('shadow-x') RETURNING site_id`).Scan(&to); err != nil {
		t.Fatal(err)
	}
	if err := copySite(t.Context(), tx, from, to); err != nil {
		t.Fatal(err)
	}
	var loud, quiet, differ int
	if err := tx.QueryRow(t.Context(), `
SELECT (SELECT count(*) FROM queues WHERE site_id = $2 AND notify IS NOT NULL), (SELECT count(*) FROM queues WHERE site_id = $2),
    (SELECT count(*) FROM chunk_vectors WHERE site_id = $1) - (SELECT count(*) FROM chunk_vectors WHERE site_id = $2)`, from, to).Scan(&loud, &quiet, &differ); err != nil {
		t.Fatal(err)
	}
	if loud != 0 || quiet == 0 || differ != 0 {
		t.Errorf("%d queues have somebody to notify, %d have not, %d vectors lack", loud, quiet, differ)
	}
}
