package pgconvo

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/internal/pgtest"
)

func TestTopic_ReachesOtherInstancesAndNotItsOwn(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s, err := New(pool)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); wg.Wait() })
	heard := [2]chan string{make(chan string, 100), make(chan string, 100)}
	var buses [2]*Bus
	for i := range buses {
		b, err := StartBus(t.Context(), pool, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Topic(t.Context(), "frontdesk_desk", func(p string) { heard[i] <- p }); err != nil {
			t.Fatal(err)
		}
		buses[i] = b
		hub := bot.NewHub(s, b)
		wg.Go(func() { b.Run(ctx, hub) })
	}
	next := func(i int) string {
		t.Helper()
		select {
		case p := <-heard[i]:
			return p
		case <-time.After(15 * time.Second):
			t.Fatal("nothing was heard")
			return ""
		}
	}
	for range 50 { // equal payloads are sent once, or a few times
		buses[0].Tell("frontdesk_desk", "7")
	}
	if p := next(1); p != "7" {
		t.Fatalf("heard %q", p)
	}
	buses[1].Tell("frontdesk_desk", "8")
	if p := next(0); p != "8" { // its own 7 did not come back before
		t.Errorf("heard %q", p)
	}
	// A connection that was cut: everybody is to look.
	if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_try_advisory_lock%') AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	for p := ""; ; {
		if p = next(0); p == "" {
			break
		}
	}
	if err := buses[0].Topic(t.Context(), "bad name;", nil); err == nil {
		t.Error("a name that is none was taken")
	}
}
