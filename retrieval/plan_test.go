package retrieval

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// testPlan is a plan that every signal counts in.
func testPlan() *Plan {
	return &Plan{
		Name: "both", Langs: []string{"en"}, Models: []string{"one", "two"}, Tokens: "two",
		Weights: map[string]float64{
			sigCosine: 2, sigCosine2: 3, sigMiddle: 1, sigMiddle2: 1, sigMaxSim: 4, sigArticleMaxSim: 5, sigBM25: 0.5, sigArticleBM25: 1,
		},
		Section:  map[string]float64{sigMaxSim: 2, sigCosine: 1, sigLength: 0.1},
		Evidence: Logistic{Intercept: -1, Weights: map[string]float64{"gap2": 0.5, "log_share": 0.3, "coverage": 1}},
		Near:     Logistic{Intercept: 1, Weights: map[string]float64{"log_share3": 0.5}},
	}
}

// bare is a plan without token vectors.
func bare(p *Plan) *Plan {
	b := *p
	b.Tokens, b.Weights, b.Section = "", maps.Clone(p.Weights), maps.Clone(p.Section)
	for _, w := range []map[string]float64{b.Weights, b.Section} {
		delete(w, sigMaxSim)
		delete(w, sigArticleMaxSim)
	}
	return &b
}

// planned is what was found and is ranked by the plan.
func planned(p *Plan, list ...Candidate) Found {
	c := candidates(list...)
	c.HasSecond = true
	return Found{Candidates: c, Lang: "en", Asked: 2, QuestionWords: 6, Plan: p}
}

func TestPlan_AnArticlesSignalsAreTheHighestOfItsChunks(t *testing.T) {
	t.Parallel()
	p := testPlan()
	near, worded := candidate(1, 1, 0, 0), candidate(1, 2, 0, 1)
	near.Cosine, near.Cosine2, near.MaxSim = 0.9, 0.1, 0.2
	worded.Cosine, worded.Cosine2, worded.MaxSim = 0.3, 0.6, 0.7
	near.Middle, worded.Middle, near.ArticleMaxSim, worded.ArticleMaxSim, worded.ArticleBM25 = 0.5, 0.5, 0.75, 0.75, 1
	f := planned(p, near, worded)
	got := p.rank(f)
	if len(got) != 1 {
		t.Fatalf("%d entries of one article", len(got))
	}
	// By hand: the terms' rarity is 2, so that BM25 of 1 is half of what was asked.
	want := 2*0.9 + 3*0.6 + 1*0.5 + 4*0.7 + 5*0.75 + 0.5*0.5 + 1*0.5
	if math.Abs(got[0].lead.score-want) > 1e-12 {
		t.Errorf("score %.6f, want %.6f of %v", got[0].lead.score, want, got[0].signals)
	}
	if got[0].show.ChunkNo != 2 {
		t.Errorf("shows %d, want the section with the higher MaxSim", got[0].show.ChunkNo)
	}
}

func TestPlan_WithoutTokenVectorsTheirSignalsCountNowhere(t *testing.T) {
	t.Parallel()
	p := testPlan()
	loud, right := candidate(1, 1, 0, 0), candidate(2, 2, 1, 0)
	loud.MaxSim, loud.ArticleMaxSim = 0.9, 0.9 // left over from whatever: a plan without token vectors does not look
	f := planned(p, loud, right)
	if got := articlesOf(p.rank(f)); got[0] != "a1" {
		t.Fatalf("with token vectors %v", got)
	}
	p = bare(p)
	f.Plan = p
	var ev Evidence
	p.judge(&ev, f, 5, true)
	if ev.Late || ev.Hits[0].ArticleID != "a2" {
		t.Errorf("first %s, late %v", ev.Hits[0].ArticleID, ev.Late)
	}
	for name := range ev.Features {
		if strings.HasSuffix(name, sigMaxSim) {
			t.Errorf("the evidence still looks at %s", name)
		}
	}
	if why := strings.Join(ev.Hits[0].Why, "\n"); strings.Count(why, "no token vectors took part") != 1 {
		t.Errorf("the reasons do not say so:\n%s", why)
	}
	if a, b := p.rank(f), p.rank(planned(p, candidate(1, 1, 0, 0), candidate(2, 2, 1, 0))); a[0].lead.score != b[0].lead.score || a[1].lead.score != b[1].lead.score {
		t.Errorf("scores differ by signals that are none: %v, %v", a[0].lead.score, b[0].lead.score)
	}
}

func TestPlan_AReplacedArticleStandsBehindTheCurrentOne(t *testing.T) {
	t.Parallel()
	p := testPlan()
	old := candidate(1, 1, 5, 0)
	old.Superseded = "a2"
	f := planned(p, old, candidate(2, 2, 0, 0), candidate(3, 3, 2, 0))
	var ev Evidence
	p.judge(&ev, f, 5, false)
	var got []string
	for _, h := range ev.Hits {
		got = append(got, h.ArticleID)
	}
	if !slices.Equal(got, []string{"a3", "a2", "a1"}) {
		t.Errorf("%v", got)
	}
	// The first one stands above a higher score: what is computed of gaps must bear it.
	if share := math.Exp(ev.Features["log_share"]); !(share > 0 && share < 1) || math.IsNaN(ev.P) {
		t.Errorf("share %g, P %g", share, ev.P)
	}
}

func TestPlan_AQuestionEntryLeadsToASectionOfItsArticle(t *testing.T) {
	t.Parallel()
	p := testPlan()
	asked := candidate(1, 9, 5, 0)
	asked.Kind, asked.Asked, asked.Chunk, asked.Text, asked.MaxSim = QuestionChunk, "how", 1, "lead section", 0.9
	var ev Evidence
	p.judge(&ev, planned(p, asked), 5, true)
	if h := ev.Hits[0]; h.Text != "lead section" || h.Asked != "how" {
		t.Errorf("%+v", h)
	}
	ev = Evidence{}
	p.judge(&ev, planned(p, asked, candidate(1, 4, 0, 0)), 5, true)
	if h := ev.Hits[0]; h.Text != "text 4" || h.Asked != "how" || h.Signals[sigMaxSim] != 0.9 {
		t.Errorf("a section that was found itself is shown, with the entry's signals: %+v", h)
	}
}

func TestPlan_SitesOfEverySize(t *testing.T) {
	t.Parallel()
	p := testPlan()
	var twins []Candidate
	for i := range 300 {
		c := candidate(i+1, i+1, 1, 1)
		c.MaxSim, c.ArticleMaxSim, c.Cosine2 = 0.5, 0.5, 0.4
		twins = append(twins, c)
	}
	title := candidate(1, 1, 0, 2)
	title.Cosine, title.Cosine2, title.Middle, title.Middle2, title.MaxSim, title.ArticleMaxSim, title.Coverage = 1, 1, 1, 1, 1, 1, 2
	for name, row := range map[string]struct {
		list  []Candidate
		hits  int
		first string
	}{
		"none":                        {nil, 0, ""},
		"one article":                 {[]Candidate{candidate(1, 1, 0, 0)}, 1, "a1"},
		"one chunk without any score": {[]Candidate{{Passage: Passage{ArticleNo: 1, ArticleID: "a1"}, ChunkNo: 1}}, 1, "a1"},
		"300 near-twins":              {twins, 5, "a1"},
		"a question like a title":     {append([]Candidate{title}, twins[1:40]...), 5, "a1"},
	} {
		for _, p := range []*Plan{p, bare(p)} {
			f := planned(p, row.list...)
			var ev Evidence
			p.judge(&ev, f, 5, true)
			if len(ev.Hits) != row.hits {
				t.Errorf("%s: %d hits", name, len(ev.Hits))
				continue
			}
			if row.hits == 0 {
				if ev.P != 0 || ev.Near != 0 {
					t.Errorf("%s: P %g and %g of nothing", name, ev.P, ev.Near)
				}
				continue
			}
			if ev.Hits[0].ArticleID != row.first || ev.Plan != "both" || !(ev.P > 0 && ev.P < 1) || !(ev.Near > 0 && ev.Near < 1) {
				t.Errorf("%s: %s first, P %g, near %g", name, ev.Hits[0].ArticleID, ev.P, ev.Near)
			}
			for n, v := range ev.Features {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: feature %s is %g", name, n, v)
				}
			}
		}
	}
	// Near-twins are no reason to be sure, a title word for word is.
	var same, clear Evidence
	p.judge(&same, planned(p, twins...), 5, false)
	p.judge(&clear, planned(p, append([]Candidate{title}, twins[1:40]...)...), 5, false)
	if same.Features["gap2"] != 0 || clear.P <= same.P {
		t.Errorf("P %.3f of twins, %.3f of a title", same.P, clear.P)
	}
}

func TestPlan_SameResultInAnyOrderOfCandidates(t *testing.T) {
	t.Parallel()
	p := testPlan()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCandidates(t)
		few := rapid.Float64Range(-1, 1)
		for i := range c.List {
			k := &c.List[i]
			k.MaxSim, k.Cosine2 = few.Draw(t, "maxsim"), float64(rapid.IntRange(-1, 1).Draw(t, "cosine2"))
		}
		f := Found{Candidates: c, Lang: "en", Asked: rapid.IntRange(0, 9).Draw(t, "asked"), Plan: p}
		k := rapid.IntRange(1, 10).Draw(t, "k")
		var one, two Evidence
		p.judge(&one, f, k, true)
		f.List = rapid.Permutation(c.List).Draw(t, "order")
		p.judge(&two, f, k, true)
		if fmt.Sprint(one) != fmt.Sprint(two) {
			t.Fatalf("the order of candidates shows:\n%v\n%v", one, two)
		}
		seen := map[string]bool{}
		for _, h := range one.Hits {
			if seen[h.ArticleID] || math.IsNaN(h.Score) {
				t.Fatalf("%s: twice, or a score of %g", h.ArticleID, h.Score)
			}
			seen[h.ArticleID] = true
		}
		if len(one.Hits) > k || len(c.List) > 0 && len(one.Hits) == 0 {
			t.Fatalf("%d hits of %d candidates, k %d", len(one.Hits), len(c.List), k)
		}
	})
}

func TestRanking_RefusesAPlanThatRanksNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*Plan)
		says   string
	}{
		"no model":                    {func(p *Plan) { p.Models = nil }, "one or two models"},
		"three models":                {func(p *Plan) { p.Models = []string{"a", "b", "two"} }, "one or two models"},
		"tokens of a model elsewhere": {func(p *Plan) { p.Tokens = "three" }, "none of its models"},
		"a signal nobody knows":       {func(p *Plan) { p.Weights["colour"] = 1 }, "no signal colour"},
		"one of sections":             {func(p *Plan) { p.Section["colour"] = 1 }, "no signal colour"},
		"a negative weight":           {func(p *Plan) { p.Weights[sigCosine] = -1 }, "negative"},
		"a weight that is no number":  {func(p *Plan) { p.Section[sigCosine] = math.NaN() }, "negative or no number"},
		"an infinite weight":          {func(p *Plan) { p.Weights[sigCosine] = math.Inf(1) }, "negative or no number"},
		"no weights":                  {func(p *Plan) { p.Weights = nil }, "above 0"},
		"weights of 0, and sections'": {func(p *Plan) {
			for n := range p.Weights {
				p.Weights[n] = 0
			}
		}, "above 0"},
	} {
		r := testRanking(t)
		p := testPlan()
		row.change(p)
		r.Plans = []Plan{*p}
		if err := r.validate(); err == nil || !strings.Contains(err.Error(), row.says) || !strings.Contains(err.Error(), "plan both") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := testRanking(t)
	r.Plans = []Plan{*testPlan()}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseRanking(data)
	if err != nil || !maps.Equal(back.Plans[0].Weights, r.Plans[0].Weights) {
		t.Errorf("a sane plan: %v", err)
	}
}

func TestRanking_ThresholdsBetweenTwoRisksAreTheMoreCarefulOnes(t *testing.T) {
	t.Parallel()
	r := Ranking{Threshold: 0.4, Maybe: 0.2, Risks: []RiskPoint{{Risk: 0.05, Sure: 1.01}, {Risk: 0.1, Sure: 0.9}, {Risk: 0.2, Sure: 0.7}}}
	for risk, want := range map[float64]float64{0.01: 1.01, 0.05: 1.01, 0.0999: 1.01, 0.1: 0.9, 0.15: 0.9, 0.2: 0.7, 0.9: 0.7} {
		if sure, maybe := r.Thresholds(risk); sure != want || maybe != 0.2 {
			t.Errorf("risk %g: %g and %g, want %g and 0.2", risk, sure, maybe, want)
		}
	}
	r.Risks[1].Only = []string{"english"}
	for risk, want := range map[float64]int{0.05: 0, 0.1: 1, 0.15: 1, 0.2: 0, 0.9: 0} {
		if only := r.Quoting(risk); len(only) != want {
			t.Errorf("risk %g: only by %v", risk, only)
		}
	}
	if sure, _ := (Ranking{Threshold: 0.4}).Thresholds(0.05); sure != 0.4 {
		t.Errorf("nothing calibrated: %g", sure)
	}
}

// examplesForPlans are questions whose right article has the token vectors and
// whose wrong one has the higher cosine.
func examplesForPlans(p *Plan, n int) []Example {
	var out []Example
	for i := range n {
		right, wrong := candidate(1, 1, 1, 0), candidate(2, 2, 3, 0)
		right.MaxSim, wrong.MaxSim = 0.5+0.01*float64(i%7), 0.45
		beside := candidate(1, 3, 1, 0)
		beside.MaxSim, beside.Words = 0.4, 90
		f := planned(p, right, wrong, beside)
		f.QuestionWords = 3 + i%9
		out = append(out, Example{
			Found: f, Answerable: i%5 != 0,
			RightArticle: func(id string) bool { return id == "a1" && i%5 != 0 },
			Answers:      func(id, text string) bool { return id == "a1" && text == "text 1" && i%5 != 0 },
		})
	}
	return out
}

func TestFitPlan_LowersTheLossStaysPositiveAndIsTheSameTwice(t *testing.T) {
	t.Parallel()
	start := *testPlan()
	start.Weights[sigMaxSim] = 0.1
	examples := examplesForPlans(&start, 60)
	firsts := func(p Plan) (n int) {
		for i := range examples {
			n += map[bool]int{true: 1}[p.rank(examples[i].Found)[0].lead.ArticleID == "a1"]
		}
		return n
	}
	one, two := FitPlan(examples, start).Rounded(), FitPlan(examples, start).Rounded()
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
	if err := one.validate(); err != nil {
		t.Error(err)
	}
	if one.Weights[sigMaxSim] <= start.Weights[sigMaxSim] || firsts(one) <= firsts(start) {
		t.Errorf("right first: %d before, %d after, by %v", firsts(start), firsts(one), one.Weights)
	}
	var sure, unsure Evidence
	one.judge(&sure, examples[6].Found, 3, false)
	if one.judge(&unsure, examples[5].Found, 3, false); len(one.Evidence.Weights) == 0 || sure.P == 0 {
		t.Errorf("no evidence was fitted: %v", one.Evidence)
	}
}

func TestFitPlan_LearnsFromNoOtherPlansFindings(t *testing.T) {
	t.Parallel()
	start, other := *testPlan(), testPlan()
	other.Name = "other"
	if got := FitPlan(examplesForPlans(other, 30), start); !maps.Equal(got.Weights, start.Weights) || len(got.Evidence.Weights) != len(start.Evidence.Weights) {
		t.Errorf("%+v", got)
	}
	if got := FitPlan(nil, start); !maps.Equal(got.Weights, start.Weights) {
		t.Errorf("%+v", got)
	}
}

func TestSignals_StandAtTheirNames(t *testing.T) {
	t.Parallel()
	c := Candidate{
		Cosine: 1, Cosine2: 2, Middle: 3, Middle2: 4, MaxSim: 5, ArticleMaxSim: 6, BM25: 14, ArticleBM25: 16, Coverage: 18, Named: 10, Other: 11, Words: 12,
	}
	s := c.signals(2)
	for name, want := range map[string]float64{
		sigCosine: 1, sigCosine2: 2, sigMiddle: 3, sigMiddle2: 4, sigMaxSim: 5, sigArticleMaxSim: 6,
		sigBM25: 7, sigArticleBM25: 8, sigCoverage: 9, sigNamed: 10, sigAlike: -10, sigLength: math.Log1p(12),
	} {
		if got := s.of(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if len(signalOrder) != 12 || s.of("nothing") != 0 {
		t.Errorf("%d signals; one that does not exist is %v", len(signalOrder), s.of("nothing"))
	}
}
