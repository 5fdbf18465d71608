package pg_test

import (
	"io/fs"
	"path"
	"testing"
	"testing/fstest"

	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// before are the program's migrations whose names sort before one.
func before(t *testing.T, name string) fs.FS {
	t.Helper()
	files, err := pg.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, n := range names {
		if path.Base(n) >= name {
			continue
		}
		b, err := fs.ReadFile(files, n)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestMigrate_CasesFromBeforeTheDeskStandInItsLines(t *testing.T) {
	t.Parallel()
	dsn := pgtest.EmptyDSN(t)
	if _, err := pg.MigrateFiles(t.Context(), dsn, before(t, "00008")); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	_, err := conn.Exec(t.Context(), `
INSERT INTO sites (name) VALUES ('shop');
INSERT INTO visitors (site_id, visitor_id, created_at) VALUES (1, md5('v')::uuid, now());
INSERT INTO conversations (site_id, conversation_id, visitor_id, owner, queue, created_at, last_at)
SELECT 1, md5('c' || i)::uuid, md5('v')::uuid, 'queue', 'front-desk', now(), now() FROM generate_series(1, 3) i;
INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, state, desk, opened_at)
SELECT 1, md5('k' || i)::uuid, 'ref' || i, md5('c' || i)::uuid, 'front-desk', 'asked',
  (ARRAY['waiting', 'claimed', 'closed'])[i], (ARRAY['', 'support', 'service'])[i], '2026-11-20 10:00Z'
FROM generate_series(1, 3) i`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pg.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	rows, err := connect(t, dsn).Query(t.Context(), `
SELECT state, triaged, customer_waits_since = opened_at, coalesce(due_first = opened_at + interval '10 min', false), rank_at = due_first, closed_at IS NOT NULL, version
FROM cases ORDER BY reference`)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		State   string
		Triaged bool
		Waits   *bool
		Due     bool
		Rank    *bool
		Closed  bool
		Version int64
	}
	yes := true
	want := []row{{"waiting", false, &yes, true, &yes, false, 1}, {"waiting", true, &yes, true, &yes, false, 1}, {"closed", true, nil, false, nil, true, 1}}
	for i := 0; rows.Next(); i++ {
		var r row
		if err := rows.Scan(&r.State, &r.Triaged, &r.Waits, &r.Due, &r.Rank, &r.Closed, &r.Version); err != nil {
			t.Fatal(err)
		}
		w := want[i]
		if r.State != w.State || r.Due != w.Due || r.Closed != w.Closed || r.Version != w.Version || (r.Waits == nil) != (w.Waits == nil) || i < 2 && r.Triaged != w.Triaged {
			t.Errorf("case %d: %+v, want %+v", i+1, r, w)
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	var name string
	if err := connect(t, dsn).QueryRow(t.Context(), `SELECT name FROM queues WHERE site_id = 1 AND queue = 'front-desk'`).Scan(&name); err != nil || name != "Front Desk" {
		t.Errorf("%q, %v", name, err)
	}
}
