package pgdesk

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// What every process asks again and again costs with who waits, and not with all
// that was ever said: it reads no table of history from end to end, however the
// planner takes the words in it.
func TestTicks_ReadNoHistory(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	fill(t, p.desk, p.site, 3000)
	p.exec(t, `UPDATE cases SET customer_at = opened_at`)
	p.exec(t, `
INSERT INTO events (site_id, conversation_id, seq, kind, body, at)
SELECT site_id, conversation_id, n, 'message', json_build_object('author', 'system', 'text', repeat('I am connecting you with a person. ', 5)), now()
FROM conversations, generate_series(1, 3) n`)
	p.exec(t, `ANALYZE`)
	now := time.Now()
	for name, s := range map[string]struct {
		sql  string
		args []any
	}{
		"who wrote an address":       {selectMayHaveSaid, []any{now.Add(-latelySaid)}},
		"who is yet to be routed":    {selectUnseenCases, []any{50}},
		"who is forgotten":           {selectForgotten, []any{now.Add(-lateAfter), now}},
		"who is left behind":         {selectForsaken, []any{now}},
		"whose hours are to count":   {selectRough, nil},
		"who is to be asked about":   {selectToOffer, []any{p.site, now}},
		"who is asked about already": {selectOffers, []any{p.site, now}},
	} {
		rows, err := p.pool.Query(t.Context(), `EXPLAIN `+s.sql, s.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, history := range []string{"events", "conversations", "turns"} {
			if strings.Contains(strings.Join(plan, "\n"), "Seq Scan on "+history) {
				t.Errorf("%s reads all %s:\n%s", name, history, strings.Join(plan, "\n"))
			}
		}
	}
}

// Who pressed and has said nothing since is not looked at for an address, nor
// for words to be routed by.
func TestTicks_PassOverWhoSaidNothing(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	silent := p.waiting(t)
	key, visitor := p.conversation(t, p.site)
	p.writes(t, key, "My K2 leaks, write to ann@example.org") // to the assistant, asked by nobody
	p.opened(t, key, visitor)
	looked := func(sql string, args ...any) (n int) {
		t.Helper()
		rows, err := p.pool.Query(t.Context(), sql, args...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	lately := p.clock.now().Add(-latelySaid)
	if n := looked(selectMayHaveSaid, lately); n != 0 {
		t.Errorf("%d are looked at for an address, and nobody was asked for one", n)
	}
	if n := looked(selectUnseenCases, 50); n != 1 {
		t.Errorf("%d are to be routed by their words, of one who said any", n)
	}
	p.clock.pass(time.Minute)
	p.writes(t, silent.Conversation, ann)
	if n := looked(selectMayHaveSaid, lately); n != 1 {
		t.Errorf("%d are looked at for an address, of one who wrote", n)
	}
	if n := looked(selectUnseenCases, 50); n != 2 {
		t.Errorf("%d are to be routed by their words, of two", n)
	}
}

// Old changes go in parts, however many there are: nobody waits for all of them.
func TestPruneChanges_InParts(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	for _, sql := range []string{
		`CREATE TABLE test_pruned (n int)`,
		`CREATE FUNCTION test_pruned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO test_pruned SELECT count(*) FROM gone; RETURN NULL; END $$`,
		`CREATE TRIGGER test_pruned AFTER DELETE ON desk_changes REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION test_pruned()`,
	} {
		s.exec(t, sql)
	}
	s.exec(t, `DELETE FROM desk_changes`)
	s.exec(t, `DELETE FROM test_pruned`)
	s.exec(t, `INSERT INTO desk_changes (site_id, kind, at) SELECT $1, 'queues', $2::timestamptz - n * interval '1 minute' FROM generate_series(1, 12000) n`, s.site, s.clock.now())
	if err := s.desk.pruneChanges(t.Context()); err != nil {
		t.Fatal(err)
	}
	young := int(s.desk.cfg.KeepChanges / time.Minute)
	var left, most, gone int
	if err := s.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM desk_changes), max(n), sum(n) FROM test_pruned`).Scan(&left, &most, &gone); err != nil {
		t.Fatal(err)
	}
	if left != young || gone != 12000-young || most > prunedAtATime {
		t.Errorf("%d of %d are left, %d went, %d of them at a time", left, young, gone, most)
	}
}
