package retrieval

import (
	"errors"
	"math"
)

// AskedTokens says how much a token of a question counts, by model: how rare it
// is in what customers ask, in parts of a hundredth (`frontdesk train tokens`).
// "How", "my" and "can" are in every other question and tell articles apart as
// little.
type AskedTokens map[string]TokenWeights

// TokenWeights are one model's.
type TokenWeights struct {
	Default int           `json:"default"` // of a token that no question of the corpus held
	Tokens  map[int32]int `json:"tokens"`
}

// Weights are those of a question's tokens; all alike for a model that nothing is
// known of.
func (a AskedTokens) Weights(model string, tokens []int32) []float64 {
	out := make([]float64, len(tokens))
	w, known := a[modelFamily(model)]
	for i, t := range tokens {
		switch n, ok := w.Tokens[t]; {
		case !known:
			out[i] = 1
		case ok:
			out[i] = float64(n) / 100
		default:
			out[i] = float64(w.Default) / 100
		}
	}
	return out
}

// AskedFile is what `frontdesk train tokens` writes.
type AskedFile struct {
	Origin *Origin     `json:"origin"`
	Models AskedTokens `json:"models"`
}

// WeighTokens counts over questions, each the tokens that a model reads it as:
// of n questions a token in df of them weighs the logarithm of (n + 1) / (df + ½),
// which is nothing for what stands in all, the model's own marks among them. What
// only one question held weighs as much as what none did: there is no telling a
// rare word from a slip of the pen.
func WeighTokens(questions [][]int32) (TokenWeights, error) {
	if len(questions) == 0 {
		return TokenWeights{}, errors.New("weigh tokens: there are no questions to count in")
	}
	df := map[int32]int{}
	for _, ids := range questions {
		seen := map[int32]bool{}
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				df[id]++
			}
		}
	}
	weight := func(df int) int {
		return int(math.Round(100 * max(0, math.Log(float64(len(questions)+1)/(float64(df)+0.5)))))
	}
	out := TokenWeights{Default: weight(1), Tokens: map[int32]int{}}
	for id, n := range df {
		if n > 1 {
			out.Tokens[id] = weight(n)
		}
	}
	return out, nil
}
