package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

// The four proportions that R. G. Newcombe, Two-sided confidence intervals for
// the single proportion, Statistics in Medicine 17 (1998), table I, compares
// seven methods on; method 3 is Wilson's.
func TestWilson_IsAsPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		got := Wilson(c.k, c.n)
		if !near(got.Low, c.low, 5e-5) || !near(got.High, c.high, 5e-5) || got.Value != float64(c.k)/float64(c.n) {
			t.Errorf("%d of %d: %+v, want %v to %v", c.k, c.n, got, c.low, c.high)
		}
	}
	if got := Wilson(0, 0); got.Low != 0 || got.High != 1 {
		t.Errorf("of nothing: %+v", got)
	}
}

// Both worked examples of M. W. Fagerland, S. Lydersen and P. Laake, The McNemar
// test for binary matched-pairs data, BMC Medical Research Methodology 13:91
// (2013): airway hyper-responsiveness (1 and 7) and complications of a cataract
// operation (6 and 16).
func TestMcNemar_IsAsPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lost, gained int
		p, mid       float64
	}{{7, 1, 0.0703, 0.0391}, {1, 7, 0.0703, 0.0391}, {6, 16, 0.0525, 0.0347}, {0, 0, 1, 1}, {5, 5, 1, 1 - 0.24609375/2}, {0, 1, 1, 0.5}} {
		got := McNemar(c.lost, c.gained)
		if !near(got.P, c.p, 5e-5) || !near(got.MidP, c.mid, 5e-5) {
			t.Errorf("%d and %d: %+v, want %v and %v", c.lost, c.gained, got, c.p, c.mid)
		}
	}
}

// Four hypotheses as the usual introduction to S. Holm, A simple sequentially
// rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979),
// has them: at 0.05 the first and the last are rejected.
func TestHolm_IsAsPublished(t *testing.T) {
	t.Parallel()
	got := Holm([]float64{0.01, 0.04, 0.03, 0.005})
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		if !near(got[i], want, 1e-12) {
			t.Errorf("%v", got)
		}
	}
}

// J. A. Hanley and A. Lippman-Hand, If Nothing Goes Wrong, Is Everything All
// Right?, JAMA 249 (1983): none of 14 patients leaves up to 3 of 14, 21.4 %.
func TestThree_IsAsPublished(t *testing.T) {
	t.Parallel()
	if !near(Three(14), 0.214, 5e-4) || !near(Three(300), 0.01, 1e-12) || Three(0) != 1 || Three(2) != 1 {
		t.Error(Three(14), Three(300))
	}
	for _, n := range []int{30, 100, 1000} { // 0.95 = (1-p)^n
		if exact := 1 - math.Pow(0.05, 1/float64(n)); Three(n) < exact || Three(n) > exact*1.06 {
			t.Error(n, Three(n), exact)
		}
	}
}

// M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, tables
// 26.1 and 26.10.
func TestQuantiles_AreAsInTables(t *testing.T) {
	t.Parallel()
	for degrees, want := range map[int]float64{5: 2.571, 9: 2.262, 29: 2.045, 60: 2.000, 120: 1.980} {
		if got := student(0.975, degrees); !near(got, want, 2e-3) {
			t.Error(degrees, got, want)
		}
	}
	if !near(quantile(0.975), z95, 1e-9) || !near(normal(1), 0.8413447, 1e-7) {
		t.Error(quantile(0.975), normal(1))
	}
}

// The treated mice of B. Efron and R. J. Tibshirani, An Introduction to the
// Bootstrap (1993), table 2.1: a mean of 86.86 days, whose standard error by
// bootstrap is 23.36 (table 2.2, without end). An interval of one standard error
// to each side is their normal one.
func TestBootstrap_IsAsPublished(t *testing.T) {
	t.Parallel()
	var list []Sample
	g := newGroups(7)
	for i, days := range []float64{94, 197, 16, 38, 99, 141, 23} {
		list = append(list, Sample{string(rune('a' + i)), days / 200, 1})
		g.add(string(rune('a'+i)), days, 1, 0, 0)
	}
	got, ok := Mean(list, 0)
	if !ok || !near(200*got.Value, 86.86, 0.01) {
		t.Fatalf("%+v", got)
	}
	// The draws themselves, by their quartiles: those of a normal distribution lie
	// 0.6745 standard errors out.
	var drawn []float64
	i := g.interval(20_000, 0, 200, func(t tally) float64 {
		drawn = append(drawn, part(t[0], t[1]))
		return drawn[len(drawn)-1]
	})
	mean, square := 0.0, 0.0
	drawn = drawn[1:] // the first is of all as they are
	for _, v := range drawn {
		mean += v / float64(len(drawn))
	}
	for _, v := range drawn {
		square += (v - mean) * (v - mean) / float64(len(drawn))
	}
	if se := math.Sqrt(square); !near(se, 23.36, 0.3) {
		t.Errorf("standard error %.2f", se)
	}
	// Student's interval of the book's formula (25.24 and 6 degrees) is 25.1 to
	// 148.6; the draws' is not symmetric, and of the same width.
	if width := i.High - i.Low; !near(width, 123.5, 8) {
		t.Errorf("%+v is %.1f wide", i, width)
	}
}

// The table of sizes that a comparison needs at 0.05 and 80 %: the approximation
// by R. J. Connor, Sample size for testing differences in proportions for the
// paired-sample design, Biometrics 43 (1987), without the continuity term.
func TestPower_IsAsTabled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		effect, discordant float64
		n                  int
	}{{0.05, 0.10, 306}, {0.03, 0.10, 863}, {0.03, 0.06, 515}, {0.02, 0.05, 972}} {
		if got := (Power{}).Needed(c.effect, c.discordant); math.Abs(float64(got-c.n)) > 2 {
			t.Errorf("%+v: %d", c, got)
		}
		if got := (Power{}).Least(c.n, c.discordant); !near(got, c.effect, 1e-4) {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if (Power{}).Least(0, 0.1) != 1 || (Power{}).Needed(0, 0.1) < 1<<30 {
		t.Error("nothing shows nothing")
	}
	if few := (Power{}).Least(24, 0.01); few < 0.2 || few > 0.3 { // some six of 24 in one direction
		t.Error(few)
	}
	if (Power{Alpha: 0.01}).Least(500, 0.1) <= (Power{}).Least(500, 0.1) {
		t.Error("a stricter test shows more")
	}
}

// S. Yao and others, tau-bench, arXiv 2406.12045, section 3: the mean of
// choose(c,k)/choose(n,k).
func TestPassK_IsWithoutBias(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		successes, trials, k int
		want                 float64
		ok                   bool
	}{{3, 4, 1, 0.75, true}, {3, 4, 2, 0.5, true}, {3, 4, 3, 0.25, true}, {3, 4, 4, 0, true}, {4, 4, 4, 1, true}, {0, 8, 1, 0, true}, {3, 4, 5, 0, false}, {5, 4, 1, 0, false}, {1, 4, 0, 0, false}} {
		got, ok := PassK(c.successes, c.trials, c.k)
		if ok != c.ok || !near(got, c.want, 1e-9) {
			t.Errorf("%+v: %v %v", c, got, ok)
		}
	}
}

func TestMean_OfTooLittle(t *testing.T) {
	t.Parallel()
	if _, ok := Mean(nil, 0); ok {
		t.Error("a mean of nothing")
	}
	if i, ok := Mean([]Sample{{"a", 1, 2}}, 0); !ok || i != (Interval{0.5, 0, 1}) {
		t.Errorf("one cluster: %+v", i)
	}
	var held []Sample
	for i := range 300 {
		held = append(held, Sample{string(rune(i)), 1, 1})
	}
	if i, _ := Mean(held, 0); i.High != 1 || !near(i.Low, 0.99, 1e-9) {
		t.Errorf("none of 300 failed: %+v", i)
	}
	for i := range 1000 { // of other things
		held = append(held, Sample{string(rune(1000 + i)), 0, 0})
	}
	if i, _ := Mean(held, 0); !near(i.Low, 0.99, 1e-9) {
		t.Errorf("what counts for nothing makes it surer: %+v", i)
	}
	if _, ok := Difference([]Pair{{"a", 0, 0, 1, 1}}, 0); ok {
		t.Error("a difference to nothing")
	}
}

func TestStats_KeepTheirBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		if w := Wilson(k, n); w.Low < 0 || w.Low > w.Value || w.Value > w.High || w.High > 1 || w.Low == w.High {
			t.Fatalf("%d of %d: %+v", k, n, w)
		}
		p, q := McNemar(k, n-k), McNemar(n-k, k)
		if p != q || p.P <= 0 && n < 1000 || p.P > 1 || p.MidP > p.P || p.MidP < 0 {
			t.Fatalf("%d and %d: %+v %+v", k, n-k, p, q)
		}
		ps := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "ps")
		adjusted := Holm(ps)
		for i := range ps {
			if adjusted[i] < ps[i] || adjusted[i] > 1 {
				t.Fatalf("%v %v", ps, adjusted)
			}
			for j := range ps {
				if ps[i] < ps[j] && adjusted[i] > adjusted[j] {
					t.Fatalf("%v %v", ps, adjusted)
				}
			}
		}
		var list []Sample
		for i := range min(n, 40) {
			of := float64(rapid.IntRange(0, 4).Draw(t, "of"))
			list = append(list, Sample{string(rune(i % 7)), of * rapid.Float64Range(0, 1).Draw(t, "part"), of})
		}
		if i, ok := Mean(list, 200); ok && (i.Low < 0 || i.Low > i.Value || i.High < i.Value || i.High > 1 || i.Low == i.High) {
			t.Fatalf("%+v", i)
		}
		a, _ := Mean(list, 200)
		if b, _ := Mean(list, 200); a != b {
			t.Fatal("drawn twice and different")
		}
	})
}
