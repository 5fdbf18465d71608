package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pg"
)

// fill has n cases wait in a queue, as Open leaves them, without opening each.
func (w *deskWorld) fill(ctx context.Context, queue string, n int) error {
	for _, sql := range []string{
		`INSERT INTO visitors (site_id, visitor_id, created_at) SELECT $1, md5($3 || 'v' || i)::uuid, now() FROM generate_series(1, $2::int) i`,
		`INSERT INTO conversations (site_id, conversation_id, visitor_id, owner, owner_version, queue, created_at, last_at)
SELECT $1, md5($3 || 'c' || i)::uuid, md5($3 || 'v' || i)::uuid, 'queue', 2, $3, now(), now() FROM generate_series(1, $2::int) i`,
		`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, customer_waits_since, due_first, triaged, problem)
SELECT $1, md5($3 || 'k' || i)::uuid, $3 || i, md5($3 || 'c' || i)::uuid, $3, 'asked', now(), now(), now() + make_interval(secs => i), true, 'My kettle leaks at the lid since Tuesday and the shop is closed'
FROM generate_series(1, $2::int) i`,
	} {
		if _, err := w.conn.Exec(ctx, sql, w.site, n, queue); err != nil {
			return fmt.Errorf("filling a line: %w", err)
		}
	}
	return w.settle(ctx)
}

// past gives the desk n cases that are closed: statements are planned for tables
// that hold something, as they do where somebody works.
func (w *deskWorld) past(ctx context.Context, n int) error {
	for _, sql := range []string{
		`INSERT INTO visitors (site_id, visitor_id, created_at) SELECT $1, md5('past v' || i)::uuid, now() FROM generate_series(1, $2::int) i`,
		`INSERT INTO conversations (site_id, conversation_id, visitor_id, owner, owner_version, last_seq, created_at, last_at)
SELECT $1, md5('past c' || i)::uuid, md5('past v' || i)::uuid, 'bot', 4, 4, now(), now() FROM generate_series(1, $2::int) i`,
		`INSERT INTO events (site_id, conversation_id, seq, kind, body, at)
SELECT $1, md5('past c' || i)::uuid, n, 'message', json_build_object('id', gen_random_uuid(), 'author', 'customer', 'text', 'My kettle leaks', 'at', now()), now()
FROM generate_series(1, $2::int) i, generate_series(1, 4) n`,
		`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, state, closed_at, ended, triaged, problem)
SELECT $1, md5('past k' || i)::uuid, 'past' || i, md5('past c' || i)::uuid, 'q' || lpad((i % 50)::text, 2, '0'), 'asked', now() - interval '1 day', 'closed', now() - interval '20 hours', 'solved', true, 'My kettle leaks'
FROM generate_series(1, $2::int) i`,
	} {
		if _, err := w.conn.Exec(ctx, sql, w.site, n); err != nil {
			return fmt.Errorf("giving the desk a past: %w", err)
		}
	}
	return w.settle(ctx)
}

// lines asks for lists of a long line, one after another.
func (b *bench) lines(ctx context.Context, s *section, w *deskWorld) error {
	if err := w.fill(ctx, "service", lineLength); err != nil {
		return err
	}
	srv, err := b.serveDesk(ctx)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	hc := newHTTPClient(2)
	defer hc.CloseIdleConnections()
	n := b.times(1000)
	took := newLatencies()
	for i := range n {
		begin := time.Now()
		if _, err := deskCall(ctx, hc, w.lead, http.MethodGet, srv.base(0), "/cases?view=waiting&queue=service&limit=50", ""); err != nil {
			return err
		}
		if i >= 20 { // statements are being prepared
			took.add(time.Since(begin))
		}
	}
	s.judge(fmt.Sprintf("first page of a queue in which %d wait, over HTTP", lineLength), "≤ 10 ms p99", took.String(), took.at(99) <= 10*time.Millisecond)
	return nil
}

// claims has many agents press for the same cases: each case is wanted by two of
// them, at two desks on one database.
func (b *bench) claims(ctx context.Context, s *section, w *deskWorld) error {
	n := b.times(12_000)
	if err := w.fill(ctx, "quick", n); err != nil {
		return err
	}
	rows, err := w.conn.Query(ctx, `SELECT case_id FROM cases WHERE site_id = $1 AND queue = 'quick' ORDER BY rank_at`, w.site)
	if err != nil {
		return err
	}
	cases, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		return fmt.Errorf("reading a line: %w", err)
	}
	var desks []*pgdesk.Desk
	for range deskProcs {
		pool, err := pg.Open(ctx, b.dsn, pg.PoolConfig{MaxConns: 20})
		if err != nil {
			return err
		}
		defer pool.Close()
		convs, err := pgconvo.New(pool)
		if err != nil {
			return err
		}
		texts, err := handoff.LoadTexts()
		if err != nil {
			return err
		}
		d, err := pgdesk.New(pool, convs, nil, texts, time.Now, bot.NewID)
		if err != nil {
			return err
		}
		desks = append(desks, d)
	}
	var next, took, lost atomic.Int64
	errs := make([]error, claimers)
	m, err := w.newMeter(ctx, nil) // the desks are in this process
	if err != nil {
		return err
	}
	begin := time.Now()
	var wg sync.WaitGroup
	for k := range claimers {
		a := handoff.Actor{Site: w.site, Agent: w.agents[k].id, Name: w.agents[k].name, Role: handoff.RoleAgent}
		wg.Go(func() {
			for {
				i := int(next.Add(1)-1) / 2
				if i >= len(cases) {
					return
				}
				_, err := desks[k%len(desks)].Claim(ctx, a, handoff.Target{Case: cases[i]})
				switch {
				case err == nil:
					took.Add(1)
				case errors.Is(err, handoff.ErrTaken):
					lost.Add(1)
				default:
					errs[k] = err
					return
				}
			}
		})
	}
	wg.Wait()
	perSec := float64(n) / time.Since(begin).Seconds()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	cost, err := m.each(ctx, n)
	if err != nil {
		return err
	}
	var claimed, twice int
	err = w.conn.QueryRow(ctx, `
SELECT count(*), count(*) - count(DISTINCT e.case_id) FROM case_events e JOIN cases c USING (site_id, case_id)
WHERE e.site_id = $1 AND e.kind = 'claimed' AND c.queue = 'quick'`, w.site).Scan(&claimed, &twice)
	if err != nil {
		return fmt.Errorf("counting claims: %w", err)
	}
	s.judge(fmt.Sprintf("claims by %d agents at %d desks, two for each case, asked of the desk itself", claimers, deskProcs), "≥ 3,000 a second, none twice",
		fmt.Sprintf("%.0f a second; %d claimed, %d twice, %d told that somebody was quicker", perSec, claimed, twice, lost.Load()), perSec >= 3000 && twice == 0 && claimed == n && took.Load() == int64(n))
	s.note("… processor time a claim", cost)
	return nil
}
