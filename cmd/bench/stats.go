package main

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// latencies collects durations with three significant figures up to a minute.
type latencies struct{ h *hdrhistogram.Histogram }

func newLatencies() *latencies {
	return &latencies{h: hdrhistogram.New(1, int64(time.Minute/time.Microsecond), 3)}
}

// add records d; what exceeds a minute counts as a minute.
func (l *latencies) add(d time.Duration) {
	us := min(max(d.Microseconds(), 1), int64(time.Minute/time.Microsecond))
	if err := l.h.RecordValue(us); err != nil {
		panic(fmt.Sprintf("recording %d µs: %v", us, err)) // the clamp above makes this impossible
	}
}

func (l *latencies) merge(o *latencies) { l.h.Merge(o.h) }

// at returns the p-th percentile, 0–100.
func (l *latencies) at(p float64) time.Duration {
	return time.Duration(l.h.ValueAtQuantile(p)) * time.Microsecond
}

func (l *latencies) count() int64 { return l.h.TotalCount() }

func (l *latencies) String() string {
	return fmt.Sprintf("p50 %s · p95 %s · p99 %s · max %s (n = %d)",
		ms(l.at(50)), ms(l.at(95)), ms(l.at(99)), ms(l.at(100)), l.count())
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
