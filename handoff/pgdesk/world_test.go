package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// clock is a test's own.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// recorder remembers promises, and only those that were committed: it writes
// them into a table of its own within the transaction.
type recorder struct{ fail error }

func (r *recorder) Promise(ctx context.Context, tx pgx.Tx, p handoff.Promise) error {
	if r.fail != nil {
		return r.fail
	}
	_, err := tx.Exec(ctx, `INSERT INTO test_promises VALUES ($1, $2, $3, $4)`, p.Case, string(p.Kind), p.Version, orNull(p.At))
	return err
}

func (r *recorder) Wait(batch *pgx.Batch, c handoff.Case, _ handoff.Queue, _ int) (bool, error) {
	batch.Queue(`INSERT INTO test_promises VALUES ($1, $2, $3, NULL)`, c.ID, string(handoff.PromiseLadder), c.Version)
	return true, r.fail
}

// scene is a site with people, a clock and promises that are remembered.
type scene struct {
	*bundle
	clock *clock
	rec   *recorder
	mara  handoff.Actor // agent
	omar  handoff.Actor // agent
	lea   handoff.Actor // lead
	root  handoff.Actor // admin
}

func scenery(t *testing.T) *scene {
	t.Helper()
	s := &scene{bundle: setup(t), clock: &clock{at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}, rec: &recorder{}}
	s.exec(t, `CREATE TABLE test_promises (case_id uuid, kind text, version bigint, at timestamptz)`)
	s.desk = s.another(t, func(d *Deps) {})
	s.mara = s.agent(t, "Mara", handoff.RoleAgent, 5)
	s.omar = s.agent(t, "Omar", handoff.RoleAgent, 5)
	s.lea = s.agent(t, "Lea", handoff.RoleLead, 5)
	s.root = handoff.System(s.site, "terminal")
	return s
}

// another makes a further desk on the same database.
func (s *scene) another(t *testing.T, change func(*Deps)) *Desk {
	t.Helper()
	deps := s.desk.Deps
	deps.Now, deps.Promiser = s.clock.now, s.rec
	change(&deps)
	d, err := NewDesk(deps, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (b *bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (s *scene) agent(t *testing.T, name string, role handoff.Role, capacity int) handoff.Actor {
	t.Helper()
	g, err := s.desk.AddAgent(t.Context(), handoff.System(s.site, "test"), handoff.Agent{
		Email: name + "@shop.example", Name: name, Role: role, Capacity: capacity,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Actor{Site: s.site, Agent: g.ID, Name: name, Role: role}
}

// online says that they are there.
func (s *scene) online(t *testing.T, list ...handoff.Actor) {
	t.Helper()
	for _, a := range list {
		if _, err := s.desk.Beat(t.Context(), a, handoff.Online); err != nil {
			t.Fatal(err)
		}
	}
}

// waiting opens a case in a conversation of its own.
func (s *scene) waiting(t *testing.T, change ...func(*handoff.Request)) handoff.Case {
	t.Helper()
	key, visitor := s.conversation(t, s.site)
	return s.opened(t, key, visitor, change...).Case
}

func (s *scene) opened(t *testing.T, key convo.Key, visitor convo.ID, change ...func(*handoff.Request)) handoff.Opened {
	t.Helper()
	r := handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}
	for _, f := range change {
		f(&r)
	}
	o, err := s.desk.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func seen(tr handoff.Triage) func(*handoff.Request) {
	return func(r *handoff.Request) { r.Triage = &tr }
}

func (s *scene) visitorOf(t *testing.T, key convo.Key) (v convo.ID) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `SELECT visitor_id FROM conversations WHERE conversation_id = $1`, key.ID).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// writes has the customer say something.
func (s *scene) writes(t *testing.T, key convo.Key, text string) bot.Recorded {
	t.Helper()
	turn := bot.NewID()
	rec, err := s.convs.Record(t.Context(), bot.Record{
		Key: key, Visitor: s.visitorOf(t, key), Turn: turn, ClientMsgID: bot.NewID().String(), Instance: 1,
		Message: convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Customer, Text: text, At: s.clock.now()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func (s *scene) owner(t *testing.T, key convo.Key) convo.Owner {
	t.Helper()
	st, err := s.convs.Conversation(t.Context(), key, s.visitorOf(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return st.Owner
}

// read reads a case as somebody who sees all.
func (s *scene) read(t *testing.T, id convo.ID) handoff.Case {
	t.Helper()
	c, err := s.desk.Get(t.Context(), s.root, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds are those of a case's own log, in order.
func (s *scene) kinds(t *testing.T, id convo.ID) (out []handoff.CaseEventKind) {
	t.Helper()
	list, err := s.desk.Log(t.Context(), s.root, id, 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range list {
		if e.N != int64(i)+1 {
			t.Errorf("entry %d has the number %d", i+1, e.N)
		}
		out = append(out, e.Kind)
	}
	return out
}

// promised are the kinds of what was promised about a case and still counts.
func (s *scene) promised(t *testing.T, id convo.ID) string {
	t.Helper()
	var list []string
	err := s.pool.QueryRow(t.Context(), `
SELECT coalesce(array_agg(p.kind ORDER BY p.kind), '{}') FROM test_promises p JOIN cases c USING (case_id) WHERE case_id = $1 AND p.version = c.version`, id).
		Scan((*pgtype.FlatArray[string])(&list))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

// told is what stands in a conversation, as "author: text", owners as "→ owner".
func (s *scene) said(t *testing.T, key convo.Key) (out []string) {
	t.Helper()
	events, err := s.convs.Events(t.Context(), key, 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		switch e.Kind {
		case convo.KindMessage:
			var m convo.Message
			if err := json.Unmarshal(e.Body, &m); err != nil {
				t.Fatal(err)
			}
			out = append(out, string(m.Author)+": "+m.Text)
		case convo.KindOwner:
			var o convo.OwnerChange
			if err := json.Unmarshal(e.Body, &o); err != nil {
				t.Fatal(err)
			}
			out = append(out, "→ "+string(o.Owner)+" "+o.Queue+o.Name)
		}
	}
	return out
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
