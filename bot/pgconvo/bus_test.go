package pgconvo

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

func startBus(t *testing.T, s *Store) (*Bus, *bot.Hub, func()) {
	t.Helper()
	b, err := StartBus(t.Context(), s.pool, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := bot.NewHub(s, b)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { b.Run(ctx, h) })
	stop := sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	t.Cleanup(stop)
	return b, h, stop
}

// next reads one batch of events, or fails after a time no machine needs.
func next(t *testing.T, sub *bot.Subscription) []convo.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	events, err := sub.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestBus_ALostListenerComesBackAndReadsWhatItMissed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	one, _, _ := startBus(t, s)
	_, there, _ := startBus(t, s)
	sub := there.Subscribe(key, 0)
	defer sub.Close()
	rec, err := s.Record(t.Context(), record(key, visitor, "1", "hi"))
	if err != nil {
		t.Fatal(err)
	}
	if got := next(t, sub); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
	// Every listening connection dies; what is committed now is announced to nobody.
	if _, err := s.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_try_advisory_lock%'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), done(key, rec, "reply")); err != nil {
		t.Fatal(err)
	}
	if got := next(t, sub); len(got) != 2 {
		t.Fatalf("got %v", got)
	}
	// Until it has noticed, it still says that it listens: the lock tells.
	locks := 0
	for deadline := time.Now().Add(20 * time.Second); locks != 1 || !one.Listening(); {
		err = s.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid::bigint = $2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, lockClass, one.Instance()).Scan(&locks)
		if err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("listening: %v, the instance holds %d locks", one.Listening(), locks)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestBus_WithoutNotificationsThePollFindsIt(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	_, there, _ := startBus(t, s)
	sub := there.Subscribe(key, 0)
	defer sub.Close()
	for i := range 3 { // nothing announces these
		rec, err := s.Record(t.Context(), record(key, visitor, fmt.Sprint(i), "hi"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Finish(t.Context(), done(key, rec, "reply")); err != nil {
			t.Fatal(err)
		}
		for want := 3; want > 0; {
			want -= len(next(t, sub))
		}
	}
}

func TestBus_SaysWhoIsAlive(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.grace = 0
	one, _, stop := startBus(t, s)
	two, _, _ := startBus(t, s)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	r := record(key, visitor, "1", "hi")
	r.Instance = one.Instance()
	if _, err := s.Record(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if open, err := s.Abandoned(t.Context(), two.Instance(), 10); err != nil || len(open) != 0 {
		t.Errorf("a live instance's turn is abandoned: %v %v", open, err)
	}
	if open, err := s.Abandoned(t.Context(), one.Instance(), 10); err != nil || len(open) != 1 {
		t.Errorf("its own is not shown: %v %v", open, err)
	}
	stop()
	for deadline := time.Now().Add(20 * time.Second); ; { // the server notices a closed connection in its own time
		open, err := s.Abandoned(t.Context(), two.Instance(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(open) == 1 && open[0].Turn == r.Turn {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a dead instance's turn is not found: %v", open)
		}
	}
	if err := one.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM instances`).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%v: %d instances: one with an open turn has to stay known", err, rows)
	}
}

func TestHints_RoundTrip(t *testing.T) {
	t.Parallel()
	said, got := newNews(), newNews()
	for i := range 500 {
		said.seqs[convo.Key{Site: int32(i % 3), ID: bot.NewID()}] = int64(i + 1)
	}
	said.typing[convo.Key{Site: 1, ID: bot.NewID()}] = convo.Customer
	both := convo.Key{Site: 2, ID: bot.NewID()}
	said.read[readKey{both, convo.Customer}], said.read[readKey{both, convo.Agent}] = 12, 9
	payloads := encodeHints(7, said)
	for _, p := range payloads {
		if len(p) >= 8000 {
			t.Errorf("a payload of %d bytes", len(p))
		}
		from, hints, err := decodeHints(p)
		if err != nil || from != 7 {
			t.Fatalf("%d %v", from, err)
		}
		for _, h := range hints {
			switch {
			case h.typing != "":
				got.typing[h.key] = h.typing
			case h.read.By != "":
				got.read[readKey{h.key, h.read.By}] = h.read.Up
			default:
				got.seqs[h.key] = h.seq
			}
		}
	}
	if len(payloads) < 2 || !reflect.DeepEqual(said, got) {
		t.Errorf("%d payloads, %d of %d hints", len(payloads), len(got.seqs), len(said.seqs))
	}
	if encodeHints(7, news{}) != nil {
		t.Error("nothing to say was said")
	}
}

func FuzzHints(f *testing.F) {
	f.Add("7 1:" + strings.Repeat("0", 32) + ":5")
	f.Add("x")
	f.Add("1 2:3:4")
	f.Fuzz(func(t *testing.T, s string) {
		_, hints, err := decodeHints(s)
		if err == nil && len(hints) == 0 && len(strings.Fields(s)) != 1 {
			t.Errorf("%q: nothing read, nothing wrong", s)
		}
	})
}
