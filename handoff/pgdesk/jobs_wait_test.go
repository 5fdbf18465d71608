package pgdesk

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// rowsOf are a table's rows about a case as text, without what differs from one
// writing to the next.
func (p *play) rowsOf(t *testing.T, tx pgx.Tx, id convo.ID) (job, ladder string) {
	t.Helper()
	err := tx.QueryRow(t.Context(), `
SELECT (SELECT string_agg((to_jsonb(j) - 'id' - 'created_at')::text, E'\n') FROM river_job j WHERE j.args ->> 'case' = $1::uuid::text),
       (SELECT string_agg(to_jsonb(l)::text, E'\n') FROM case_ladders l WHERE l.case_id = $1)`, id).Scan(&job, &ladder)
	if err != nil {
		t.Fatal(err)
	}
	return job, ladder
}

// TestWait_WritesWhatPromiseDoes holds the rows that are written in one trip
// against those that Promise and the job queue's own client write of the same case.
func TestWait_WritesWhatPromiseDoes(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	p.queue(t, "service", func(q *handoff.Queue) {
		q.Hours = json.RawMessage(`{"zone":"Europe/Berlin","week":{"mon-fri":["09:00-17:00"]}}`)
		q.Notify = json.RawMessage(`{"update_s":120}`)
	})
	p.waiting(t)
	p.clock.pass(time.Second)
	c := p.waiting(t) // the second in its line
	tx, err := p.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	job, ladder := p.rowsOf(t, tx, c.ID)
	if _, err := tx.Exec(t.Context(), `DELETE FROM river_job WHERE args ->> 'case' = $1::uuid::text`, c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `DELETE FROM case_ladders WHERE case_id = $1`, c.ID); err != nil {
		t.Fatal(err)
	}
	if err := p.promises.Promise(t.Context(), tx, handoff.Promise{Site: p.site, Case: c.ID, Kind: handoff.PromiseLadder, Version: c.Version}); err != nil {
		t.Fatal(err)
	}
	wantJob, wantLadder := p.rowsOf(t, tx, c.ID)
	if job != wantJob {
		t.Errorf("the job's row is\n%s\nthe job queue's client writes\n%s", job, wantJob)
	}
	if ladder != wantLadder {
		t.Errorf("the ladder is\n%s\nPromise writes\n%s", ladder, wantLadder)
	}
}

// TestOpen_AReferenceThatIsTakenIsDrawnAnew has every first draw hit a reference
// that is there.
func TestOpen_AReferenceThatIsTakenIsDrawnAnew(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	taken := s.waiting(t)
	s.exec(t, `CREATE SEQUENCE test_draws`)
	// The third draw is free.
	s.exec(t, `CREATE FUNCTION test_take() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('test_draws') < 3 THEN
        NEW.reference := '`+taken.Reference+`';
    END IF;
    RETURN NEW;
END $$`)
	s.exec(t, `CREATE TRIGGER test_take BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION test_take()`)
	key, visitor := s.conversation(t, s.site)
	o, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked})
	if err != nil || o.Case.Reference == taken.Reference {
		t.Fatalf("%q: %v", o.Case.Reference, err)
	}
	if got := s.read(t, o.Case.ID); got.Reference != o.Case.Reference || len(s.said(t, key)) != 2 {
		t.Errorf("%q is kept, %q was told: %q", got.Reference, o.Case.Reference, s.said(t, key))
	}
	s.exec(t, `DROP SEQUENCE test_draws`)
	s.exec(t, `CREATE OR REPLACE FUNCTION test_take() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.reference := '`+taken.Reference+`'; RETURN NEW; END $$`)
	key, visitor = s.conversation(t, s.site)
	if _, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}); err == nil {
		t.Error("a case has a reference that another one has")
	}
	if owner := s.owner(t, key); owner != convo.OwnerBot {
		t.Errorf("the conversation belongs to %s", owner)
	}
}
