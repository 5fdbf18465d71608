package pghelp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/widget"
)

var _ widget.Shelf = (*Library)(nil)

// Catalogue implements widget.Shelf.
func (l *Library) Catalogue(ctx context.Context, site widget.Site) ([]widget.Listed, error) {
	args := of(site, pgx.NamedArgs{"limit": widget.CatalogueSize})
	return many(ctx, l.db, "list all articles", l.sql.catalogue, args, func(row pgx.CollectableRow) (widget.Listed, error) {
		var a widget.Listed
		var updated *time.Time
		err := row.Scan(&a.ID, &a.Title, &a.Lang, &a.Topic, &a.Product, &a.URL, &updated, &a.TranslationOf, &a.Questions)
		if updated != nil {
			a.Updated = *updated
		}
		return a, err
	})
}

// Counts implements widget.Shelf.
func (l *Library) Counts(ctx context.Context, site widget.Site, since time.Time) (map[string]widget.Count, error) {
	type line struct {
		id string
		n  widget.Count
	}
	args := pgx.NamedArgs{"site": site.ID, "since": since.UTC()}
	rows, err := many(ctx, l.db, "count what is read", selectCounts, args, func(row pgx.CollectableRow) (line, error) {
		var n line
		err := row.Scan(&n.id, &n.n.Opened, &n.n.Asked)
		return n, err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]widget.Count, len(rows))
	for _, r := range rows {
		out[r.id] = r.n
	}
	return out, nil
}
