package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"frontdesk/handoff/people"
)

// deskWorld is a site with queues and people, made in the database: what they
// do over HTTP afterwards is what is measured, not how they came to be there.
type deskWorld struct {
	conn   *pgx.Conn
	site   int32
	agents []deskAgent
	lead   deskAgent
}

// deskAgent is somebody who is signed in.
type deskAgent struct {
	id     uuid.UUID
	name   string
	queue  string // the one they work in; empty: all
	cookie string
}

func queueName(i int) string { return fmt.Sprintf("q%02d", i%deskQueues) }

func (b *bench) newDeskWorld(ctx context.Context) (*deskWorld, error) {
	progress("making %d queues and %d agents", deskQueues, deskAgents)
	dir, err := os.MkdirTemp("", "frontdesk-bench-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	article := filepath.Join(dir, "returns.md")
	if err := os.WriteFile(article, []byte("# Returns\n\nYou may send back what you bought within 45 days.\n"), 0o644); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"ingest", "--site", deskSite, "--without-vectors", article},
		{"queue", "show", "--site", deskSite}, // makes the queues that every site begins with
	} {
		if _, _, err := b.prog.run(ctx, args...); err != nil {
			return nil, err
		}
	}
	w := &deskWorld{}
	if w.conn, err = b.connect(ctx); err != nil {
		return nil, err
	}
	if err := w.conn.QueryRow(ctx, `SELECT site_id FROM sites WHERE name = $1`, deskSite).Scan(&w.site); err != nil {
		return nil, fmt.Errorf("the desk's site: %w", err)
	}
	if err := w.furnish(ctx); err != nil {
		return nil, err
	}
	return w, w.past(ctx, 10_000)
}

func (w *deskWorld) close() { _ = w.conn.Close(context.Background()) }

// furnish makes queues, a route to each by the customer's group, and people.
func (w *deskWorld) furnish(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`DELETE FROM routes WHERE site_id = $1`,
			`INSERT INTO queues (site_id, queue, name, first_reply_s) SELECT $1, 'q' || lpad(i::text, 2, '0'), 'Queue ' || i, 3600 FROM generate_series(0, 49) i`,
			`INSERT INTO routes (site_id, position, queue, conditions) SELECT $1, i + 1, 'q' || lpad(i::text, 2, '0'), jsonb_build_object('group', jsonb_build_array('g' || i)) FROM generate_series(0, 49) i`,
			`UPDATE desk_sites SET version = version + 1 WHERE site_id = $1`,
		} {
			if _, err := tx.Exec(ctx, sql, w.site); err != nil {
				return err
			}
		}
		for i := range deskAgents {
			a, err := w.hire(ctx, tx, i, "agent", queueName(i))
			if err != nil {
				return err
			}
			w.agents = append(w.agents, a)
		}
		var err error
		w.lead, err = w.hire(ctx, tx, deskAgents, "lead", "")
		return err
	})
	if err != nil {
		return fmt.Errorf("making the desk: %w", err)
	}
	return nil
}

// hire adds somebody who is signed in already.
func (w *deskWorld) hire(ctx context.Context, tx pgx.Tx, i int, role, queue string) (deskAgent, error) {
	token, err := people.NewToken(w.site, rand.Reader)
	if err != nil {
		return deskAgent{}, err
	}
	a := deskAgent{id: uuid.New(), name: fmt.Sprintf("Agent %d", i), queue: queue, cookie: "frontdesk_desk=" + token.Reveal()}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO agents (site_id, agent_id, email, name, role, capacity, created_at) VALUES ($1, $2, $3, $4, $5, 1000, now())`,
		w.site, a.id, fmt.Sprintf("a%d@shop.example", i), a.name, role)
	batch.Queue(`INSERT INTO agent_sessions (site_id, session_id, agent_id, token_hash, created_at, seen_at, expires_at, ends_at)
VALUES ($1, $2, $3, $4, now(), now(), now() + interval '1 day', now() + interval '1 day')`, w.site, uuid.New(), a.id, token.Hash())
	if queue != "" {
		batch.Queue(`INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, $3)`, w.site, a.id, []string{queue})
	}
	return a, tx.SendBatch(ctx, batch).Close()
}

// group says which queue a customer's press leads to.
func (w *deskWorld) group(ctx context.Context, people []*customer) error {
	ids, groups := make([]string, len(people)), make([]int, len(people))
	for i, c := range people {
		ids[i], groups[i] = c.conversation, i%deskQueues
	}
	_, err := w.conn.Exec(ctx, `
UPDATE visitors v SET attributes = jsonb_build_object('group', 'g' || n.no)
FROM unnest($2::uuid[], $3::int[]) AS n (conversation_id, no)
JOIN conversations k ON k.site_id = $1 AND k.conversation_id = n.conversation_id
WHERE v.site_id = $1 AND v.visitor_id = k.visitor_id`, w.site, ids, groups)
	if err != nil {
		return fmt.Errorf("sorting customers: %w", err)
	}
	return nil
}

// settle lets what was just written be known to the planner, as autovacuum
// would some minutes later.
func (w *deskWorld) settle(ctx context.Context) error {
	_, err := w.conn.Exec(ctx, `VACUUM ANALYZE cases, conversations, events, visitors, desk_changes, case_events`)
	return err
}

// paced calls f for each of n things, so many a second, each when it is due,
// and waits for all.
func paced(ctx context.Context, n int, perSecond float64, f func(i int, due time.Time)) {
	begin := time.Now()
	done := make(chan struct{}, n)
	started := 0
	for i := range n {
		due := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		started++
		go func() {
			f(i, due)
			done <- struct{}{}
		}()
	}
	for range started {
		<-done
	}
}
