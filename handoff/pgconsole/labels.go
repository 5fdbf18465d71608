package pgconsole

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	selectSetters = `
SELECT l.article_id, l.settled_at, coalesce(s.by_name, '')
FROM article_labels l
LEFT JOIN article_label_setters s ON s.site_id = l.site_id AND s.article_id = l.article_id AND s.settled_at = l.settled_at
WHERE l.site_id = $1`
	putSetter = `
INSERT INTO article_label_setters (site_id, article_id, by_name, settled_at)
SELECT site_id, article_id, $3, settled_at FROM article_labels WHERE site_id = $1 AND article_id = $2
ON CONFLICT (site_id, article_id) DO UPDATE SET by_name = excluded.by_name, settled_at = excluded.settled_at`
)

// Setter is who settled an article's labels, and when.
type Setter struct {
	By string // empty: not at the desk
	At time.Time
}

// Setters reads who settled the labels of a site's articles, by article.
func (s *Store) Setters(ctx context.Context, site int32) (map[string]Setter, error) {
	rows, err := s.pool.Query(ctx, selectSetters, site)
	if err != nil {
		return nil, wrap("read who settled labels", err)
	}
	out := map[string]Setter{}
	var article string
	var x Setter
	_, err = pgx.ForEachRow(rows, []any{&article, &x.At, &x.By}, func() error {
		out[article] = x
		return nil
	})
	return out, wrap("read who settled labels", err)
}

// PutSetter says who settled an article's labels as they are now.
func (s *Store) PutSetter(ctx context.Context, site int32, article, by string) error {
	_, err := s.pool.Exec(ctx, putSetter, site, article, by)
	return wrap("keep who settled labels", err)
}
