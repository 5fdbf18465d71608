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
	// selectSamples reads a site's newest claims, of all queues: of what is closed by
	// now, and of what somebody still has. Both go by indexes that are there anyway:
	// one for claims alone would cost each claim a write. To ask for one queue would
	// read as much, and again for each of them.
	selectSamples = `
SELECT l.queue, l.entered_at, c.claimed_at, l.position, l.agents
FROM (
    (SELECT site_id, case_id, claimed_at FROM cases WHERE site_id = $1 AND state = 'closed' ORDER BY closed_at DESC, case_id DESC LIMIT 2000)
    UNION ALL
    (SELECT site_id, case_id, claimed_at FROM cases WHERE site_id = $1 AND state = 'claimed' LIMIT 2000)
) AS c
JOIN case_ladders l USING (site_id, case_id)
WHERE c.claimed_at >= l.entered_at AND c.claimed_at > $2
ORDER BY c.claimed_at DESC`
	// mostSamples is how many of a queue say how quickly people take cases there.
	mostSamples = 300

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

type estimates struct {
	waits   kept[*waitsNow]
	present kept[*presentNow]
}

// waitsNow are a site's newest waits that came to an end, by queue.
type waitsNow struct {
	of map[string][]ended

	mu      sync.Mutex
	samples map[string][]estimate.Sample // in a queue's own hours, once somebody asked
}

// ended is a wait that a claim ended.
type ended struct {
	entered, claimed time.Time
	position, agents int
}

// presentNow is how many are there: counted once when it is read, since every
// press asks.
type presentNow struct {
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
	return p.seen.present.get(site, at, keepPresent, func() (*presentNow, error) {
		n := &presentNow{of: map[string]int{}}
		batch := &pgx.Batch{}
		batch.Queue(selectOnline, site, at)
		batch.Queue(selectScopes, site)
		results := tx.SendBatch(ctx, batch)
		err := readPresent(results, n)
		if closed := results.Close(); err == nil {
			err = closed
		}
		return n, err
	})
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

// waitsOf are the waits of a site that came to an end.
func (p *Promises) waitsOf(ctx context.Context, tx pgx.Tx, site int32, at time.Time) (*waitsNow, error) {
	return p.seen.waits.get(site, at, keepSamples, func() (*waitsNow, error) {
		n := &waitsNow{of: map[string][]ended{}, samples: map[string][]estimate.Sample{}}
		rows, err := tx.Query(ctx, selectSamples, site, at.AddDate(0, 0, -keepDays))
		if err != nil {
			return nil, err
		}
		var queue string
		var e ended
		_, err = pgx.ForEachRow(rows, []any{&queue, &e.entered, &e.claimed, &e.position, &e.agents}, func() error {
			if len(n.of[queue]) < mostSamples {
				n.of[queue] = append(n.of[queue], e)
			}
			return nil
		})
		return n, err
	})
}

func (p *Promises) samplesOf(ctx context.Context, tx pgx.Tx, site int32, q handoff.Queue, h hours.Hours, at time.Time) ([]estimate.Sample, error) {
	waits, err := p.waitsOf(ctx, tx, site, at)
	if err != nil {
		return nil, err
	}
	waits.mu.Lock()
	defer waits.mu.Unlock()
	if samples, there := waits.samples[q.Queue]; there {
		return samples, nil
	}
	samples := make([]estimate.Sample, 0, len(waits.of[q.Queue]))
	for _, e := range waits.of[q.Queue] {
		samples = append(samples, estimate.Sample{Wait: h.Within(e.entered, e.claimed), At: e.claimed, Position: e.position, Agents: e.agents})
	}
	waits.samples[q.Queue] = samples
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
