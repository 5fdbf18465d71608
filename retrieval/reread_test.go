package retrieval

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// crossReader is a Reranker whose answers a test writes.
type crossReader struct {
	answer func(passages []string) ([]float64, error)
	calls  int
	passed []string
}

func (r *crossReader) Rerank(_ context.Context, _ string, passages []string) ([]float64, error) {
	r.calls++
	r.passed = passages
	return r.answer(passages)
}

// holding likes the passages that hold a word.
func holding(word string) func([]string) ([]float64, error) {
	return func(passages []string) ([]float64, error) {
		out := make([]float64, len(passages))
		for i, p := range passages {
			if strings.Contains(p, word) {
				out[i] = 1
			}
		}
		return out, nil
	}
}

func reread2(t *testing.T, r *crossReader) (with, without Evidence) {
	t.Helper()
	search := func(r Reranker) Evidence {
		m := &memory{found: func(Needle) (Candidates, error) {
			c := candidates(candidate(1, 1, 3, 0.9), candidate(2, 2, 2, 0.5), candidate(3, 3, 1, 0.4))
			for i := range c.List {
				c.List[i].Text = "passage " + c.List[i].ArticleID
			}
			return c, nil
		}}
		s, err := NewSearcher(SearchDeps{Store: m, Embedder: newScripted(nil), Terms: testTerms, Detect: testDetect, Reranker: r}, SearchConfig{})
		if err != nil {
			t.Fatal(err)
		}
		ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid", Explain: true})
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	return search(r), search(nil)
}

func articleIDs(ev Evidence) (out []string) {
	for _, h := range ev.Hits {
		out = append(out, h.ArticleID)
	}
	return out
}

func TestReranker_PutsTheFirstFewInItsOrderAndTheProbabilityFallsWhereItDisagrees(t *testing.T) {
	t.Parallel()
	r := &crossReader{answer: holding("a3")}
	with, without := reread2(t, r)
	if got := articleIDs(with); !slices.Equal(got, []string{"a3", "a1", "a2"}) || !with.Reread || without.Reread {
		t.Fatalf("order %v (before %v), reread %v", got, articleIDs(without), with.Reread)
	}
	if with.P >= without.P {
		t.Errorf("P %.3f where it disagrees, %.3f before", with.P, without.P)
	}
	if why := strings.Join(with.Hits[0].Why, "\n"); !strings.Contains(why, "read together with the question: 1.000") {
		t.Errorf("the reasons do not say so:\n%s", why)
	}
	if len(r.passed) != 3 || !strings.HasSuffix(r.passed[0], "passage a1") {
		t.Errorf("it read %q", r.passed)
	}
	agrees, without := reread2(t, &crossReader{answer: holding("a1")})
	if agrees.P != without.P || !slices.Equal(articleIDs(agrees), articleIDs(without)) {
		t.Errorf("where it agrees P is %.3f, before %.3f", agrees.P, without.P)
	}
}

func TestReranker_AwayOrTalkingNonsenseLeavesTheOrderAndIsSaid(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func([]string) ([]float64, error){
		"away":         func([]string) ([]float64, error) { return nil, errors.New("away") },
		"too few":      func(p []string) ([]float64, error) { return make([]float64, len(p)-1), nil },
		"no number":    func(p []string) ([]float64, error) { return []float64{0, math.NaN(), 1}, nil },
		"no end to it": func(p []string) ([]float64, error) { return []float64{0, math.Inf(1), 1}, nil },
	} {
		with, without := reread2(t, &crossReader{answer: answer})
		if with.Reread || with.P != without.P || !slices.Equal(articleIDs(with), articleIDs(without)) || !slices.Contains(with.Degraded, DegradedReranker) {
			t.Errorf("%s: %v by %.3f, degraded %v; before %v by %.3f", name, articleIDs(with), with.P, with.Degraded, articleIDs(without), without.P)
		}
	}
}

func TestReranker_IsNotAskedWhereThereIsNothingToOrder(t *testing.T) {
	t.Parallel()
	r := &crossReader{answer: holding("x")}
	m := &memory{found: func(Needle) (Candidates, error) { return candidates(candidate(1, 1, 3, 0.9)), nil }}
	s, err := NewSearcher(SearchDeps{Store: m, Embedder: newScripted(nil), Terms: testTerms, Detect: testDetect, Reranker: r}, SearchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid"}); err != nil || r.calls != 0 || len(ev.Hits) != 1 {
		t.Errorf("%d calls, %d hits: %v", r.calls, len(ev.Hits), err)
	}
}

func TestReranker_AReplacedArticleStaysBehindTheCurrentOne(t *testing.T) {
	t.Parallel()
	old := candidate(1, 1, 3, 0.9)
	old.Superseded = "a2"
	f := Found{Candidates: candidates(old, candidate(2, 2, 1, 0.1)), Lang: "en", Reread: map[int]float64{1: 9, 2: 1}}
	got := f.reordered(testRanking(t).WithVectors.rank(f.Candidates, "en"))
	if got[0].lead.ArticleID != "a2" {
		t.Errorf("the replaced one stands first")
	}
}
