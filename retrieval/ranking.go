package retrieval

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
)

// rankingJSON is what `frontdesk train` wrote, with where it came from.
//
//go:embed ranking.json
var rankingJSON []byte

// Ranking is everything about ranking and evidence that is data.
type Ranking struct {
	BM25        BM25  `json:"bm25"`
	WithVectors Judge `json:"with_vectors"`
	Words       Judge `json:"words"` // for a search without vectors

	// Threshold is the probability from which on the first passage is quoted
	// where a site sets none of its own; what it leads to stands in the origin.
	Threshold float64 `json:"threshold"`
	Origin    *Origin `json:"origin,omitempty"`
}

// Judge orders what was found and says how sure it is.
type Judge struct {
	Fusion   Fusion      `json:"fusion"`
	Section  SectionPick `json:"section"`
	Evidence Logistic    `json:"evidence"`
}

// Origin says where fitted numbers come from.
type Origin struct {
	Command   string `json:"command"`
	Date      string `json:"date"`
	Model     string `json:"model"`     // of the vectors
	Questions int    `json:"questions"` // fitted on
	Data      string `json:"data"`      // sha256 over articles and questions, first 16 digits

	// ByCrossValidation is measured on questions left out of the fit, by groups
	// that share an article; Elsewhere on other knowledge altogether.
	ByCrossValidation map[string]float64            `json:"by_cross_validation"`
	Elsewhere         map[string]map[string]float64 `json:"elsewhere,omitempty"`
	Threshold         string                        `json:"threshold"` // its meaning, in words
}

// DefaultRanking is the ranking that is built in.
func DefaultRanking() (Ranking, error) { return ParseRanking(rankingJSON) }

// ParseRanking reads a ranking and refuses one that would rank nothing.
func ParseRanking(data []byte) (Ranking, error) {
	var r Ranking
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return Ranking{}, fmt.Errorf("read ranking: %w", err)
	}
	if err := r.validate(); err != nil {
		return Ranking{}, fmt.Errorf("ranking: %w", err)
	}
	return r, nil
}

func (r Ranking) validate() error {
	switch {
	case r.BM25.K1 <= 0 || r.BM25.B < 0 || r.BM25.B > 1 || r.BM25.MaxDF <= 0 || r.BM25.TitleWeight < 0:
		return errors.New("bm25: k1 and max_df must be above 0, b in 0–1, title_weight not negative")
	case !r.WithVectors.Fusion.valid() || !r.Words.Fusion.valid():
		return errors.New("fusion: no weight may be negative, and one must be above 0")
	case r.Threshold <= 0 || r.Threshold >= 1:
		return errors.New("threshold must lie between 0 and 1")
	}
	return nil
}
