package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/estimate"
	"frontdesk/handoff/hours"
)

const (
	// selectSamples reads the newest claims of a queue: of what is closed by now,
	// and of what somebody still has. Both go by indexes that are there anyway:
	// one for claims alone would cost each claim a write.
	selectSamples = `
SELECT l.entered_at, c.claimed_at, l.position, l.agents
FROM (
    (SELECT site_id, case_id, claimed_at FROM cases WHERE site_id = $1 AND state = 'closed' ORDER BY closed_at DESC, case_id DESC LIMIT 2000)
    UNION ALL
    (SELECT site_id, case_id, claimed_at FROM cases WHERE site_id = $1 AND state = 'claimed' LIMIT 2000)
) AS c
JOIN case_ladders l USING (site_id, case_id)
WHERE l.queue = $2 AND c.claimed_at >= l.entered_at AND c.claimed_at > $3
ORDER BY c.claimed_at DESC
LIMIT 300`

	// selectOnline is who is there now and takes new cases.
	selectOnline = `
SELECT p.agent_id
FROM presence p
JOIN agents g USING (site_id, agent_id)
WHERE p.site_id = $1 AND p.lease_until > $2 AND p.status = 'online' AND g.state = 'active' AND g.role <> 'read_only' AND g.capacity > 0`

	// How long what was read serves: who is there changes within a lease of
	// thirty seconds, how quickly people take cases within minutes.
	keepPresent = 2 * time.Second
	keepSamples = 30 * time.Second
	keepDays    = 28
)

type queueKey struct {
	site  int32
	queue string
}

type estimates struct {
	mu      sync.Mutex
	of      map[queueKey]*outlooks
	present map[int32]*presentNow
}

type outlooks struct {
	read    time.Time
	samples []estimate.Sample
}

// presentNow is how many are there: counted once when it is read, since every
// press asks.
type presentNow struct {
	read       time.Time
	everywhere int            // work in all queues
	of         map[string]int // others, by queue
}

// in counts who works in a queue.
func (n *presentNow) in(queue string) int { return n.everywhere + n.of[queue] }

// Outlook says what can be said about the wait: see Estimator.
func (p *Promises) Outlook(ctx context.Context, tx pgx.Tx, site int32, q handoff.Queue, position int, lang string, at time.Time) (o handoff.Outlook, err error) {
	h, err := p.hoursOf(q.Hours)
	if err != nil {
		return o, err
	}
	who, err := p.presentOf(ctx, tx, site, at)
	if err != nil {
		return o, err
	}
	agents := who.in(q.Queue)
	if !h.Open(at) {
		o.Nobody = true
		o.Opens, _ = h.Next(at)
		if !o.Opens.IsZero() {
			o.Opens = o.Opens.In(h.Location())
		}
		return o, nil
	}
	if agents == 0 {
		// Somebody of the next queue takes it within minutes: then it is not nobody.
		o.Nobody = true
		for _, next := range q.Overflow {
			o.Nobody = o.Nobody && who.in(next) == 0
		}
		return o, nil
	}
	samples, err := p.samplesOf(ctx, tx, site, q, h, at)
	if err != nil {
		return o, err
	}
	r := estimate.Of(samples, estimate.Now{At: at.In(h.Location()), Position: position, Agents: agents})
	o.Estimate = p.words.Say(onTheClock(h, at, r), lang)
	return o, nil
}

// onTheClock turns a range of business time into one of the clock on the wall,
// which is what a customer looks at: three hours before a weekend are two days.
func onTheClock(h hours.Hours, at time.Time, r estimate.Range) estimate.Range {
	if !r.Known() {
		return r
	}
	low, okLow := h.Add(at, r.Low)
	high, okHigh := h.Add(at, r.High)
	if !okLow || !okHigh {
		return estimate.Range{}
	}
	if low.Sub(at) == r.Low && high.Sub(at) == r.High {
		return r
	}
	return estimate.Round(low.Sub(at), high.Sub(at))
}

func (p *Promises) presentOf(ctx context.Context, tx pgx.Tx, site int32, at time.Time) (*presentNow, error) {
	p.seen.mu.Lock()
	n := p.seen.present[site]
	p.seen.mu.Unlock()
	if n != nil && at.Sub(n.read) < keepPresent && !at.Before(n.read) {
		return n, nil
	}
	n = &presentNow{read: at, of: map[string]int{}}
	batch := &pgx.Batch{}
	batch.Queue(selectOnline, site, at)
	batch.Queue(selectScopes, site)
	results := tx.SendBatch(ctx, batch)
	err := readPresent(results, n)
	if closed := results.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	p.seen.present[site] = n
	return n, nil
}

func readPresent(results pgx.BatchResults, n *presentNow) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	agents, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		return err
	}
	if rows, err = results.Query(); err != nil {
		return err
	}
	scopes := map[convo.ID][]string{} // nobody's who works in all queues
	var who convo.ID
	var queues []string
	_, err = pgx.ForEachRow(rows, []any{&who, &queues}, func() error {
		scopes[who] = queues
		return nil
	})
	for _, id := range agents {
		list, scoped := scopes[id]
		if !scoped {
			n.everywhere++
		}
		for _, q := range slices.Compact(slices.Sorted(slices.Values(list))) {
			n.of[q]++
		}
	}
	return err
}

func (p *Promises) samplesOf(ctx context.Context, tx pgx.Tx, site int32, q handoff.Queue, h hours.Hours, at time.Time) ([]estimate.Sample, error) {
	key := queueKey{site, q.Queue}
	p.seen.mu.Lock()
	known := p.seen.of[key]
	p.seen.mu.Unlock()
	if known != nil && at.Sub(known.read) < keepSamples && !at.Before(known.read) {
		return known.samples, nil
	}
	rows, err := tx.Query(ctx, selectSamples, site, q.Queue, at.AddDate(0, 0, -keepDays))
	if err != nil {
		return nil, err
	}
	samples, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s estimate.Sample, err error) {
		var entered, claimed time.Time
		err = row.Scan(&entered, &claimed, &s.Position, &s.Agents)
		s.Wait, s.At = h.Within(entered, claimed), claimed
		return s, err
	})
	if err != nil {
		return nil, err
	}
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	p.seen.of[key] = &outlooks{read: at, samples: samples}
	return samples, nil
}

// after is the moment when so much of a queue's time has passed; by the clock
// where its hours cannot be read or never open: a case is never forgotten.
func (p *Promises) after(text json.RawMessage, from time.Time, d time.Duration) time.Time {
	h, err := p.hoursOf(text)
	if err != nil {
		return from.Add(d)
	}
	at, ok := h.Add(from, d)
	if !ok {
		return from.Add(d)
	}
	return at.UTC()
}
