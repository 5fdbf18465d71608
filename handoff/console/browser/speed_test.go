package browser_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/stage"
)

// TestSpeed says, in one line, what a list of five hundred live rows costs the
// browser. It judges nothing: how fast a machine is while tests run is no
// property of the desk. `make bench` reads the line.
func TestSpeed(t *testing.T) {
	with := stage.Need(t, stageDir)
	s := newService(t)
	fillRows(t, s, 500)
	logins, err := json.Marshal(s.logins)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "speed.json")
	with.Run(t, stage.Play{
		Base: s.base, Set: "../../handoff/console/browser/speed", Only: *only,
		Env: []string{"DESK_LOGINS=" + string(logins), "DESK_SPEED=" + out, "DESK_TRACE=" + os.Getenv("DESK_TRACE")},
	})
	figure, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("desk_500_rows %s", figure)
}

// fillRows has n customers wait, as if each had pressed the button.
func fillRows(t *testing.T, s *service, n int) {
	t.Helper()
	dsn := ""
	for _, v := range s.env {
		if value, ok := strings.CutPrefix(v, "DATABASE_URL="); ok {
			dsn = value
		}
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range []string{
		`INSERT INTO visitors (site_id, visitor_id, name, created_at) SELECT s.site_id, md5('v' || i)::uuid, 'Customer ' || i, now() FROM generate_series(1, $1::int) i, sites s WHERE s.is_default`,
		`INSERT INTO conversations (site_id, conversation_id, visitor_id, owner, owner_version, queue, created_at, last_at)
		 SELECT s.site_id, md5('c' || i)::uuid, md5('v' || i)::uuid, 'queue', 2, 'service', now(), now() FROM generate_series(1, $1::int) i, sites s WHERE s.is_default`,
		`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, state, customer_waits_since, customer_at, due_first, problem, topic, product, language, triaged, mood)
		 SELECT s.site_id, md5('k' || i)::uuid, 'T' || to_char(i, 'FM000') || '-' || to_char(i, 'FM0000'), md5('c' || i)::uuid, (ARRAY['service', 'quick', 'support', 'sales'])[1 + i % 4], 'asked',
		   now() - i * interval '7 s', 'waiting', now() - i * interval '7 s', now() - i * interval '7 s', now() - i * interval '7 s' + interval '30 min',
		   'The kettle of order KW-' || (200000 + i) || ' does not heat any more, and what the article says did not help', (ARRAY['faults', 'refunds', 'delivery'])[1 + i % 3], (ARRAY['kettle', 'grinder', ''])[1 + i % 3], 'en', true, -0.6 * (i % 2)
		 FROM generate_series(1, $1::int) i, sites s WHERE s.is_default`,
	} {
		if _, err := conn.Exec(t.Context(), sql, n); err != nil {
			t.Fatal(err)
		}
	}
}
