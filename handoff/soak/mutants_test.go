package soak

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	mutants = flag.Bool("mutants", false, "build a program without each guard and want the soak to find it out")
	only    = flag.String("only", "", "only the mutants whose name holds this")
)

// mutant is a guard that is taken out of the source.
type mutant struct {
	name  string
	found string // what has to be in what is found
	edits []edit
}

// edit replaces a text that is in a file exactly so often.
type edit struct {
	file     string // from the module's root
	old, new string
	times    int
}

func list() []mutant {
	return []mutant{
		{
			"the owner's version is no fence for the assistant's answer", "assistant",
			[]edit{{"bot/pgconvo/queries.go", "`      AND owner = 'bot' AND owner_version = $11`", "`      AND $11::bigint IS NOT NULL`", 1}},
		},
		{
			"a customer's message has no name of its own", "twice",
			[]edit{
				{"internal/pg/migrations/00001_init.sql", "CREATE UNIQUE INDEX events_client_msg_id", "CREATE INDEX events_client_msg_id", 1},
				{"bot/pgconvo/queries.go", "AND e.client_msg_id = $3 AND c.visitor_id = $4`", "AND e.client_msg_id = $3 || '-' AND c.visitor_id = $4`", 1},
			},
		},
		{
			"a claim takes what another one has", "owned twice",
			[]edit{
				{"handoff/pgdesk/queries.go", "AND k.owner = CASE WHEN s.aside THEN 'bot' ELSE 'queue' END", "AND k.owner <> 'nobody'", 2},
				{"handoff/pgdesk/queries.go", "WHERE s.state = 'waiting' AND s.link <> 'second'", "WHERE s.state <> 'closed' AND s.link <> 'second'", 1},
				{"handoff/pgdesk/queries.go", "AND k.owner IN ('queue', 'bot')", "AND k.owner IN ('queue', 'bot', 'agent')", 1},
				{"handoff/pgdesk/queries.go", "AND c.case_id = k.case_id AND c.state = 'waiting'", "AND c.case_id = k.case_id AND c.state <> 'closed'", 1},
			},
		},
		{
			// The moment between the two is made longer: a process that is killed in it
			// leaves words whose case knows nothing of them.
			"words are committed before the rest of what they say", "",
			[]edit{{
				"bot/pgconvo/append.go", "	return log.events, nil\n}",
				"	for _, sql := range []string{\"COMMIT\", \"SELECT pg_sleep(0.1)\", \"BEGIN\"} {\n		batch.Queue(sql)\n	}\n	return log.events, nil\n}", 1,
			}},
		},
		{
			"a customer who comes back is shown what happens from then on", "skipped",
			[]edit{{"bot/chatapi/streams.go", "a.Hub.Subscribe(v.key, after)", "a.Hub.Subscribe(v.key, st.LastSeq)", 1}},
		},
		{
			"a desk that comes back does not read what it missed", "a desk missed",
			[]edit{{"handoff/console/stream.go", "	if t.cursor == \"\" {\n		return out\n	}\n	cursor := t.cursor", "	if t.cursor != \"-\" {\n		return out\n	}\n	cursor := t.cursor", 1}},
		},
		{
			"changes are read from where the newest one was", "a desk missed",
			[]edit{{
				"handoff/pgdesk/queries.go", "(NOT pg_visible_in_snapshot(xid, $2::pg_snapshot) OR change_id > $4)",
				"xid >= pg_snapshot_xmax($2::pg_snapshot) AND $4::bigint IS NOT NULL", 1,
			}},
		},
		{
			"nobody ends the turns of a process that died", "turn",
			[]edit{{"bot/pgconvo/queries.go", "WHERE o.started_at < now() - make_interval(secs => $3)\n", "WHERE o.started_at < now() - make_interval(secs => $3) AND false\n", 1}},
		},
		{
			"nothing is promised to who waits, and nobody looks for the forgotten", "without its ladder",
			[]edit{
				{"handoff/pgdesk/jobs.go", "		return p.promiseLadder(ctx, tx, a, now)\n", "		return nil\n", 1},
				{"handoff/pgdesk/jobs_keeper.go", "WHERE c.state = 'waiting' AND (l.case_id IS NULL", "WHERE false AND (l.case_id IS NULL", 1},
			},
		},
	}
}

// changed is a file without its guards.
func (m mutant) changed(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, e := range m.edits {
		text, ok := files[e.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, e.file))
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if n := strings.Count(text, e.old); n != e.times {
			t.Errorf("%s: the guard %q is %d times in %s, want %d: say in the list where it is now", m.name, e.old, n, e.file, e.times)
		}
		files[e.file] = strings.ReplaceAll(text, e.old, e.new)
	}
	return files
}

// Each check fails where its guard is taken out.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list() {
		if !strings.Contains(m.name, *only) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			files := m.changed(t, root)
			if !*mutants || t.Failed() {
				return
			}
			dir := t.TempDir()
			overlay := struct{ Replace map[string]string }{map[string]string{}}
			for name, text := range files {
				path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				overlay.Replace[filepath.Join(root, name)] = path
			}
			b, err := json.Marshal(overlay)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "overlay.json"), b, 0o644); err != nil {
				t.Fatal(err)
			}
			bin := filepath.Join(dir, "frontdesk")
			if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", bin, root+"/cmd/frontdesk").CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			var wrong []string
			for try := range uint64(3) { // what is won or lost in milliseconds is not lost each time
				wrong, _ = play(t, bin, 25*time.Second, *seed+try)
				if len(wrong) > 0 && strings.Contains(strings.Join(wrong, "\n"), m.found) {
					t.Logf("found out: %d things, %q", len(wrong), wrong[0])
					return
				}
			}
			t.Errorf("it is not found out as %q: %q", m.found, wrong)
		})
	}
}
