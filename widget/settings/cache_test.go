package settings

import (
	"context"
	"errors"
	"testing"
	"time"
)

type sites struct {
	list  []Site
	err   error
	reads int
}

func (s *sites) All(context.Context) ([]Site, error) {
	s.reads++
	return s.list, s.err
}

func TestCache_FindsSitesAndKeepsThemAWhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	st := &sites{list: []Site{
		{ID: 1, Name: "a", Settings: Settings{Help: Place{Domain: "help.example"}}},
		{ID: 2, Name: "b", Default: true, Settings: Settings{Help: Place{Domain: "help.example", Path: "/support"}}},
		{ID: 3, Name: "c", Settings: Settings{Help: Place{Domain: "c.example:8443", Path: "/"}}},
		{ID: 4, Name: "d", Settings: Settings{Help: Place{Domain: "help.example", Path: "/support/more"}}},
	}}
	c, err := NewCache(st, func() time.Time { return now }, 0)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.ByName(t.Context(), ""); err != nil || s.Name != "b" {
		t.Errorf("the default: %+v, %v", s, err)
	}
	if _, err := c.ByName(t.Context(), "z"); !errors.Is(err, ErrNoSite) {
		t.Errorf("one that is not: %v", err)
	}
	if _, err := c.ByID(t.Context(), 9); !errors.Is(err, ErrNoSite) {
		t.Errorf("one that is not: %v", err)
	}
	for _, tc := range []struct {
		host, path, site, base string
	}{
		{"help.example", "/help", "a", "/help"},
		{"HELP.example", "/help/x", "a", "/help"},
		{"help.example", "/helpful", "", ""},
		{"help.example", "/support", "b", "/support"},
		{"help.example", "/support/x", "b", "/support"},
		{"help.example", "/support/more/x", "d", "/support/more"},
		{"c.example:8443", "/", "c", ""},
		{"c.example:8443", "/x", "c", ""},
		{"c.example", "/x", "", ""},
		{"evil.example", "/help", "", ""},
	} {
		s, base, ok := c.At(t.Context(), tc.host, tc.path)
		if s.Name != tc.site || base != tc.base || ok != (tc.site != "") {
			t.Errorf("%s%s: %q at %q", tc.host, tc.path, s.Name, base)
		}
	}
	if st.reads != 1 {
		t.Errorf("%d reads", st.reads)
	}
	now, st.err = now.Add(3*time.Second), errors.New("away")
	if _, err := c.ByName(t.Context(), "a"); err != nil || st.reads != 2 {
		t.Errorf("what was read last is gone on with: %v after %d reads", err, st.reads)
	}
}

// A site that was made after the list was read is there at once, and a name that
// nobody has does not ask the store each time.
func TestCache_FindsASiteThatWasJustMade(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	st := &sites{list: []Site{{ID: 1, Name: "a"}}}
	c, err := NewCache(st, func() time.Time { return now }, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ByName(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	st.list = append(st.list, Site{ID: 2, Name: "b"})
	now = now.Add(missedAge)
	if s, err := c.ByName(t.Context(), "b"); err != nil || s.ID != 2 {
		t.Errorf("got %+v, %v", s, err)
	}
	before := st.reads
	for range 10 {
		if _, err := c.ByName(t.Context(), "z"); !errors.Is(err, ErrNoSite) {
			t.Errorf("one that is not: %v", err)
		}
	}
	if st.reads != before {
		t.Errorf("the store was asked %d times for what it just had not", st.reads-before)
	}
}

func TestCache_SaysWhereNothingWasEverRead(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	st := &sites{err: errors.New("away")}
	c, err := NewCache(st, func() time.Time { return now }, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.ByName(t.Context(), "a"); !errors.Is(err, st.err) {
			t.Errorf("got %v", err)
		}
	}
	if _, _, ok := c.At(t.Context(), "help.example", "/"); ok || st.reads != 1 {
		t.Errorf("%d reads of a store that is away", st.reads)
	}
	st.err, st.list = nil, []Site{{ID: 1, Name: "a"}}
	now = now.Add(3 * time.Second)
	if _, err := c.ByName(t.Context(), "a"); err != nil {
		t.Errorf("it is back: %v", err)
	}
}
