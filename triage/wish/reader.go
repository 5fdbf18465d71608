package wish

import (
	_ "embed"
	"fmt"

	"frontdesk/triage/head"
)

//go:embed weights.json
var weightsJSON []byte

// outright is the least probability of a message whose words say the wish. The
// vector may doubt it, but a button said in words is not talked away by a model.
const outright = 0.95

// Wish is what a Reader found.
type Wish struct {
	P float64 // calibrated, 0 … 1
	// Outright says that a phrase says it by itself.
	Outright bool
	// Rule says what decided, for a trace: "person:en" for a phrase of English,
	// "person:learned" for the learned part; empty where P is below one half.
	Rule string
}

// Reader reads wishes; it is safe for concurrent use.
type Reader struct {
	phrases *Phrases
	model   *head.Model
}

// New returns a Reader of the phrases and weights that are built in.
func New() (*Reader, error) {
	p, err := NewPhrases()
	if err != nil {
		return nil, err
	}
	m, err := head.Read(weightsJSON)
	if err != nil {
		return nil, fmt.Errorf("wish: %w", err)
	}
	if len(m.Signals) != len(SignalNames()) || len(m.Classes) != 2 {
		return nil, fmt.Errorf("wish weights are for %d signals and %d classes; train them again", len(m.Signals), len(m.Classes))
	}
	return &Reader{p, m}, nil
}

// Read reads a message. vec is its vector as a question under the multilingual
// model that weights.json names (384 numbers, unit length), nil without.
func (r *Reader) Read(message string, vec []float32) Wish {
	found := r.phrases.find(message)
	if found.Words == 0 {
		return Wish{}
	}
	w := Wish{P: r.model.Read(vec, signals(found)).P}
	switch {
	case len(found.Cues) > 0:
		w.P, w.Outright, w.Rule = max(w.P, outright), true, "person:"+found.Cues[0].Lang
	case w.P >= 0.5:
		w.Rule = "person:learned"
	}
	return w
}
