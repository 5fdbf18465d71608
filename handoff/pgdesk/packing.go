package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// Packer makes packets; *packet.Maker is the one that serves. It is pure and quick.
type Packer interface {
	Make(in packet.Input) packet.Packet
}

// packEvents is how many of a conversation's newest events a packet is made
// from: hours of talk.
const packEvents = 200

const (
	selectNewest = `
SELECT seq, kind, turn_id, at, body
FROM events
WHERE site_id = $1 AND conversation_id = $2
ORDER BY seq DESC
LIMIT $3`
	selectPacked = `
SELECT k.page, v.visitor_id, v.name, v.email, v.verified_at IS NOT NULL, s.published, coalesce(t.policy -> 'order_numbers', '[]'),
  (SELECT e.turn_id FROM events e WHERE e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.kind = 'decision' AND e.body ->> 'desk' <> '' ORDER BY e.seq DESC LIMIT 1)
FROM conversations k
JOIN visitors v USING (site_id, visitor_id)
JOIN sites s USING (site_id)
LEFT JOIN triage_sites t USING (site_id)
WHERE k.site_id = $1 AND k.conversation_id = $2`
	selectEarlier = `
SELECT c.case_id, c.reference, coalesce(NULLIF(c.topic_final, ''), c.topic), c.state, c.ended, c.opened_at
FROM conversations k
JOIN cases c USING (site_id, conversation_id)
WHERE k.site_id = $1 AND k.visitor_id = (SELECT o.visitor_id FROM conversations o WHERE o.site_id = $1 AND o.conversation_id = $2) AND c.case_id <> $3 AND c.link <> 'merged' AND c.opened_at <= $4
ORDER BY c.opened_at DESC
LIMIT 5`
	selectPresses = `SELECT message_id, helpful FROM feedback WHERE site_id = $1 AND conversation_id = $2`
	// selectOpenedWith is the triage that a case was routed by last.
	selectOpenedWith = `
SELECT body -> 'triage'
FROM case_events
WHERE site_id = $1 AND case_id = $2 AND kind IN ('opened', 'routed') AND body -> 'triage' IS NOT NULL
ORDER BY n DESC
LIMIT 1`
	// selectProducts reads all that everybody may read, whatever product it is of:
	// names stand in tables as well, and so do the shop's own contacts.
	selectProducts = `SELECT title, product, left(body, 20000) FROM articles WHERE site_id = $1 AND generation = $2 AND audience = 0 ORDER BY article LIMIT 2000`
)

// makePacket makes the packet of the conversation's newest events, with those
// that are written now. It never stands in the way of a case: what fails in it
// is logged, and made good by whoever reads.
func (w *work) makePacket(ctx context.Context) error {
	if w.d.Packer == nil {
		return nil
	}
	if w.material == nil {
		batch := &pgx.Batch{}
		w.material = queueMaterial(batch, w.key, w.c.ID, w.c.OpenedAt)
		if err := w.tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
	}
	w.material.say(w.events)
	in := w.d.packInput(ctx, w.material, w.c, w.triage, w.now, w.d.cfg.WaitForNames)
	raw, problem, seq, err := w.d.packed(in)
	if err != nil {
		w.d.Logger.Error("no packet", "case", w.c.ID, "cause", err.Error())
		return nil
	}
	w.packet, w.c.Problem, w.c.PacketSeq = raw, problem, seq
	return nil
}

// material is what a packet is made from, as it was read.
type material struct {
	packet.Input
	generation int      // of the site's knowledge
	call       convo.ID // the turn of the last decision that named a desk
}

// queueMaterial queues reading it, for a case of a conversation that was opened
// at a moment: it stands once the batch is closed, which fails where the
// conversation is not there.
func queueMaterial(batch *pgx.Batch, key convo.Key, id convo.ID, opened time.Time) *material {
	m := &material{}
	batch.Queue(selectNewest, key.Site, key.ID, packEvents).Query(func(rows pgx.Rows) (err error) {
		m.Events, err = pgx.CollectRows(rows, scanEvent)
		slices.Reverse(m.Events)
		return err
	})
	batch.Queue(selectPacked, key.Site, key.ID).QueryRow(m.scan)
	batch.Queue(selectEarlier, key.Site, key.ID, id, opened).Query(func(rows pgx.Rows) (err error) {
		m.Earlier, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e packet.Earlier, err error) {
			err = row.Scan(&e.ID, &e.Reference, &e.Topic, &e.State, &e.Ended, &e.At)
			return e, err
		})
		return err
	})
	batch.Queue(selectPresses, key.Site, key.ID).Query(func(rows pgx.Rows) (err error) {
		m.Feedback, err = pgx.CollectRows(rows, pgx.RowToStructByPos[packet.Feedback])
		return err
	})
	return m
}

// scan takes the answer to selectPacked.
func (m *material) scan(row pgx.Row) error {
	who := packet.Known{}
	var page, patterns []byte
	err := row.Scan(&page, &who.Visitor, &who.Name, &who.Email, &who.Signed, &m.generation, &patterns, nullID{&m.call})
	if err != nil {
		return err
	}
	if who.Name != "" || who.Email != "" || who.Signed {
		m.Identity = &who
	}
	var p struct{ URL, Title string }
	if json.Unmarshal(page, &p) == nil {
		m.Page = packet.Page{URL: p.URL, Title: p.Title}
	}
	if err := json.Unmarshal(patterns, &m.OrderNumbers); err != nil {
		m.OrderNumbers = nil
	}
	return nil
}

// say adds what is about to be written into the conversation.
func (m *material) say(events []convo.Event) {
	m.Events = append(m.Events, events...)
	m.Events = m.Events[max(0, len(m.Events)-packEvents):]
	for _, e := range events {
		var d struct{ Desk string }
		if e.Kind == convo.KindDecision && json.Unmarshal(e.Body, &d) == nil && d.Desk != "" {
			m.call = e.Turn
		}
	}
}

// packInput completes what was read. The names of the site's products are waited
// for only where wait is set: a press of the button waits for nothing.
func (d *Desk) packInput(ctx context.Context, m *material, c handoff.Case, t *handoff.Triage, now time.Time, wait bool) packet.Input {
	in := m.Input
	in.Now, in.Case = now, caseOf(c, t)
	in.Case.Call = m.call
	in.Catalogue = d.shelves.get(ctx, d, c.Conversation.Site, m.generation, wait)
	return in
}

// caseOf is a case as the packet takes it. What triage did not see is left out.
func caseOf(c handoff.Case, t *handoff.Triage) packet.Case {
	out := packet.Case{ID: c.ID, Reason: string(c.Reason), Contact: c.Contact, Desk: c.Desk, Topic: c.Topic, Product: c.Product, Language: c.Language}
	if c.Triaged {
		mood, urgency := c.Mood, c.Urgency
		out.Mood, out.Urgency = &mood, &urgency
	}
	if t == nil {
		return out
	}
	if t.DeskP > 0 && t.Desk == c.Desk {
		out.DeskP = map[string]float64{t.Desk: t.DeskP}
	}
	if t.TopicP > 0 && t.Topic == c.Topic {
		out.TopicP = &t.TopicP
	}
	if t.ProductP > 0 && t.Product == c.Product {
		out.ProductP = &t.ProductP
	}
	return out
}

func scanEvent(row pgx.CollectableRow) (e convo.Event, err error) {
	err = row.Scan(&e.Seq, &e.Kind, nullID{&e.Turn}, &e.At, &e.Body)
	return e, err
}

// packed makes a packet; a panic in it is an error like any other.
func (d *Desk) packed(in packet.Input) (raw []byte, problem string, seq int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the packer: %v", p)
		}
	}()
	p := d.Packer.Make(in)
	if raw, err = json.Marshal(p); err != nil {
		return nil, "", 0, err
	}
	if p.Problem != nil {
		problem = p.Problem.Text
	}
	if n := len(in.Events); n > 0 {
		seq = in.Events[n-1].Seq
	}
	return raw, problem, seq, nil
}

// shelves keep the names of sites' products, of the generation that is
// published.
type shelves struct {
	mu      sync.Mutex
	of      map[int32]shelf
	loading map[int32]bool
}

type shelf struct {
	generation int
	catalogue  *packet.Catalogue
}

// get gives a site's catalogue. One that is not there yet is read now where wait
// is set, else by itself, for the next one who asks; until then that of the
// generation before serves, and likewise for whoever waits no longer.
func (s *shelves) get(ctx context.Context, d *Desk, site int32, generation int, wait bool) *packet.Catalogue {
	s.mu.Lock()
	have, there := s.of[site]
	fresh := there && have.generation == generation || generation == 0
	begin := !fresh && !wait && !s.loading[site] && ctx.Err() == nil
	if begin {
		s.loading[site] = true
	}
	s.mu.Unlock()
	switch {
	case fresh, ctx.Err() != nil:
	case wait:
		return s.load(ctx, d, site, generation)
	case begin:
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			s.load(ctx, d, site, generation)
		}()
	}
	return have.catalogue
}

func (s *shelves) load(ctx context.Context, d *Desk, site int32, generation int) *packet.Catalogue {
	rows, err := d.Pool.Query(ctx, selectProducts, site, generation)
	var articles []packet.Article
	if err == nil {
		articles, err = pgx.CollectRows(rows, pgx.RowToStructByPos[packet.Article])
	}
	if err != nil {
		level := slog.LevelWarn
		if ctx.Err() != nil || errors.Is(err, context.Canceled) { // who asked has gone, or the pool is being closed
			level = slog.LevelDebug
		}
		d.Logger.Log(ctx, level, "no names of products", "site", site, "cause", err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loading, site)
	if err != nil {
		return s.of[site].catalogue
	}
	c := packet.NewCatalogue(articles)
	s.of[site] = shelf{generation: generation, catalogue: c}
	return c
}
