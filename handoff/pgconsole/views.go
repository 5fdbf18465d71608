package pgconsole

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

const (
	selectViews = `
SELECT view_id, agent_id IS NULL, name, query, place, by_name, at
FROM saved_views
WHERE site_id = $1 AND (agent_id = $2 OR agent_id IS NULL)
ORDER BY agent_id IS NULL, place, at, view_id`

	// lockViews makes those who add at the same time stand in line, so that none
	// of them goes past the limit.
	lockViews  = `SELECT pg_advisory_xact_lock(hashtextextended('saved_views', $1::bigint))`
	countViews = `
SELECT count(*) FROM saved_views
WHERE site_id = $1 AND agent_id IS NOT DISTINCT FROM $2 AND view_id <> $3`

	// putView changes what is the agent's or, where they may, what is shared;
	// under an id of somebody else's nothing happens.
	putView = `
INSERT INTO saved_views AS v (site_id, view_id, agent_id, name, query, place, by_name, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (site_id, view_id) DO UPDATE
SET agent_id = excluded.agent_id, name = excluded.name, query = excluded.query, place = excluded.place
WHERE v.agent_id = $9 OR v.agent_id IS NULL AND $10`

	deleteView = `
DELETE FROM saved_views
WHERE site_id = $1 AND view_id = $2 AND (agent_id = $3 OR agent_id IS NULL AND $4)`

	orderViews = `
UPDATE saved_views v SET place = x.place
FROM unnest($3::uuid[]) WITH ORDINALITY x (id, place)
WHERE v.site_id = $1 AND v.view_id = x.id AND v.agent_id IS NOT DISTINCT FROM $2`
)

// Views lists an agent's saved views and the shared ones: see console.Store.
func (s *Store) Views(ctx context.Context, a handoff.Actor) ([]console.SavedView, error) {
	rows, err := s.pool.Query(ctx, selectViews, a.Site, a.Agent)
	if err != nil {
		return nil, wrap("list saved views", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v console.SavedView, err error) {
		err = row.Scan(&v.ID, &v.Shared, &v.Name, &v.Query, &v.Place, &v.By, &v.At)
		return v, err
	})
	return list, wrap("list saved views", err)
}

// owner is whose a view is: nobody's where it is shared.
func owner(a handoff.Actor, shared bool) *convo.ID {
	if shared {
		return nil
	}
	return &a.Agent
}

// PutView adds or changes one: see console.Store.
func (s *Store) PutView(ctx context.Context, a handoff.Actor, v console.SavedView, most int) (full bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockViews, a.Site); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, countViews, a.Site, owner(a, v.Shared), v.ID).Scan(&n); err != nil {
			return err
		}
		if full = n >= most; full {
			return nil
		}
		tag, err := tx.Exec(ctx, putView, a.Site, v.ID, owner(a, v.Shared), v.Name, v.Query, v.Place, v.By, v.At, a.Agent, a.Leads())
		if err == nil && tag.RowsAffected() == 0 {
			return console.ErrNoView
		}
		return err
	})
	return full, wrap("keep a saved view", err)
}

// RemoveView removes one, where it is there: see console.Store.
func (s *Store) RemoveView(ctx context.Context, a handoff.Actor, id convo.ID, shared bool) error {
	tag, err := s.pool.Exec(ctx, deleteView, a.Site, id, a.Agent, shared)
	if err == nil && tag.RowsAffected() == 0 {
		err = console.ErrNoView
	}
	return wrap("remove a saved view", err)
}

// OrderViews gives views the order of their ids: see console.Store.
func (s *Store) OrderViews(ctx context.Context, a handoff.Actor, ids []convo.ID, shared bool) error {
	_, err := s.pool.Exec(ctx, orderViews, a.Site, owner(a, shared), ids)
	return wrap("order saved views", err)
}
