package triage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// clock is set by hand.
type clock struct{ ns atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

func newSites(t *testing.T, store siteStore, c *clock, embed EmbedFunc) *Sites {
	t.Helper()
	learned, err := model.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSites(SitesDeps{Store: store, Model: learned, Embed: embed, Now: c.now}, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSites_TwoInstancesSeeAChangeWithoutARestart(t *testing.T) {
	t.Parallel()
	store, c := &memoryStore{stamp: Stamp{Generation: 1}, articles: []Article{{ID: "a", Desk: "service"}}}, &clock{}
	one, two := newSites(t, store, c, nil), newSites(t, store, c, nil)
	desk := func(s *Sites) Desk {
		site, err := s.Site(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		best, _ := site.label(&retrieval.Neighbour{ID: "a", Desk: "service"}).desks.Best()
		return best
	}
	if desk(one) != Service || desk(two) != Service {
		t.Fatal("before")
	}
	store.change(func() { store.site.Settled = map[string]Label{"a": {Article: "a", Desk: Support}} })
	if desk(one) != Service {
		t.Error("read again within the time that it is kept")
	}
	c.advance(3 * time.Second)
	if desk(one) != Support || desk(two) != Support {
		t.Error("the change was not seen")
	}
	reads := store.reads
	c.advance(time.Hour)
	if desk(one); store.reads != reads {
		t.Error("nothing changed, and all was read again")
	}
}

func TestSites_WithoutTheDatabaseWhatWasReadServesOn(t *testing.T) {
	t.Parallel()
	store, c := &memoryStore{away: true}, &clock{}
	s := newSites(t, store, c, nil)
	if _, err := s.Site(t.Context(), 1); !errors.Is(err, errAway) {
		t.Errorf("nothing was ever read: %v", err)
	}
	d := decide(t, newEngine(t, s), Message{Site: 1, Text: "my kettle leaks"}, found(article("a", "support", "faults", "")))
	if !d.UnsureOf("site") || d.Desk != Support {
		t.Errorf("%s %+v", d.Desk, d.Unsure)
	}
	store.away = false
	if _, err := s.Site(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	store.away = true
	c.advance(time.Hour)
	if _, err := s.Site(t.Context(), 1); err != nil {
		t.Errorf("what was read before: %v", err)
	}
}

func TestSites_ArticlesWithoutLabelsGetSuggestions(t *testing.T) {
	t.Parallel()
	store, c := &memoryStore{stamp: Stamp{Generation: 1}, articles: []Article{{ID: "delivery/times"}, {ID: "b", Desk: "support"}}}, &clock{}
	site, err := newSites(t, store, c, nil).Site(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := site.Suggested["delivery/times"]
	if got.Topic != "delivery" || got.DeskP.sum() == 0 || got.Why == "" {
		t.Errorf("%+v", got)
	}
	if site.label(&retrieval.Neighbour{ID: "b", Desk: "support"}).from != FromOwner {
		t.Error("what the owner said was suggested over")
	}
}

// listSite is a site of five entries with six questions each, embedded in five
// directions.
func listSite() (*memoryStore, EmbedFunc, *atomic.Int32) {
	store := &memoryStore{stamp: Stamp{Generation: 1}}
	for e := range 5 {
		store.articles = append(store.articles, Article{ID: fmt.Sprintf("entry%d", e), Title: fmt.Sprintf("ENTRY_%d", e), Desk: []string{"service", "support"}[e%2]})
		for q := range 6 {
			store.questions = append(store.questions, Question{Article: fmt.Sprintf("entry%d", e), Text: fmt.Sprintf("%d question %d", e, q)})
		}
	}
	var calls atomic.Int32
	return store, func(_ context.Context, texts []string) ([]Embedded, error) {
		calls.Add(1)
		out := Embedded{Model: retrieval.Model{Name: LocalModel + "/int8-2/384", Dims: 384}}
		for _, text := range texts {
			out.Vecs = append(out.Vecs, direction(text))
		}
		return []Embedded{out}, nil
	}, &calls
}

// direction is a vector that says which entry a text names, and a little of
// itself.
func direction(text string) []float32 {
	v := make([]float32, 384)
	for i := range 5 {
		for _, r := range text {
			if int(r-'0') == i {
				v[i] = .95
				break
			}
		}
	}
	sum := float32(0)
	for _, r := range text {
		v[10+int(r)%300] += .02
	}
	for _, x := range v {
		sum += x * x
	}
	for i := range v {
		v[i] /= sqrt32(sum)
	}
	return v
}

func sqrt32(x float32) float32 {
	r := x
	for range 20 {
		r = (r + x/r) / 2
	}
	return r
}

func TestSites_AListIsLearnedOnceAndKept(t *testing.T) {
	t.Parallel()
	store, embed, calls := listSite()
	c := &clock{}
	site, err := newSites(t, store, c, embed).Wait(t.Context(), 1)
	if err != nil || site.List == nil {
		t.Fatalf("%v, %v", site, err)
	}
	if len(site.List.Entries) != 5 || store.list == nil {
		t.Fatalf("%d entries, kept %d bytes", len(site.List.Entries), len(store.list))
	}
	other, err := newSites(t, store, c, embed).Wait(t.Context(), 1)
	if err != nil || other.List == nil || calls.Load() != 1 {
		t.Errorf("another process learned it again: %d calls, %v", calls.Load(), err)
	}
	e := newEngine(t, fixed{site})
	ev := found(article("entry0", "service", "", ""))
	ev.Around.Vectors[0].Vec = direction("3 is what I want")
	d := decide(t, e, Message{Site: 1, Text: "3 is what I want", Explain: true}, ev)
	whole(t, "3 is what I want", d)
	if d.Article != "entry3" || d.ArticleP < .5 {
		t.Errorf("%s %.2f", d.Article, d.ArticleP)
	}
	known := d.InScopeP
	ev.Around.Vectors[0].Vec = direction("zzz")
	if d := decide(t, e, Message{Site: 1, Text: "zzz"}, ev); d.InScopeP >= known {
		t.Errorf("a stranger is in scope at %.2f, a question of the list at %.2f", d.InScopeP, known)
	}
}

func TestSites_AListThatCannotBeLearnedIsTriedAgain(t *testing.T) {
	t.Parallel()
	store, embed, _ := listSite()
	c := &clock{}
	var away atomic.Bool
	away.Store(true)
	s := newSites(t, store, c, func(ctx context.Context, texts []string) ([]Embedded, error) {
		if away.Load() {
			return nil, errAway
		}
		return embed(ctx, texts)
	})
	if site, err := s.Wait(t.Context(), 1); err != nil || site.List != nil {
		t.Fatalf("%v, %v", site.List, err)
	}
	away.Store(false)
	c.advance(2 * time.Minute)
	if site, err := s.Wait(t.Context(), 1); err != nil || site.List == nil {
		t.Errorf("not tried again: %v", err)
	}
}

// fixed is one site for all.
type fixed struct{ site *Site }

func (f fixed) Site(context.Context, retrieval.SiteID) (*Site, error) { return f.site, nil }

func TestIsList_TakesExamplesEnough(t *testing.T) {
	t.Parallel()
	store, _, _ := listSite()
	if !isList(store.articles, store.questions) {
		t.Error("five entries with six questions each are no list")
	}
	if isList(store.articles, store.questions[:8]) {
		t.Error("two entries with questions are a list")
	}
	if isList(append(store.articles, make([]Article, 40)...), store.questions) {
		t.Error("a help centre where few articles have questions is a list")
	}
	if isList(nil, nil) {
		t.Error("nothing is a list")
	}
}
