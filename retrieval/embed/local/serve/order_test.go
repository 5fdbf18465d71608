package serve

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"frontdesk/retrieval/embed/local"
)

func held() *scripted {
	return &scripted{started: make(chan string, 1000), release: make(chan struct{})}
}

func TestServer_AQuestionGoesAheadOfEveryQueuedPassage(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{}, nil)
	first := b.later(t.Context(), local.Passage, "p1", "p2", "p3")
	<-b.encoder.started
	second := b.later(t.Context(), local.Passage, "p4")
	until(t, "three passages wait", func() bool { return b.waiting(local.Passage) == 3 })
	question := b.later(t.Context(), local.Query, "q1", "q2")
	until(t, "the question waits", func() bool { return b.waiting(local.Query) == 2 })

	close(b.encoder.release)
	for _, a := range []answered{<-first, <-second, <-question} {
		if a.status != http.StatusOK {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	texts, kinds := b.encoder.seen()
	if want := []string{"p1", "q1", "q2", "p2", "p3", "p4"}; !slices.Equal(texts, want) {
		t.Errorf("run in the order %v, want %v", texts, want)
	}
	if kinds[0] != local.Passage || kinds[1] != local.Query {
		t.Errorf("kinds %v", kinds)
	}
}

func TestServer_RunsAsManyTextsAtATimeAsItHasWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{Workers: 3}, nil)
	done := b.later(t.Context(), local.Passage, "1", "2", "3", "4", "5")
	for range 3 {
		<-b.encoder.started
	}
	until(t, "two wait", func() bool { return b.waiting(local.Passage) == 2 })
	if texts, _ := b.encoder.seen(); len(texts) != 3 {
		t.Errorf("%d runs at a time", len(texts))
	}
	close(b.encoder.release)
	if a := <-done; a.status != http.StatusOK {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestServer_ACallerWhoLeavesTakesAlongWhatItQueued(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{}, nil)
	leaving, leave := context.WithCancel(t.Context())
	first := b.later(t.Context(), local.Passage, "first")
	<-b.encoder.started
	gone := b.later(leaving, local.Passage, "gone 1", "gone 2", "gone 3")
	until(t, "three wait", func() bool { return b.waiting(local.Passage) == 3 })
	stays := b.later(t.Context(), local.Passage, "stays")
	until(t, "four wait", func() bool { return b.waiting(local.Passage) == 4 })

	leave() // while the first is still being run
	if a := <-gone; a.status != -1 {
		t.Errorf("the caller who left got %d", a.status)
	}
	until(t, "one waits", func() bool { return b.waiting(local.Passage) == 1 })
	close(b.encoder.release)
	for _, a := range []answered{<-first, <-stays} {
		if a.status != http.StatusOK {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	if texts, _ := b.encoder.seen(); !slices.Equal(texts, []string{"first", "stays"}) {
		t.Errorf("ran %v", texts)
	}
	until(t, "all is given back", func() bool { return b.answer.taken.Load() == 0 })
}

func TestServer_EndsTheRunOfACallerWhoLeaves(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{}, nil)
	leaving, leave := context.WithCancel(t.Context())
	gone := b.later(leaving, local.Query, "gone")
	<-b.encoder.started
	stays := b.later(t.Context(), local.Passage, "stays")
	leave() // nobody releases its run: it ends with its context
	<-gone
	if text := <-b.encoder.started; text != "stays" {
		t.Errorf("%q ran next", text)
	}
	close(b.encoder.release)
	if a := <-stays; a.status != http.StatusOK {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestServer_AnswersAFailedCallWithoutItsOtherTexts(t *testing.T) {
	t.Parallel()
	e := held()
	e.result = func(string) (local.Vectors, error) { return local.Vectors{}, errors.New("a run failed") }
	b := setup(t, e, Config{}, nil)
	call := b.later(t.Context(), local.Passage, "fails", "2", "3")
	<-e.started
	e.release <- struct{}{} // one run's end; the others are never let go
	select {
	case a := <-call:
		wantProblem(t, a, http.StatusInternalServerError, "encode_failed")
	case <-time.After(20 * time.Second):
		t.Fatal("no answer")
	}
	until(t, "nothing waits", func() bool { return b.waiting(local.Passage) == 0 })
}

func TestServer_RefusesWhatDoesNotFitTheQueue(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{MaxTexts: 4, MaxPassages: 4, MaxQueries: 4, RetryAfter: 3 * time.Second}, nil)
	first := b.later(t.Context(), local.Passage, "runs")
	<-b.encoder.started
	second := b.later(t.Context(), local.Passage, "1", "2", "3")
	until(t, "three wait", func() bool { return b.waiting(local.Passage) == 3 })

	a := b.post(t, `{"model":"m","input":["4","5"],"input_type":"passage"}`)
	wantProblem(t, a, http.StatusTooManyRequests, "busy")
	if s, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || s != 3 {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if n := b.waiting(local.Passage); n != 3 {
		t.Errorf("%d wait: a part of the refused call stayed", n)
	}
	question := b.later(t.Context(), local.Query, "q") // has a queue of its own
	until(t, "the question waits", func() bool { return b.waiting(local.Query) == 1 })
	close(b.encoder.release)
	for _, a := range []answered{<-first, <-second, <-question} {
		if a.status != http.StatusOK {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
}

func TestServer_RefusesAnswersThatWouldNotFit(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{AnswerBytes: 200}, nil) // a row takes 3 × 24
	first := b.later(t.Context(), local.Passage, "1", "2")
	<-b.encoder.started
	wantProblem(t, b.post(t, `{"model":"m","input":"3"}`), http.StatusTooManyRequests, "busy")
	close(b.encoder.release)
	if a := <-first; a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	until(t, "the answer is given back", func() bool { return b.answer.taken.Load() == 0 })
	wantProblem(t, b.post(t, `{"model":"m","input":["1","2","3"]}`), http.StatusRequestEntityTooLarge, "answer_too_large")
	if a := b.post(t, `{"model":"m+tokens","input":"one text is always taken"}`); a.status != http.StatusOK {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestServer_EndsWhatItHasTakenWhenItStops(t *testing.T) {
	t.Parallel()
	b := setup(t, held(), Config{StopWait: time.Minute}, nil)
	taken := b.later(t.Context(), local.Passage, "1", "2")
	<-b.encoder.started
	stopped := make(chan error, 1)
	go func() { stopped <- b.stop() }()
	until(t, "nobody new is let in", func() bool {
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := c.Get(b.url + "/health")
		if err == nil {
			resp.Body.Close()
		}
		return err != nil
	})
	close(b.encoder.release)
	if a := <-taken; a.status != http.StatusOK {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestServer_StopsThoughARunNeverEnds(t *testing.T) {
	t.Parallel()
	e := held()
	e.deaf = true
	b := setup(t, e, Config{StopWait: time.Millisecond}, nil)
	running := b.later(t.Context(), local.Passage, "hangs", "waits")
	<-b.encoder.started
	if err := b.stop(); err != nil {
		t.Errorf("serve: %v", err)
	}
	if a := <-running; a.status != -1 {
		t.Errorf("answered with %d", a.status)
	}
	close(e.release) // so that nothing is left behind
}

func TestServer_SaysThatARunHangs(t *testing.T) {
	t.Parallel()
	var clock fakeClock
	b := setup(t, held(), Config{StuckAfter: time.Minute}, func(d *Deps) {
		d.Now = clock.now
		d.Notes = map[string]string{"m": "int8"}
	})
	health := func() answered {
		a, err := b.do(t.Context(), http.MethodGet, "/health", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	running := b.later(t.Context(), local.Passage, "hangs")
	<-b.encoder.started
	if a := health(); a.status != http.StatusOK || a.body != `{"models":{"m":"int8"},"status":"ok"}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	clock.add(61 * time.Second)
	if a := health(); a.status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.status, a.body)
	}
	close(b.encoder.release)
	<-running
	until(t, "healthy again", func() bool { return health().status == http.StatusOK })
}
