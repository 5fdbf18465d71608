package pgdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// benchDesk is a desk on a pool as serve has it.
func benchDesk(b *testing.B) (*Desk, int32) {
	b.Helper()
	pool, err := pg.Open(b.Context(), pgtest.DSN(b), pg.PoolConfig{MaxConns: 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	convs, err := pgconvo.New(pool)
	if err != nil {
		b.Fatal(err)
	}
	texts, err := handoff.LoadTexts()
	if err != nil {
		b.Fatal(err)
	}
	d, err := New(pool, convs, nil, texts, time.Now, bot.NewID)
	if err != nil {
		b.Fatal(err)
	}
	var site int32
	if err := pool.QueryRow(b.Context(), `INSERT INTO sites (name) VALUES ('shop') RETURNING site_id`).Scan(&site); err != nil {
		b.Fatal(err)
	}
	if _, err := d.Queues(b.Context(), handoff.System(site, "bench")); err != nil {
		b.Fatal(err)
	}
	return d, site
}

// fill has n cases wait, as Open leaves them, without opening each.
func fill(tb testing.TB, d *Desk, site int32, n int) {
	tb.Helper()
	err := pgx.BeginFunc(tb.Context(), d.Pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`INSERT INTO visitors (site_id, visitor_id, created_at) SELECT $1, md5('v' || i)::uuid, now() FROM generate_series(1, $2::int) i`,
			`INSERT INTO conversations (site_id, conversation_id, visitor_id, owner, owner_version, queue, created_at, last_at)
			 SELECT $1, md5('c' || i)::uuid, md5('v' || i)::uuid, 'queue', 2, 'service', now(), now() FROM generate_series(1, $2::int) i`,
			`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, customer_waits_since, due_first, problem)
			 SELECT $1, md5('k' || i)::uuid, i::text, md5('c' || i)::uuid, 'service', 'asked', now(), now(), now() + make_interval(secs => i), 'My kettle leaks at the lid since Tuesday and the shop is closed'
			 FROM generate_series(1, $2::int) i`,
		} {
			if _, err := tx.Exec(tb.Context(), sql, site, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = d.Pool.Exec(tb.Context(), `VACUUM ANALYZE visitors, conversations, cases`)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func benchAgents(b *testing.B, d *Desk, site int32, n int) []handoff.Actor {
	b.Helper()
	list := make([]handoff.Actor, n)
	for i := range list {
		g, err := d.AddAgent(b.Context(), handoff.System(site, "bench"), handoff.Agent{
			Email: fmt.Sprintf("a%d@shop.example", i), Name: fmt.Sprintf("Agent %d", i), Role: handoff.RoleAgent, Capacity: 1000,
		})
		if err != nil {
			b.Fatal(err)
		}
		list[i] = handoff.Actor{Site: site, Agent: g.ID, Name: g.Name, Role: g.Role}
	}
	return list
}

// BenchmarkClaim has 200 agents take what is due first from one line, all at
// once; each case must go to one of them.
func BenchmarkClaim(b *testing.B) {
	const agents = 200
	d, site := benchDesk(b)
	people := benchAgents(b, d, site, agents)
	fill(b, d, site, b.N)
	var next, took, lost atomic.Int64
	cases := make([]convo.ID, b.N)
	rows, err := d.Pool.Query(b.Context(), `SELECT case_id FROM cases WHERE site_id = $1 ORDER BY rank_at`, site)
	if err != nil {
		b.Fatal(err)
	}
	if cases, err = pgx.CollectRows(rows, pgx.RowTo[convo.ID]); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	b.ResetTimer()
	for _, a := range people {
		wg.Go(func() {
			for {
				// Two agents press for each case: one of them loses.
				i := int(next.Add(1)-1) / 2
				if i >= len(cases) {
					return
				}
				_, err := d.Claim(context.Background(), a, handoff.Target{Case: cases[i]})
				switch {
				case err == nil:
					took.Add(1)
				case errors.Is(err, handoff.ErrTaken):
					lost.Add(1)
				default:
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	var held int64
	if err := d.Pool.QueryRow(context.Background(), `SELECT count(*) FROM case_events WHERE kind = 'claimed'`).Scan(&held); err != nil || held != int64(b.N) || took.Load() < held {
		b.Errorf("%v: %d cases, %d claimed, %d won", err, b.N, held, took.Load())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
	b.ReportMetric(float64(lost.Load())/float64(b.N), "lost/claim")
}

// BenchmarkClaimNext has 200 agents ask for what is due first.
func BenchmarkClaimNext(b *testing.B) {
	d, site := benchDesk(b)
	people := benchAgents(b, d, site, 200)
	fill(b, d, site, b.N)
	var wg sync.WaitGroup
	var took atomic.Int64
	b.ResetTimer()
	for _, a := range people {
		wg.Go(func() {
			for {
				_, found, err := d.ClaimNext(context.Background(), a, "service")
				if err != nil {
					b.Error(err)
				}
				if err != nil || !found {
					return
				}
				took.Add(1)
			}
		})
	}
	wg.Wait()
	if took.Load() != int64(b.N) {
		b.Errorf("%d of %d", took.Load(), b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
}

// BenchmarkList reads pages of a line of 10,000: the first, and one far in.
func BenchmarkList(b *testing.B) {
	d, site := benchDesk(b)
	fill(b, d, site, 10_000)
	lead := handoff.Actor{Site: site, Name: "Lea", Role: handoff.RoleLead}
	far := ""
	for range 100 {
		l, err := d.List(b.Context(), lead, handoff.View{Kind: handoff.ViewWaiting, Queues: []string{"service"}}, handoff.Page{After: far})
		if err != nil {
			b.Fatal(err)
		}
		far = l.Next
	}
	for _, c := range []struct {
		name  string
		view  handoff.View
		after string
	}{
		{"first page of a queue", handoff.View{Kind: handoff.ViewWaiting, Queues: []string{"service"}}, ""},
		{"page 100", handoff.View{Kind: handoff.ViewWaiting, Queues: []string{"service"}}, far},
		{"all open", handoff.View{Kind: handoff.ViewOpen}, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				l, err := d.List(b.Context(), lead, c.view, handoff.Page{After: c.after})
				if err != nil || len(l.Cases) != 50 {
					b.Fatal(len(l.Cases), err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
	b.Run("wall", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Wall(b.Context(), lead); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen is the button, in a line of 10,000.
func BenchmarkOpen(b *testing.B) {
	d, site := benchDesk(b)
	fill(b, d, site, 10_000)
	var took []time.Duration
	for b.Loop() {
		key, visitor := convo.Key{Site: site, ID: bot.NewID()}, bot.NewID()
		if _, err := d.Conversations.(*pgconvo.Store).Open(b.Context(), bot.Opening{Site: site, Conversation: key.ID, Visitor: visitor, At: time.Now()}); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := d.Open(b.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
