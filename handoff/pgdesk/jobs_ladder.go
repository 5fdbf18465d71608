package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// beginLadder writes that a case waits in a queue now. Another wait of the
	// customer begins at the bottom, the same one goes on where it stood; nothing
	// that the service says moves since. The place counts to 10,000: in a line that
	// is longer nobody is told how long it takes.
	beginLadder = `
WITH c AS (
    SELECT c.site_id, c.case_id, c.version, c.queue, c.priority, c.contact <> '' AS contact, coalesce(c.customer_waits_since, $3) AS since,
        (SELECT count(*) FROM (
            SELECT FROM cases o
            WHERE o.site_id = c.site_id AND o.queue = c.queue AND o.state = 'waiting' AND (o.rank_at, o.case_id) <= (c.rank_at, c.case_id)
            LIMIT 10000) AS o) AS position
    FROM cases c
    WHERE c.site_id = $1 AND c.case_id = $2
), l AS (
    INSERT INTO case_ladders AS l (site_id, case_id, version, since, queue, entered_at, position)
    SELECT site_id, case_id, version, since, queue, $3, position FROM c
    ON CONFLICT (site_id, case_id) DO UPDATE
    SET version = EXCLUDED.version, since = EXCLUDED.since, queue = EXCLUDED.queue,
        entered_at = CASE WHEN l.since = EXCLUDED.since AND l.queue = EXCLUDED.queue THEN l.entered_at ELSE EXCLUDED.entered_at END,
        position = CASE WHEN l.since = EXCLUDED.since AND l.queue = EXCLUDED.queue THEN l.position ELSE EXCLUDED.position END,
        visited = CASE WHEN l.since <> EXCLUDED.since THEN '{}' WHEN l.queue = ANY (l.visited) THEN l.visited ELSE l.visited || l.queue END,
        updates = CASE WHEN l.since = EXCLUDED.since THEN l.updates ELSE 0 END,
        called_back = l.called_back AND l.since = EXCLUDED.since,
        alarms = CASE WHEN l.since = EXCLUDED.since THEN l.alarms ELSE 0 END,
        alarmed_at = CASE WHEN l.since = EXCLUDED.since THEN l.alarmed_at END
    RETURNING ` + ladderColumns + `
)
SELECT l.*, c.priority, c.contact, q.hours, q.notify, q.overflow, coalesce(q.first_reply_s, 0)
FROM c, l
LEFT JOIN queues q ON q.site_id = $1 AND q.queue = l.queue`

	ladderColumns = `l.version, l.since, l.queue, l.entered_at, l.position, l.agents, l.visited, l.updates, l.called_back, l.alarms, l.alarmed_at, l.next_at`

	// waitLadder is the ladder of a case that was never there before, with the job
	// of its first step as the job queue's client would insert it: see Wait.
	waitLadder = `
WITH l AS (
    INSERT INTO case_ladders (site_id, case_id, version, since, queue, entered_at, position, agents, next_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)
INSERT INTO river_job (args, kind, max_attempts, queue, scheduled_at, state, tags)
VALUES ($10, $11, $12, $13, $9, 'scheduled', '{}')`

	// selectLadder finds nothing where another job than this one is the next step:
	// a newer chain has taken over, or this job has been done before.
	selectLadder = `SELECT ` + ladderColumns + ` FROM case_ladders l
WHERE l.site_id = $1 AND l.case_id = $2 AND l.version = $3 AND l.next_at = $4
FOR UPDATE`
	saveLadder = `
UPDATE case_ladders SET agents = $3, visited = $4, updates = $5, called_back = $6, alarms = $7, alarmed_at = $8, next_at = $9
WHERE site_id = $1 AND case_id = $2 AND version = $10`
)

// ladder is how far a waiting case has climbed.
type ladder struct {
	version  int64
	since    time.Time // the customer waits since then
	queue    string
	entered  time.Time // that queue
	position int
	agents   int
	visited  []string
	updates  int
	called   bool
	alarms   int
	alarmed  time.Time
	next     time.Time
}

func (l *ladder) targets() []any {
	return []any{&l.version, &l.since, &l.queue, &l.entered, &l.position, &l.agents, &l.visited, &l.updates, &l.called, &l.alarms, nullTime{&l.alarmed}, nullTime{&l.next}}
}

// rung is a step of the ladder.
type rung int

const (
	rungUpdate   rung = iota // the customer is told that they still wait, where, and how long
	rungOverflow             // the case goes to the next queue
	rungCallback             // the answer by e-mail is offered
	rungLead                 // leads are told, again and again
)

const (
	// maxUpdates words is enough: who still waits then has been offered another way.
	maxUpdates = 3
	// longestAlarm bounds how far the leads' reminders move apart, in business time.
	longestAlarm = 24 * time.Hour
)

// plan is what a queue says about its ladder.
type plan struct {
	times    Notify
	target   time.Duration // for a first reply, at the case's priority
	overflow []string
	after    func(from time.Time, d time.Duration) time.Time
}

func (p *Promises) plan(q handoff.Queue, priority handoff.Priority) plan {
	n, err := ReadNotify(q.Notify)
	if err != nil { // it was checked when it was set: then it is another program's; the defaults serve
		n = Notify{}
	}
	return plan{
		times: n, target: priority.Within(q.FirstReply()), overflow: q.Overflow,
		after: func(from time.Time, d time.Duration) time.Time { return p.after(q.Hours, from, d) },
	}
}

// within is a time of the plan, or its default.
func within(s int, absent time.Duration) (d time.Duration, ok bool) {
	if s == 0 {
		return absent, true
	}
	return time.Duration(s) * time.Second, s > 0
}

// climb finds the rung that is due next, and when. There always is one: leads
// are told until somebody takes the case.
func (l ladder) climb(p plan) (due rung, at time.Time) {
	due, at = rungLead, l.alarm(p)
	sooner := func(r rung, from time.Time, s int, absent time.Duration, times int) {
		d, ok := within(s, absent)
		if !ok {
			return
		}
		if t := p.after(from, d*time.Duration(times)); !t.After(at) {
			due, at = r, t
		}
	}
	if !l.called {
		sooner(rungCallback, l.since, p.times.CallbackS, p.target*3/2, 1)
	}
	if len(l.targetsOf(p)) > 0 {
		sooner(rungOverflow, l.entered, p.times.OverflowS, p.target, 1)
	}
	if l.updates < maxUpdates && !l.called {
		sooner(rungUpdate, l.since, p.times.UpdateS, p.target/2, l.updates+1)
	}
	return due, at
}

// alarm is when leads are told next: again after twice as long each time, until
// that is a day.
func (l ladder) alarm(p plan) time.Time {
	wait, _ := within(p.times.LeadS, 2*p.target)
	if l.alarms > 0 {
		return p.after(l.alarmed, min(wait<<min(l.alarms, 16), longestAlarm))
	}
	return p.after(l.since, wait)
}

// unanswered says whether somebody has a case whose customer waits for a word of
// theirs, asleep or not: of the ladder the leads are left then.
func unanswered(c handoff.Case) bool {
	return c.State == handoff.Claimed && c.Link != handoff.Second && c.Waits()
}

// targetsOf are the queues a case flows over into that it has not stood in.
func (l ladder) targetsOf(p plan) []string {
	return slices.DeleteFunc(slices.Clone(p.overflow), func(q string) bool { return q == l.queue || slices.Contains(l.visited, q) })
}

// promiseLadder begins a ladder, or goes on with it in another queue.
func (p *Promises) promiseLadder(ctx context.Context, tx pgx.Tx, a StepArgs, now time.Time) error {
	var l ladder
	var priority int16
	var contact bool
	var hoursText, notify []byte
	q := handoff.Queue{}
	err := tx.QueryRow(ctx, beginLadder, a.Site, a.Case, now).
		Scan(append(l.targets(), &priority, &contact, &hoursText, &notify, &q.Overflow, &q.FirstReplyS)...)
	if err != nil {
		return err
	}
	if contact {
		c := a
		c.What = stepConfirm
		if err := p.insertOnce(ctx, tx, c, now.Add(soon)); err != nil {
			return err
		}
	}
	q.Queue, q.Hours, q.Notify = l.queue, json.RawMessage(hoursText), json.RawMessage(notify)
	if l.entered.Equal(now) {
		l.agents = p.presentNow(a.Site, l.queue)
	}
	a.What, a.Version = stepLadder, l.version
	_, at := l.climb(p.plan(q, handoff.Priority(priority)))
	return p.keepClimbing(ctx, tx, a, l, latest(at, now.Add(soon)))
}

// placesCounted is how far back a place in line is counted: see beginLadder.
const placesCounted = 10_000

// Wait queues the ladder of a new case: see Promiser. The job's row is written
// here and not by the job queue's client, which would make a trip for it; a test
// holds it against the client's.
func (p *Promises) Wait(batch *pgx.Batch, c handoff.Case, q handoff.Queue, position int) (bool, error) {
	if c.Contact != "" { // an address is asked about besides
		return false, nil
	}
	site, now := c.Conversation.Site, c.OpenedAt
	l := ladder{version: c.Version, since: c.WaitsSince, queue: c.Queue, entered: now}
	_, at := l.climb(p.plan(q, c.Priority))
	at = latest(at, now.Add(soon)).Truncate(time.Microsecond)
	args, err := json.Marshal(StepArgs{What: stepLadder, Site: site, Case: c.ID, Version: c.Version, Since: at.UnixMicro()})
	if err != nil {
		return false, err
	}
	batch.Queue(waitLadder, site, c.ID, l.version, l.since, l.queue, l.entered, min(position, placesCounted), p.presentNow(site, l.queue), at,
		args, StepArgs{}.Kind(), stepTries, queuePromises)
	return true, nil
}

// presentNow is who was there when somebody last looked; 0: not known.
func (p *Promises) presentNow(site int32, queue string) int {
	if n, known := p.seen.present.last(site); known {
		return n.in(queue)
	}
	return 0
}

// keepClimbing writes where the ladder stands and inserts the job of its next step.
func (p *Promises) keepClimbing(ctx context.Context, tx pgx.Tx, a StepArgs, l ladder, at time.Time) error {
	if l.visited == nil {
		l.visited = []string{}
	}
	at = at.Truncate(time.Microsecond)
	a.Since = at.UnixMicro()
	_, err := tx.Exec(ctx, p.sql.saveLadder, a.Site, a.Case, l.agents, l.visited, l.updates, l.called, l.alarms, orNull(l.alarmed), at, l.version)
	if err != nil {
		return err
	}
	return p.insert(ctx, tx, a, at)
}

// ladder does what is due of a waiting case's ladder and inserts the next step,
// in one transaction. A chain of jobs that another one has taken over from, and
// a customer who does not wait any more, end it.
func (k *Keeper) ladder(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "climb the ladder", a, done, func(ctx context.Context, w *work) error {
		var l ladder
		err := w.tx.QueryRow(ctx, k.promises.sql.selectLadder, a.Site, a.Case, a.Version, micros(a.Since)).Scan(l.targets()...)
		if noRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		held := unanswered(w.c)
		if w.c.State != handoff.Waiting && !held {
			_, err := w.tx.Exec(ctx, k.promises.sql.saveLadder, a.Site, a.Case, l.agents, l.visited, l.updates, l.called, l.alarms, orNull(l.alarmed), nil, l.version)
			return err
		}
		if held && !l.since.Equal(w.c.WaitsSince) { // they were answered, and wait again
			w.promise(handoff.PromiseLadder, time.Time{})
			_, err := w.tx.Exec(ctx, k.promises.sql.saveLadder, a.Site, a.Case, l.agents, l.visited, l.updates, l.called, l.alarms, orNull(l.alarmed), w.now, l.version)
			return err
		}
		p := k.promises.plan(w.queue(), w.c.Priority)
		due, at := l.climb(p)
		if held {
			due, at = rungLead, l.alarm(p)
		}
		if !at.After(w.now) {
			moved, err := k.rise(ctx, w, &l, p, due)
			if err != nil {
				return err
			}
			if moved { // the queue it is in now has begun the next chain, or is about to
				_, err := w.tx.Exec(ctx, k.promises.sql.saveLadder, a.Site, a.Case, l.agents, l.visited, l.updates, l.called, l.alarms, orNull(l.alarmed), w.now, l.version)
				return err
			}
			if p = k.promises.plan(w.queue(), w.c.Priority); held {
				at = l.alarm(p)
			} else {
				_, at = l.climb(p)
			}
		}
		return k.promises.keepClimbing(ctx, w.tx, a, l, latest(at, w.now.Add(soon)))
	})
}

// rise does one step.
func (k *Keeper) rise(ctx context.Context, w *work, l *ladder, p plan, due rung) (moved bool, err error) {
	switch due {
	case rungUpdate:
		l.updates++
		// After a standstill of the service several steps are due at once: then the
		// next one says more than this.
		rest := *l
		rest.updates = maxUpdates
		if _, at := rest.climb(p); !at.After(w.now) {
			l.updates = maxUpdates
			return false, nil
		}
		return false, k.sayStill(ctx, w)
	case rungOverflow:
		return k.overflow(ctx, w, l, p)
	case rungCallback:
		l.called = true
		return false, k.offerMail(ctx, w)
	default:
		l.alarms++
		l.alarmed = w.now
		return false, k.alarm(ctx, w)
	}
}

// sayStill tells the customer where they stand; one who talks to the assistant
// meanwhile is left in peace.
func (k *Keeper) sayStill(ctx context.Context, w *work) error {
	if !w.holds() || w.c.Aside {
		return nil
	}
	position, o, err := w.outlook(ctx)
	if err != nil {
		return err
	}
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindOwner, Body: convo.OwnerChange{
		Owner: convo.OwnerQueue, Queue: w.c.Queue, Case: &w.c.ID, Reference: w.c.Reference, Position: &position, Estimate: o.Estimate,
	}})
	text, lang := k.promises.texts.still(w.c, position, o, w.langs()...)
	w.system(text, lang)
	return nil
}

// overflow moves the case to the first of the next queues that anybody serves
// and that is within its hours; those that will not do are not tried again.
func (k *Keeper) overflow(ctx context.Context, w *work, l *ladder, p plan) (bool, error) {
	for _, name := range l.targetsOf(p) {
		l.visited = append(l.visited, name)
		q, there := w.setup.Queue(name)
		if !there || !w.d.open(q, w.now) {
			continue
		}
		served, err := w.served(ctx, q)
		if err != nil {
			return false, err
		}
		if !served {
			continue
		}
		l.visited = slices.DeleteFunc(l.visited, func(q string) bool { return q == name }) // it stands there now
		return true, w.toQueue(ctx, name, "nobody took it in time")
	}
	return false, nil
}

// offerMail tells the customer that the answer can come by e-mail, and by mail
// too where there is an address.
func (k *Keeper) offerMail(ctx context.Context, w *work) error {
	if k.cfg.Postman == nil { // what cannot be kept is not offered
		return k.sayStill(ctx, w)
	}
	address, confirmed, err := w.addressOf(ctx)
	if err != nil {
		return err
	}
	if w.holds() && !w.c.Aside {
		text, lang := k.promises.texts.callback(w.c, address, confirmed, w.langs()...)
		w.system(text, lang)
	}
	if address == "" || !confirmed {
		return nil
	}
	return k.post(ctx, w, letter{kind: mailDelayed, address: address})
}

const (
	// CaseAlarm says that leads were told of a case that nobody took.
	CaseAlarm handoff.CaseEventKind = "alarm"
	// CaseUnanswered says that leads were told of a case that somebody has and whose
	// customer has waited for too long.
	CaseUnanswered handoff.CaseEventKind = "unanswered"
)

// alarm tells the leads, and moves a case that waits forward in its line.
func (k *Keeper) alarm(ctx context.Context, w *work) error {
	if w.c.State == handoff.Claimed {
		w.log(CaseUnanswered, handoff.EventBody{Name: w.c.AgentName})
		return k.tellLeads(ctx, w)
	}
	body := handoff.EventBody{To: w.c.Queue, Why: "nobody took it"}
	if w.c.Priority < handoff.High {
		w.c.Priority = handoff.High
		w.c.DueFirst = w.fresh(w.queue())
		body.Priority = &w.c.Priority
	}
	w.log(CaseAlarm, body)
	return k.tellLeads(ctx, w)
}
