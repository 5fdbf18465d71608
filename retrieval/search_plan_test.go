package retrieval

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestSearch_FollowsThePlanOfTheQuestionsLanguageAndOfWhatTookPart(t *testing.T) {
	t.Parallel()
	away := func(context.Context, []string) ([][]float32, error) { return nil, errAway }
	hang := func(ctx context.Context, _ []string) ([][]float32, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for name, row := range map[string]struct {
		lang     string
		change   func(*twoModels)
		plan     string
		models   []string
		degraded []string
		late     bool
	}{
		"English by both": {lang: "en", plan: "both", models: []string{"one/r/4", "two/r/4"}, late: true},
		"German by the first, and the second is not asked": {lang: "de", plan: "single", models: []string{"one/r/4"}, late: true, change: func(w *twoModels) {
			w.second.embed = func(context.Context, []string) ([][]float32, error) { panic("asked a German question") }
		}},
		"the second is away": {
			lang: "en", plan: "single", models: []string{"one/r/4"}, degraded: []string{DegradedEmbedder}, late: true,
			change: func(w *twoModels) { w.second.embed = away },
		},
		"the second is slow": {
			lang: "en", plan: "single", models: []string{"one/r/4"}, degraded: []string{DegradedEmbedder}, late: true,
			change: func(w *twoModels) { w.second.embed, w.searcher.cfg.EmbedBudget = hang, 5*time.Millisecond },
		},
		"the second answers nonsense": {
			lang: "en", plan: "single", models: []string{"one/r/4"}, degraded: []string{DegradedEmbedder}, late: true,
			change: func(w *twoModels) {
				w.second.embed = func(context.Context, []string) ([][]float32, error) { return [][]float32{{1}}, nil }
			},
		},
		"the first is away: by words, and the second alone is no good": {
			lang: "en", degraded: []string{DegradedEmbedder},
			change: func(w *twoModels) { w.first.embed = away },
		},
		"knowledge from before the second": {
			lang: "en", plan: "single", models: []string{"one/r/4"}, late: true,
			change: func(w *twoModels) { w.store.current.Stats.Models = []string{"one/r/4"} },
		},
		"knowledge of no known model": {
			lang: "en", degraded: []string{DegradedVectors},
			change: func(w *twoModels) { w.store.current.Stats.Models = []string{"three/r/4"} },
		},
		"nothing English in it": {lang: "en", plan: "single", models: []string{"one/r/4", "two/r/4"}, late: true, change: func(w *twoModels) {
			found := w.store.found
			w.store.found = func(n Needle) (Candidates, error) {
				c, err := found(n)
				c.HasSecond = false
				return c, err
			}
		}},
		"the second without tokens":    {lang: "en", plan: "both bare", models: []string{"one/r/4", "two/r/4"}, change: func(w *twoModels) { w.second.dims = 0 }},
		"a first model without tokens": {lang: "de", plan: "single bare", models: []string{"one/r/4"}, change: func(w *twoModels) { w.first.dims = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTwoModels(t, nil, text{1, "en", "the lid leaks", []string{"the lid leaks"}}, text{2, "en", "refund", []string{"refund"}})
			if row.change != nil {
				row.change(w)
			}
			ev := w.search(t, "the lid leaks", row.lang)
			if ev.Plan != row.plan || !slices.Equal(ev.Models, row.models) || !slices.Equal(ev.Degraded, row.degraded) || ev.Late != row.late || len(ev.Hits) != 2 {
				t.Errorf("plan %q, models %v, degraded %v, late %v, %d hits", ev.Plan, ev.Models, ev.Degraded, ev.Late, len(ev.Hits))
			}
		})
	}
}

func TestSearch_AnotherSingleModelIsJudgedAsBefore(t *testing.T) {
	t.Parallel()
	w := newTwoModels(t, nil, text{1, "en", "the lid leaks", []string{"the lid leaks"}}, text{2, "en", "refund", []string{"refund"}})
	w.store.current.Stats.Models = []string{"remote-embedding/1536"}
	remote := newTokened("remote-embedding", nil)
	remote.model.Name = "remote-embedding/1536"
	r := w.searcher.ranking
	s, err := NewSearcher(SearchDeps{Store: w.store, Embedder: remote, Tokens: w.tokens, Terms: testTerms, Detect: testDetect}, SearchConfig{Ranking: &r})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Find(t.Context(), Query{Site: 1, Text: "the lid leaks", Lang: "en"})
	if err != nil || f.Plan != nil {
		t.Fatalf("plan %v: %v", f.Plan, err)
	}
	ev, err := s.Search(t.Context(), Query{Site: 1, Text: "the lid leaks", Lang: "en"})
	if err != nil || ev.Plan != "" || ev.Late || remote.tokens.Load() != 0 || w.tokens.trips != 0 {
		t.Errorf("plan %q, late %v, %d asked for tokens, %d trips for them: %v", ev.Plan, ev.Late, remote.tokens.Load(), w.tokens.trips, err)
	}
	// Number for number what WithVectors says by itself.
	var want Evidence
	list := r.WithVectors.rank(f.Candidates, "en")
	want.Features = features(f, list)
	if want.P = r.WithVectors.Evidence.P(want.Features); ev.P != want.P || ev.Hits[0].ArticleID != list[0].lead.ArticleID || ev.Hits[0].Score != list[0].lead.score {
		t.Errorf("P %g and %s by %g, want %g and %s by %g", ev.P, ev.Hits[0].ArticleID, ev.Hits[0].Score, want.P, list[0].lead.ArticleID, list[0].lead.score)
	}
}

func TestNewSearcher_TakesOneFurtherModelOnly(t *testing.T) {
	t.Parallel()
	more := []Space{{Embedder: newTokened("two", nil)}, {Embedder: newTokened("three", nil)}}
	if _, err := NewSearcher(SearchDeps{Store: &memory{}, Terms: testTerms, Detect: testDetect, Embedder: newScripted(nil), More: more}, SearchConfig{}); err == nil {
		t.Error("three models were accepted")
	}
}
