package pgvec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// A site's search reads its own rows, however large the others are and however
// the server plans: once for this search, or once for all.
func TestFind_NoPlanReadsOtherSitesRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sizes := []int{3, 40, 900}
	var sites []retrieval.SiteID
	for i, size := range sizes {
		site := b.site(fmt.Sprintf("shop%d", i))
		for run := range 2 { // a generation that is shown, and one before it
			var list []retrieval.Article
			for a := range size {
				list = append(list, article(fmt.Sprintf("a%d", a), fmt.Sprintf("lid %d of run %d\n\nspout %d and jug %d", a, run, a%7, a%5)))
			}
			b.ingest(site, list...)
		}
		sites = append(sites, site)
	}
	if _, err := b.pool.Exec(b.ctx, sqlAnalyze); err != nil {
		t.Fatal(err)
	}
	conn, err := b.pool.Acquire(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	types := "int, smallint, text[], bytea, float8, float8, vector, text, text, text, timestamptz, vector, text, int"
	if _, err := conn.Exec(b.ctx, "PREPARE find ("+types+") AS "+wanting(searchSQL(1, false, false), 30, 15)); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		if _, err := conn.Exec(b.ctx, "SET plan_cache_mode = "+mode); err != nil {
			t.Fatal(err)
		}
		for i, site := range sites {
			needle := b.needle(site, "lid spout")
			call := fmt.Sprintf("EXPLAIN EXECUTE find (%d, 0::smallint, '{lid,spout}', NULL, 20, 0.4, '%s', '%s', '', '', now(), NULL, '', 0)",
				site, pgvector.NewVector(needle.Vecs[0].Vec), needle.Vecs[0].Model)
			rows, err := conn.Query(b.ctx, call)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				for _, table := range []string{"chunks", "chunk_vectors", "chunk_words", "word_postings", "articles", "article_vectors", "article_words", "terms"} {
					if strings.Contains(line, "Seq Scan on "+table+" ") {
						t.Errorf("%s, a site of %d articles: %s\n", mode, sizes[i], strings.TrimSpace(line))
					}
				}
			}
		}
	}
}

// Planning a search takes as long as the search: the server must come to the
// plan that it makes once, by itself, on a site of any size.
func TestFind_PlansAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, size := range []int{3, 40, 900} {
		site := b.site(fmt.Sprintf("shop%d", i))
		var list []retrieval.Article
		for a := range size {
			list = append(list, article(fmt.Sprintf("a%d", a), fmt.Sprintf("lid %d\n\nspout %d and jug %d", a, a%7, a%5)))
		}
		b.ingest(site, list...)
		if _, err := b.pool.Exec(b.ctx, sqlAnalyze); err != nil {
			t.Fatal(err)
		}
		conn, err := b.pool.Acquire(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		vec := pgvector.NewVector(b.needle(site, "lid spout").Vecs[0].Vec)
		for kind := range 6 {
			vectors, held := kind%3, kind > 2
			prepare := "PREPARE find (int, smallint, text[], bytea, float8, float8, vector, text, text, text, timestamptz, vector, text, int) AS " + wanting(searchSQL(vectors, false, held), 30, 15)
			if _, err := conn.Exec(b.ctx, prepare); err != nil {
				t.Fatal(err)
			}
			for range 8 { // the server tries five times before it decides
				_, err := conn.Exec(b.ctx, fmt.Sprintf("EXECUTE find (%d, 0::smallint, '{lid,spout}', NULL, 20, 0.4, '%s', '%s', '', '', now(), '%s', '%s', 0)",
					site, vec, b.embedder.model.Name, vec, b.embedder.model.Name))
				if err != nil {
					t.Fatal(err)
				}
			}
			var once, each int
			if err := conn.QueryRow(b.ctx, "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'find'").Scan(&once, &each); err != nil {
				t.Fatal(err)
			}
			if once != 3 || each != 5 {
				t.Errorf("a site of %d articles, %d vectors, texts held %t: %d searches by a plan for all, %d by one of their own", size, vectors, held, once, each)
			}
			if _, err := conn.Exec(b.ctx, "DEALLOCATE find"); err != nil {
				t.Fatal(err)
			}
		}
		conn.Release()
	}
}
