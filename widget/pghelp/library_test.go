package pghelp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
	"frontdesk/widget"
)

func TestLibrary_ReadsTheDefaultSite(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	if _, err := lib.Site(t.Context(), ""); !errors.Is(err, widget.ErrNoSite) {
		t.Fatalf("a database without a site: %v", err)
	}
	one := addSite(t, pool, "one", false)
	if got, err := lib.Site(t.Context(), ""); err != nil || got.Name != "one" || !got.Default {
		t.Fatalf("the only site: %+v, %v", got, err)
	}
	addSite(t, pool, "two", true)
	got, err := lib.Site(t.Context(), "")
	if err != nil || got.Name != "two" {
		t.Fatalf("the default of two: %+v, %v", got, err)
	}
	got, err = lib.Site(t.Context(), "one")
	if err != nil || got.ID != one.ID || got.Default {
		t.Fatalf("another by its name: %+v, %v", got, err)
	}
}

func TestLibrary_ReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	site := addSite(t, pool, "shop", true)
	exec(t, pool, `UPDATE sites SET settings = '{"title": "The shop"}', published = 2, last_generation = 4`)
	site.Generation = 2
	for generation, state := range []string{1: "retired", 2: "published", 3: "failed", 4: "building"} {
		if state == "" {
			continue
		}
		addGeneration(t, pool, site, generation, state)
		add(t, pool, site, generation, row{n: 1, id: "returns", title: "Returns", topic: "refunds", body: fmt.Sprintf("Text of generation %d.", generation)})
	}
	add(t, pool, site, 2, row{n: 2, id: "old", title: "Returns before", topic: "refunds", successor: "returns", body: "Old."})
	add(t, pool, site, 2, row{n: 3, id: "secret", title: "Among us", topic: "refunds", audience: 1, body: "Secret."})
	add(t, pool, site, 2, row{n: 4, id: "older", title: "Older still", topic: "refunds", successor: "secret", body: "Older."})
	add(t, pool, site, 2, row{n: 5, id: "kettle/clean", title: "Cleaning", product: "kettle", topic: "cleaning", body: "Descale."})
	add(t, pool, site, 2, row{n: 6, id: "kettle/faults", title: "Faults", product: "kettle", topic: "faults", body: "Red."})
	add(t, pool, site, 2, row{n: 7, id: "loose", title: "Something else", body: "No topic."})

	found, err := lib.Site(t.Context(), "shop")
	if err != nil || found.Title != "The shop" || found.Generation != 2 {
		t.Fatalf("site: %+v, %v", found, err)
	}
	for name, tc := range map[string]struct {
		id   string
		want error
	}{
		"a public one":            {"returns", nil},
		"one with a slash":        {"kettle/clean", nil},
		"one for agents":          {"secret", widget.ErrNoArticle},
		"one that is not there":   {"nothing", widget.ErrNoArticle},
		"one of another spelling": {"Returns", widget.ErrNoArticle},
	} {
		if _, err := lib.Article(t.Context(), found, tc.id); !errors.Is(err, tc.want) {
			t.Errorf("article, %s: %v, want %v", name, err, tc.want)
		}
	}
	a, err := lib.Article(t.Context(), found, "old")
	if err != nil || !a.Outdated || a.Superseded == nil || a.Superseded.ID != "returns" {
		t.Errorf("an outdated article: %+v, %v", a, err)
	}
	a, err = lib.Article(t.Context(), found, "older")
	if err != nil || !a.Outdated || a.Superseded != nil {
		t.Errorf("one whose successor is for agents: %+v, %v", a, err)
	}
	topics, err := lib.Topics(t.Context(), found, 5)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, topic := range topics {
		names = append(names, fmt.Sprintf("%s %d %v", topic.Name, topic.Total, ids(topic.Entries)))
	}
	if want := []string{"cleaning 1 [kettle/clean]", "faults 1 [kettle/faults]", "refunds 1 [returns]", " 1 [loose]"}; !slices.Equal(names, want) {
		t.Errorf("topics: %q, want %q", names, want)
	}
	a, err = lib.Article(t.Context(), found, "kettle/clean")
	if err != nil {
		t.Fatal(err)
	}
	related, err := lib.Related(t.Context(), found, a, 5)
	if err != nil || !slices.Equal(ids(related), []string{"kettle/faults"}) {
		t.Errorf("related: %v, %v", ids(related), err)
	}
	for generation, shown := range map[int]bool{1: true, 2: true, 3: false, 4: false, 5: false} {
		text, err := lib.Body(t.Context(), found, generation, "returns")
		if shown != (err == nil) || (!shown && !errors.Is(err, widget.ErrNoArticle)) {
			t.Errorf("text in generation %d: %q, %v", generation, text, err)
		}
	}
}

func TestLibrary_ListsATopicByPages(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	site := addSite(t, pool, "shop", true)
	addGeneration(t, pool, site, 1, "published")
	site.Generation = 1
	for n := range 25 {
		add(t, pool, site, 1, row{n: n + 1, id: fmt.Sprintf("a%02d", n), title: fmt.Sprintf("Article %02d", n), topic: "many", body: "x"})
	}
	var all []string
	for skip := 0; ; skip += 10 {
		page, err := lib.Topic(t.Context(), site, "many", skip, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, ids(page)...)
	}
	if len(all) != 25 || !slices.IsSorted(all) {
		t.Errorf("pages hold %v", all)
	}
	topics, err := lib.Topics(t.Context(), site, 6)
	if err != nil || len(topics) != 1 || topics[0].Total != 25 || len(topics[0].Entries) != 6 {
		t.Errorf("topics: %+v, %v", topics, err)
	}
}

func TestLibrary_NamesAPartThatIsAway(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	pool.Close()
	_, err := lib.Site(t.Context(), "shop")
	if err == nil {
		t.Fatal("a closed pool answered")
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	lib = library(t, pgtest.New(t))
	if _, err := lib.Site(ctx, "shop"); fault.KindOf(err) != fault.Timeout {
		t.Errorf("past its deadline: kind %v of %v", fault.KindOf(err), err)
	}
}

// crossing is the property that nothing crosses sites, generations or
// audiences: articles of two sites with the same ids, each text saying whose it
// is, and every method asked for every site. It returns what it found wrong.
func crossing(ctx context.Context, lib *Library, sites []widget.Site, known []string) string {
	for _, site := range sites {
		mine := func(entries []widget.Entry) string {
			for _, e := range entries {
				if !strings.HasPrefix(e.Title, fmt.Sprintf("%s/%d/public", site.Name, site.Generation)) {
					return fmt.Sprintf("%s of generation %d lists %q", site.Name, site.Generation, e.Title)
				}
			}
			return ""
		}
		topics, err := lib.Topics(ctx, site, 100)
		if err != nil {
			return err.Error()
		}
		for _, t := range topics {
			if wrong := mine(t.Entries); wrong != "" {
				return wrong
			}
		}
		all, err := lib.Catalogue(ctx, site)
		if err != nil {
			return err.Error()
		}
		for _, a := range all {
			wrong := mine([]widget.Entry{a.Entry})
			for _, q := range a.Questions {
				if !strings.HasPrefix(q, fmt.Sprintf("%s/%d/public", site.Name, site.Generation)) {
					wrong = fmt.Sprintf("%s of generation %d knows the question %q", site.Name, site.Generation, q)
				}
			}
			if wrong != "" {
				return wrong
			}
		}
		list, err := lib.Topic(ctx, site, "t", 0, 100)
		if wrong := mine(list); err != nil || wrong != "" {
			return fmt.Sprint(wrong, err)
		}
		for _, id := range known {
			body, err := lib.Body(ctx, site, site.Generation, id)
			if err == nil && !strings.HasPrefix(body, fmt.Sprintf("%s/%d/public", site.Name, site.Generation)) {
				return fmt.Sprintf("%s of generation %d gives the text %q", site.Name, site.Generation, body)
			}
			a, err := lib.Article(ctx, site, id)
			if errors.Is(err, widget.ErrNoArticle) {
				continue
			}
			if err != nil {
				return err.Error()
			}
			shown := []widget.Entry{a.Entry}
			if a.Superseded != nil {
				shown = append(shown, *a.Superseded)
			}
			near, err := lib.Related(ctx, site, a, 100)
			if wrong := mine(append(shown, near...)); err != nil || wrong != "" {
				return fmt.Sprint(wrong, err)
			}
		}
	}
	return ""
}

// TestLibrary_NothingCrosses plays the property on random shelves; then, with
// each guard cut out of its query in turn, the same shelves must show it fail.
func TestLibrary_NothingCrosses(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	sites := []widget.Site{addSite(t, pool, "aa", true), addSite(t, pool, "bb", false)}
	for i := range sites {
		sites[i].Generation = 2
		addGeneration(t, pool, sites[i], 1, "retired")
		addGeneration(t, pool, sites[i], 2, "published")
	}
	lib := library(t, pool)
	cut := mutants(t, pool)
	caught := map[string]bool{}
	known := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(r *rapid.T) {
		exec(t, pool, `DELETE FROM chunks`)
		exec(t, pool, `DELETE FROM articles`)
		for _, site := range sites {
			for generation := 1; generation <= 2; generation++ {
				order := rapid.Permutation(known).Draw(r, "order")
				for n, id := range order[:rapid.IntRange(1, len(order)).Draw(r, "articles")] {
					audience := rapid.IntRange(0, 1).Draw(r, "audience")
					whose := fmt.Sprintf("%s/%d/%s", site.Name, generation, []string{"public", "agents"}[audience])
					successor := rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(r, "successor")
					add(t, pool, site, generation, row{
						n: n + 1, id: id, title: whose, topic: "t", product: "p", audience: audience, successor: successor, body: whose,
					})
					ask(t, pool, site, generation, n+1, whose+"?")
				}
			}
		}
		if wrong := crossing(t.Context(), lib, sites, known); wrong != "" {
			r.Fatal(wrong)
		}
		for name, mutant := range cut {
			if !caught[name] && crossing(t.Context(), mutant, sites, known) != "" {
				caught[name] = true
			}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(cut)) {
		if !caught[name] {
			t.Errorf("without %s the property still holds: it does not test that", name)
		}
	}
}

// mutants are libraries with one guard cut out of one query each.
func mutants(t *testing.T, pool *pgxpool.Pool) map[string]*Library {
	t.Helper()
	out := map[string]*Library{}
	guards := map[string]string{
		"site": "%ssite_id = @site", "generation": "%sgeneration = @generation", "audience": "%saudience = 0",
	}
	for query, part := range map[string]func(*queries) *string{
		"topics":    func(q *queries) *string { return &q.topics },
		"topic":     func(q *queries) *string { return &q.topic },
		"article":   func(q *queries) *string { return &q.article },
		"related":   func(q *queries) *string { return &q.related },
		"body":      func(q *queries) *string { return &q.body },
		"catalogue": func(q *queries) *string { return &q.catalogue },
	} {
		for guard, text := range guards {
			lib := library(t, pool)
			prefix := ""
			if query == "article" || query == "body" || query == "catalogue" {
				prefix = "a."
			}
			text = fmt.Sprintf(text, prefix)
			sql := part(&lib.sql)
			if !strings.Contains(*sql, text) {
				t.Fatalf("%s has no guard %q", query, text)
			}
			*sql = strings.Replace(*sql, text, "true", 1)
			out[query+"'s "+guard] = lib
		}
	}
	for guard, text := range map[string]string{"question's site": "c.site_id = a.site_id", "question's generation": "c.generation = a.generation", "question's article": "c.article = a.article"} {
		lib := library(t, pool)
		if !strings.Contains(lib.sql.catalogue, text) {
			t.Fatalf("the catalogue has no guard %q", text)
		}
		lib.sql.catalogue = strings.Replace(lib.sql.catalogue, text, "true", 1)
		out["catalogue's "+guard] = lib
	}
	for guard, text := range map[string]string{
		"successor's site": "b.site_id = a.site_id", "successor's generation": "b.generation = a.generation", "successor's audience": "b.audience = 0",
	} {
		lib := library(t, pool)
		lib.sql.article = strings.Replace(lib.sql.article, text, "true", 1)
		out["article's "+guard] = lib
	}
	return out
}

// row is an article to be put into a generation.
type row struct {
	n                                          int
	id, title, topic, product, body, successor string
	audience                                   int
}

func add(t *testing.T, pool *pgxpool.Pool, site widget.Site, generation int, r row) {
	t.Helper()
	exec(t, pool, `INSERT INTO articles (site_id, generation, article, article_id, title, topic, product, audience, superseded_by, body, content_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')`,
		site.ID, generation, r.n, r.id, r.title, r.topic, r.product, r.audience, r.successor, r.body)
}

// ask adds a way customers ask for an article.
func ask(t *testing.T, pool *pgxpool.Pool, site widget.Site, generation, article int, question string) {
	t.Helper()
	exec(t, pool, `INSERT INTO chunks (site_id, generation, chunk, article, kind, section, span_from, span_to, body, words, embed_hash)
VALUES ($1, $2, $3, $3, 1, 1, 0, 1, $4, 1, '')`, site.ID, generation, article, question)
}

func addSite(t *testing.T, pool *pgxpool.Pool, name string, isDefault bool) widget.Site {
	t.Helper()
	s := widget.Site{Name: name, Default: isDefault}
	if err := pool.QueryRow(t.Context(), `INSERT INTO sites (name, is_default) VALUES ($1, $2) RETURNING site_id`, name, isDefault).Scan(&s.ID); err != nil {
		t.Fatal(err)
	}
	return s
}

func addGeneration(t *testing.T, pool *pgxpool.Pool, site widget.Site, generation int, state string) {
	t.Helper()
	exec(t, pool, `INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, $2, $3, '')`, site.ID, generation, state)
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func library(t *testing.T, pool *pgxpool.Pool) *Library {
	t.Helper()
	lib, err := New(pool)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func ids(entries []widget.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.ID
	}
	return out
}
