package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/retrieval"
)

// copyTable is a table that a copy has of its site; generation says that only the
// published generation's rows are wanted.
type copyTable struct {
	name       string
	generation bool
}

// copyTables are what a site decides by, in the order of their references. What
// people and customers are, and what was said, is not among them.
func copyTables() []copyTable {
	return []copyTable{
		{"generations", true},
		{"articles", true},
		{"chunks", true},
		{"chunk_vectors", true},
		{"article_vectors", true},
		{"terms", true},
		{"chunk_words", true},
		{"word_postings", true},
		{"article_words", true},
		{"token_rows", false},
		{"triage_sites", false},
		{"article_labels", false},
		{"label_suggestions", false},
		{"triage_examples", false},
		{"triage_example_vectors", false},
		{"triage_lists", false},
		{"desk_sites", false},
		{"queues", false},
		{"routes", false},
	}
}

// withCopy runs something on a copy of a site, which is removed afterwards.
func withCopy(ctx context.Context, front *front, of *bot.Site, use func(*bot.Site) error) (err error) {
	st := front.store
	made, letGo, err := addOwnSite(ctx, st, shadowSite)
	if err != nil {
		return err
	}
	defer letGo()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, removeCopy(ctx, st, made.ID))
	}()
	if err := pgx.BeginFunc(ctx, st.pool, func(tx pgx.Tx) error { return copySite(ctx, tx, of.ID, made.ID) }); err != nil {
		return fmt.Errorf("copy the site: %w", err)
	}
	site, err := readyCopy(ctx, front, made.ID)
	if err != nil {
		return err
	}
	return use(site)
}

// readyCopy is a copy as it is now, once all that is learned of it is there: what
// decides must not change on the way.
func readyCopy(ctx context.Context, front *front, id retrieval.SiteID) (*bot.Site, error) {
	site, err := bot.NewSites(front.convs, time.Now, 0).ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	_, err = front.triage.Wait(ctx, id)
	return site, err
}

// copySite copies a site's published knowledge and settings. Nobody is told of
// what happens at the copy: its queues have no addresses.
func copySite(ctx context.Context, tx pgx.Tx, from, to retrieval.SiteID) error {
	if _, err := tx.Exec(ctx, `
UPDATE sites t SET settings = f.settings, published = f.published, last_generation = f.last_generation, learned_shift = f.learned_shift, learned_ratings = f.learned_ratings
FROM sites f WHERE f.site_id = $1 AND t.site_id = $2`, from, to); err != nil {
		return err
	}
	for _, t := range copyTables() {
		columns, err := columnsOf(ctx, tx, t.name)
		if err != nil {
			return err
		}
		list := strings.Join(columns, ", ")
		sql := `INSERT INTO ` + t.name + ` (site_id, ` + list + `) SELECT $2, ` + list + ` FROM ` + t.name + ` WHERE site_id = $1`
		if t.generation {
			sql += ` AND generation = (SELECT published FROM sites WHERE site_id = $1)`
		}
		if _, err := tx.Exec(ctx, sql, from, to); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	// Indexes of a large generation are tables of their own: a copy is searched
	// exactly, which finds at least as much.
	if _, err := tx.Exec(ctx, `UPDATE generations SET indexed = NULL WHERE site_id = $1`, to); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE queues SET notify = NULL WHERE site_id = $1`, to)
	return err
}

// columnsOf lists a table's columns but for the site and those that make
// themselves.
func columnsOf(ctx context.Context, tx pgx.Tx, table string) ([]string, error) {
	rows, err := tx.Query(ctx, `
SELECT quote_ident(attname) FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = '' AND attname <> 'site_id'
ORDER BY attnum`, table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// removeCopy removes a copy, and what its cases promised for later.
func removeCopy(ctx context.Context, st *store, site retrieval.SiteID) error {
	_, err := st.pool.Exec(ctx, `DELETE FROM river_job WHERE args @> jsonb_build_object('site', $1::int) AND state <> 'running'`, site)
	return errors.Join(err, st.RemoveSite(ctx, site))
}
