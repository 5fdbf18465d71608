package pgdesk

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

// eventually waits for something that other goroutines do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to pass: %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// live is a play by the true clock.
func live(t *testing.T) *play {
	t.Helper()
	p := newPlay(t)
	var err error
	if p.promises, err = NewPromises(PromisesConfig{Pool: p.pool, Logger: p.desk.Logger, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	p.desk = p.another(t, func(d *Deps) { d.Promiser, d.Estimator, d.Now = p.promises, p.promises, time.Now })
	return p
}

// TestKeeper_TwoProcessesAndOneThatDied has two keepers share the true queue,
// after a third one died in the middle of a job.
func TestKeeper_TwoProcessesAndOneThatDied(t *testing.T) {
	t.Parallel()
	p := live(t)
	p.queue(t, "support", func(q *handoff.Queue) {
		q.Notify = json.RawMessage(`{"update_s": 1, "callback_s": 2, "lead_s": 3, "overflow_s": -1}`)
	})
	c := p.waiting(t, seen(support), contact("ann@example.org"))
	// A process took the jobs up, and was killed.
	p.exec(t, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '1 hour', attempted_by = '{dead}'`)
	var keepers []*Keeper
	for range 2 {
		p.keep(t, KeeperConfig{Postman: p.post, Base: func() string { return "https://shop.example" }, JobTimeout: 5 * time.Second, RescueAfter: 6 * time.Second})
		if err := p.keeper.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		keepers = append(keepers, p.keeper)
	}
	eventually(t, "the leads are told", func() bool { return len(p.post.to("lea@shop.example")) > 0 })
	eventually(t, "the address is asked", func() bool { return len(p.post.to("ann@example.org")) > 0 })
	for _, k := range keepers {
		if err := k.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := p.system(t, c.Conversation); has(got, "You need not wait here") != 1 || has(got, "not been forgotten") > maxUpdates {
		t.Errorf("%q", got)
	}
	if got := p.post.to("ann@example.org"); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// hanging takes a message and says nothing until its context ends.
type hanging struct {
	*postman
	began chan struct{}
}

func (h hanging) Send(ctx context.Context, _ mail.Message) error {
	select {
	case h.began <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return &mail.Error{Stage: "text", Err: ctx.Err()}
}

func TestKeeper_StopCutsWhatHangsAndLosesNothing(t *testing.T) {
	t.Parallel()
	p := live(t)
	c := p.waiting(t, contact("ann@example.org"))
	h := hanging{p.post, make(chan struct{}, 1)}
	p.keep(t, KeeperConfig{Postman: h, Base: func() string { return "https://shop.example" }})
	if err := p.keeper.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mail is under way", func() bool {
		select {
		case <-h.began:
			return true
		default:
			return false
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.keeper.Stop(ctx); err == nil {
		t.Error("it claims to have ended by itself")
	}
	if got := p.mails(t, c.ID); len(got) != 1 || got[0] != "confirm queued" {
		t.Fatalf("%v", got)
	}
	// The next process sends it.
	p.exec(t, `UPDATE river_job SET scheduled_at = now() WHERE kind = 'mail' AND state = 'retryable'`)
	p.keep(t, KeeperConfig{Postman: p.post, Base: func() string { return "https://shop.example" }, JobTimeout: 2 * time.Second, RescueAfter: 3 * time.Second})
	if err := p.keeper.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is sent", func() bool { return len(p.post.to("ann@example.org")) == 1 })
	if err := p.keeper.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestKeeper_NeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := NewPromises(PromisesConfig{}); err == nil {
		t.Error("promises of nothing")
	}
	if _, err := NewKeeper(nil, nil, KeeperConfig{}); err == nil {
		t.Error("a keeper of nothing")
	}
	for _, n := range []int{0, 1, 5, 60} {
		if d := tryAgain(n); d < 30*time.Second || d > 4*time.Hour {
			t.Errorf("after %d failures: %v", n, d)
		}
	}
}
