package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/internal/proc"
)

func TestAwaitPart_WaitsForOneOnItsWayAndNoLonger(t *testing.T) {
	t.Parallel()
	starting := proc.Event{Part: proc.Embedder, State: proc.StateStarting}
	ready := proc.Event{Part: proc.Embedder, State: proc.StateReady}
	failed := func(n int) proc.Event {
		return proc.Event{Part: proc.Embedder, State: proc.StateFailed, Error: "no such file", Failures: n}
	}
	for _, c := range []struct {
		name     string
		states   []proc.Event // one after the other; the last stays
		patience time.Duration
		problem  string
	}{
		{"ready at once", []proc.Event{ready}, time.Hour, ""},
		{"ready after a while", []proc.Event{starting, starting, ready}, time.Hour, ""},
		{"ready after one failed start", []proc.Event{starting, failed(1), starting, ready}, time.Hour, ""},
		{"never starts", []proc.Event{starting, failed(1), failed(2)}, time.Hour, "it does not start: no such file"},
		{"still starting", []proc.Event{starting}, time.Millisecond, "not ready after 1ms"},
		{"not one of ours", []proc.Event{{}}, time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			left := c.states
			problem, err := awaitPart(t.Context(), func() proc.Event {
				e := left[0]
				if len(left) > 1 {
					left = left[1:]
				}
				return e
			}, c.patience)
			if err != nil || problem != c.problem {
				t.Errorf("got %q, %v, want %q", problem, err, c.problem)
			}
			if c.patience == time.Hour && len(left) != 1 {
				t.Errorf("given up %d states early", len(left)-1)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := awaitPart(ctx, func() proc.Event { return starting }, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// A private embedder that cannot start must not keep a search from going on.
func TestSearch_PrivateEmbedderThatNeverStartsIsLeftOut(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	for name, value := range newHome(t, filepath.Join(t.TempDir(), "home")) {
		k.env[name] = value
	}
	delete(k.env, "EMBEDDINGS_BASE_URL")
	delete(k.env, "EMBEDDINGS_MODEL")
	k.write("lids.md", "# Lids\n\nThe lid opens by a button.\n")
	k.ingest(0)
	emptyEmbedder(t, k.env["FRONTDESK_HOME"])

	out, errs := k.run(0, "", "search", "--site", "shop", "how does the lid open")
	contains(t, "search", out, "degraded: embedder took no part", "by a button")
	contains(t, "its standard error", errs, "embedder: it does not start", "going on by words alone")
	out, _ = k.run(0, `{"id":1,"text":"lid button"}`, "search", "--site", "shop", "--jsonl")
	contains(t, "a batch", out, `"degraded":["embedder"]`, `"lids"`)
	out, errs = k.run(0, `{"id":1,"say":["how does the lid open by a button"]}`, "ask", "--site", "shop", "--jsonl")
	contains(t, "ask", out, `"degraded":["embedder"]`)
	contains(t, "its standard error", errs, "going on by words alone")
}

// emptyEmbedder takes away what setup unpacked for the embedder, behind setup's back.
func emptyEmbedder(t *testing.T, dir string) {
	t.Helper()
	home, err := proc.OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	have, err := home.Have()
	if err != nil {
		t.Fatal(err)
	}
	emptied := 0
	for _, u := range have {
		found, err := filepath.Glob(filepath.Join(baseOf(dir), "parts", u.Dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if u.Part != proc.Embedder {
				continue
			}
			if err := os.RemoveAll(f); err != nil {
				t.Fatal(err)
			}
			emptied++
		}
	}
	if emptied == 0 {
		t.Fatalf("found nothing of the embedder in %v", have)
	}
}
