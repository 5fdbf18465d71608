package loadgen

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What is timed.
const (
	TookAnswer  = "message to its answer"
	TookRelay   = "message to a person, taken"
	TookButton  = "button to its reference"
	TookVisible = "button to the desk's stream"
	TookToAgent = "customer's message to the agent's stream"
	TookToThem  = "agent's reply to the customer's stream"
	TookClaim   = "claim"
	TookCase    = "case opened at the desk"
	TookReply   = "reply, taken"
	TookBack    = "stream back after it broke"
)

// Times keeps how long things took, by name. It is safe for concurrent use.
type Times struct {
	mu sync.Mutex
	of map[string]*hdrhistogram.Histogram
}

const longest = int64(time.Minute / time.Microsecond)

// Add keeps a time with three significant figures; what exceeds a minute counts
// as a minute.
func (t *Times) Add(name string, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]*hdrhistogram.Histogram{}
	}
	h := t.of[name]
	if h == nil {
		h = hdrhistogram.New(1, longest, 3)
		t.of[name] = h
	}
	_ = h.RecordValue(min(max(d.Microseconds(), 1), longest)) // within its bounds, always
}

// Took is what one kind of thing took.
type Took struct {
	Name  string  `json:"name"`
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// Of is what is known of a name; a count of 0: nothing.
func (t *Times) Of(name string) Took {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.of[name]
	if h == nil {
		return Took{Name: name}
	}
	at := func(p float64) float64 { return float64(h.ValueAtQuantile(p)) / 1000 }
	return Took{Name: name, Count: h.TotalCount(), P50: at(50), P95: at(95), P99: at(99), Max: at(100)}
}

func (t Took) String() string {
	return fmt.Sprintf("p50 %.2f ms · p95 %.2f ms · p99 %.2f ms · max %.2f ms (n = %d)", t.P50, t.P95, t.P99, t.Max, t.Count)
}

// all is everything that was timed, in the order of the list above.
func (t *Times) all() []Took {
	var out []Took
	for _, name := range []string{TookAnswer, TookRelay, TookButton, TookVisible, TookToAgent, TookToThem, TookClaim, TookCase, TookReply, TookBack} {
		if took := t.Of(name); took.Count > 0 {
			out = append(out, took)
		}
	}
	return out
}
