package web

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/internal/fault"
)

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestLimiter_NeverMoreThanBurstAndRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rate := Rate{PerSecond: rapid.Float64Range(.1, 20).Draw(rt, "rate"), Burst: float64(rapid.IntRange(1, 10).Draw(rt, "burst"))}
		clock := &testClock{now: time.Unix(1e9, 0)}
		l := NewLimiter(rate, 0, clock.Now)
		began, passed := clock.Now(), 0.0
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, 2000), 1, 60).Draw(rt, "pauses") {
			clock.add(time.Duration(ms) * time.Millisecond)
			err := l.Allow("k")
			if err == nil {
				passed++
			} else if f, _ := fault.As(err); f.RetryAfter <= 0 {
				rt.Fatal("refused without saying until when")
			}
			if most := rate.Burst + clock.Now().Sub(began).Seconds()*rate.PerSecond + 1e-6; passed > most {
				rt.Fatalf("%v passed, at most %v may", passed, most)
			}
		}
	})
}

func TestLimiter_PassesAgainWhenItSaid(t *testing.T) {
	t.Parallel()
	clock := &testClock{now: time.Unix(1e9, 0)}
	l := NewLimiter(Rate{PerSecond: 2, Burst: 1}, 0, clock.Now)
	if err := l.Allow("k"); err != nil {
		t.Fatal(err)
	}
	f, ok := fault.As(l.Allow("k"))
	if !ok || f.RetryAfter > time.Second {
		t.Fatalf("got %v", f)
	}
	if err := l.Allow("another"); err != nil {
		t.Errorf("another key: %v", err)
	}
	clock.add(f.RetryAfter)
	if err := l.Allow("k"); err != nil {
		t.Errorf("after Retry-After: %v", err)
	}
}

func TestLimiter_InventedKeysFillNoMemoryAndFreeNobody(t *testing.T) {
	t.Parallel()
	clock := &testClock{now: time.Unix(1e9, 0)}
	l := NewLimiter(Rate{PerSecond: .001, Burst: 2}, 3200, clock.Now)
	for range 2 {
		if err := l.Allow("busy"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50_000 {
		_ = l.Allow(fmt.Sprint(i))
		if i%1000 == 0 && l.Allow("busy") == nil {
			t.Fatal("a key that is out of tokens was forgotten")
		}
	}
	if n := l.Keys(); n > 3200 {
		t.Errorf("%d keys are held", n)
	}
}

func TestLimiter_NoRateIsNoLimit(t *testing.T) {
	t.Parallel()
	l := NewLimiter(Rate{PerSecond: -1}, 0, time.Now)
	for range 1000 {
		if err := l.Allow("k"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCounter_GivesBackOnce(t *testing.T) {
	t.Parallel()
	n := NewCounter(1)
	release, err := n.Take("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Take("a"); fault.KindOf(err) != fault.RateLimited {
		t.Errorf("got %v", err)
	}
	release()
	release()
	again, err := n.Take("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Take("a"); err == nil {
		t.Error("a release was counted twice")
	}
	again()
	if len(n.held) != 0 {
		t.Errorf("held: %v", n.held)
	}
}
