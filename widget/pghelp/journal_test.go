package pghelp

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/internal/pgtest"
	"frontdesk/widget"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func journal(t *testing.T, db execer) *Journal {
	t.Helper()
	j, err := NewJournal(db, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestJournal_CountsOpeningsOfEachSiteAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	j, lib := journal(t, pool), library(t, pool)
	one, two := addSite(t, pool, "one", true), addSite(t, pool, "two", false)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			j.Opened(one.ID, "returns")
			j.Opened(two.ID, "returns")
			j.Opened(one.ID, "delivery")
			if err := j.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	j.Opened(two.ID, "returns")
	j.Opened(9999, "of a site that went meanwhile")
	if err := j.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for site, want := range map[widget.Site]map[string]int{one: {"returns": 20, "delivery": 20}, two: {"returns": 21}} {
		got, err := lib.Counts(t.Context(), site, noon.AddDate(0, 0, -1))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v, %v", site.Name, got, err)
		}
		for id, n := range want {
			if got[id].Opened != n {
				t.Errorf("%s, %s: %+v, want %d", site.Name, id, got[id], n)
			}
		}
	}
	if got, err := lib.Counts(t.Context(), one, noon.AddDate(0, 0, 1)); err != nil || len(got) != 0 {
		t.Errorf("since tomorrow: %v, %v", got, err)
	}
}

func TestCounts_CountConversationsThatWereQuotedTo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	one, two := addSite(t, pool, "one", true), addSite(t, pool, "two", false)
	say := func(site widget.Site, conversation uuid.UUID, seq int, article string) {
		exec(t, pool, `INSERT INTO events (site_id, conversation_id, seq, kind, body, at) VALUES ($1, $2, $3, 'message', $4, $5)`,
			site.ID, conversation, seq, fmt.Sprintf(`{"text":"x","citations":[{"article":%q},{"article":%q}]}`, article, article), noon)
	}
	for _, site := range []widget.Site{one, two} {
		for i := range 3 {
			visitor, conversation := uuid.New(), uuid.New()
			exec(t, pool, `INSERT INTO visitors (site_id, visitor_id, created_at) VALUES ($1, $2, $3)`, site.ID, visitor, noon)
			exec(t, pool, `INSERT INTO conversations (site_id, conversation_id, visitor_id, created_at, last_at) VALUES ($1, $2, $3, $4, $4)`, site.ID, conversation, visitor, noon)
			say(site, conversation, 1, "returns")
			say(site, conversation, 2, "returns")
			if i == 0 && site == one {
				say(site, conversation, 3, "delivery")
			}
			exec(t, pool, `INSERT INTO events (site_id, conversation_id, seq, kind, body, at) VALUES ($1, $2, 4, 'message', '{"text":"hi"}', $3)`, site.ID, conversation, noon)
		}
	}
	got, err := lib.Counts(t.Context(), one, noon.AddDate(0, 0, -1))
	if err != nil || len(got) != 2 || got["returns"].Asked != 3 || got["delivery"].Asked != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestJournal_KeepsRatingsAndWhatWasMissingOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	j := journal(t, pool)
	one, two := addSite(t, pool, "one", true), addSite(t, pool, "two", false)
	no, yes := uuid.NewString(), uuid.NewString()
	for id, helpful := range map[string]bool{no: false, yes: true} {
		if err := j.Rate(t.Context(), widget.Rating{Site: one.ID, ID: id, Article: "returns", Generation: 1, Helpful: helpful, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	soon := noon.Add(time.Minute)
	for name, tc := range map[string]struct {
		site widget.Site
		id   string
		at   time.Time
	}{
		"another site's": {two, no, soon}, "one that helped": {one, yes, soon}, "one that is not": {one, uuid.NewString(), soon},
		"no id at all": {one, "x'; --", soon}, "hours later": {one, no, noon.Add(2 * time.Hour)},
	} {
		if err := j.Missing(t.Context(), tc.site.ID, tc.id, "x", tc.at); !errors.Is(err, widget.ErrNoRating) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := j.Missing(t.Context(), one.ID, no, "How long it takes", soon); err != nil {
		t.Fatal(err)
	}
	if err := j.Missing(t.Context(), one.ID, no, "Something else", soon); !errors.Is(err, widget.ErrNoRating) {
		t.Errorf("a second time: %v", err)
	}
	got, err := j.Ratings(t.Context(), one.ID, noon.Add(-time.Hour), 10)
	if err != nil || len(got) != 1 || got[0].Helpful != 1 || got[0].NotHelpful != 1 || len(got[0].Missing) != 1 || got[0].Missing[0] != "How long it takes" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := j.Ratings(t.Context(), two.ID, noon.Add(-time.Hour), 10); err != nil || len(got) != 0 {
		t.Errorf("of another site: %+v, %v", got, err)
	}
}

func TestJournal_CountsTheSameGapOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	j := journal(t, pool)
	one, two := addSite(t, pool, "one", true), addSite(t, pool, "two", false)
	for i, asked := range []string{"Bicycle tyres?", "bicycle  TYRES", "…", "Pizza", "bicycle-tyres!"} {
		if err := j.Gap(t.Context(), widget.Gap{Site: one.ID, Asked: asked, Language: "en", Nearest: "a", P: .1, At: noon.Add(time.Duration(i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Gap(t.Context(), widget.Gap{Site: two.ID, Asked: "bicycle tyres", At: noon}); err != nil {
		t.Fatal(err)
	}
	got, err := j.Gaps(t.Context(), one.ID, noon.Add(-time.Hour), 10)
	if err != nil || len(got) != 2 || got[0].Asked != "Bicycle tyres?" || got[0].Times != 3 || !got[0].Last.Equal(noon.Add(4*time.Minute)) || got[1].Times != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	exec(t, pool, `INSERT INTO help_gaps (site_id, asked_key, asked, first_at, last_at) SELECT $1, 'q ' || n, 'q', $2, $2 FROM generate_series(1, $3) n`, two.ID, noon, mostGaps)
	for _, asked := range []string{"one more", "bicycle tyres"} {
		if err := j.Gap(t.Context(), widget.Gap{Site: two.ID, Asked: asked, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	var more, known int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE asked_key = 'one more'), max(times) FROM help_gaps WHERE site_id = $1`, two.ID).Scan(&more, &known); err != nil || more != 0 || known != 2 {
		t.Errorf("a full list took %d more, and counted the known one %d times: %v", more, known, err)
	}
}

func TestCatalogue_HoldsWhatListsAreMadeOf(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lib := library(t, pool)
	site := addSite(t, pool, "shop", true)
	site.Generation = 1
	addGeneration(t, pool, site, 1, "published")
	add(t, pool, site, 1, row{n: 1, id: "returns", title: "Returns", topic: "refunds", product: "kettle", body: "x"})
	add(t, pool, site, 1, row{n: 2, id: "rueckgabe", title: "Rückgabe", topic: "refunds", body: "x"})
	exec(t, pool, `UPDATE articles SET lang = 'de', url = 'https://shop.example/r', updated = '2026-03-01', attributes = '{"translation_of":"returns"}' WHERE article = 2`)
	ask(t, pool, site, 1, 2, "Wie schicke ich etwas zurück?")
	got, err := lib.Catalogue(t.Context(), site)
	if err != nil || len(got) != 2 || got[0].ID != "returns" || got[0].Product != "kettle" || got[0].TranslationOf != "" || len(got[0].Questions) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if a := got[1]; a.Lang != "de" || a.URL == "" || a.TranslationOf != "returns" || a.Updated.Day() != 1 || len(a.Questions) != 1 {
		t.Errorf("%+v", a)
	}
}
