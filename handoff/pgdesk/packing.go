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
WHERE k.site_id = $1 AND k.visitor_id = $2 AND c.case_id <> $3 AND c.link <> 'merged' AND c.opened_at <= $4
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
	in, err := w.d.packInput(ctx, w.tx, w.c, w.triage, w.now, w.d.cfg.WaitForNames)
	if err != nil {
		return err
	}
	raw, problem, seq, err := w.d.packed(in)
	if err != nil {
		w.d.Logger.Error("no packet", "case", w.c.ID, "cause", err.Error())
		return nil
	}
	w.packet, w.c.Problem, w.c.PacketSeq = raw, problem, seq
	return nil
}

// packInput reads what a packet is made from. The names of the site's products
// are waited for only where wait is set: a press of the button waits for nothing.
func (d *Desk) packInput(ctx context.Context, tx queryer, c handoff.Case, t *handoff.Triage, now time.Time, wait bool) (in packet.Input, err error) {
	in = packet.Input{Now: now, Case: caseOf(c, t)}
	key := c.Conversation
	rows, err := tx.Query(ctx, selectNewest, key.Site, key.ID, packEvents)
	if err != nil {
		return in, err
	}
	if in.Events, err = pgx.CollectRows(rows, scanEvent); err != nil {
		return in, err
	}
	slices.Reverse(in.Events)
	who := packet.Known{}
	var page, patterns []byte
	var generation int
	err = tx.QueryRow(ctx, selectPacked, key.Site, key.ID).
		Scan(&page, &who.Visitor, &who.Name, &who.Email, &who.Signed, &generation, &patterns, nullID{&in.Case.Call})
	if err != nil {
		return in, err
	}
	if who.Name != "" || who.Email != "" || who.Signed {
		in.Identity = &who
	}
	var p struct{ URL, Title string }
	if json.Unmarshal(page, &p) == nil {
		in.Page = packet.Page{URL: p.URL, Title: p.Title}
	}
	if err := json.Unmarshal(patterns, &in.OrderNumbers); err != nil {
		in.OrderNumbers = nil
	}
	if rows, err = tx.Query(ctx, selectEarlier, key.Site, who.Visitor, c.ID, c.OpenedAt); err != nil {
		return in, err
	}
	in.Earlier, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e packet.Earlier, err error) {
		err = row.Scan(&e.ID, &e.Reference, &e.Topic, &e.State, &e.Ended, &e.At)
		return e, err
	})
	if err != nil {
		return in, err
	}
	if rows, err = tx.Query(ctx, selectPresses, key.Site, key.ID); err != nil {
		return in, err
	}
	if in.Feedback, err = pgx.CollectRows(rows, pgx.RowToStructByPos[packet.Feedback]); err != nil {
		return in, err
	}
	in.Catalogue = d.shelves.get(ctx, d, key.Site, generation, wait)
	return in, nil
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
