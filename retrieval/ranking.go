package retrieval

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// rankingJSON is what `frontdesk train` wrote, with where it came from.
//
//go:embed ranking.json
var rankingJSON []byte

// lensesJSON is what `frontdesk train lens` wrote.
//
//go:embed lenses.json
var lensesJSON []byte

// askedJSON is what `frontdesk train tokens` wrote.
//
//go:embed asked_tokens.json
var askedJSON []byte

// Ranking is everything about ranking and evidence that is data.
type Ranking struct {
	BM25        BM25  `json:"bm25"`
	WithVectors Judge `json:"with_vectors"`
	Words       Judge `json:"words"` // for a search without vectors

	// Plans for the models that are known, the most special first. A search
	// follows the first one that is for the question's language and whose models
	// all took part; WithVectors is for any other model.
	Plans []Plan `json:"plans,omitempty"`

	// Asked is a file of its own; nil: every token counts alike.
	Asked AskedTokens `json:"-"`

	// Lenses are a file of their own, fitted before the plans, whose weights are
	// for what is seen through them; nil: questions are compared as they are.
	Lenses Lenses `json:"-"`

	// Threshold is the probability from which on the first passage is quoted
	// where a site sets none of its own; what it leads to stands in the origin.
	Threshold float64 `json:"threshold"`
	Origin    *Origin `json:"origin,omitempty"`

	// Risks says from which probability on a quote is worth its risk: of what
	// was quoted from there on, at most so great a part was wrong on businesses
	// left out of the fit. Ascending by risk.
	Risks []RiskPoint `json:"risks,omitempty"`
	// Maybe is the probability Near from which on choices are worth offering.
	Maybe float64 `json:"maybe,omitempty"`

	PlansOrigin *Origin `json:"plans_origin,omitempty"` // of Plans, Risks and Maybe
}

// RiskPoint is a threshold for one risk.
type RiskPoint struct {
	Risk float64 `json:"risk"` // part of the quotes that may be wrong
	Sure float64 `json:"sure"` // quote from this probability on; above 1: never

	// Only names the plans that quote at this risk; none: all. Where one is as sure
	// as it is right and another is not, the risk holds for the first alone.
	Only []string `json:"only,omitempty"`
}

// Thresholds are those for a site's risk: from sure on the first passage is
// quoted (above 1: no probability is sure enough), and from maybe on choices are
// offered. Between two points the more careful one counts.
func (r Ranking) Thresholds(risk float64) (sure, maybe float64) {
	sure = 1.01
	if len(r.Risks) == 0 {
		return r.Threshold, r.Maybe
	}
	for _, p := range r.Risks {
		if p.Risk <= risk+1e-9 {
			sure = p.Sure
		}
	}
	return sure, r.Maybe
}

// Quoting names the plans that quote at a site's risk; nil: all.
func (r Ranking) Quoting(risk float64) []string {
	var only []string
	for _, p := range r.Risks {
		if p.Risk <= risk+1e-9 {
			only = p.Only
		}
	}
	return only
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
func DefaultRanking() (Ranking, error) {
	r, err := ParseRanking(rankingJSON)
	if err != nil {
		return r, err
	}
	if r.Asked, err = askedTokens(); err != nil {
		return r, fmt.Errorf("read what customers' tokens weigh: %w", err)
	}
	file, err := builtInLenses()
	if err != nil {
		return r, fmt.Errorf("read the lenses: %w", err)
	}
	r.Lenses = file.Lenses
	return r, nil
}

// LensFile is what `frontdesk train lens` writes.
type LensFile struct {
	Origin *Origin `json:"origin"`
	Lenses Lenses  `json:"lenses"`
}

// builtInLenses reads the embedded file once.
var builtInLenses = sync.OnceValues(func() (f LensFile, err error) {
	err = json.Unmarshal(lensesJSON, &f)
	return f, err
})

// askedTokens reads the embedded file once: it is large and never changed.
var askedTokens = sync.OnceValues(func() (AskedTokens, error) {
	var f AskedFile
	err := json.Unmarshal(askedJSON, &f)
	return f.Models, err
})

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
	for i := range r.Plans {
		if err := r.Plans[i].validate(); err != nil {
			return err
		}
	}
	return nil
}
