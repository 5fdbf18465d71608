package widget

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/retrieval"
)

func titlesOf(t *testing.T, base, typed string, headers ...string) []string {
	t.Helper()
	got := ask(t, "GET", base+"/help?suggest=1&q="+url.QueryEscape(typed), "", "", "", headers...)
	var s suggestions
	if err := json.Unmarshal([]byte(got.body), &s); err != nil || got.status != 200 || s.Query != typed {
		t.Fatalf("%q: %d %s, %v", typed, got.status, got.body, err)
	}
	var out []string
	for _, i := range s.Items {
		out = append(out, i.Title)
	}
	return out
}

// scripted is a Finder.
type scripted func(retrieval.Query) retrieval.Evidence

func (f scripted) Search(_ context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	return f(q), nil
}

func hit(id, title string) retrieval.Hit {
	return retrieval.Hit{Passage: retrieval.Passage{ArticleID: id, Title: title, Lang: "en"}}
}

func TestSuggest_TitlesThatGoOnFirstThenTheRankingsOrder(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	var mu sync.Mutex
	var asked []retrieval.Query
	base := portal(t, s, &desk{}, func(d *Deps, c *Config) {
		c.SuggestBudget = 10 * time.Second
		d.Finder = scripted(func(q retrieval.Query) retrieval.Evidence {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, q)
			gone := hit("old", "Old")
			gone.Superseded = "returns"
			return retrieval.Evidence{Hits: []retrieval.Hit{hit("window", "How long do I have?"), gone, hit("returns", "Returns & <refunds>"), hit("cards", "Gift <cards>")}}
		})
	})
	for typed, want := range map[string][]string{
		"gif":               {"Gift <cards>", "How long do I have?", "Returns & <refunds>"},
		"how do i s":        {"Returns & <refunds>", "How long do I have?", "Gift <cards>"}, // by the way customers ask
		"rück":              {"Rückgabe", "How long do I have?", "Returns & <refunds>", "Gift <cards>"},
		"something unheard": {"How long do I have?", "Returns & <refunds>", "Gift <cards>"},
		"?!":                nil,
		"":                  nil,
	} {
		if got := titlesOf(t, base, typed); !slices.Equal(got, want) {
			t.Errorf("%q suggests %q, want %q", typed, got, want)
		}
	}
	for _, q := range asked {
		if q.Audience != retrieval.Public || q.Site != 1 || q.K != suggested {
			t.Errorf("asked for %+v", q)
		}
	}
}

func TestSuggest_WordsAloneWhereTheWholeSearchIsLate(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	late := make(chan struct{})
	var audience retrieval.Audience = 99
	base := portal(t, s, &desk{}, func(d *Deps, c *Config) {
		c.SuggestBudget = time.Millisecond
		d.Finder = scripted(func(retrieval.Query) retrieval.Evidence {
			<-late
			return retrieval.Evidence{}
		})
		d.Quick = scripted(func(q retrieval.Query) retrieval.Evidence {
			audience = q.Audience
			return retrieval.Evidence{Hits: []retrieval.Hit{hit("window", "How long do I have?")}}
		})
	})
	// More than may be under way at once: those behind go by words as well.
	for range searchesAtOnce + 2 {
		if got := titlesOf(t, base, "when"); !slices.Equal(got, []string{"How long do I have?"}) {
			t.Errorf("suggested %q", got)
		}
	}
	close(late)
	if audience != retrieval.Public {
		t.Errorf("asked as %v", audience)
	}
}

func TestSuggest_APanicInASearchIsNoEnd(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, func(d *Deps, c *Config) {
		c.SuggestBudget = time.Millisecond
		broken := scripted(func(retrieval.Query) retrieval.Evidence { panic("broken") })
		d.Finder, d.Quick = broken, broken
	})
	if got := titlesOf(t, base, "gif"); !slices.Equal(got, []string{"Gift <cards>"}) {
		t.Errorf("suggested %q", got)
	}
}

func TestCatalogue_MenuAndPopular(t *testing.T) {
	t.Parallel()
	var list []Listed
	for topic, n := range map[string]int{"a": 3, "b": 5, "c": 1, "d": 2, "e": 1, "f": 4, "g": 1, "": 9} {
		for i := range n {
			list = append(list, Listed{Entry: Entry{ID: fmt.Sprintf("%s%d", topic, i), Title: fmt.Sprintf("%s %d", topic, i), Lang: "en"}, Topic: topic})
		}
	}
	slices.SortFunc(list, func(a, b Listed) int { return strings.Compare(a.ID, b.ID) })
	c := newCatalogue(1, list, nil)
	if got := c.busiest(6); !slices.Equal(got, []string{"b", "f", "a", "d", "c", "e"}) {
		t.Errorf("by size: %q", got)
	}
	c = newCatalogue(1, list, map[string]Count{"g0": {Asked: 9}, "a2": {Opened: 5}, "a1": {Opened: 2, Asked: 2}, "gone": {Opened: 99}})
	if got := c.busiest(6); got[0] != "g" || got[1] != "a" || len(got) != 6 {
		t.Errorf("by what is asked: %q", got)
	}
	var popular []string
	for _, a := range c.popular("a", 2) {
		popular = append(popular, a.ID)
	}
	if !slices.Equal(popular, []string{"a1", "a2"}) {
		t.Errorf("popular: %q", popular)
	}
}

func TestCatalogue_KnowsTranslations(t *testing.T) {
	t.Parallel()
	entry := func(id, lang, of string) Listed {
		return Listed{Entry: Entry{ID: id, Title: id, Lang: lang}, Topic: "t", TranslationOf: of}
	}
	c := newCatalogue(1, []Listed{
		entry("de/returns", "de", ""), entry("delivery", "en", ""), entry("delivery-de", "de", ""), entry("lieferung", "de-AT", "delivery"), entry("made-de", "de", ""),
		entry("returns", "en", ""), entry("returns.pt-br", "pt-BR", ""),
	}, nil)
	for id, want := range map[string]string{
		"returns": "de/returns returns returns.pt-br", "de/returns": "de/returns returns returns.pt-br", "delivery": "delivery delivery-de lieferung",
		"made-de": "", "nope": "",
	} {
		var got []string
		for _, a := range c.translations(id) {
			got = append(got, a.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	var german []string
	for _, a := range c.popular("t", 9, "de") {
		german = append(german, a.ID)
	}
	if !slices.Equal(german, []string{"de/returns", "delivery-de", "made-de"}) {
		t.Errorf("for a German reader: %q", german)
	}
}

func TestWords_AreTheSameInEveryLanguage(t *testing.T) {
	t.Parallel()
	v, err := loadWords(wordFiles)
	if err != nil {
		t.Fatal(err)
	}
	if len(v) != 12 {
		t.Fatalf("%d languages", len(v))
	}
	read := func(lang string) map[string]any {
		raw, err := wordFiles.ReadFile("help/words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]any{}
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	english := read("en")
	for lang := range v {
		words := read(lang)
		for key, text := range english {
			said, there := words[key]
			if !there || fmt.Sprint(said) == "" || strings.Count(fmt.Sprint(said), "{}") != strings.Count(fmt.Sprint(text), "{}") {
				t.Errorf("%s: %s is %q", lang, key, said)
			}
		}
		if len(words) != len(english) {
			t.Errorf("%s has %d words, English %d", lang, len(words), len(english))
		}
	}
	if got := v["de"].day(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); got != "1. März 2026" {
		t.Errorf("a day: %s", got)
	}
}

// countless is a shelf whose counts can be held up and changed.
type countless struct {
	*shelves
	lists, asked atomic.Int64
	hold         chan struct{}
}

func (c *countless) Catalogue(ctx context.Context, site Site) ([]Listed, error) {
	c.lists.Add(1)
	return c.shelves.Catalogue(ctx, site)
}

func (c *countless) Counts(context.Context, Site, time.Time) (map[string]Count, error) {
	n := c.asked.Add(1)
	if n > 1 {
		<-c.hold
	}
	return map[string]Count{"cards": {Asked: int(n - 1)}}, nil
}

func TestCatalogues_CountAnewBehindTheReadersBack(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	c := &countless{shelves: &shelves{list: listed()}, hold: make(chan struct{})}
	cats := newCatalogues(c, func() time.Time { return time.Unix(now.Load(), 0) })
	site := Site{ID: 1, Generation: 1}
	read := func() *catalogue {
		t.Helper()
		cat, err := cats.read(t.Context(), site)
		if err != nil {
			t.Fatal(err)
		}
		return cat
	}
	first := read()
	now.Add(int64(countsFor / time.Second))
	for range 3 { // nobody waits, and one alone counts
		if read() != first {
			t.Error("another one already")
		}
	}
	close(c.hold)
	deadline := time.Now().Add(10 * time.Second)
	for read() == first && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	cat := read()
	if i := cat.byID["cards"]; cat.score[i] < 3 || c.asked.Load() != 2 || c.lists.Load() != 1 {
		t.Errorf("score %v after %d counts and %d lists", cat.score[i], c.asked.Load(), c.lists.Load())
	}
	site.Generation = 2
	if read() == cat || c.lists.Load() != 2 {
		t.Error("what was published since is not read")
	}
}
