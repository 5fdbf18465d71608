package web

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// dueBytes is how much has to have been allocated since memory was last given
	// back: the work of 150 turns or so. Giving back costs some 50 ms of a core on
	// a heap of 50 MB.
	dueBytes = 48 << 20
	// quietBytes is how much is allocated at most in an interval of five seconds
	// in which little happens: as much as 25 turns, since jobs and the desk's
	// reading of what was said go on while no customer asks.
	quietBytes = 8 << 20
)

// allocated is how many bytes the process has asked for since it began.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// due says whether memory should be given back: since the last look little
// happened, and since it was last given back a good deal did.
func due(now, lastLook, givenBack uint64) bool {
	return now-lastLook < quietBytes && now-givenBack > dueBytes
}

// giveBack returns memory to the system once things have calmed down. Go
// collects when as much garbage has come up as there is to keep, and so hardly
// ever while a process only holds open streams: what opening 8,000 of them left
// behind was as much as they take themselves, and stayed. A busy process is
// left alone. It returns when ctx ends.
func giveBack(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	lastLook, givenBack := allocated(), uint64(0) // starting up leaves the most behind
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := allocated()
		if due(now, lastLook, givenBack) {
			debug.FreeOSMemory()
			givenBack = now
		}
		lastLook = now
	}
}
