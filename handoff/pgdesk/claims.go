package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// claimsAtATime is how many claims one transaction takes. They come together
	// only when they come faster than transactions end; most of what one costs is
	// the transaction, not the row.
	claimsAtATime = 64
	// claimRuns is how many such transactions a process has open at a time.
	claimRuns = 2
	// claimTime bounds one: it is of all who asked, and so of nobody's request.
	claimTime = 10 * time.Second
)

// claimAsk is somebody who waits for the outcome of a claim.
type claimAsk struct {
	actor  handoff.Actor
	target handoff.Target
	done   chan struct{} // closed when c and err stand
	c      handoff.Case
	err    error // pgx.ErrNoRows: not the usual case
}

// claims gathers the claims of a process.
type claims struct {
	mu      sync.Mutex
	waiting []*claimAsk
	running int
}

// claimTogether claims with whoever else claims at this moment; pgx.ErrNoRows
// where it is not the usual case. Where ctx ends first the claim may happen all
// the same: asked again, it is theirs.
func (d *Desk) claimTogether(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error) {
	ask := &claimAsk{actor: a, target: t, done: make(chan struct{}), err: pgx.ErrNoRows}
	d.claims.mu.Lock()
	d.claims.waiting = append(d.claims.waiting, ask)
	if d.claims.running < claimRuns {
		d.claims.running++
		go d.claimAll()
	}
	d.claims.mu.Unlock()
	select {
	case <-ask.done:
		return ask.c, ask.err
	case <-ctx.Done():
		return handoff.Case{}, ctx.Err()
	}
}

// claimAll works until nobody waits.
func (d *Desk) claimAll() {
	for {
		list := d.claims.next()
		if list == nil {
			return
		}
		d.claimThese(list)
		for _, ask := range list {
			close(ask.done)
		}
	}
}

// next takes claims of one site, each case and each agent once: who wants the
// same case stands behind.
func (c *claims) next() []*claimAsk {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.running--
		return nil
	}
	site := c.waiting[0].actor.Site
	taken := map[convo.ID]bool{}
	var list, left []*claimAsk
	for _, ask := range c.waiting {
		if ask.actor.Site != site || len(list) == claimsAtATime || taken[ask.target.Case] || taken[ask.actor.Agent] {
			left = append(left, ask)
			continue
		}
		taken[ask.target.Case], taken[ask.actor.Agent] = true, true
		list = append(list, ask)
	}
	c.waiting = left
	return list
}

// errNotItsCase says that a conversation went to another case meanwhile.
var errNotItsCase = errors.New("the conversation went to another case")

// claimThese is one transaction. Where it fails because of one of them, each
// finds out by itself.
func (d *Desk) claimThese(list []*claimAsk) {
	ctx, cancel := context.WithTimeout(context.Background(), claimTime)
	defer cancel()
	got, err := d.claimRows(ctx, d.sql.claim, list)
	if errors.Is(err, errNotItsCase) {
		return
	}
	for _, ask := range list {
		if err != nil {
			ask.err = err
		} else if c, ok := got[ask.target.Case]; ok {
			ask.c, ask.err = c, nil
		}
	}
}

// claimRows runs a claiming statement for these, and tells the watchers.
func (d *Desk) claimRows(ctx context.Context, sql string, list []*claimAsk) (map[convo.ID]handoff.Case, error) {
	n := len(list)
	cases, agents, names, queues := make([]convo.ID, n), make([]convo.ID, n), make([]string, n), make([]*string, n)
	leads, versions := make([]bool, n), make([]int64, n)
	for i, ask := range list {
		cases[i], versions[i] = ask.target.Case, ask.target.Version
		agents[i], names[i], leads[i] = ask.actor.Agent, ask.actor.Name, ask.actor.Leads()
		if ask.actor.Queues != nil {
			joined := strings.Join(ask.actor.Queues, ",")
			queues[i] = &joined
		}
	}
	now := d.moment()
	got := make(map[convo.ID]handoff.Case, n)
	told := make([]convo.Event, 0, n)
	keys := make([]convo.Key, 0, n)
	bounded := make([]convo.ID, 0, n)
	for i, lead := range leads {
		if !lead {
			bounded = append(bounded, agents[i])
		}
	}
	err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(d.sql.lockAgents, list[0].actor.Site, bounded)
		batch.Queue(sql, list[0].actor.Site, cases, agents, names, queues, leads, versions, now.Add(-d.cfg.QuietAfter), now)
		sent := tx.SendBatch(ctx, batch)
		defer sent.Close() //nolint:errcheck // whatever fails in it comes out of the rows
		if _, err := sent.Exec(); err != nil {
			return err
		}
		rows, err := sent.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if rows.RawValues()[0] == nil {
				return errNotItsCase
			}
			var c handoff.Case
			e := convo.Event{Kind: convo.KindOwner, At: now}
			var body []byte
			if err := rows.Scan(append([]any{&e.Seq, &body}, caseTargets(&c)...)...); err != nil {
				return err
			}
			e.Body = json.RawMessage(body)
			got[c.ID] = c
			told, keys = append(told, e), append(keys, c.Conversation)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	if d.Hub != nil {
		for i, e := range told {
			d.Hub.Publish(keys[i], []convo.Event{e})
		}
	}
	if len(told) > 0 {
		d.announce(list[0].actor.Site)
	}
	return got, nil
}
