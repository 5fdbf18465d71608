package embed

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// stub is an Embedder in memory.
type stub struct {
	calls atomic.Int64
	embed func(ctx context.Context, texts []string) ([][]float32, error)
}

func (s *stub) Model() retrieval.Model { return retrieval.Model{Name: "stub/4", Dims: 4} }

func (s *stub) Embed(ctx context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	s.calls.Add(1)
	if s.embed != nil {
		return s.embed(ctx, texts)
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = fakemodel.Hashed(t, 4)
	}
	return out, nil
}

func cache(tb testing.TB, next retrieval.Embedder, entries int) *Cache {
	tb.Helper()
	c, err := NewCache(next, CacheConfig{Entries: entries})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestCache_AnswersAsWithoutItAndKeepsTheLatest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, 6).Draw(rt, "entries")
		next := &stub{}
		c := cache(t, next, size)
		var latest []string // last used first: what must be kept
		var calls int64
		for _, text := range rapid.SliceOfN(rapid.StringMatching("[a-i]"), 1, 60).Draw(rt, "questions") {
			got, err := c.Embed(context.Background(), retrieval.EmbedQuery, []string{text})
			if err != nil || !slices.Equal(got[0], fakemodel.Hashed(text, 4)) {
				rt.Fatalf("vector of %q: %v, %v", text, got, err)
			}
			at := slices.Index(latest, text)
			if at >= 0 {
				latest = slices.Delete(latest, at, at+1)
			} else {
				calls++
			}
			latest = slices.Insert(latest, 0, text)
			latest = latest[:min(len(latest), size)]
			if next.calls.Load() != calls {
				rt.Fatalf("%d calls after %q, want %d", next.calls.Load(), text, calls)
			}
			s := c.Stats()
			if s.Entries != len(latest) || s.Bytes != int64(len(latest))*(16+entryOverhead) {
				rt.Fatalf("stats %+v with %d kept", s, len(latest))
			}
			if s.Misses != calls || s.Hits+s.Misses+s.Shared == 0 {
				rt.Fatalf("stats %+v after %d calls", s, calls)
			}
		}
	})
}

func TestCache_PlacesHitsAndMissesOfOneCall(t *testing.T) {
	t.Parallel()
	next := &stub{}
	c := cache(t, next, 10)
	for _, texts := range [][]string{{"b"}, {"a", "b", "c", "a"}, {}, {"c", "d"}} {
		got, err := c.Embed(t.Context(), retrieval.EmbedQuery, texts)
		if err != nil || len(got) != len(texts) {
			t.Fatalf("embed %v: %v, %v", texts, got, err)
		}
		for i, text := range texts {
			if !slices.Equal(got[i], fakemodel.Hashed(text, 4)) {
				t.Errorf("vector %d of %v is another text's", i, texts)
			}
		}
	}
	if n := next.calls.Load(); n != 4 {
		t.Errorf("%d calls for four questions", n)
	}
}

func TestCache_LetsPassagesPast(t *testing.T) {
	t.Parallel()
	next := &stub{}
	c := cache(t, next, 10)
	for range 2 {
		if _, err := c.Embed(t.Context(), retrieval.EmbedPassage, []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	if s := c.Stats(); next.calls.Load() != 2 || s.Entries != 0 {
		t.Errorf("%d calls, stats %+v", next.calls.Load(), s)
	}
}

func TestCache_MakesOneCallForEqualQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	next := &stub{embed: func(ctx context.Context, texts []string) ([][]float32, error) {
		select {
		case <-release:
			return [][]float32{fakemodel.Hashed(texts[0], 4)}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	c := cache(t, next, 10)
	first, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Embed(first, retrieval.EmbedQuery, []string{"a"}); !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
	})
	until(t, "the first is under way", func() bool { return next.calls.Load() == 1 })
	for range 20 {
		wg.Go(func() {
			got, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"a"})
			if err != nil || !slices.Equal(got[0], fakemodel.Hashed("a", 4)) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	until(t, "all wait", func() bool { return c.Stats().Shared == 20 })
	leave() // the one who started it; the others still get their answer
	until(t, "the first has left", func() bool { return c.waiting("a") == 20 })
	close(release)
	wg.Wait()
	if n := next.calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func (c *Cache) waiting(text string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.flights {
		return f.waiting
	}
	return 0
}

func TestCache_EndsACallNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	next := &stub{embed: func(ctx context.Context, _ []string) ([][]float32, error) {
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}}
	c := cache(t, next, 10)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := c.Embed(ctx, retrieval.EmbedQuery, []string{"a"})
		left <- err
	}()
	until(t, "under way", func() bool { return next.calls.Load() == 1 })
	leave()
	wantCode(t, <-left, fault.Timeout, CodeCancelled)
	<-ended
}

func TestCache_ASlowServerOpensTheBreakerThroughIt(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, nil)
	b.server.Always(fakemodel.Hang(nil))
	c := cache(t, b.client, 10)
	asked := 0
	until(t, "the breaker is open", func() bool {
		asked++
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := c.Embed(ctx, retrieval.EmbedQuery, []string{fmt.Sprint("question ", asked)})
		if err == nil {
			t.Fatal("answered by nobody")
		}
		return b.client.Stats().Away
	})
	if got := b.client.Stats().Cause; got != CodeSlow {
		t.Errorf("opened by %s", got)
	}
}

func TestCache_ForgetsFailures(t *testing.T) {
	t.Parallel()
	var failing atomic.Bool
	failing.Store(true)
	next := &stub{}
	next.embed = func(_ context.Context, texts []string) ([][]float32, error) {
		if failing.Load() {
			return nil, fail(fault.Invalid, CodeZero, "no").of(0).Unwrap()
		}
		return [][]float32{fakemodel.Hashed(texts[0], 4)}, nil
	}
	c := cache(t, next, 10)
	_, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "b"})
	wantCode(t, err, fault.Invalid, CodeZero)
	var te *TextError
	if !errors.As(err, &te) || te.Index != 0 {
		t.Errorf("error %v", err)
	}
	failing.Store(false)
	if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "b"}); err != nil {
		t.Errorf("once healed: %v", err)
	}
	failing.Store(true)
	if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"b", "a"}); err != nil {
		t.Errorf("from memory: %v", err)
	}
	_, err = c.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "new"})
	if !errors.As(err, &te) || te.Index != 1 {
		t.Errorf("error %v does not name text 1", err)
	}
}

func TestCache_StaysRightUnderManyCallers(t *testing.T) {
	t.Parallel()
	c := cache(t, &stub{}, 7)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				text := fmt.Sprint((i*7 + g*13) % 23)
				ctx, cancel := context.WithCancel(t.Context())
				if i%5 == 0 {
					cancel()
				}
				got, err := c.Embed(ctx, retrieval.EmbedQuery, []string{text})
				cancel()
				if err == nil && !slices.Equal(got[0], fakemodel.Hashed(text, 4)) {
					t.Errorf("vector of %s is another text's", text)
				}
				if err != nil && i%5 != 0 {
					t.Errorf("embed: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if s := c.Stats(); s.Entries > 7 || len(c.byKey) != s.Entries {
		t.Errorf("stats %+v, %d keys", s, len(c.byKey))
	}
	until(t, "no flight is left", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.flights) == 0 })
}

func TestCache_TakesTheBytesItSays(t *testing.T) {
	// Not parallel: it measures the heap.
	const n, dims = 4096, 384
	next := &stub{embed: func(context.Context, []string) ([][]float32, error) { return [][]float32{make([]float32, dims)}, nil }}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	c := cache(t, next, n)
	for i := range 3 * n {
		if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{fmt.Sprint("question ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	took, said := float64(heap()-before), float64(c.Stats().Bytes)
	t.Logf("%d entries of %d numbers: %.2f MB, said %.2f MB, %.0f bytes beside each vector", n, dims, took/1e6, said/1e6, took/n-4*dims)
	if took > 1.25*said || took < 0.75*said {
		t.Errorf("took %.0f bytes, said %.0f", took, said)
	}
	runtime.KeepAlive(c)
}

func TestCache_KeepsNoWords(t *testing.T) {
	t.Parallel()
	c := cache(t, &stub{}, 4)
	if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{secret}); err != nil {
		t.Fatal(err)
	}
	for e := c.order.Front(); e != nil; e = e.Next() {
		if s := fmt.Sprintf("%+v", e.Value); strings.Contains(s, "4111") {
			t.Errorf("kept %s", s)
		}
	}
}
