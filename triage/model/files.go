package model

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed general.json
var generalJSON []byte

//go:embed memory.bin
var memoryBin []byte

//go:embed triage.json
var triageJSON []byte

// Origin is where weights come from.
type Origin struct {
	Command  string             `json:"command"`
	Date     string             `json:"date"`
	Messages int                `json:"messages"`
	Data     string             `json:"data"` // hash of what they were fitted to
	Scores   map[string]float64 `json:"by_cross_validation,omitempty"`
}

// Learned is all that triage has learned.
type Learned struct {
	Channel  *Channel `json:"-"`
	Desk     Softmax  `json:"desk"`     // of a site of articles
	Scope    Softmax  `json:"scope"`    // in scope or not, of a site of articles
	Account  Softmax  `json:"account"`  // the customer's own data would have to be looked up
	Lists    Softmax  `json:"lists"`    // desk, of a site whose entries have example questions
	ListsIn  Softmax  `json:"lists_in"` // in scope or not, of such a site
	General  Softmax  `json:"general"`  // desk of a question by the general channel alone, for suggestions
	Articles Softmax  `json:"articles"` // desk of an article by its mean vector, for suggestions
	Origin   Origin   `json:"origin"`

	// ListsOrigin is where Lists and ListsIn come from; nil: a study, by the same
	// recipe, before there was a command.
	ListsOrigin *Origin `json:"lists_origin,omitempty"`
}

// Load reads what is built in.
func Load() (*Learned, error) { return Read(triageJSON, generalJSON, memoryBin) }

// Read reads what was learned from its files.
func Read(triage, general, memory []byte) (*Learned, error) {
	var l Learned
	if err := json.Unmarshal(triage, &l); err != nil {
		return nil, fmt.Errorf("triage's weights: %w", err)
	}
	for name, m := range map[string]Softmax{"desk": l.Desk, "scope": l.Scope, "account": l.Account, "lists": l.Lists, "lists_in": l.ListsIn} {
		if err := m.Validate(); err != nil {
			return nil, fmt.Errorf("triage's weights of %s: %w", name, err)
		}
	}
	var err error
	l.Channel, err = ReadChannel(general, memory)
	return &l, err
}
