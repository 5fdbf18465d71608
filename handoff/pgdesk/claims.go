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
	done   chan struct{} // closed when what is below stands
	c      handoff.Case
	holder handoff.Case // with state, queue, agent and name alone: somebody has it; zero: not known
	err    error        // pgx.ErrNoRows: not the usual case
	again  bool         // it was tried before
}

// claims gathers the claims of a process.
type claims struct {
	mu      sync.Mutex
	waiting []*claimAsk
	running int
}

// claimTogether claims with whoever else claims at this moment; pgx.ErrNoRows
// where it is not the usual case, with who has it where that is seen. Where ctx
// ends first the claim may happen all the same: asked again, it is theirs.
func (d *Desk) claimTogether(ctx context.Context, a handoff.Actor, t handoff.Target) (c, holder handoff.Case, err error) {
	ask := &claimAsk{actor: a, target: t, done: make(chan struct{}), err: pgx.ErrNoRows}
	if d.claims.ask(ask) {
		go d.claimAll()
	}
	select {
	case <-ask.done:
		return ask.c, ask.holder, ask.err
	case <-ctx.Done():
		return handoff.Case{}, handoff.Case{}, ctx.Err()
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
		var once []*claimAsk
		for _, ask := range list {
			if noRows(ask.err) && ask.holder.ID == (convo.ID{}) && !ask.again {
				// Most often another process is just taking it: a moment later that shows.
				ask.again = true
				once = append(once, ask)
				continue
			}
			close(ask.done)
		}
		d.claims.back(once)
	}
}

// ask puts a claim into line; more says that somebody has to run for it besides
// those who do.
func (c *claims) ask(ask *claimAsk) (more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, ask)
	if c.running < claimRuns {
		c.running++
		more = true
	}
	return more
}

// back puts claims into line again, for whoever runs and calls it.
func (c *claims) back(list []*claimAsk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, list...)
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
		for _, ask := range list {
			ask.again = true
		}
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
	site := list[0].actor.Site
	err := d.beginWith(ctx, func(batch *pgx.Batch) {
		batch.Queue(d.sql.lockAgents, site, bounded)
		batch.Queue(sql, site, cases, agents, names, queues, leads, versions, now.Add(-d.cfg.QuietAfter), now).Query(func(rows pgx.Rows) error {
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
		if cases[0] != (convo.ID{}) { // those who come too late are told by whom
			batch.Queue(selectHolders, site, cases).Query(func(rows pgx.Rows) error { return readHolders(rows, list) })
		}
	}, func(pgx.Tx) error { return nil })
	if err != nil {
		return nil, err
	}
	if d.Hub != nil {
		for i, e := range told {
			d.Hub.Publish(keys[i], []convo.Event{e})
		}
	}
	if len(told) > 0 {
		d.announce(site)
	}
	return got, nil
}

// readHolders says to claims which somebody else has.
func readHolders(rows pgx.Rows, list []*claimAsk) error {
	var c handoff.Case
	_, err := pgx.ForEachRow(rows, []any{&c.ID, &c.Conversation.Site, &c.Queue, &c.State, &c.Agent, &c.AgentName}, func() error {
		for _, ask := range list {
			if c.State == handoff.Claimed && ask.target.Case == c.ID && ask.actor.Agent != c.Agent {
				ask.holder = c
			}
		}
		return nil
	})
	return err
}
