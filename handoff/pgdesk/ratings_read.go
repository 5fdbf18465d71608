package pgdesk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// execer is a pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const (
	selectRated = `
SELECT r.case_id, c.reference, r.queue, r.topic, r.agent_id, r.agent_name, r.asked_by, r.asked_at,
  coalesce(r.satisfaction, 0), coalesce(r.ease, 0), r.comment, r.rated_at
FROM case_ratings r
JOIN cases c USING (site_id, case_id)
WHERE r.site_id = $1 AND r.asked_at > $2 AND r.rated_at IS NOT NULL AND ($3::text[] IS NULL OR r.queue = ANY ($3))
ORDER BY r.asked_at DESC
LIMIT $4`

	sumRatings = `
SELECT CASE $4 WHEN 'queue' THEN r.queue WHEN 'topic' THEN r.topic ELSE coalesce(NULLIF(r.agent_name, ''), '-') END AS name,
  count(*), count(r.rated_at),
  coalesce(avg((r.satisfaction >= 4)::int), 0)::float8, coalesce(avg(r.satisfaction), 0)::float8, coalesce(avg(r.ease), 0)::float8
FROM case_ratings r
WHERE r.site_id = $1 AND r.asked_at > $2 AND ($3::text[] IS NULL OR r.queue = ANY ($3))
GROUP BY 1, CASE WHEN $4 = 'agent' THEN r.agent_id END
ORDER BY count(*) DESC, 1
LIMIT 500`

	selectMails = `
SELECT mail_id, kind, address, state, reason, tries, created_at, tried_at
FROM mails
WHERE site_id = $1 AND case_id = $2
ORDER BY created_at, mail_id
LIMIT 200`
)

// RatingsBy is what ratings are summed by.
type RatingsBy string

// What ratings are summed by.
const (
	ByQueue RatingsBy = "queue"
	ByAgent RatingsBy = "agent"
	ByTopic RatingsBy = "topic"
)

// Ratings lists what customers said since a moment, newest first, of the queues
// that the actor works in.
func (p *Promises) Ratings(ctx context.Context, a handoff.Actor, since time.Time, limit int) ([]handoff.Rated, error) {
	rows, err := p.pool.Query(ctx, selectRated, a.Site, since, a.Queues, min(max(limit, 1), 1000))
	if err != nil {
		return nil, wrap("list ratings", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r handoff.Rated, err error) {
		err = row.Scan(&r.Case, &r.Reference, &r.Queue, &r.Topic, nullID{&r.Agent}, &r.AgentName, &r.AskedBy, &r.AskedAt,
			&r.Satisfaction, &r.Ease, &r.Comment, nullTime{&r.RatedAt})
		return r, err
	})
	return list, wrap("list ratings", err)
}

// RatingSums sums what customers said since a moment.
func (p *Promises) RatingSums(ctx context.Context, a handoff.Actor, since time.Time, by RatingsBy) ([]handoff.RatingSum, error) {
	rows, err := p.pool.Query(ctx, sumRatings, a.Site, since, a.Queues, string(by))
	if err != nil {
		return nil, wrap("sum ratings", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s handoff.RatingSum, err error) {
		err = row.Scan(&s.Name, &s.Asked, &s.Rated, &s.Happy, &s.Satisfaction, &s.Ease)
		return s, err
	})
	return list, wrap("sum ratings", err)
}

// Mailed is a mail about a case, for the desk's eyes.
type Mailed struct {
	ID      convo.ID  `json:"id"`
	Kind    string    `json:"kind"`
	Address string    `json:"address"`
	State   string    `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Tries   int       `json:"tries"`
	At      time.Time `json:"at"`
	TriedAt time.Time `json:"tried_at,omitzero"`
}

// Mails lists the mails about a case, oldest first. The caller has checked that
// the actor sees the case.
func (p *Promises) Mails(ctx context.Context, site int32, id convo.ID) ([]Mailed, error) {
	rows, err := p.pool.Query(ctx, selectMails, site, id)
	if err != nil {
		return nil, wrap("list mails", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Mailed, err error) {
		err = row.Scan(&m.ID, &m.Kind, &m.Address, &m.State, &m.Reason, &m.Tries, &m.At, nullTime{&m.TriedAt})
		return m, err
	})
	return list, wrap("list mails", err)
}
