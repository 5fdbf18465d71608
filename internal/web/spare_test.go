package web

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestDue_OnceThingsHaveCalmedDown(t *testing.T) {
	t.Parallel()
	const now = 1 << 40
	for name, c := range map[string]struct {
		lastLook, givenBack uint64
		want                bool
	}{
		"quiet after work":             {now - quietBytes/2, now - 2*dueBytes, true},
		"quiet, and given back before": {now - quietBytes/2, now - dueBytes/2, false},
		"at work":                      {now - 2*quietBytes, now - 2*dueBytes, false},
	} {
		if got := due(now, c.lastLook, c.givenBack); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// It stands alone, since it keeps Go from collecting by itself.
func TestGiveBack_MemoryThatNothingNeedsGoesBackToTheSystem(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const much = 256 << 20
	var last []byte
	for range much >> 20 {
		last = make([]byte, 1<<20)
	}
	runtime.KeepAlive(last)
	before := mapped(t)
	if before < much {
		t.Fatalf("%d MB are held: there is nothing to give back", before>>20)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); giveBack(ctx, 10*time.Millisecond) }()
	deadline := time.Now().Add(30 * time.Second)
	for mapped(t) > before-much/2 {
		if time.Now().After(deadline) {
			t.Fatalf("%d MB are held, of %d before they were let go", mapped(t)>>20, before>>20)
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	<-ended
}

// mapped is how much of the heap the system has given us, in bytes.
func mapped(t *testing.T) uint64 {
	t.Helper()
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() + s[1].Value.Uint64() + s[2].Value.Uint64()
}
