package pgvec

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"frontdesk/retrieval"
)

// Site finds a site by its name; ErrNoSite where there is none.
func (s *Store) Site(ctx context.Context, name string) (retrieval.Site, error) {
	rows, err := s.pool.Query(ctx, sqlSite, name)
	if err != nil {
		return retrieval.Site{}, classify("find site", err)
	}
	site, err := pgx.CollectExactlyOneRow(rows, scanSite)
	if errors.Is(err, pgx.ErrNoRows) {
		return retrieval.Site{}, retrieval.ErrNoSite
	}
	return site, classify("find site", err)
}

// Sites lists all sites by name.
func (s *Store) Sites(ctx context.Context) ([]retrieval.Site, error) {
	rows, err := s.pool.Query(ctx, sqlSites)
	if err != nil {
		return nil, classify("list sites", err)
	}
	list, err := pgx.CollectRows(rows, scanSite)
	return list, classify("list sites", err)
}

func scanSite(row pgx.CollectableRow) (retrieval.Site, error) {
	var s retrieval.Site
	err := row.Scan(&s.ID, &s.Name, &s.Settings, &s.Default, &s.Published, &s.CreatedAt)
	return s, err
}

// AddSite makes a site where there is none of this name; the first one of a
// database is the default. It returns the site and whether it was made now.
func (s *Store) AddSite(ctx context.Context, name string) (retrieval.Site, bool, error) {
	if err := retrieval.ValidSiteName(name); err != nil {
		return retrieval.Site{}, false, err
	}
	tag, err := s.pool.Exec(ctx, sqlSiteAdd, name)
	if err != nil {
		return retrieval.Site{}, false, classify("add site", err)
	}
	site, err := s.Site(ctx, name)
	return site, tag.RowsAffected() == 1, err
}

// UpdateSettings changes a site's settings under its row's lock.
func (s *Store) UpdateSettings(ctx context.Context, name string, change func(json.RawMessage) (json.RawMessage, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlSite+` FOR NO KEY UPDATE`, name)
		if err != nil {
			return err
		}
		site, err := pgx.CollectExactlyOneRow(rows, scanSite)
		if err != nil {
			return err
		}
		settings, err := change(site.Settings)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlSiteSettings, site.ID, settings)
		return err
	})
	return classify("change settings", err)
}

// RemoveSite takes a site away with everything that is kept under it.
func (s *Store) RemoveSite(ctx context.Context, site retrieval.SiteID) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, sql := range leaves() {
			if _, err := tx.Exec(ctx, sql, site, []int32{}); err != nil {
				return err
			}
		}
		if err := dropLarge(ctx, tx, site, nil); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlSiteRemove, site)
		if err == nil && tag.RowsAffected() == 0 {
			return retrieval.ErrNoSite
		}
		return err
	})
	return classify("remove site", err)
}

// SetDefault makes a site the one that is meant where none is named.
func (s *Store) SetDefault(ctx context.Context, name string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// One after the other: the unique index is checked row by row.
		if _, err := tx.Exec(ctx, `UPDATE sites SET is_default = false WHERE is_default AND name <> $1`, name); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlSiteDefault, name)
		if err == nil && tag.RowsAffected() == 0 {
			return retrieval.ErrNoSite
		}
		return err
	})
	return classify("set default site", err)
}
