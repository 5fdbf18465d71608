package pgvec

import (
	"encoding/json"
	"errors"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestSites_TheFirstIsTheDefaultAndNamesAreUnique(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, added, err := b.store.AddSite(b.ctx, "one")
	if err != nil || !added || !one.Default {
		t.Fatalf("%+v %v %v", one, added, err)
	}
	two, added, err := b.store.AddSite(b.ctx, "two")
	if err != nil || !added || two.Default || two.ID == one.ID {
		t.Fatalf("%+v %v %v", two, added, err)
	}
	again, added, err := b.store.AddSite(b.ctx, "one")
	if err != nil || added || again.ID != one.ID {
		t.Errorf("%+v %v %v", again, added, err)
	}
	if err := b.store.SetDefault(b.ctx, "two"); err != nil {
		t.Fatal(err)
	}
	list, err := b.store.Sites(b.ctx)
	if err != nil || len(list) != 2 || list[0].Default || !list[1].Default {
		t.Errorf("%+v %v", list, err)
	}
	for _, bad := range []string{"", "UPPER", "-x", "a b", "a/b", "ä"} {
		if _, _, err := b.store.AddSite(b.ctx, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, want Invalid", bad, err)
		}
	}
	if _, err := b.store.Site(b.ctx, "three"); !errors.Is(err, retrieval.ErrNoSite) {
		t.Errorf("%v, want ErrNoSite", err)
	}
}

func TestSites_SettingsChangeAndAnErrorChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.site("shop")
	set := func(v string, fail error) error {
		return b.store.UpdateSettings(b.ctx, "shop", func(json.RawMessage) (json.RawMessage, error) { return json.RawMessage(v), fail })
	}
	if err := set(`{"queue":"main"}`, nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := set(`{}`, broken); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	s, err := b.store.Site(b.ctx, "shop")
	if err != nil || string(s.Settings) != `{"queue": "main"}` {
		t.Errorf("%s %v", s.Settings, err)
	}
	if err := b.store.UpdateSettings(b.ctx, "nope", func(r json.RawMessage) (json.RawMessage, error) { return r, nil }); !errors.Is(err, retrieval.ErrNoSite) {
		t.Errorf("%v, want ErrNoSite", err)
	}
}

func TestSites_RemovingOneLeavesNoRowOfItAndTouchesNoOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.site("one"), b.site("two")
	b.ingest(one, article("kettle", "lid\n\nspout"))
	b.ingest(two, article("kettle", "lid\n\nspout"))
	before := map[string]int{}
	for _, table := range knowledgeTables() {
		before[table] = b.count(table, two)
		if before[table] == 0 {
			t.Fatalf("%s: nothing to remove", table)
		}
	}
	if err := b.store.RemoveSite(b.ctx, one); err != nil {
		t.Fatal(err)
	}
	for _, table := range knowledgeTables() {
		if n := b.count(table, one); n != 0 {
			t.Errorf("%s: %d rows stay", table, n)
		}
		if n := b.count(table, two); n != before[table] {
			t.Errorf("%s: %d rows of the other site, were %d", table, n, before[table])
		}
	}
	if err := b.store.RemoveSite(b.ctx, one); !errors.Is(err, retrieval.ErrNoSite) {
		t.Errorf("again: %v", err)
	}
}
