package dots

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func vector(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

func TestDot_IsTheSumAndTheSameBitsWhereverItLies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		n := rapid.IntRange(0, 500).Draw(t, "n")
		a, b := vector(rng, n), vector(rng, n)
		want := 0.0
		for i := range a {
			want += float64(a[i]) * float64(b[i])
		}
		got := Dot(a, b)
		if math.Abs(float64(got)-want) > 1e-4*(1+float64(n)) {
			t.Fatalf("got %g, want %g", got, want)
		}
		shift := rapid.IntRange(1, 15).Draw(t, "shift")
		other := append(make([]float32, shift), a...)[shift:]
		if Dot(other, b) != got || Dot(b, a) != got {
			t.Fatal("elsewhere in memory, or turned round, it is another number")
		}
		if whole := n / block * block; whole > 0 && blocks(a[:whole], b[:whole]) != blocksGo(a[:whole], b[:whole]) {
			t.Fatal("the fast version is not the plain one")
		}
	})
}

func BenchmarkDot(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := vector(rng, 384), vector(rng, 384)
	for b.Loop() {
		Dot(x, y)
	}
}
