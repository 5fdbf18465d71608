package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
)

// siteSetup is a site's settings as of a version; it is never changed.
type siteSetup struct {
	handoff.Setup
	version int64
	zone    *time.Location
}

// setups keeps what was read last of each site. Every use compares the version
// in the same transaction, so that a change made by another process counts from
// its commit on.
type setups struct {
	mu       sync.Mutex
	of       map[int32]*siteSetup
	defaults handoff.Setup
}

// queryer is a pool or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

const (
	selectVersion = `SELECT version FROM desk_sites WHERE site_id = $1`
	selectRules   = `SELECT version, rules FROM desk_sites WHERE site_id = $1`
	selectQueues  = `
SELECT queue, name, desk, product, tier, languages, skills, hours, overflow, first_reply_s, resolve_s, reopen_s, offer_s, away_s, weight, distribution, notify, closed
FROM queues
WHERE site_id = $1
ORDER BY place, queue`
	selectRoutes = `SELECT queue, priority, conditions FROM routes WHERE site_id = $1 ORDER BY position`

	insertDeskSite = `INSERT INTO desk_sites (site_id, rules) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	upsertQueue    = `
INSERT INTO queues (site_id, queue, name, desk, product, tier, languages, skills, hours, overflow, first_reply_s, resolve_s, reopen_s, offer_s, away_s, weight, distribution, notify, closed, place)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, coalesce(max(place), 0) + 1
FROM queues WHERE site_id = $1
ON CONFLICT (site_id, queue) DO `
	updateQueueTail = `UPDATE
SET name = EXCLUDED.name, desk = EXCLUDED.desk, product = EXCLUDED.product, tier = EXCLUDED.tier, languages = EXCLUDED.languages,
    skills = EXCLUDED.skills, hours = EXCLUDED.hours, overflow = EXCLUDED.overflow, first_reply_s = EXCLUDED.first_reply_s,
    resolve_s = EXCLUDED.resolve_s, reopen_s = EXCLUDED.reopen_s, offer_s = EXCLUDED.offer_s, away_s = EXCLUDED.away_s,
    weight = EXCLUDED.weight, distribution = EXCLUDED.distribution, notify = EXCLUDED.notify, closed = EXCLUDED.closed`
	insertRoute = `INSERT INTO routes (site_id, position, queue, priority, conditions) VALUES ($1, $2, $3, $4, $5)`
	bumpSetup   = `UPDATE desk_sites SET version = version + 1 WHERE site_id = $1`
)

// setupOf reads a site's settings, from memory where nothing changed. A site
// that has none gets the defaults; only is the one queue a site named before it
// had any, where all then waits that no route is for.
func (d *Desk) setupOf(ctx context.Context, tx pgx.Tx, site int32, only string) (*siteSetup, error) {
	var version int64
	err := tx.QueryRow(ctx, selectVersion, site).Scan(&version)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	return d.setupAt(ctx, tx, site, only, version)
}

// setupAt is setupOf for a version that the transaction has read; 0: it found none.
func (d *Desk) setupAt(ctx context.Context, tx pgx.Tx, site int32, only string, version int64) (s *siteSetup, err error) {
	if version == 0 {
		if err := d.seed(ctx, tx, site, only); err != nil {
			return nil, err
		}
		return readSetup(ctx, tx, site) // not kept: it may be rolled back, and made otherwise
	}
	d.setups.mu.Lock()
	s = d.setups.of[site]
	d.setups.mu.Unlock()
	if s != nil && s.version == version {
		return s, nil
	}
	if s, err = readSetup(ctx, tx, site); err != nil {
		return nil, err
	}
	d.setups.mu.Lock()
	defer d.setups.mu.Unlock()
	if old := d.setups.of[site]; old == nil || old.version < s.version {
		d.setups.of[site] = s
	}
	return s, nil
}

// readSetup reads it as the transaction sees it.
func readSetup(ctx context.Context, tx pgx.Tx, site int32) (*siteSetup, error) {
	s := &siteSetup{}
	var rules []byte
	if err := tx.QueryRow(ctx, selectRules, site).Scan(&s.version, &rules); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(rules, &s.Rules); err != nil {
		return nil, err
	}
	s.Rules.Version = s.version
	s.zone = s.Rules.Location()
	rows, err := tx.Query(ctx, selectQueues, site)
	if err != nil {
		return nil, err
	}
	if s.Queues, err = pgx.CollectRows(rows, scanQueue); err != nil {
		return nil, err
	}
	if rows, err = tx.Query(ctx, selectRoutes, site); err != nil {
		return nil, err
	}
	s.Routes, err = pgx.CollectRows(rows, scanRoute)
	return s, err
}

func scanQueue(row pgx.CollectableRow) (q handoff.Queue, err error) {
	var hours, notify []byte
	err = row.Scan(&q.Queue, &q.Name, &q.Desk, &q.Product, &q.Tier, &q.Languages, &q.Skills, &hours, &q.Overflow, &q.FirstReplyS, &q.ResolveS,
		&q.ReopenS, &q.OfferS, &q.AwayS, &q.Weight, &q.Distribution, &notify, &q.Closed)
	q.Hours, q.Notify = hours, notify
	return q, err
}

func scanRoute(row pgx.CollectableRow) (r handoff.Route, err error) {
	var queue string
	var priority handoff.Priority
	var conditions []byte
	if err = row.Scan(&queue, &priority, &conditions); err != nil {
		return r, err
	}
	err = json.Unmarshal(conditions, &r)
	r.Queue, r.Priority = queue, priority
	return r, err
}

// seed makes a site's first settings. Two that do so at once wait for each
// other at the one row, and the second finds everything made.
func (d *Desk) seed(ctx context.Context, tx pgx.Tx, site int32, only string) error {
	s := d.setups.defaults
	if only != "" {
		// The site has said where people wait before it had queues: they wait there.
		s.Rules.DefaultQueue, s.Routes = only, nil
		if _, there := s.Queue(only); !there {
			s.Queues = append([]handoff.Queue{{Queue: only, Name: only, Weight: 1, Distribution: handoff.ByClaim}}, s.Queues...)
		}
	}
	rules, err := json.Marshal(s.Rules)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, insertDeskSite, site, rules)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	batch := &pgx.Batch{}
	for _, q := range s.Queues {
		batch.Queue(upsertQueue+"NOTHING", queueArgs(site, q)...)
	}
	for i, r := range s.Routes {
		args, err := routeArgs(site, i+1, r)
		if err != nil {
			return err
		}
		batch.Queue(insertRoute, args...)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func queueArgs(site int32, q handoff.Queue) []any {
	return []any{
		site, q.Queue, q.Name, q.Desk, q.Product, q.Tier, list(q.Languages), list(q.Skills), rawOrNull(q.Hours), list(q.Overflow),
		q.FirstReplyS, q.ResolveS, q.ReopenS, q.OfferS, q.AwayS, q.Weighs(), string(q.Distribution), rawOrNull(q.Notify), q.Closed,
	}
}

func routeArgs(site int32, position int, r handoff.Route) ([]any, error) {
	queue, priority := r.Queue, r.Priority
	r.Queue, r.Priority = "", 0
	conditions, err := json.Marshal(r)
	return []any{site, position, queue, int16(priority), conditions}, err
}

// list keeps an empty list from becoming NULL.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func rawOrNull(b json.RawMessage) []byte {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	return b
}
