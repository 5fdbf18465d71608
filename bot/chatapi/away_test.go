package chatapi

import (
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot/convo"
	"frontdesk/internal/faultproxy"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// behindProxy starts the service on a database whose connections all go
// through a proxy that the test makes fail.
func behindProxy(t *testing.T) (*bench, *faultproxy.Proxy) {
	t.Helper()
	cfg, err := pgconn.ParseConfig(pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	proxy, err := faultproxy.Start(faultproxy.Config{Network: network, Address: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	dsn := url.URL{
		Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: proxy.Addr(), Path: "/" + cfg.Database,
		RawQuery: "sslmode=disable",
	}
	pool, err := pg.Open(t.Context(), dsn.String(), pg.PoolConfig{ConnectTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return start(t, options{dsnPool: pool}), proxy
}

func TestPostgresAway_HonestErrorsAndBackWithoutARestart(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]faultproxy.Mode{"refuses": faultproxy.Refuse, "resets": faultproxy.Reset, "is silent": faultproxy.Blackhole} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, proxy := behindProxy(t)
			b.site(t, "shop", "")
			v := b.visitor(t, nil)
			v.say(t, "How long?")
			watching := v.watch(t, "")
			watching.until(convo.KindDone)

			proxy.Set(mode)
			for _, c := range []struct{ method, path string }{{"POST", "/messages"}, {"GET", ""}, {"POST", "/human"}, {"GET", "/events"}} {
				var body any
				if c.path == "/messages" {
					body = messageRequest{ClientMsgID: "2", Text: "And how much?"}
				}
				r := v.do(t, c.method, c.path, body)
				if r.status != 503 || r.code() != "database_unavailable" || r.header.Get("Retry-After") == "" {
					t.Errorf("%s %s: %d %s", c.method, c.path, r.status, r.body)
				}
			}
			if r := b.do(t, "GET", "/readyz", nil); r.status != 503 {
				t.Errorf("readyz: %d %s", r.status, r.body)
			}
			if r := b.do(t, "GET", "/healthz", nil); r.status != 200 {
				t.Errorf("healthz: %d", r.status)
			}

			proxy.Set(faultproxy.Pass)
			eventually(t, "ready again", func() bool { return b.do(t, "GET", "/readyz", nil).status == 200 })
			// The same client_msg_id: whether the first try was recorded or not, it is one turn.
			m := v.sayAs(t, "2", "And how much?")
			if m.Outcome != convo.Answer && m.Outcome != convo.Failed && m.Outcome != convo.Queued && m.Outcome != convo.Relayed {
				t.Errorf("afterwards: %+v", m)
			}
			watching.until(convo.KindMessage) // the stream was open all along
			var n int
			if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE client_msg_id = '2'`).Scan(&n); err != nil || n != 1 {
				t.Errorf("%v: recorded %d times", err, n)
			}
		})
	}
}

func TestPostgresAway_InMidTurnTheTurnIsEndedLater(t *testing.T) {
	t.Parallel()
	b, proxy := behindProxy(t)
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	said := make(chan response, 1)
	go func() { said <- v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "1", Text: "How long?"}) }()
	eventually(t, "the search", func() bool { return len(b.finder.questions()) == 1 })
	proxy.Set(faultproxy.Refuse)
	close(hold)
	if r := <-said; r.status != 503 || r.code() != "database_unavailable" {
		t.Errorf("%d %s", r.status, r.body)
	}
	proxy.Set(faultproxy.Pass)
	var m messageResponse
	eventually(t, "its end", func() bool {
		r, err := b.try(t.Context(), "POST", v.path("/messages"), messageRequest{ClientMsgID: "1", Text: "How long?"}, v.auth()...)
		if err != nil || r.status != 200 {
			return false
		}
		r.json(t, &m)
		return true
	})
	if m.Outcome != convo.Failed || len(m.Messages) != 1 || !m.Messages[0].OfferPerson {
		t.Errorf("got %+v", m)
	}
	if n := b.engine.Running(); n != 0 {
		t.Errorf("%d turns run", n)
	}
}
