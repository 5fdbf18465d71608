package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// talking is one live conversation: a customer with a stream, and the agent who
// has its case.
type talking struct {
	who   *customer
	agent deskAgent
	base  string // of the agent
	id    uuid.UUID
}

// exchange has messages go both ways in conversations that people have. Each
// agent has several, and one of them open: what comes in that one is timed on
// the agent's stream as words, in the others as a row that changed.
func (b *bench) exchange(ctx context.Context, s *section, w *deskWorld) error {
	srv, err := b.serveDesk(ctx)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	live := b.times(liveTalks)
	people, err := openTalks(ctx, srv, live)
	if err != nil {
		return err
	}
	agents := w.agents[:live/10]
	talks, err := w.handOut(ctx, people, agents, srv)
	if err != nil {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	progress("%d conversations, %d agents", live, len(agents))
	streams := newDeskStreams(ctx)
	defer streams.close()
	way := &ways{sent: map[string]time.Time{}, toAgent: newLatencies(), toRow: newLatencies(), toThem: newLatencies()}
	for i, t := range talks {
		header := http.Header{"Authorization": {"Bearer " + t.who.token}, "Accept": {"text/event-stream"}}
		if err := streams.hold(srv.base(i), "/v1/conversations/"+t.who.conversation+"/events", header, way.customer); err != nil {
			return err
		}
	}
	for i, a := range agents {
		t := talks[i] // the one of theirs that is open; they have every len(agents)th
		if err := streams.sit(a, t.base, "&case="+t.id.String()+"&after=0", way.agent); err != nil {
			return err
		}
	}
	if !sleepFor(ctx, 5*time.Second) {
		return ctx.Err()
	}
	n := b.times(talkRate * 20)
	m, err := w.newMeter(ctx, srv)
	if err != nil {
		return err
	}
	hc := newHTTPClient(256)
	defer hc.CloseIdleConnections()
	var mu sync.Mutex
	var failed error
	paced(ctx, n, talkRate, func(i int, due time.Time) {
		// Half of all is written in conversations that their agent has open; one of
		// four is an agent's.
		k := i / 2
		if i%4 < 2 {
			k %= len(agents)
		}
		t := talks[k%len(talks)]
		name := fmt.Sprintf("m-%d", i)
		way.write(name, t, due, i%4 == 1 || i%4 == 3)
		var err error
		if i%4 == 1 || i%4 == 3 {
			_, err = deskCall(ctx, hc, t.agent, http.MethodPost, t.base, "/cases/"+t.id.String()+"/replies", fmt.Sprintf(`{"client_msg_id":%q,"text":"I am looking into it. [%s]"}`, name, name))
		} else {
			c := *t.who
			c.http = hc
			_, err = c.ask(ctx, name, "It still does the same. ["+name+"]")
		}
		if err != nil {
			mu.Lock()
			failed = err
			mu.Unlock()
		}
	})
	if failed != nil {
		return failed
	}
	if !sleepFor(ctx, 2*time.Second) {
		return ctx.Err()
	}
	cost, err := m.each(ctx, n)
	if err != nil {
		return err
	}
	if err := way.whole(); err != nil {
		return err
	}
	s.judge(fmt.Sprintf("%d live conversations, %d messages a second: customer to the agent who has it open", live, talkRate), "≤ 30 ms p99", way.toAgent.String(), way.toAgent.at(99) <= 30*time.Millisecond)
	s.judge("… customer to an agent who has another one open: the row changes", "≤ 30 ms p99", way.toRow.String(), way.toRow.at(99) <= 30*time.Millisecond)
	s.judge("… agent to the customer", "≤ 30 ms p99", way.toThem.String(), way.toThem.at(99) <= 30*time.Millisecond)
	s.note("… processor time a message", cost)
	return nil
}

// handOut gives each conversation a case, and each case to an agent: by writing
// down what presses and claims would have led to.
func (w *deskWorld) handOut(ctx context.Context, people []*customer, agents []deskAgent, srv servers) ([]talking, error) {
	talks := make([]talking, len(people))
	convs, ids, owners, names, queues := make([]string, len(people)), make([]uuid.UUID, len(people)), make([]uuid.UUID, len(people)), make([]string, len(people)), make([]string, len(people))
	for i, c := range people {
		a := agents[i%len(agents)]
		talks[i] = talking{who: c, agent: a, base: srv.base(i % len(agents)), id: uuid.New()}
		convs[i], ids[i], owners[i], names[i], queues[i] = c.conversation, talks[i].id, a.id, a.name, a.queue
	}
	for _, sql := range []string{
		`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, state, agent_id, claimed_at, customer_at, agent_at, problem)
SELECT $1, n.id, 't' || n.no, n.conversation, n.queue, 'asked', now(), 'claimed', n.agent, now(), now(), now(), 'It does not heat any more' || left(n.name, 0)
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) WITH ORDINALITY AS n (conversation, id, agent, name, queue, no)`,
		`UPDATE conversations k SET owner = 'agent', owner_version = owner_version + 1, queue = n.queue
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) AS n (conversation, id, agent, name, queue)
WHERE k.site_id = $1 AND k.conversation_id = n.conversation`,
	} {
		if _, err := w.conn.Exec(ctx, sql, w.site, convs, ids, owners, names, queues); err != nil {
			return nil, fmt.Errorf("handing out cases: %w", err)
		}
	}
	return talks, nil
}

// ways times messages from when they were due to the stream they are for.
type ways struct {
	mu      sync.Mutex
	sent    map[string]time.Time    // by name: not yet seen where it is for
	rows    map[string][]*time.Time // by case: customers' messages whose row has not moved yet
	replies map[string]bool
	toAgent *latencies
	toRow   *latencies
	toThem  *latencies
}

func (w *ways) write(name string, t talking, due time.Time, reply bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rows == nil {
		w.rows, w.replies = map[string][]*time.Time{}, map[string]bool{}
	}
	w.sent[name] = due
	w.replies[name] = reply
	if !reply {
		w.rows[t.id.String()] = append(w.rows[t.id.String()], &due)
	}
}

// nameIn is the name in brackets at a text's end.
func nameIn(data []byte) string {
	for i := len(data) - 1; i > 0; i-- {
		if data[i] == ']' {
			for k := i; k > 0; k-- {
				if data[k] == '[' {
					return string(data[k+1 : i])
				}
			}
		}
	}
	return ""
}

func (w *ways) customer(event, data []byte) {
	if string(event) == "message" {
		w.hear(nameIn(data), true, w.toThem)
	}
}

// agent hears the open case's words, and of the others that they moved.
func (w *ways) agent(event, data []byte) {
	switch string(event) {
	case "said":
		w.hear(nameIn(data), false, w.toAgent)
	case "changes":
		rowIDs(data, w.moved)
	}
}

func (w *ways) hear(name string, reply bool, l *latencies) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if due, ok := w.sent[name]; ok && w.replies[name] == reply {
		delete(w.sent, name)
		l.add(now.Sub(due))
	}
}

func (w *ways) moved(id string) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, due := range w.rows[id] {
		w.toRow.add(now.Sub(*due))
	}
	delete(w.rows, id)
}

// whole says whether everything arrived that can be seen to.
func (w *ways) whole() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for name := range w.sent {
		if w.replies[name] {
			errs = append(errs, fmt.Errorf("reply %s reached no stream", name))
		}
	}
	if len(w.rows) > 0 {
		errs = append(errs, fmt.Errorf("%d rows did not move", len(w.rows)))
	}
	return errors.Join(errs...)
}
