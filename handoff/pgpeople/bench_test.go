package pgpeople

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/pgtest"
)

// What every request of the desk costs, among 10,000 sessions, and what a login
// costs with the parameters that serve.
func BenchmarkPeople(b *testing.B) {
	pool := pgtest.New(b)
	store, err := New(pool)
	if err != nil {
		b.Fatal(err)
	}
	hasher, err := people.NewHasher(people.Params{}, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	newID := func() convo.ID { return uuid.Must(uuid.NewV7()) }
	p, err := people.New(people.Deps{Store: store, Hasher: hasher, Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: newID, Random: rand.Reader}, people.Config{})
	if err != nil {
		b.Fatal(err)
	}
	var site int32
	if err := pool.QueryRow(b.Context(), `INSERT INTO sites (name) VALUES ('shop') RETURNING site_id`).Scan(&site); err != nil {
		b.Fatal(err)
	}
	password, _, err := p.First(b.Context(), site, "admin@example.com", "Admin")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `
WITH a AS (
    INSERT INTO agents (site_id, agent_id, email, name, role, created_at)
    SELECT $1, gen_random_uuid(), 'agent' || i || '@example.com', 'Agent', 'agent', now() FROM generate_series(1, 1000) i
    RETURNING agent_id
)
INSERT INTO agent_sessions (site_id, session_id, agent_id, token_hash, created_at, seen_at, expires_at, ends_at)
SELECT $1, gen_random_uuid(), agent_id, sha256(gen_random_uuid()::text::bytea), now(), now(), now() + interval '1 h', now() + interval '1 h'
FROM a, generate_series(1, 10)`, site); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	where := people.Where{Address: "192.0.2.1", Place: "192.0.2.1", Loopback: true}
	login := func(b *testing.B) string {
		b.Helper()
		_, token, err := p.Login(b.Context(), people.Attempt{Site: "shop", Email: "admin@example.com", Password: password, Where: where})
		if err != nil {
			b.Fatal(err)
		}
		return token.Reveal()
	}
	b.Run("login", func(b *testing.B) {
		for b.Loop() {
			login(b)
		}
	})
	b.Run("request", func(b *testing.B) {
		token := login(b)
		for b.Loop() {
			if _, err := p.Who(b.Context(), token, where); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("request on many connections", func(b *testing.B) {
		token := login(b)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := p.Who(b.Context(), token, where); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("sight", func(b *testing.B) {
		a, c := handoff.System(site, "bench"), newID()
		for b.Loop() {
			if err := p.Saw(b.Context(), a, c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
