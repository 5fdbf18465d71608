package stats

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// One point: how far the coverage of an interval may be from its 95 %.
const point = 0.01

// Wilson's coverage needs no draws: every outcome of n has its probability. For
// one rate it jumps about with the rate, as L. D. Brown, T. T. Cai and A.
// DasGupta, Interval Estimation for a Binomial Proportion (2001), show; over
// rates it is even.
func TestWilson_CoversWhatItSays(t *testing.T) {
	t.Parallel()
	for _, n := range []int{30, 100, 300} {
		sum, of := 0.0, 0.0
		for p := 0.0105; p < 0.99; p += 0.0037 {
			of++
			for k := range n + 1 {
				if i := Wilson(k, n); i.Low <= p && p <= i.High {
					sum += math.Exp(logChoose(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
				}
			}
		}
		if c := sum / of; math.Abs(c-level) > point {
			t.Errorf("n = %d: %.4f", n, c)
		} else {
			t.Logf("n = %d: %.4f", n, c)
		}
	}
}

// world draws conversations of one to six turns whose turns go alike.
type world struct {
	rng *rand.Rand
	k   int
}

const worldDraws = 2000 // 95 % of so many: a standard error of 0.49 points

func (w world) clusters(f func(name string, luck float64)) {
	for i := range w.k {
		f(strconv.Itoa(i), w.rng.Float64())
	}
}

// covered counts how often an interval holds the truth.
func covered(t *testing.T, k int, truth float64, interval func(w world) (Interval, bool)) {
	t.Helper()
	w := world{rand.New(rand.NewPCG(11, uint64(k))), k}
	in := 0
	for range worldDraws {
		i, ok := interval(w)
		if !ok {
			t.Fatal("nothing was drawn")
		}
		if i.Low <= truth && truth <= i.High {
			in++
		}
	}
	if c := float64(in) / worldDraws; math.Abs(c-level) > point {
		t.Errorf("%d clusters: %.4f", k, c)
	} else {
		t.Logf("%d clusters: %.4f", k, c)
	}
}

// Turns of a conversation succeed at its own rate, 0.5 to 1; the rate over all
// turns is 0.75, since the number of turns does not depend on it.
func TestMean_CoversWhatItSays(t *testing.T) {
	t.Parallel()
	for _, k := range []int{40, 150} {
		covered(t, k, 0.75, func(w world) (Interval, bool) {
			var list []Sample
			w.clusters(func(name string, luck float64) {
				for range 1 + w.rng.IntN(6) {
					list = append(list, Sample{name, one(w.rng.Float64() < 0.5+luck/2), 1})
				}
			})
			return Mean(list, 400)
		})
	}
}

// The same conversations twice. One with the luck l, from 0 to 1, holds at
// (1+l)/2, and each of its turns flips at 0.4 l²: the mean change is that of -0.4 l³,
// a tenth. That is skewed: of 40 clusters 8,000 intervals covered 93.9 %, of 60
// 94.5 %, of 150 95.1 %.
func TestDifference_CoversWhatItSays(t *testing.T) {
	t.Parallel()
	for _, k := range []int{60, 150} {
		covered(t, k, -0.1, func(w world) (Interval, bool) {
			var list []Pair
			w.clusters(func(name string, luck float64) {
				for range 1 + w.rng.IntN(6) {
					was := w.rng.Float64() < 0.5+luck/2
					is := was != (w.rng.Float64() < 0.4*luck*luck)
					list = append(list, Pair{name, one(was), 1, one(is), 1})
				}
			})
			return Difference(list, 400)
		})
	}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// The exact test never fails more often than it says where nothing changed, and
// finds an effect of the size that Least gives about as often as it says: a
// little less, since it is exact.
func TestMcNemar_ErrsAndFindsAsOftenAsItSays(t *testing.T) {
	t.Parallel()
	for discordant := range 60 {
		wrong := 0.0
		for lost := range discordant + 1 {
			if McNemar(lost, discordant-lost).P <= 0.05 {
				wrong += math.Exp(logChoose(discordant, lost) - float64(discordant)*math.Ln2)
			}
		}
		if wrong > 0.05 {
			t.Errorf("%d discordant: %.4f", discordant, wrong)
		}
	}
	const n, psi = 600, 0.10
	effect := Power{}.Least(n, psi)
	rng := rand.New(rand.NewPCG(12, 0))
	found, runs := 0, 2000
	for range runs {
		lost, gained := 0, 0
		for range n {
			switch u := rng.Float64(); {
			case u < (psi+effect)/2:
				lost++
			case u < psi:
				gained++
			}
		}
		if McNemar(lost, gained).P <= 0.05 {
			found++
		}
	}
	if power := float64(found) / float64(runs); power < 0.74 || power > 0.82 {
		t.Errorf("an effect of %.3f is found %.3f of the time", effect, power)
	}
}
