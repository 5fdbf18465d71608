package pgvec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

// BenchmarkFindLarge is the database part of a search over 50,000 chunks, and
// how many of an exact search's candidates it finds.
func BenchmarkFindLarge(b *testing.B) {
	g := growBig(b, 50_000, largeFrom)
	recall, worst := g.recall(b, g.store, 150)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := g.store.Find(b.Context(), g.needle(i)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(recall, "recall")
	b.ReportMetric(worst, "worst-recall")
}

// recall is the part of an exact search's candidates that s finds too, in the
// mean of n questions and for the worst of them. A store that knows nothing of
// a site yet reads all of it.
func (g *grown) recall(tb testing.TB, s *Store, n int) (mean, worst float64) {
	tb.Helper()
	worst = 1
	for i := range n {
		exact, err := New(s.pool)
		if err != nil {
			tb.Fatal(err)
		}
		want, err := exact.Find(tb.Context(), g.needle(i))
		if err != nil {
			tb.Fatal(err)
		}
		if i == 0 {
			if _, err := s.Find(tb.Context(), g.needle(i)); err != nil { // it learns
				tb.Fatal(err)
			}
		}
		if _, ok := s.large.knows(g.needle(i)); !ok {
			tb.Fatal("the index is not used")
		}
		got, err := s.Find(tb.Context(), g.needle(i))
		if err != nil {
			tb.Fatal(err)
		}
		there := map[int]bool{}
		for _, k := range got.List {
			there[k.ChunkNo] = true
		}
		both := 0
		for _, k := range want.List {
			if there[k.ChunkNo] {
				both++
			}
		}
		part := float64(both) / float64(len(want.List))
		mean += part / float64(n)
		worst = min(worst, part)
	}
	return mean, worst
}

func TestFind_AnIndexFindsWhatAnExactSearchFinds(t *testing.T) {
	t.Parallel()
	g := growBig(t, 4000, 4000)
	const questions = 60
	mean, worst := g.recall(t, g.store, questions)
	t.Logf("recall %.3f, worst %.3f", mean, worst)
	if mean < .98 {
		t.Errorf("recall %.3f, want .98 (the worst question %.3f)", mean, worst)
	}
	// The statement is answered by the indexes, not by reading the tables.
	for _, table := range []string{nearTable(g.site, 1, 1), nearTable(g.site, 1, 2), wordTable(g.site, 1)} {
		deadline := time.Now().Add(10 * time.Second)
		for {
			var byIndex int
			err := g.store.pool.QueryRow(t.Context(), `SELECT coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = $1`, table).Scan(&byIndex)
			if err != nil {
				t.Fatal(err)
			}
			if byIndex >= questions {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d searches by its index", table, byIndex)
			}
			time.Sleep(50 * time.Millisecond) // the server's counters come late
		}
	}
}

// Below the size nothing is indexed, and every search is exact.
func TestIngest_OnlyALargeGenerationIsIndexed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.largeFrom = 5
	site := b.site("shop")
	tables := func() []string {
		t.Helper()
		rows, err := b.pool.Query(b.ctx, `SELECT relname::text FROM pg_class WHERE relname ~ '^large_' AND relkind = 'r' ORDER BY relname`)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			out = append(out, name)
		}
		return out
	}
	grow := func(n, run int) {
		t.Helper()
		var list []retrieval.Article
		for i := range n {
			list = append(list, article(name(i), fmt.Sprintf("lid %d of run %d", i, run)))
		}
		b.ingest(site, list...)
		if got := b.find(b.needle(site, "lid")); len(got.List) != n {
			t.Errorf("run %d: %d candidates, want %d", run, len(got.List), n)
		}
	}
	grow(4, 1)
	if got := tables(); len(got) != 0 {
		t.Errorf("a small one has %v", got)
	}
	grow(5, 2)
	of := func(generation int) []string {
		return []string{nearTable(site, generation, 1), wordTable(site, generation)}
	}
	if got := tables(); !slices.Equal(got, of(2)) {
		t.Errorf("%v, want %v", got, of(2))
	}
	// The next ones are searched though the last search learned another; what is
	// collected takes its tables along; going back finds them again.
	for run := 3; run <= 6; run++ {
		grow(run+3, run)
	}
	if got := tables(); !slices.Equal(got, slices.Concat(of(4), of(5), of(6))) {
		t.Errorf("%v are left", got)
	}
	if _, err := b.store.Rollback(b.ctx, site, 4); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := b.find(b.needle(site, "lid")); got.Generation != 4 || len(got.List) != 7 {
			t.Errorf("generation %d, %d candidates", got.Generation, len(got.List))
		}
	}
	if err := b.store.RemoveSite(b.ctx, site); err != nil {
		t.Fatal(err)
	}
	if got := tables(); len(got) != 0 {
		t.Errorf("after the site was removed: %v", got)
	}
}

// A table that has gone since the last search costs another trip, no more.
func TestFind_AnIndexThatHasGoneIsNoError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.largeFrom = 3
	site := b.site("shop")
	b.ingest(site, article("a", "lid"), article("b", "spout"), article("c", "jug"))
	want := b.find(b.needle(site, "lid"))
	if _, ok := b.store.large.knows(b.needle(site, "lid")); !ok {
		t.Fatal("nothing was learned")
	}
	for _, table := range []string{nearTable(site, 1, 1), wordTable(site, 1)} {
		if _, err := b.pool.Exec(b.ctx, "DROP TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.find(b.needle(site, "lid")); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// With indexes everywhere, small as everything is here, the property of two
// sites must hold as it does without: lists are few enough to be read whole.
func TestFind_LargeSitesAreBruteForceAndNothingCrosses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.largeFrom = 1
	var sites atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		if d := crossing(b, b.store, t, &sites); d != "" {
			t.Fatal(d)
		}
	})
}

// The published generation may be another one than the statement was made for.
func TestFind_LargeSitesFollowWhatIsPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.largeFrom = 1
	var sites atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		if d := holding(b, b.store, t, &sites); d != "" {
			t.Fatal(d)
		}
	})
}

func TestLarge_StatementsNameTheirOwnTablesOnly(t *testing.T) {
	t.Parallel()
	l := largeSite{generation: 7, chunks: 50_000, models: map[string]int16{"m/16": 3, "n/16": 4}}
	n := retrieval.Needle{Site: 2, Near: 30, Vecs: []retrieval.NeedleVec{{Model: "m/16", Vec: make([]float32, 16)}, {Model: "n/16", Vec: make([]float32, 16)}}}
	sql := l.sql(n)
	for _, want := range []string{"large_2_7_near_3", "large_2_7_near_4", "large_2_7_words", "halfvec(16)", "'ivfflat.probes', '66'", "LIMIT 60"} {
		if !strings.Contains(sql, want) {
			t.Errorf("no %q in it", want)
		}
	}
	for _, hole := range []string{"<table>", "<near>", "<nearer>", "<vec>", "<model>", "<dims>", "<generation>", "<matched>"} {
		if strings.Contains(sql, hole) {
			t.Errorf("%s was not filled in", hole)
		}
	}
}
