package maxsim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawRows(t *rapid.T, label string, n, dims int) []int8 {
	seed := rapid.Uint64().Draw(t, label)
	rng := rand.New(rand.NewPCG(seed, 1))
	edge := rapid.IntRange(0, 3).Draw(t, label+" edge") == 0
	rows := make([]int8, n*dims)
	for i := range rows {
		rows[i] = int8(rng.IntN(256) - 128)
		if edge { // the sums that come closest to running over
			rows[i] = []int8{-128, 127}[rng.IntN(2)]
		}
	}
	return rows
}

func ones(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// naive is the definition.
func naive(q, rows []int8, tokens, dims int) []int32 {
	out := make([]int32, tokens)
	for t := range out {
		out[t] = math.MinInt32
		for r := 0; r+dims <= len(rows); r += dims {
			var sum int32
			for d := range dims {
				sum += int32(q[t*dims+d]) * int32(rows[r+d])
			}
			out[t] = max(out[t], sum)
		}
	}
	return out
}

func TestRead_IsTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dims := 16 * rapid.IntRange(1, 66).Draw(t, "dims") // beyond what the fast version takes, too
		tokens := rapid.IntRange(1, 40).Draw(t, "tokens")
		n := rapid.IntRange(0, 20).Draw(t, "rows")
		qr, rows := drawRows(t, "q", tokens, dims), drawRows(t, "p", n, dims)
		q := NewQuestion(qr, ones(tokens), dims, 1)
		best := q.NewBest()
		q.Read(best, rows)
		if want := naive(qr, rows, tokens, dims); !slices.Equal(best[:tokens], want) {
			t.Fatalf("%v, want %v", best[:tokens], want)
		}
		slow := q.NewBest()
		for b := 0; b < len(slow) && n > 0; b += block {
			maxDotsGo(slow[b:b+block], q.rows[b*dims:(b+block)*dims], rows, n, dims)
		}
		if !slices.Equal(best, slow) {
			t.Fatal("the fast version differs from the plain one")
		}
	})
}

func TestScore_PartsMakeTheWholeAndMoreNeverLowersIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const dims = 32
		tokens, n := rapid.IntRange(1, 20).Draw(t, "tokens"), rapid.IntRange(1, 30).Draw(t, "rows")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		rows := drawRows(t, "p", n, dims)
		weights := make([]float64, tokens)
		for i := range weights {
			weights[i] = float64(rapid.IntRange(0, 5).Draw(t, "weight"))
		}
		q := NewQuestion(drawRows(t, "q", tokens, dims), weights, dims, 1.0/(127*127))
		whole, one, two := q.NewBest(), q.NewBest(), q.NewBest()
		q.Read(whole, rows)
		q.Read(one, rows[:cut*dims])
		q.Read(two, rows[cut*dims:])
		if cut > 0 && q.Score(one) > q.Score(whole)+1e-12 {
			t.Fatalf("a part scores %g, the whole %g", q.Score(one), q.Score(whole))
		}
		one.Max(two)
		if q.Score(one) != q.Score(whole) {
			t.Fatalf("in parts %g, whole %g", q.Score(one), q.Score(whole))
		}
		if s := q.Score(whole); math.Abs(s) > float64(dims)*1.02 || math.IsNaN(s) {
			t.Fatalf("score %g", s)
		}
	})
}

func TestScore_NothingSeenOrNothingCountsIsZero(t *testing.T) {
	t.Parallel()
	q := NewQuestion(make([]int8, 32), []float64{0, 0}, 16, 1)
	best := q.NewBest()
	if q.Score(best) != 0 {
		t.Error("nothing was seen")
	}
	q.Read(best, make([]int8, 16))
	if q.Score(best) != 0 {
		t.Error("no token counts")
	}
}

// Thirty articles of 400 tokens against a question of 16, as a search does it.
func BenchmarkRead(b *testing.B) {
	for _, dims := range []int{64, 128, 384} {
		rng := rand.New(rand.NewPCG(1, 2))
		fill := func(n int) []int8 {
			rows := make([]int8, n*dims)
			for i := range rows {
				rows[i] = int8(rng.IntN(256) - 128)
			}
			return rows
		}
		q := NewQuestion(fill(16), ones(16), dims, 1)
		texts := fill(30 * 400)
		for name, f := range map[string]func([]int32, []int16, []int8, int, int){"fast": maxDots, "plain": maxDotsGo} {
			b.Run(map[int]string{64: "64", 128: "128", 384: "384"}[dims]+" "+name, func(b *testing.B) {
				best := q.NewBest()
				for b.Loop() {
					f(best, q.rows, texts, 30*400, dims)
				}
			})
		}
	}
}
