package evals

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

// planStart is a ranking with a plan for English and one for the rest.
func planStart(t *testing.T) retrieval.Ranking {
	t.Helper()
	r := start(t)
	plan := func(name string, langs []string) retrieval.Plan {
		return retrieval.Plan{
			Name: name, Langs: langs, Models: []string{"m"}, Tokens: "m",
			Weights: map[string]float64{"cosine": 3, "maxsim": 1, "bm25": 0.5},
			Section: map[string]float64{"maxsim": 1},
		}
	}
	r.Plans = []retrieval.Plan{plan("english", []string{"en"}), plan("any", nil)}
	return r
}

// findings are messages of several businesses whose right article has the
// token vectors and whose wrong one the cosine; some have no answer.
func findings(r retrieval.Ranking, n int, businesses ...string) []Found {
	var out []Found
	rng := rand.New(rand.NewPCG(1, 2))
	for _, b := range businesses {
		for i := range n {
			gold := fmt.Sprintf("%s-%d", b, i%9)
			m := Message{ID: fmt.Sprintf("%s-%d", b, i), Text: "q", Language: "en", Expect: ExpectAnswer, Gold: []string{gold}, Facts: []string{"the fact"}}
			lift := 0.3
			if i%4 == 0 {
				m.Expect, m.Gold, m.Facts, lift = ExpectNotCovered, nil, nil, 0
			}
			candidate := func(no int, id string, cosine, maxsim float64, text string) retrieval.Candidate {
				return retrieval.Candidate{
					Passage: retrieval.Passage{ArticleNo: no, Chunk: no, ArticleID: id, Lang: "en", Text: text}, ChunkNo: no, Words: 30,
					Cosine: cosine + 0.1*rng.Float64(), MaxSim: maxsim + 0.2*rng.Float64(),
				}
			}
			out = append(out, Found{Business: b, Message: m, Found: retrieval.Found{
				Lang: "en", Asked: 2, QuestionWords: 4 + i%9, Plan: &r.Plans[i%2],
				Candidates: retrieval.Candidates{
					Generation: 1, Sections: 50, HasVectors: true, Terms: []retrieval.TermUse{{Term: "w", DF: 2, Rarity: 3}},
					List: []retrieval.Candidate{
						candidate(1, gold, 0.4, 0.2+lift, "here is the fact"), candidate(2, b+"-wrong", 0.5, 0.25, "something else"), candidate(3, b+"-other", 0.3, 0.2, "the fact of another"),
					},
				},
			}})
		}
	}
	return out
}

func quiet(string) {}

func TestTrainPlans_GivesTheSameBytesTwiceAndLearns(t *testing.T) {
	t.Parallel()
	r := planStart(t)
	list := findings(r, 60, "alpha", "beta", "gamma")
	one, report, err := TrainPlans(list, r, quiet)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := TrainPlans(findings(r, 60, "alpha", "beta", "gamma"), planStart(t), quiet)
	if err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(two)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("two trainings differ:\n%s\n%s", a, b)
	}
	if _, err := retrieval.ParseRanking(a); err != nil {
		t.Error(err)
	}
	for i, p := range one.Plans {
		if p.Weights["maxsim"] <= r.Plans[i].Weights["maxsim"] || len(p.Evidence.Weights) == 0 || len(p.Near.Weights) == 0 {
			t.Errorf("%s learned nothing: %v", p.Name, p.Weights)
		}
		if s := report.Plans[i]; s.Plan != p.Name || s.R1 < 0.8 || s.N == 0 || len(s.ByBusiness) != 3 {
			t.Errorf("%s: R@1 %.2f of %d, %d businesses", s.Plan, s.R1, s.N, len(s.ByBusiness))
		}
	}
	last := retrieval.RiskPoint{Sure: 2}
	for _, p := range one.Risks {
		if p.Risk <= last.Risk || p.Sure > last.Sure {
			t.Errorf("from %v to %v: a greater risk must not ask for more", last, p)
		}
		last = p
	}
	if one.Maybe <= 0 || one.Maybe >= 1 || report.Shown < 0.9 || report.Scores()["english_r1"] == 0 {
		t.Errorf("choices from %g on, shown %.2f", one.Maybe, report.Shown)
	}
	var shown bytes.Buffer
	if report.Print(&shown); !strings.Contains(shown.String(), "alpha") {
		t.Error("the report does not show itself")
	}
}

// What is reported of a business comes from fits that have not seen it: its
// labels may be anything.
func TestTrainPlans_ABusinessIsJudgedByFitsWithoutIt(t *testing.T) {
	t.Parallel()
	r := planStart(t)
	list := findings(r, 40, "alpha", "beta")
	want := fitPlans(examplesOf(list[40:]), r.Plans)
	for i := range list[:40] {
		list[i].Message.Gold = []string{"alpha-wrong"} // the business under measure lies
	}
	others := examplesOf(list[40:])
	got := fitPlans(others, r.Plans)
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if !bytes.Equal(a, b) {
		t.Error("its own labels changed what it is judged by")
	}
	_, report, err := TrainPlans(list, r, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if s := report.Plans[0].ByBusiness; s["alpha"][0] > 0.2 {
		t.Errorf("fits without alpha put its wrong articles first: R@1 %.2f", s["alpha"][0])
	}
}

func examplesOf(list []Found) (out []retrieval.Example) {
	for _, f := range list {
		out = append(out, f.example())
	}
	return out
}

func TestTrainPlans_RefusesAFrozenBusinessAndASingleOne(t *testing.T) {
	t.Parallel()
	r := planStart(t)
	for _, name := range frozenNames() {
		if _, _, err := TrainPlans(findings(r, 8, "alpha", "beta", name), r, quiet); err == nil || !strings.Contains(err.Error(), name+" is frozen") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, list := range [][]Found{nil, findings(r, 8, "alpha")} {
		if _, _, err := TrainPlans(list, r, quiet); err == nil || !strings.Contains(err.Error(), "takes two") {
			t.Errorf("%d findings: %v", len(list), err)
		}
	}
}

func TestUpperBound_IsClopperAndPearsons(t *testing.T) {
	t.Parallel()
	// Solved apart from this program, by summing binomial terms exactly; those
	// with none wrong are 1 - 0.2^(1/n) by hand.
	for _, row := range []struct {
		k, n             int
		confidence, want float64
	}{
		{0, 1, 0.8, 0.8},
		{0, 10, 0.8, 0.148660},
		{0, 31, 0.8, 0.050593},
		{0, 32, 0.8, 0.049051},
		{1, 2, 0.8, 0.894427},
		{1, 10, 0.8, 0.270988},
		{2, 50, 0.8, 0.083646},
		{5, 100, 0.8, 0.077911},
		{5, 100, 0.95, 0.102253},
		{0, 59, 0.95, 0.049508},
		{50, 1000, 0.8, 0.056695},
		{0, 0, 0.8, 1},
		{3, 3, 0.8, 1},
	} {
		if got := UpperBound(row.k, row.n, row.confidence); math.Abs(got-row.want) > 2e-6 {
			t.Errorf("%d of %d at %g: %.6f, want %.6f", row.k, row.n, row.confidence, got, row.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 400).Draw(t, "n")
		k := rapid.IntRange(0, n-1).Draw(t, "k")
		b := UpperBound(k, n, confidence)
		if b <= float64(k)/float64(n) || b > 1 || UpperBound(k+1, n, confidence) < b || UpperBound(k, n+1, confidence) > b || UpperBound(k, n, 0.95) < b {
			t.Fatalf("%d of %d: %g", k, n, b)
		}
	})
}

// simulated are n judgements whose probabilities are true, with as many
// different ones as there are messages, or a few only.
func simulated(rng *rand.Rand, n int, steps float64) []outcome {
	out := make([]outcome, n)
	for i := range out {
		p := chance(rng, steps)
		out[i].evidence.P, out[i].right = p, rng.Float64() < p
	}
	return out
}

func chance(rng *rand.Rand, steps float64) float64 {
	p := 1 / (1 + math.Exp(0.2-1.5*rng.NormFloat64()))
	if steps > 0 {
		p = math.Round(p*steps) / steps
	}
	return p
}

// Out of sample: of thresholds chosen on simulated data, at most the part that
// the confidence leaves may lead to more wrong quotes than the risk, and three
// standard deviations of chance. Quoting nothing is never wrong.
func TestThreshold_ItsBoundHoldsOutOfSample(t *testing.T) {
	t.Parallel()
	const runs = 150
	for _, risk := range []float64{0.05, 0.1, 0.2, 0.4} {
		for _, steps := range []float64{0, 40} {
			over, used := 0, 0
			for run := range uint64(runs) {
				rng := rand.New(rand.NewPCG(run, 11))
				r := thresholdFor(simulated(rng, 500, steps), risk)
				if r.Sure > 1 {
					continue
				}
				used++
				// By the probabilities themselves, which are true: no second chance in it.
				wrong, quoted := 0.0, 0.0
				for range 8000 {
					if p := chance(rng, steps); p >= r.Sure {
						wrong, quoted = wrong+1-p, quoted+1
					}
				}
				if wrong > risk*quoted {
					over++
				}
			}
			left := 1 - confidence
			if most := runs*left + 3*math.Sqrt(runs*left*(1-left)); float64(over) > most {
				t.Errorf("risk %.2f, steps %g: %d of %d thresholds lead to more wrong quotes, %.0f may", risk, steps, over, runs, most)
			}
			if used == 0 && risk >= 0.1 {
				t.Errorf("risk %.2f: never quotes, which proves nothing", risk)
			}
		}
	}
}

// A plan that is sure of what is wrong keeps the others from quoting no more than
// itself.
func TestThreshold_OnePlanAloneWhereAllTogetherAreNeverSure(t *testing.T) {
	t.Parallel()
	plans := planStart(t).Plans
	var list []outcome
	for i := range 400 {
		o := outcome{finding: Found{Message: Message{Expect: ExpectAnswer}, Found: retrieval.Found{Plan: &plans[i%2]}}, right: true}
		o.evidence.P = 0.9
		if i%2 == 1 {
			o.evidence.P, o.right = 0.95, i%4 == 1
		}
		list = append(list, o)
	}
	if r := thresholdFor(list, 0.05); r.N != 0 {
		t.Fatalf("of all together %d quotes", r.N)
	}
	r := thresholdForOne(list, 0.05)
	if r.Sure != 0.9 || r.N != 200 || !slices.Equal(r.Only, []string{plans[0].Name}) || r.Quoted != 0.5 || r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
	if r := thresholdForOne(list[:10], 0.05); r.Sure <= 1 || r.N != 0 || r.Only != nil {
		t.Errorf("of ten: %+v", r)
	}
}

func TestThreshold_CountsAllThatItWouldQuote(t *testing.T) {
	t.Parallel()
	// 40 right ones at .9, and wrong ones that rounding the threshold lets in.
	var list []outcome
	for range 40 {
		list = append(list, outcome{evidence: retrieval.Evidence{P: 0.90009}, right: true})
	}
	for range 20 {
		list = append(list, outcome{evidence: retrieval.Evidence{P: 0.90003}})
	}
	if r := thresholdFor(list, 0.1); r.Sure <= 1 {
		t.Errorf("from %g on 20 of 60 quotes are wrong", r.Sure)
	}
	list[59].evidence.P = 0.8999
	for i := range list[40:59] {
		list[40+i].evidence.P = 0.5
	}
	r := thresholdFor(list, 0.1)
	quoted, wrong := 0, 0
	for _, o := range list {
		if o.evidence.P >= r.Sure {
			quoted++
			wrong += 1 - int(yes(o.right))
		}
	}
	if r.Sure > 1 || quoted != r.N || math.Abs(r.Wrong-float64(wrong)/float64(quoted)) > 1e-9 || UpperBound(wrong, quoted, confidence) > 0.1 {
		t.Errorf("from %g on: %d quotes, %d wrong; said %d and %.3f", r.Sure, quoted, wrong, r.N, r.Wrong)
	}
	if r := thresholdFor(nil, 0.05); r.Sure <= 1 || r.N != 0 {
		t.Errorf("of nothing: %+v", r)
	}
	// Ten labels are not enough for 5 %: never, rather than by luck.
	if r := thresholdFor(list[:10], 0.05); r.Sure <= 1 {
		t.Errorf("ten labels, all right: quotes from %g on", r.Sure)
	}
}
