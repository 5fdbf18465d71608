package evals

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

func searched(gold, also []string, ranking ...string) Searched {
	return Searched{Question: Question{ID: "q", Gold: gold, Also: also, Answerable: len(gold) > 0}, Ranking: ranking}
}

func TestScoreRetrieval_ByHand(t *testing.T) {
	t.Parallel()
	list := []Searched{
		searched([]string{"a"}, nil, "a", "b", "c"),                // first
		searched([]string{"a"}, []string{"b"}, "b", "c", "a"),      // also first, gold third
		searched([]string{"a", "d"}, nil, "x", "a", "y", "z", "d"), // both needed, second and fifth
		searched([]string{"a"}, nil, "x", "y"),                     // not found
		searched(nil, nil, "a"),                                    // not answerable: does not count
	}
	s, ok := ScoreRetrieval(list, false)
	if !ok || s.Questions != 4 {
		t.Fatalf("%+v %v", s, ok)
	}
	for name, row := range map[string]struct{ got, want float64 }{
		"R@1":  {s.R1.Value, 0.5},
		"R@3":  {s.R3.Value, 0.75},
		"R@5":  {s.R5.Value, 0.75},
		"R@10": {s.R10.Value, 0.75},
		"MRR":  {s.MRR.Value, (1 + 1 + 0.5 + 0) / 4},
		"all":  {s.All5.Value, 0.75},
		// 1; 1/1 + 1/2 capped at 1; (1/log2 3 + 1/log2 6) / (1 + 1/log2 3); 0.
		"nDCG": {s.NDCG10.Value, (1 + 1 + (0.63093+0.38685)/(1+0.63093) + 0) / 4},
	} {
		if !near(row.got, row.want) {
			t.Errorf("%s is %.4f, want %.4f", name, row.got, row.want)
		}
	}
	strict, _ := ScoreRetrieval(list, true)
	if !near(strict.R1.Value, 0.25) || !near(strict.MRR.Value, (1+1.0/3+0.5)/4) {
		t.Errorf("strict: R@1 %.3f, MRR %.3f", strict.R1.Value, strict.MRR.Value)
	}
	if _, ok := ScoreRetrieval(list[4:], false); ok {
		t.Error("a set without an answerable question was scored")
	}
}

func TestScoreRetrieval_TheFirstPassageMustHoldTheFacts(t *testing.T) {
	t.Parallel()
	with := func(text string) Searched {
		s := searched([]string{"a"}, nil, "a")
		s.Question.Facts = []string{"45 days", "Free"}
		s.Evidence.Hits = []retrieval.Hit{{Passage: retrieval.Passage{ArticleID: "a", Text: text}}}
		return s
	}
	s, _ := ScoreRetrieval([]Searched{with("You have **45\ndays**, and it is free."), with("You have 45 days.")}, false)
	if s.Section1.Value != 0.5 {
		t.Errorf("%.2f of the passages hold their facts, want 0.5", s.Section1.Value)
	}
}

func TestRate_IsWilsons(t *testing.T) {
	t.Parallel()
	// Reference values of the Wilson score interval.
	for _, row := range []struct {
		k, n      int
		low, high float64
	}{{0, 10, 0, 0.2775}, {5, 10, 0.2366, 0.7634}, {10, 10, 0.7225, 1}, {63, 156, 0.3300, 0.4823}} {
		i := Rate(row.k, row.n)
		if !near(i.Low, row.low) || !near(i.High, row.high) || i.Value != float64(row.k)/float64(row.n) {
			t.Errorf("%d of %d: %+v, want %.4f to %.4f", row.k, row.n, i, row.low, row.high)
		}
	}
}

func TestMean_HoldsItsValueAndIsTheSameTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 40).Draw(t, "values")
		i := Mean(v)
		if i != Mean(v) {
			t.Fatal("two means of the same values differ")
		}
		if i.Low > i.Value+1e-9 || i.High < i.Value-1e-9 || math.IsNaN(i.Value) {
			t.Fatalf("%+v", i)
		}
	})
}

func TestCalibrate_ByHand(t *testing.T) {
	t.Parallel()
	c := Calibrate([]Judged{{0.9, true}, {0.6, false}, {0.4, true}, {0.1, false}})
	want := Calibration{N: 4, Base: 0.5, AUROC: 0.75, Brier: (0.01 + 0.36 + 0.36 + 0.01) / 4, LogLoss: -(2*math.Log(0.9) + 2*math.Log(0.4)) / 4}
	if c.N != want.N || !near(c.Base, want.Base) || !near(c.AUROC, want.AUROC) || !near(c.Brier, want.Brier) || !near(c.LogLoss, want.LogLoss) {
		t.Errorf("%+v, want %+v", c, want)
	}
	var honest, liar []Judged
	for i := range 1000 {
		p := float64(i%10)/10 + 0.05
		right := i/10%100 < int(p*100+0.5)
		honest = append(honest, Judged{p, right})
		liar = append(liar, Judged{1 - p, right})
	}
	if h, l := Calibrate(honest), Calibrate(liar); h.ECE > 0.02 || l.ECE < 0.3 || h.AUROC < 0.8 || l.AUROC > 0.2 {
		t.Errorf("honest %+v, liar %+v", h, l)
	}
	if c := Calibrate([]Judged{{0.5, true}, {0.5, false}, {0.5, true}}); c.AUROC != 0.5 {
		t.Errorf("ties: AUROC %g", c.AUROC)
	}
}

func TestQuoteAt_ByHand(t *testing.T) {
	t.Parallel()
	list := []Judged{{0.9, true}, {0.8, false}, {0.3, true}, {0.7, false}, {0.2, false}}
	answerable := []bool{true, true, true, false, false}
	q := QuoteAt(list, answerable, 0.5)
	if !near(q.Quoted, 1.0/3) || !near(q.Wrong, 2.0/3) || !near(q.Refused, 0.5) {
		t.Errorf("%+v", q)
	}
	if q := QuoteAt(list, answerable, 1); q.Quoted != 0 || q.Wrong != 0 || q.Refused != 1 {
		t.Errorf("nothing quoted: %+v", q)
	}
}
