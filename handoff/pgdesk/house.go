package pgdesk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// selectToOffer takes cases of queues that push and that nobody is asked
	// about right now, so many of each: a line that nobody is free for holds up no
	// other. Another process passes over them.
	selectToOffer = `
SELECT ` + caseColumns + `, c.last_n, c.passed, k.visitor_id` + caseFrom + `
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
WHERE c.site_id = $1 AND c.state = 'waiting' AND c.link <> 'second' AND (c.offered_to IS NULL OR c.offered_until <= $2)
  AND c.case_id IN (
    SELECT x.case_id
    FROM queues q, LATERAL (
        SELECT o.case_id FROM cases o
        WHERE o.site_id = q.site_id AND o.queue = q.queue AND o.state = 'waiting' AND o.link <> 'second' AND (o.offered_to IS NULL OR o.offered_until <= $2)
        ORDER BY o.rank_at, o.case_id
        LIMIT 100
    ) x
    WHERE q.site_id = $1 AND q.distribution = 'push')
ORDER BY c.rank_at, c.case_id
FOR UPDATE OF c SKIP LOCKED`
	// selectPushing is of closed queues too: they take nothing new, and what waits
	// there waits for somebody all the same.
	selectPushing = `SELECT DISTINCT site_id FROM queues WHERE distribution = 'push'`
	// selectSpoke is who answered this visitor, the last one first.
	selectSpoke = `
SELECT c.agent_id
FROM conversations k
JOIN cases c USING (site_id, conversation_id)
WHERE k.site_id = $1 AND k.visitor_id = $2 AND c.agent_id IS NOT NULL AND c.agent_at IS NOT NULL
ORDER BY c.agent_at DESC
LIMIT 1`
	// selectOffers is the weight of what people are being asked about.
	selectOffers = `
SELECT c.offered_to, sum(coalesce(q.weight, 1))
FROM cases c
LEFT JOIN queues q ON q.site_id = c.site_id AND q.queue = c.queue
WHERE c.site_id = $1 AND c.state = 'waiting' AND c.offered_to IS NOT NULL AND c.offered_until > $2
GROUP BY c.offered_to`
	setOffer = `
UPDATE cases SET offered_to = $3, offered_until = $4, passed = $5, last_n = last_n + $6
WHERE site_id = $1 AND case_id = $2 AND state = 'waiting'`

	// selectForsaken is whose customer waits for somebody who has gone: past the
	// lease by as much as the queue says, or disabled. Somebody who was never
	// there (the terminal claims for them) counts from when they got it.
	selectForsaken = `
SELECT c.site_id, c.case_id, c.agent_id
FROM cases c
JOIN agents g USING (site_id, agent_id)
LEFT JOIN presence p USING (site_id, agent_id)
LEFT JOIN queues q ON q.site_id = c.site_id AND q.queue = c.queue
WHERE c.state = 'claimed' AND (g.state = 'disabled' OR g.role = 'read_only'
   OR c.customer_waits_since IS NOT NULL AND c.snoozed_until IS NULL
      AND greatest(coalesce(p.lease_until, c.claimed_at), c.customer_waits_since) < $1::timestamptz - make_interval(secs => coalesce(NULLIF(q.away_s, 0), 300)))
LIMIT 200`

	selectRough = `
SELECT c.site_id, c.case_id, c.queue, c.priority, c.customer_waits_since, c.due_first
FROM cases c
WHERE c.due_rough AND c.state <> 'closed' AND c.customer_waits_since IS NOT NULL
LIMIT 500`
	setDue = `
UPDATE cases SET due_first = $4, due_rough = false
WHERE site_id = $1 AND case_id = $2 AND due_rough AND due_first IS NOT DISTINCT FROM $3`

	// pruneChanges removes some of what is old: after a day with hundreds of cases a
	// second what is old at a time is a hundred thousand rows, and those who work
	// meanwhile would wait for them.
	pruneChanges  = `DELETE FROM desk_changes WHERE ctid = ANY (ARRAY (SELECT ctid FROM desk_changes WHERE at < $1 LIMIT $2))`
	prunedAtATime = 5000
)

// KeepHouse offers cases in queues that push, gives back what was left behind,
// takes addresses that customers wrote into their conversations, counts business
// hours where the clock was taken for them, and removes old changes, until ctx
// ends. Every process may run it: each step takes what no other one has.
func (d *Desk) KeepHouse(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		steps := []func(context.Context) error{d.Distribute, d.CountHours}
		if n%5 == 0 {
			steps = append(steps, d.GiveBackForsaken, d.TakeAddresses)
		}
		if n%600 == 0 {
			steps = append(steps, d.pruneChanges)
		}
		for _, step := range steps {
			sctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			err := step(sctx)
			cancel()
			if err != nil && ctx.Err() == nil {
				d.Logger.Warn("keeping the desk's house", "cause", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (d *Desk) pruneChanges(ctx context.Context) error {
	old := d.moment().Add(-d.cfg.KeepChanges)
	for {
		tag, err := d.Pool.Exec(ctx, pruneChanges, old, prunedAtATime)
		if err != nil || tag.RowsAffected() < prunedAtATime {
			return wrap("remove old changes", err)
		}
	}
}

// GiveBackForsaken puts back in line what somebody holds who has gone while
// their customer waits.
func (d *Desk) GiveBackForsaken(ctx context.Context) error {
	type held struct {
		site      int32
		id, agent convo.ID
	}
	rows, err := d.Pool.Query(ctx, selectForsaken, d.moment())
	if err != nil {
		return wrap("look for forsaken cases", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h held, err error) {
		err = row.Scan(&h.site, &h.id, &h.agent)
		return h, err
	})
	for _, h := range list {
		if err == nil {
			err = d.giveBack(ctx, h.site, h.id, h.agent, "away while the customer waits")
		}
	}
	return wrap("give back forsaken cases", err)
}

// CountHours puts right when answers are due that customers asked for in the
// middle of a case: the database began the clock, which knows no business hours.
func (d *Desk) CountHours(ctx context.Context) error {
	type rough struct {
		site     int32
		id       convo.ID
		queue    string
		priority handoff.Priority
		since    time.Time
		due      time.Time
	}
	rows, err := d.Pool.Query(ctx, selectRough)
	if err != nil {
		return wrap("count business hours", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r rough, err error) {
		err = row.Scan(&r.site, &r.id, &r.queue, &r.priority, &r.since, nullTime{&r.due})
		return r, err
	})
	if err != nil || len(list) == 0 {
		return wrap("count business hours", err)
	}
	batch := &pgx.Batch{}
	for _, r := range list {
		s, err := d.readOnly(ctx, r.site)
		if err != nil {
			return wrap("count business hours", err)
		}
		q, _ := s.Queue(r.queue)
		batch.Queue(setDue, r.site, r.id, orNull(r.due), d.due(q, r.since.UTC(), r.priority.Within(q.FirstReply())))
	}
	return wrap("count business hours", d.Pool.SendBatch(ctx, batch).Close())
}

// Distribute asks somebody about each case that waits in a queue that pushes
// and that nobody is asked about now; an offer that ran out moves on.
func (d *Desk) Distribute(ctx context.Context) error {
	rows, err := d.Pool.Query(ctx, selectPushing)
	if err != nil {
		return wrap("distribute cases", err)
	}
	sites, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	for _, site := range sites {
		if err == nil {
			err = d.distribute(ctx, site)
		}
	}
	return wrap("distribute cases", err)
}

// offered is a case to be offered.
type offered struct {
	c       handoff.Case
	lastN   int64
	passed  []convo.ID
	visitor convo.ID
}

func (d *Desk) distribute(ctx context.Context, site int32) error {
	now, any := d.moment(), false
	err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		s, err := d.setupOf(ctx, tx, site, "")
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectToOffer, site, now)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o offered, err error) {
			err = row.Scan(append(caseTargets(&o.c), &o.lastN, &o.passed, &o.visitor)...)
			return o, err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		people, err := d.free(ctx, tx, site, now)
		if err != nil {
			return err
		}
		for _, o := range list {
			q, _ := s.Queue(o.c.Queue)
			done, err := d.offer(ctx, tx, q, o, people, now)
			if err != nil {
				return err
			}
			any = any || done
		}
		return nil
	})
	if err == nil && any {
		d.announce(site)
	}
	return err
}

// candidate is somebody a case may be offered to.
type candidate struct {
	handoff.Agent
	queues []string // nil: all
	free   int
}

// free are those who are there with room, what they are being asked about taken off.
func (d *Desk) free(ctx context.Context, tx pgx.Tx, site int32, now time.Time) ([]*candidate, error) {
	agents, err := d.agentsOf(ctx, tx, site, now)
	if err != nil {
		return nil, err
	}
	scopes, err := d.scopes(ctx, tx, site)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectOffers, site, now)
	if err != nil {
		return nil, err
	}
	asked := map[convo.ID]int{}
	var who convo.ID
	var weight int
	if _, err := pgx.ForEachRow(rows, []any{&who, &weight}, func() error { asked[who] = weight; return nil }); err != nil {
		return nil, err
	}
	var out []*candidate
	for _, g := range agents {
		if g.Role != handoff.RoleReadOnly {
			g.Load += asked[g.ID]
			out = append(out, &candidate{Agent: g, queues: scopes[g.ID], free: g.Free()})
		}
	}
	return out, nil
}

// offer asks the best of those who are free, or nobody.
func (d *Desk) offer(ctx context.Context, tx pgx.Tx, q handoff.Queue, o offered, people []*candidate, now time.Time) (bool, error) {
	passed := o.passed
	if o.c.OfferedTo != (convo.ID{}) {
		passed = append(passed, o.c.OfferedTo)
	}
	var spoke convo.ID
	if o.c.OfferedTo == (convo.ID{}) && choose(q, o.c, people, nil, spoke) == nil {
		return false, nil // nobody is free: most often all of a line
	}
	err := tx.QueryRow(ctx, selectSpoke, o.c.Conversation.Site, o.visitor).Scan(&spoke)
	if err != nil && !noRows(err) {
		return false, err
	}
	best := choose(q, o.c, people, passed, spoke)
	if best == nil && len(passed) > 0 { // everybody was asked: begin again
		passed = nil
		best = choose(q, o.c, people, nil, spoke)
	}
	if best == nil && o.c.OfferedTo == (convo.ID{}) {
		return false, nil // nothing changes
	}
	var logs []entry
	if o.c.OfferedTo != (convo.ID{}) {
		last := o.c.OfferedTo
		logs = append(logs, entry{kind: handoff.CasePassed, body: handoff.EventBody{Agent: &last}})
	}
	changes := []handoff.Change{{Case: o.c.ID, Queue: o.c.Queue, Agent: o.c.OfferedTo, Kind: handoff.CasePassed, At: now}}
	var to *convo.ID
	var until *time.Time
	if best != nil {
		end := now.Add(q.Offer())
		to, until = &best.ID, &end
		best.free -= q.Weighs()
		best.Load += q.Weighs()
		logs = append(logs, entry{kind: handoff.CaseOffered, body: handoff.EventBody{Agent: to, Name: best.Name, Until: until}})
		changes = append(changes, handoff.Change{Case: o.c.ID, Queue: o.c.Queue, Agent: best.ID, Kind: handoff.CaseOffered, At: now})
	}
	if o.c.OfferedTo == (convo.ID{}) {
		changes = changes[1:]
	}
	if passed == nil {
		passed = []convo.ID{}
	}
	w := &work{d: d, tx: tx, now: now, actor: handoff.System(o.c.Conversation.Site, "distribution"), key: o.c.Conversation, c: o.c, lastN: o.lastN, logs: logs}
	batch := &pgx.Batch{}
	batch.Queue(setOffer, o.c.Conversation.Site, o.c.ID, to, until, passed, len(logs))
	if err := w.queueLogs(batch); err != nil {
		return false, err
	}
	queueChanges(batch, o.c.Conversation.Site, now, changes)
	return true, tx.SendBatch(ctx, batch).Close()
}

// choose picks whom to ask: first who fits best by skills and language, then
// who has the most room for their capacity, then who spoke with this customer
// last, then by id, so that every process chooses alike.
func choose(q handoff.Queue, c handoff.Case, people []*candidate, passed []convo.ID, spoke convo.ID) *candidate {
	var best *candidate
	better := func(a, b *candidate) bool {
		if x, y := fit(q, c, a), fit(q, c, b); x != y {
			return x > y
		}
		if x, y := a.Load*b.Capacity, b.Load*a.Capacity; x != y { // load over capacity, without dividing
			return x < y
		}
		if a.ID != b.ID && (a.ID == spoke || b.ID == spoke) {
			return a.ID == spoke
		}
		return slices.Compare(a.ID[:], b.ID[:]) < 0
	}
	for _, p := range people {
		fits := p.Status == handoff.Online && !p.Disabled && p.free >= q.Weighs() && !slices.Contains(passed, p.ID) &&
			(p.queues == nil || slices.Contains(p.queues, c.Queue))
		if fits && (best == nil || better(p, best)) {
			best = p
		}
	}
	return best
}

// fit counts the skills a queue asks for that somebody has, the product line
// among them, and their speaking the customer's language, which weighs most:
// without it there is no answer at all.
func fit(q handoff.Queue, c handoff.Case, p *candidate) int {
	n := 0
	for _, s := range append(slices.Clip(q.Skills), c.Product) {
		if s != "" && slices.ContainsFunc(p.Skills, func(x string) bool { return strings.EqualFold(x, s) }) {
			n++
		}
	}
	lang, _, _ := strings.Cut(strings.ToLower(c.Language), "-")
	if lang == "" || len(p.Languages) == 0 || slices.Contains(p.Languages, lang) {
		n += 100
	}
	return n
}
