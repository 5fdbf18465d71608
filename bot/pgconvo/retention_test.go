package pgconvo

import (
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/internal/pgtest"
)

func TestExpire_TakesWhatReadersWrote(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s, err := New(pool)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	for _, sql := range []string{
		`INSERT INTO sites (name, settings) VALUES ('shop', '{"retention_days": 30}'), ('other', '{}')`,
		`INSERT INTO article_ratings (site_id, rating_id, article_id, generation, helpful, missing, at)
			SELECT site_id, gen_random_uuid(), 'a', 1, false, 'words', '2026-11-02'::timestamptz - n * interval '20 days' FROM sites, generate_series(0, 3) n`,
		`INSERT INTO help_gaps (site_id, asked_key, asked, first_at, last_at)
			SELECT site_id, 'q' || n, 'q', '2026-01-01', '2026-11-02'::timestamptz - n * interval '20 days' FROM sites, generate_series(0, 250) n`,
		`INSERT INTO article_counts (site_id, article_id, day, opened) SELECT site_id, 'a', '2026-11-02'::date - n * 20, 1 FROM sites, generate_series(0, 3) n`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	sites, err := s.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var shop *bot.Site
	for i := range sites {
		if sites[i].Name == "shop" {
			shop = &sites[i]
		}
	}
	n, err := s.Expire(t.Context(), shop, now)
	if err != nil || n.Readers != 2+249+2 {
		t.Errorf("%+v, %v", n, err)
	}
	var left, others int
	err = pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE site_id = $1), count(*) FILTER (WHERE site_id <> $1) FROM (
		SELECT site_id FROM article_ratings UNION ALL SELECT site_id FROM help_gaps UNION ALL SELECT site_id FROM article_counts) r`, shop.ID).Scan(&left, &others)
	if err != nil || left != 6 || others != 4+251+4 {
		t.Errorf("%d left, %d of the other site, %v", left, others, err)
	}
}
