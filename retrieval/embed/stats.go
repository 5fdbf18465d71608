package embed

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Stats is what a Client did since it was made.
type Stats struct {
	QueryCalls, QueryTexts     int64
	PassageCalls, PassageTexts int64
	Retries                    int64
	Cut                        int64            // texts that were sent shorter than they are
	Failures                   map[string]int64 // tries that failed, by code
	Away                       bool             // the breaker is open
	Since                      time.Time        // when it last opened or closed
	Cause                      string           // code of what opened it
}

type counters struct {
	queryCalls, queryTexts     atomic.Int64
	passageCalls, passageTexts atomic.Int64
	retries, cut               atomic.Int64

	mu       sync.Mutex
	failures map[string]int64
}

func (n *counters) call(kind retrieval.EmbedKind, texts int) {
	if kind == retrieval.EmbedQuery {
		n.queryCalls.Add(1)
		n.queryTexts.Add(int64(texts))
		return
	}
	n.passageCalls.Add(1)
	n.passageTexts.Add(int64(texts))
}

func (n *counters) failed(f *failure) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failures == nil {
		n.failures = make(map[string]int64)
	}
	n.failures[f.err.Code]++
}

// Stats returns a snapshot.
func (c *Client) Stats() Stats {
	n := &c.count
	s := Stats{
		QueryCalls: n.queryCalls.Load(), QueryTexts: n.queryTexts.Load(),
		PassageCalls: n.passageCalls.Load(), PassageTexts: n.passageTexts.Load(),
		Retries: n.retries.Load(), Cut: n.cut.Load(),
	}
	n.mu.Lock()
	s.Failures = maps.Clone(n.failures)
	n.mu.Unlock()
	var cause *fault.Error
	s.Away, s.Since, cause = c.breaker.state()
	if cause != nil {
		s.Cause = cause.Code
	}
	return s
}

// Health is nil while calls are let through, else why they are not: an error
// of kind fault.Unavailable whose public words name the remedy.
func (c *Client) Health() error {
	_, _, f := c.breaker.enter()
	if f == nil {
		return nil
	}
	return f.err
}
