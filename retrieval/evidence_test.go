package retrieval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestEvidence_WhatSpeaksForAPassageRaisesP(t *testing.T) {
	t.Parallel()
	r := testRanking(t)
	p := func(asked int, list ...Candidate) float64 {
		var ev Evidence
		r.Judge(&ev, Found{Candidates: candidates(list...), Lang: "en", Asked: asked}, 5, false)
		return ev.P
	}
	held := func(c Candidate, coverage float64) Candidate {
		c.Coverage, c.ArticleCoverage = coverage, 2
		return c
	}
	rest := []Candidate{candidate(2, 2, 1, 0), candidate(3, 3, 0.5, 0), candidate(4, 4, 0, 0)}
	with := func(c Candidate) []Candidate { return append([]Candidate{c}, rest...) }
	strong := p(1, with(held(candidate(1, 1, 4, 2), 2))...)
	for name, weaker := range map[string]float64{
		"a lower cosine":                       p(1, with(held(candidate(1, 1, 1.5, 2), 2))...),
		"a section with fewer of the words":    p(1, with(held(candidate(1, 1, 4, 2), 0.5))...),
		"words that the knowledge lacks":       p(6, with(held(candidate(1, 1, 4, 2), 2))...),
		"another article that is just as near": p(1, append(with(held(candidate(1, 1, 4, 2), 2)), held(candidate(5, 5, 4, 2), 2))...),
	} {
		if weaker >= strong {
			t.Errorf("%s: %.3f, not below %.3f", name, weaker, strong)
		}
	}
}

func TestRanking_TheOneBuiltInSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	r := testRanking(t)
	o := r.Origin
	if o == nil || o.Command == "" || o.Date == "" || o.Model == "" || o.Questions < 100 || o.Threshold == "" || o.ByCrossValidation["log_loss"] == 0 {
		t.Errorf("origin: %+v", o)
	}
	for _, j := range []Judge{r.WithVectors, r.Words} {
		for name := range j.Evidence.Weights {
			if !slices.Contains(evidenceFeatures(), name) {
				t.Errorf("the weight %q is of no feature", name)
			}
		}
	}
}

func TestParseRanking_RefusesWhatRanksNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Ranking){
		"k1 of zero":          func(r *Ranking) { r.BM25.K1 = 0 },
		"b above one":         func(r *Ranking) { r.BM25.B = 1.5 },
		"a negative weight":   func(r *Ranking) { r.WithVectors.Fusion.BM25 = -1 },
		"no weight at all":    func(r *Ranking) { r.Words.Fusion = Fusion{} },
		"threshold of one":    func(r *Ranking) { r.Threshold = 1 },
		"language above one":  func(r *Ranking) { r.Words.Fusion.OtherLanguage = 2 },
		"every term left out": func(r *Ranking) { r.BM25.MaxDF = 0 },
	} {
		r := testRanking(t)
		change(&r)
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseRanking(data); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for name, data := range map[string]string{"no JSON": "{", "an unknown key": `{"bm26":{}}`, "nothing": ""} {
		if _, err := ParseRanking([]byte(data)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestFitEvidence_FindsTheWeightsThatMadeTheData(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	want := []float64{-0.5, 1.5, -1}
	var x [][]float64
	var y []float64
	for range 20_000 {
		row := []float64{1, rng.NormFloat64(), rng.NormFloat64()}
		s := 0.0
		for k := range row {
			s += want[k] * row[k]
		}
		label := 0.0
		if rng.Float64() < sigmoid(s) {
			label = 1
		}
		x, y = append(x, row), append(y, label)
	}
	got := newton(x, y)
	for k := range want {
		if math.Abs(got[k]-want[k]) > 0.07 {
			t.Errorf("weight %d: %.3f, want %.3f", k, got[k], want[k])
		}
	}
}

// examplesWhereWordsDecide are questions whose right article has the words and
// whose wrong one has the slightly higher cosine.
func examplesWhereWordsDecide(n int) []Example {
	var out []Example
	for i := range n {
		right, wrong := candidate(1, 1, 1, 1.5), candidate(2, 2, 1.4, 0)
		right.Coverage, right.ArticleCoverage = 2, 2
		if i%5 == 0 {
			right, wrong = candidate(1, 1, 2, 0), candidate(2, 2, 1, 0.5)
		}
		out = append(out, Example{
			Found: Found{Candidates: candidates(right, wrong), Lang: "en", Asked: 1}, Answerable: true,
			RightArticle: func(id string) bool { return id == "a1" },
			Answers:      func(id, _ string) bool { return id == "a1" },
		})
	}
	return out
}

func TestFitJudge_LowersTheLossAndGivesTheSameTwice(t *testing.T) {
	t.Parallel()
	examples := examplesWhereWordsDecide(40)
	start := testJudge()
	start.Fusion.BM25, start.Fusion.ArticleBM25 = 0.1, 0.1
	loss := func(j Judge) float64 {
		sum := 0.0
		for i := range examples {
			l, _ := rankingLoss(&examples[i], j)
			sum += l
		}
		return sum
	}
	one, two := FitJudge(examples, start), FitJudge(examples, start)
	a, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(two)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("two fits differ:\n%s\n%s", a, b)
	}
	if loss(one) >= loss(start) || one.Fusion.BM25 <= start.Fusion.BM25 || !one.Fusion.valid() {
		t.Errorf("loss %.3f after, %.3f before: %+v", loss(one), loss(start), one.Fusion)
	}
	if strings.Contains(string(a), "NaN") {
		t.Error("a weight is no number")
	}
}

func TestFitJudge_WithNothingToLearnFromKeepsItsStart(t *testing.T) {
	t.Parallel()
	start := testJudge()
	if got := FitJudge(nil, start); got.Fusion != start.Fusion || got.Section != start.Section {
		t.Errorf("%+v", got)
	}
}
