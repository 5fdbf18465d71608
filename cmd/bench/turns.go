package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// questions hands out questions that were never asked before: the words of a
// real one and a number, so that nothing comes from a cache on the way. The
// stub embedder answers each with the vector of the real question.
type questions struct {
	texts []string
	next  atomic.Int64
}

func (q *questions) take() (id, text string) {
	n := q.next.Add(1)
	return fmt.Sprintf("bench-%d", n), fmt.Sprintf("%s %s%d", q.texts[int(n)%len(q.texts)], questionMark, n)
}

// questionMark separates a real question from the number that makes it new.
const questionMark = "#"

type turnsResult struct {
	lat      *latencies
	perSec   float64
	outcomes map[string]int
}

// measureTurns lets clients ask n questions in all, each client in its own
// conversation and one after another, and counts what came back.
func measureTurns(ctx context.Context, base string, q *questions, clients, n int) (turnsResult, error) {
	hc := newHTTPClient(clients)
	defer hc.CloseIdleConnections()
	people := make([]*customer, clients)
	for i := range people {
		c, err := start(ctx, hc, base)
		if err != nil {
			return turnsResult{}, err
		}
		people[i] = c
	}
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		res    = turnsResult{lat: newLatencies(), outcomes: map[string]int{}}
		failed error
		left   atomic.Int64
	)
	left.Store(int64(n))
	begin := time.Now()
	for _, c := range people {
		wg.Go(func() {
			own, ends := newLatencies(), map[string]int{}
			var err error
			for left.Add(-1) >= 0 && err == nil {
				id, text := q.take()
				from := time.Now()
				var outcome string
				if outcome, err = c.ask(ctx, id, text); err == nil {
					own.add(time.Since(from))
					ends[outcome]++
					err = c.goOn(ctx, outcome)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			res.lat.merge(own)
			for k, v := range ends {
				res.outcomes[k] += v
			}
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	res.perSec = float64(res.lat.count()) / time.Since(begin).Seconds()
	if failed != nil {
		return res, fmt.Errorf("turns: %w", failed)
	}
	return res, nil
}

// measureFirstByte pairs, question by question, a bare call of the embedder
// with the first byte of an answer, each with words the other did not see.
func measureFirstByte(ctx context.Context, base, site string, bare func(context.Context, string) error, q *questions, n int) (embed, first, extra *latencies, err error) {
	hc := &http.Client{Timeout: 30 * time.Second}
	defer hc.CloseIdleConnections()
	c, err := startAt(ctx, hc, base, site)
	if err != nil {
		return nil, nil, nil, err
	}
	embed, first, extra = newLatencies(), newLatencies(), newLatencies()
	for i := range n {
		_, text := q.take()
		begin := time.Now()
		if err := bare(ctx, text); err != nil {
			return nil, nil, nil, fmt.Errorf("bare embedding: %w", err)
		}
		alone := time.Since(begin)
		id, text := q.take()
		fb, outcome, err := c.askStream(ctx, id, text)
		if err == nil {
			err = c.goOn(ctx, outcome)
		}
		if err != nil {
			return nil, nil, nil, fmt.Errorf("first byte: %w", err)
		}
		if i < 3 {
			continue // connections and statements are being prepared
		}
		embed.add(alone)
		first.add(fb)
		extra.add(max(fb-alone, time.Microsecond))
	}
	return embed, first, extra, nil
}
