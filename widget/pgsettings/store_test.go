package pgsettings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
	"frontdesk/widget/settings"
)

type bundle struct {
	pool  *pgxpool.Pool
	store *Store
	now   time.Time
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: pgtest.New(t), now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	var err error
	if b.store, err = New(b.pool, func() time.Time { return b.now }); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `INSERT INTO sites (name, is_default, settings) VALUES ('shop', true, '{"title":"Kettlewick","origins":["https://shop.example"]}'), ('other', false, '{}')`)
	return b
}

func (b *bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) set(t *testing.T, site, raw string) {
	t.Helper()
	if _, err := b.store.Change(t.Context(), site, func(settings.Settings) (settings.Settings, error) {
		return settings.Parse([]byte(raw))
	}); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) site(t *testing.T, name string) settings.Site {
	t.Helper()
	all, err := b.store.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s settings.Site) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no site %s", name)
	}
	return all[i]
}

func TestStore_KeepsWhatASiteChose(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if s := b.site(t, "shop"); s.Version != 0 || s.Title != "Kettlewick" || !s.Default || !slices.Equal(s.Settings.Origins, []string{"https://shop.example"}) {
		t.Fatalf("before anything is stored: %+v", s)
	}
	b.set(t, "shop", `{"accent":"#123456","hidden":["/pay"]}`)
	s := b.site(t, "shop")
	if s.Version != 1 || s.Settings.Accent != "#123456" || !slices.Equal(s.Settings.Origins, []string{"https://shop.example"}) {
		t.Errorf("origins that are not named stay: %+v", s)
	}
	b.set(t, "shop", `{"origins":["https://a.example","https://b.example"]}`)
	if s = b.site(t, "shop"); s.Version != 2 || s.Settings.Accent != "" || len(s.Settings.Origins) != 2 || s.Title != "Kettlewick" {
		t.Errorf("after a second change: %+v", s)
	}
	var kept string
	if err := b.pool.QueryRow(t.Context(), `SELECT s.settings->>'origins' || coalesce(w.settings->>'origins', ' once') FROM sites s JOIN site_widgets w USING (site_id)`).Scan(&kept); err != nil || !strings.HasSuffix(kept, " once") {
		t.Errorf("origins are stored twice: %s, %v", kept, err)
	}
	b.set(t, "shop", `{"origins":[]}`)
	if s = b.site(t, "shop"); len(s.Settings.Origins) != 0 {
		t.Errorf("taken away: %v", s.Settings.Origins)
	}
	if other := b.site(t, "other"); other.Version != 0 || other.Settings.Hidden != nil {
		t.Errorf("another site changed: %+v", other)
	}
	_, err := b.store.Change(t.Context(), "nobody", func(s settings.Settings) (settings.Settings, error) { return s, nil })
	if !errors.Is(err, settings.ErrNoSite) {
		t.Errorf("a site that is not: %v", err)
	}
}

func TestStore_ChangesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			_, err := b.store.Change(t.Context(), "shop", func(s settings.Settings) (settings.Settings, error) {
				s.Hidden = append(s.Hidden, fmt.Sprintf("/p%d", i))
				return s, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s := b.site(t, "shop"); len(s.Settings.Hidden) != 12 || s.Version != 12 {
		t.Errorf("%d kept, version %d", len(s.Settings.Hidden), s.Version)
	}
}

func TestStore_AnAddressLeadsToOneSite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.set(t, "shop", `{"help":{"domain":"help.example","path":"/a"}}`)
	b.set(t, "other", `{"help":{"domain":"help.example","path":"/b"}}`)
	_, err := b.store.Change(t.Context(), "other", func(s settings.Settings) (settings.Settings, error) {
		s.Help.Path = "/a"
		return s, nil
	})
	if !errors.Is(err, ErrPlaceTaken) {
		t.Errorf("the same place: %v", err)
	}
}

func TestStore_CountsRulesOfTheSiteAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.set(t, "shop", `{"proactive":{"on":true,"rules":[{"id":"cart","say":{"en":"x"},"when":{"seconds":1}}]}}`)
	shop, other := b.site(t, "shop").ID, b.site(t, "other").ID
	for range 3 {
		if err := b.store.CountRule(t.Context(), shop, "cart", "shown"); err != nil {
			t.Fatal(err)
		}
	}
	b.now = b.now.AddDate(0, 0, 1)
	for _, event := range []string{"shown", "taken", "declined"} {
		if err := b.store.CountRule(t.Context(), shop, "cart", event); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		site        int32
		rule, event string
		want        error
	}{
		"a rule that is not":   {shop, "nope", "shown", ErrNoRule},
		"another site's":       {other, "cart", "shown", ErrNoRule},
		"an event that is not": {shop, "cart", "liked", ErrRuleEvent},
	} {
		if err := b.store.CountRule(t.Context(), tc.site, tc.rule, tc.event); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := b.store.TakeUps(t.Context(), shop, b.now.AddDate(0, 0, -7))
	if err != nil || len(got) != 1 || got[0] != (TakeUp{"cart", 4, 1, 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = b.store.TakeUps(t.Context(), shop, b.now); err != nil || got[0].Shown != 1 {
		t.Errorf("of today: %+v, %v", got, err)
	}
}

func TestStore_NamesAPartThatIsAway(t *testing.T) {
	t.Parallel()
	store, err := New(away(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.All(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("kind %v of %v", fault.KindOf(err), err)
	}
}

// away is a pool whose server is not there.
func away(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestQueries_Prepare(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, sql := range map[string]string{
		"all": selectAll, "lock": lockSite, "one": selectOne, "upsert": upsertSettings, "origins": updateOrigins, "count": countRule, "take-up": selectTakeUp,
	} {
		args := pgx.NamedArgs{"name": "", "site": 0, "settings": "{}", "at": time.Now(), "origins": "[]", "rule": "", "day": time.Now(), "event": "", "from": time.Now()}
		rows, err := b.pool.Query(t.Context(), sql, args)
		if err == nil {
			rows.Close()
			err = rows.Err()
		}
		if err != nil && fault.KindOf(err) == fault.Internal && !strings.Contains(err.Error(), "violates") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
