package retrieval

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWeighTokens_RarerTokensWeighMore(t *testing.T) {
	t.Parallel()
	questions := [][]int32{{0, 7, 7, 8, 2}, {0, 8, 2}, {0, 8, 9, 2}, {0, 9, 2}}
	got, err := WeighTokens(questions)
	if err != nil {
		t.Fatal(err)
	}
	weight := func(df float64) int { return int(math.Round(100 * math.Log(5/(df+0.5)))) }
	if got.Default != weight(1) || got.Tokens[8] != weight(3) || got.Tokens[9] != weight(2) || got.Tokens[0] != weight(4) {
		t.Errorf("%+v", got)
	}
	if _, known := got.Tokens[7]; known {
		t.Error("a token that one question held, twice, is told from one that none did")
	}
	if _, err := WeighTokens(nil); err == nil {
		t.Error("nothing was counted in nothing")
	}
}

func TestWeighTokens_DoesNotDependOnTheOrderAndNoWeightIsNegative(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SliceOf(rapid.Int32Range(0, 12)), 1, 20).Draw(t, "questions")
		a, err := WeighTokens(list)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(list)
		b, err := WeighTokens(list)
		if err != nil {
			t.Fatal(err)
		}
		if a.Default != b.Default || len(a.Tokens) != len(b.Tokens) {
			t.Fatalf("%v and %v", a, b)
		}
		for id, w := range a.Tokens {
			if w != b.Tokens[id] || w < 0 || w > a.Default {
				t.Fatalf("token %d: %d and %d, of at most %d", id, w, b.Tokens[id], a.Default)
			}
		}
	})
}
