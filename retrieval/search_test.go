package retrieval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fault"
)

func newTestSearcher(t *testing.T, m *memory, e Embedder, cfg SearchConfig) *Searcher {
	t.Helper()
	s, err := NewSearcher(SearchDeps{Store: m, Embedder: e, Terms: testTerms, Detect: testDetect}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// published is a store with one generation and one passage in it.
func published(langs ...string) *memory {
	m := &memory{current: Generation{Number: 3, Stats: GenerationStats{Languages: langs, Models: []string{"scripted/4"}}}}
	m.found = func(n Needle) (Candidates, error) {
		c := Candidates{Generation: m.current.Number, Sections: 10, Terms: []TermUse{{Term: "lid", DF: 1, Rarity: 2}}}
		k := Candidate{Passage: Passage{ArticleNo: 1, Chunk: 1, ArticleID: "kettle", Text: "The lid opens."}, ChunkNo: 1, Words: 3, BM25: 2, ArticleBM25: 2, Coverage: 2, ArticleCoverage: 2}
		if len(n.Vecs) > 0 {
			c.HasVectors = true
			k.Cosine, k.Middle = 0.9, 0.9
		}
		c.List = []Candidate{k}
		return c, nil
	}
	return m
}

func TestSearch_AsksBothArmsOnceAndJudges(t *testing.T) {
	t.Parallel()
	m, e := published("en"), newScripted(nil)
	s := newTestSearcher(t, m, e, SearchConfig{})
	ev, err := s.Search(t.Context(), Query{Site: 1, Text: " my lid ", Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	if ev.Generation != 3 || len(ev.Hits) != 1 || ev.P <= 0 || ev.P >= 1 || len(ev.Degraded) != 0 || !slices.Equal(ev.Models, []string{"scripted/4"}) {
		t.Errorf("%+v", ev)
	}
	if len(ev.Hits[0].Why) == 0 || len(ev.Why) == 0 || len(ev.Features) == 0 {
		t.Errorf("it does not explain itself: %+v", ev)
	}
	if len(m.needles) != 1 || !slices.Equal(m.needles[0].Terms, []string{"my", "lid"}) || e.texts[0] != "my lid" {
		t.Errorf("%d trips: %+v", len(m.needles), m.needles)
	}
}

func TestSearch_GoesOnByWordsAloneAndSaysSo(t *testing.T) {
	t.Parallel()
	for name, embed := range map[string]func(ctx context.Context, texts []string) ([][]float32, error){
		"away":                func(context.Context, []string) ([][]float32, error) { return nil, errAway },
		"an error of no kind": func(context.Context, []string) ([][]float32, error) { return nil, errors.New("oops") },
		"slower than the budget": func(ctx context.Context, _ []string) ([][]float32, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"two vectors":      func(context.Context, []string) ([][]float32, error) { return unitVectors(2), nil },
		"no vector":        func(context.Context, []string) ([][]float32, error) { return nil, nil },
		"other dimensions": func(context.Context, []string) ([][]float32, error) { return [][]float32{{1}}, nil },
		"NaN":              func(context.Context, []string) ([][]float32, error) { return [][]float32{{nan(), 0, 0, 0}}, nil },
		"zero":             func(context.Context, []string) ([][]float32, error) { return [][]float32{{0, 0, 0, 0}}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, e := published("en"), newScripted(embed)
			s := newTestSearcher(t, m, e, SearchConfig{EmbedBudget: 5 * time.Millisecond})
			ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid"})
			if err != nil || len(ev.Hits) != 1 || !slices.Equal(ev.Degraded, []string{DegradedEmbedder}) || len(ev.Models) != 0 || len(m.needles[0].Vecs) > 0 {
				t.Fatalf("%+v %v", ev, err)
			}
			// The embedder is well again: so is the next search, by itself.
			e.embed = nil
			if ev, err = s.Search(t.Context(), Query{Site: 1, Text: "lid"}); err != nil || len(ev.Degraded) != 0 {
				t.Errorf("%+v %v", ev, err)
			}
		})
	}
}

func TestSearch_AQuestionThatCannotBeEmbeddedDegradesNothing(t *testing.T) {
	t.Parallel()
	m := published("en")
	bad := fault.New(fault.Invalid, "zero", "zero")
	e := newScripted(func(context.Context, []string) ([][]float32, error) { return nil, bad })
	s, err := NewSearcher(SearchDeps{
		Store: m, Embedder: e, Terms: testTerms, Detect: testDetect,
		Blamed: func(err error) (int, bool) { return 0, errors.Is(err, bad) },
	}, SearchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ev, err := s.Search(t.Context(), Query{Site: 1, Text: "🫖"})
	if err != nil || len(ev.Degraded) != 0 || len(ev.Models) != 0 || len(ev.Hits) != 1 || len(m.needles[0].Vecs) > 0 {
		t.Errorf("%+v %v", ev, err)
	}
}

func TestSearch_NoEmbedderAtAll(t *testing.T) {
	t.Parallel()
	ev, err := newTestSearcher(t, published("en"), nil, SearchConfig{}).Search(t.Context(), Query{Site: 1, Text: "lid"})
	if err != nil || !slices.Equal(ev.Degraded, []string{DegradedEmbedder}) || len(ev.Hits) != 1 {
		t.Errorf("%+v %v", ev, err)
	}
}

func TestSearch_KnowledgeWithoutThisModelsVectors(t *testing.T) {
	t.Parallel()
	for name, models := range map[string][]string{"of another model": {"other/4"}, "ingested without": nil} {
		m, e := published("en"), newScripted(nil)
		m.current.Stats.Models = models
		ev, err := newTestSearcher(t, m, e, SearchConfig{}).Search(t.Context(), Query{Site: 1, Text: "lid"})
		if err != nil || !slices.Equal(ev.Degraded, []string{DegradedVectors}) || e.calls() != 0 {
			t.Errorf("%s: %+v %v, %d calls", name, ev, err, e.calls())
		}
	}
}

func TestSearch_ACallerWhoGivesUpGetsAnErrorNotWordsAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	e := newScripted(func(context.Context, []string) ([][]float32, error) {
		cancel()
		return nil, context.Canceled
	})
	if _, err := newTestSearcher(t, published("en"), e, SearchConfig{}).Search(ctx, Query{Site: 1, Text: "lid"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSearch_RefusesWhatIsNoQuestion(t *testing.T) {
	t.Parallel()
	s := newTestSearcher(t, published("en"), newScripted(nil), SearchConfig{})
	for name, text := range map[string]string{
		"empty": "", "blank": " \n\t ", "no-break spaces": "\u00a0\u2003", "zero width": "\u200b\u200d\ufeff", "bidirectional marks": "\u202e\u2066", "NUL": "\x00",
	} {
		if _, err := s.Search(t.Context(), Query{Site: 1, Text: text}); !errors.Is(err, ErrQuestion) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, k := range []int{-1, MaxK + 1} {
		if _, err := s.Search(t.Context(), Query{Site: 1, Text: "lid", K: k}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("k %d: %v", k, err)
		}
	}
	for _, text := range []string{"🫖", "?", strings.Repeat("x ", 50_000), "\xff\xfe", "'; DROP TABLE sites; --"} {
		if _, err := s.Search(t.Context(), Query{Site: 1, Text: text}); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestSearch_StemsByTheQuestionsLanguageAndTheSitesOwn(t *testing.T) {
	t.Parallel()
	m := published("en", "de")
	s := newTestSearcher(t, m, newScripted(nil), SearchConfig{})
	if _, err := s.Search(t.Context(), Query{Site: 1, Text: "kann ich kochen"}); err != nil {
		t.Fatal(err)
	}
	// As German "koch", as English "kochen": a wrong guess costs little.
	if got := m.needles[0].Terms; !slices.Contains(got, "koch") || !slices.Contains(got, "kochen") || len(got) != 4 {
		t.Errorf("%q", got)
	}
}

func TestSearch_OfALongMessageTheBeginningAndTheEndCount(t *testing.T) {
	t.Parallel()
	m := published("en")
	s := newTestSearcher(t, m, newScripted(nil), SearchConfig{MaxTerms: 10})
	var words []string
	for i := range 1000 {
		words = append(words, "w"+strings.Repeat("x", i%40)+string(rune('a'+i%26))+strings.Repeat("y", i/40))
	}
	if _, err := s.Search(t.Context(), Query{Site: 1, Text: strings.Join(words, " ")}); err != nil {
		t.Fatal(err)
	}
	got := m.needles[0].Terms
	if len(got) != 10 || got[0] != words[0] || got[9] != words[999] {
		t.Errorf("%d terms: %q", len(got), got)
	}
}

func TestSearch_LooksAgainAfterAnotherGenerationWasPublished(t *testing.T) {
	t.Parallel()
	m := published("en")
	s := newTestSearcher(t, m, newScripted(nil), SearchConfig{})
	ask := func() Evidence {
		ev, err := s.Search(t.Context(), Query{Site: 1, Text: "kochen"})
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	ask()
	m.mu.Lock()
	m.current.Number, m.current.Stats.Languages = 4, []string{"de"}
	m.mu.Unlock()
	if ev := ask(); ev.Generation != 4 {
		t.Errorf("generation %d", ev.Generation)
	}
	ask()
	if last := m.needles[2].Terms; !slices.Equal(last, []string{"koch"}) {
		t.Errorf("after the second look it still stems as before: %q", last)
	}
}

func TestSearch_ADatabaseErrorKeepsItsKind(t *testing.T) {
	t.Parallel()
	m := published("en")
	m.found = func(Needle) (Candidates, error) { return Candidates{}, errAway }
	if _, err := newTestSearcher(t, m, newScripted(nil), SearchConfig{}).Search(t.Context(), Query{Site: 1, Text: "lid"}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestNewSearcher_NamesTheWrongField(t *testing.T) {
	t.Parallel()
	deps := SearchDeps{Store: &memory{}, Terms: testTerms, Detect: testDetect}
	for name, cfg := range map[string]SearchConfig{"EmbedBudget": {EmbedBudget: -1}, "Candidates": {Candidates: -1}, "MaxTerms": {MaxTerms: 1}, "bm25": {Ranking: &Ranking{}}} {
		if _, err := NewSearcher(deps, cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
