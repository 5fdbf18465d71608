package embed

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/internal/faultproxy"
	"frontdesk/retrieval"
)

func TestBreaker_OpensAfterFailuresInARowAndProbesInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(3, 100*time.Millisecond, time.Second)
		defer b.close()
		var probes atomic.Int64
		var healthy atomic.Bool
		b.probe = func(context.Context) *failure {
			probes.Add(1)
			if healthy.Load() {
				return nil
			}
			return slow()
		}
		call := func(f *failure) {
			t.Helper()
			epoch, _, refused := b.enter()
			if refused != nil {
				t.Fatalf("refused: %v", refused)
			}
			b.leave(epoch, f)
		}
		call(slow())
		call(slow())
		call(nil) // not in a row
		call(slow())
		call(slow())
		late, _, _ := b.enter() // begins while it is closed
		call(slow())
		_, moved, refused := b.enter()
		if refused == nil {
			t.Fatal("open, and lets calls through")
		}
		wantCode(t, refused.Unwrap(), fault.Unavailable, CodePaused)
		if refused.err.RetryAfter <= 0 {
			t.Error("says not when to try again")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		// Pauses of 100 ms doubling to 1 s, each between half and whole.
		if n := probes.Load(); n < 11 || n > 24 {
			t.Errorf("%d probes in 10 s", n)
		}
		healthy.Store(true)
		<-moved
		if _, _, refused := b.enter(); refused != nil {
			t.Fatalf("closed, and refuses: %v", refused)
		}
		b.leave(late, slow())
		b.leave(late, slow())
		b.leave(late, slow())
		if open, _, _ := b.state(); open {
			t.Error("what began before the outage opened it again")
		}
		n := probes.Load()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if probes.Load() != n {
			t.Error("probes go on after it closed")
		}
	})
}

func TestBreaker_EndsItsProbeWhenClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(1, time.Millisecond, time.Second)
		b.probe = func(ctx context.Context) *failure {
			<-ctx.Done() // a probe that hangs
			return ended(ctx)
		}
		epoch, _, _ := b.enter()
		b.leave(epoch, slow())
		time.Sleep(time.Minute)
		b.close()
		_, _, refused := b.enter()
		if refused == nil || refused.err.Code != CodeClosed {
			t.Errorf("refused: %v", refused)
		}
	})
}

func TestClient_RefusesQuestionsAtOnceWhileTheServerIsAwayAndComesBackByItself(t *testing.T) {
	t.Parallel()
	s := fakemodel.New(t, fakemodel.Config{})
	p := faultproxy.New(t, s.Addr)
	b := bundle{server: s, log: &safeBuffer{}}
	b.client = client(t, b.log, Config{
		BaseURL: "http://" + p.Addr() + "/v1", Model: "fake", QueryTimeout: time.Hour,
		ProbeMin: time.Millisecond, ProbeMax: 5 * time.Millisecond,
	})
	b.mustQuery(t, "kettle")
	if err := b.client.Health(); err != nil {
		t.Fatalf("health at first: %v", err)
	}
	if err := p.Set(faultproxy.Refuse); err != nil {
		t.Fatal(err)
	}
	for !b.client.Stats().Away { // two tries a question, three failures
		if _, err := b.query(t, "kettle"); err == nil {
			t.Fatal("answered by nobody")
		}
	}
	refused := make(chan error, 1)
	go func() {
		_, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
		refused <- err
	}()
	until(t, "an answer without waiting for the server", func() bool { return len(refused) == 1 })
	wantCode(t, <-refused, fault.Unavailable, CodePaused)
	wantCode(t, b.client.Health(), fault.Unavailable, CodePaused)
	if s := b.client.Stats(); s.Cause != CodeUnreachable || s.Since.IsZero() {
		t.Errorf("stats %+v", s)
	}
	asked := s.Calls()
	if err := p.Set(faultproxy.Pass); err != nil {
		t.Fatal(err)
	}
	// Nobody asks anything: the probe alone finds out.
	until(t, "the client is back", func() bool { return b.client.Health() == nil })
	if s.Calls() == asked {
		t.Error("back without having asked")
	}
	for _, in := range s.Inputs()[asked:] {
		if in != probeText {
			t.Errorf("probed with %q", in)
		}
	}
	b.mustQuery(t, "kettle")
	for _, line := range []string{`"embedder away","code":"embedder_unreachable"`, `"embedder back","away_ms":`} {
		until(t, line, func() bool { return strings.Contains(b.log.String(), line) })
	}
}

func TestClient_NobodyQueuesForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	// Every place is taken by a question that hangs.
	b := setup(t, fakemodel.Config{}, func(c *Config) { c.QueryInFlight, c.BreakAfter, c.QueryTimeout = 1, 1, time.Hour })
	b.server.Always(fakemodel.Hang(nil))
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = b.client.Embed(ctx, retrieval.EmbedQuery, []string{"hangs"}) })
	if err := b.server.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	epoch, _, _ := b.client.breaker.enter()
	b.client.breaker.leave(epoch, slow())
	refused := make(chan error, 1)
	wg.Go(func() {
		_, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
		refused <- err
	})
	until(t, "refused", func() bool { return len(refused) == 1 })
	wantCode(t, <-refused, fault.Unavailable, CodePaused)
	leave()
	wg.Wait()
}

func TestClient_ProbesAServerThatAnswersNonsense(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, func(c *Config) { c.ProbeMin, c.ProbeMax = time.Millisecond, time.Millisecond })
	b.mustQuery(t, "kettle")
	b.server.Always(fakemodel.NaN())
	until(t, "away", func() bool { _, _ = b.query(t, "kettle"); return b.client.Stats().Away })
	calls := b.server.Calls()
	until(t, "probes that do not believe it", func() bool { return b.client.Stats().Away && b.server.Calls() > calls+3 })
	b.server.Heal()
	until(t, "back", func() bool { return !b.client.Stats().Away })
	b.mustQuery(t, "kettle")
}

func TestClient_IsNotBackWhileItIsTooSlowForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, func(c *Config) { c.ProbeMin, c.ProbeMax = time.Millisecond, time.Millisecond })
	b.server.Always(fakemodel.Delay(2 * time.Second)) // well within QueryTimeout
	until(t, "away", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, _ = b.client.Embed(ctx, retrieval.EmbedQuery, []string{"kettle"})
		return b.client.Stats().Away
	})
	calls := b.server.Calls()
	until(t, "three probes", func() bool { return b.server.Calls() >= calls+3 })
	if strings.Contains(b.log.String(), "embedder back") {
		t.Error("back, and as slow as before")
	}
	b.server.Heal()
	until(t, "back", func() bool { return !b.client.Stats().Away })
}

func TestClient_PassagesWaitForTheServerToComeBack(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, func(c *Config) {
		c.ProbeMin, c.ProbeMax, c.PassageWait = time.Millisecond, 5*time.Millisecond, time.Minute
	})
	b.server.Always(fakemodel.Status(500, "no", ""))
	until(t, "away", func() bool { _, _ = b.query(t, "kettle"); return b.client.Stats().Away })
	done := make(chan error, 1)
	go func() {
		_, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"a passage"})
		done <- err
	}()
	calls := b.server.Calls()
	until(t, "some more probes", func() bool { return b.server.Calls() > calls+2 })
	select {
	case err := <-done:
		t.Fatalf("did not wait: %v", err)
	default:
	}
	b.server.Heal()
	if err := <-done; err != nil {
		t.Fatalf("embed: %v", err)
	}
}

func TestClient_PassagesSayWhenTheServerStaysAway(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, func(c *Config) { c.PassageWait, c.BreakAfter = 50*time.Millisecond, 1 })
	b.server.Always(fakemodel.Status(500, "no", ""))
	_, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"a passage"})
	if kind := fault.KindOf(err); kind != fault.Unavailable {
		t.Fatalf("error %v of kind %d", err, kind)
	}
}
