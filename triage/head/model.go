package head

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"frontdesk/retrieval/dots"
)

// Origin says where weights come from.
type Origin struct {
	Command  string             `json:"command"`
	Date     string             `json:"date"`
	Model    string             `json:"model"` // whose vectors they are for
	Messages int                `json:"messages"`
	Data     string             `json:"data"` // hash of what they were fitted on
	Scores   map[string]float64 `json:"scores"`
}

// Model is a pair of fits: over vector and signals, and over signals alone for
// messages that have no vector.
type Model struct {
	Origin  Origin   `json:"origin"`
	Dims    int      `json:"dims"`
	Signals []string `json:"signals"`
	Classes []string `json:"classes"` // the first is "none of the others"
	With    Weights  `json:"with"`
	Without Weights  `json:"without"`
	// Spelling is what the pieces of a message's writing say beside either; nil:
	// nothing.
	Spelling *Spelling `json:"spelling,omitempty"`
}

// Weights are a layer of units over the vector and, over these and the signals,
// a row for every class.
type Weights struct {
	Units []Unit `json:"units,omitempty"` // none: the signals alone
	Rows  []Row  `json:"rows"`
	// A, G and B make the probability that any class but the first is meant of its
	// score and that of the spelling: 1 ÷ (1 + exp(-(A·score + G·spelling + B))).
	A float64 `json:"a"`
	G float64 `json:"g,omitempty"`
	B float64 `json:"b"`
	// Said bends these logits for messages whose words say a class by themselves,
	// by those of writers whom nobody had read who wrote the phrases.
	Said Bend `json:"said"`

	vectors []float32 // of all units, one after the other
}

// Bend is a slope and a shift of logits.
type Bend struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

// Unit is a unit of the hidden layer: what of its weighted sum is above zero.
type Unit struct {
	Bias   float64 `json:"bias"`
	Scale  float64 `json:"scale"`
	Vector []byte  `json:"vector"` // each an int8 in steps of Scale, as base64
}

// Row are the weights of a class.
type Row struct {
	Bias    float64   `json:"bias"`
	Signals []float64 `json:"signals"`
	Units   []float64 `json:"units,omitempty"`
}

// Read reads weights; an error names what does not fit.
func Read(data []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if m.Dims <= 0 || len(m.Classes) < 2 {
		return nil, fmt.Errorf("weights: %d numbers a vector, %d classes", m.Dims, len(m.Classes))
	}
	if err := m.With.check(m); err != nil {
		return nil, fmt.Errorf("weights with a vector: %w", err)
	}
	if len(m.Without.Units) > 0 {
		return nil, fmt.Errorf("weights without a vector have %d units over it", len(m.Without.Units))
	}
	if err := m.Without.check(m); err != nil {
		return nil, fmt.Errorf("weights without a vector: %w", err)
	}
	if err := m.Spelling.check(); err != nil {
		return nil, fmt.Errorf("weights of the spelling: %w", err)
	}
	for _, w := range []*Weights{&m.With, &m.Without} {
		if w.Said == (Bend{}) { // none was fitted
			w.Said.A = 1
		}
	}
	m.With.unpack()
	return &m, nil
}

func (w Weights) check(m Model) error {
	if len(w.Rows) != len(m.Classes) {
		return fmt.Errorf("%d rows for %d classes", len(w.Rows), len(m.Classes))
	}
	numbers := []float64{w.A, w.G, w.B, w.Said.A, w.Said.B}
	for i, u := range w.Units {
		if len(u.Vector) != m.Dims {
			return fmt.Errorf("unit %d has %d numbers of %d", i, len(u.Vector), m.Dims)
		}
		numbers = append(numbers, u.Bias, u.Scale)
	}
	for i, r := range w.Rows {
		if len(r.Signals) != len(m.Signals) || len(r.Units) != len(w.Units) {
			return fmt.Errorf("class %s has %d signals and %d units", m.Classes[i], len(r.Signals), len(r.Units))
		}
		numbers = append(append(append(numbers, r.Bias), r.Signals...), r.Units...)
	}
	if slices.ContainsFunc(numbers, func(f float64) bool { return !finite(f) }) || w.A < 0 || w.G < 0 || w.Said.A < 0 {
		return fmt.Errorf("a number is none")
	}
	return nil
}

// unpack makes the units' numbers ready to multiply.
func (w *Weights) unpack() {
	w.vectors = w.vectors[:0]
	for _, u := range w.Units {
		for _, b := range u.Vector {
			w.vectors = append(w.vectors, float32(int8(b))*float32(u.Scale))
		}
	}
}

// Message is what a model goes by.
type Message struct {
	Vec     []float32 // under the model that Origin names; nil: none
	Signals []float64 // as many as the model has
	Grams   []uint16  // pieces of its writing, sorted
}

// Reading is what a model says of a message.
type Reading struct {
	P float64 // calibrated: any class but the first
	// Said is P where the words say a class by themselves: how far they can be
	// believed.
	Said  float64
	Share []float64 // of the classes after the first, summing to one
}

// Read weighs a message; a vector of another length than the model's counts as
// none.
func (m *Model) Read(x Message) Reading {
	w := &m.Without
	if len(x.Vec) == m.Dims {
		w = &m.With
	}
	score, share := w.score(x.Vec, x.Signals)
	z := w.logit(score, m.Spelling.score(x.Grams))
	return Reading{P: sigmoid(z), Said: sigmoid(w.Said.A*z + w.Said.B), Share: share}
}

func (w *Weights) logit(score, spelling float64) float64 { return w.A*score + w.G*spelling + w.B }

// score is that of any class but the first, and how the others share it.
func (w *Weights) score(vec []float32, signals []float64) (float64, []float64) {
	scores := make([]float64, len(w.Rows))
	for c := range w.Rows {
		scores[c] = w.Rows[c].Bias
		for i, x := range signals {
			scores[c] += w.Rows[c].Signals[i] * x
		}
	}
	for u := range w.Units {
		if x := float64(dots.Dot(w.vectors[u*len(vec):(u+1)*len(vec)], vec)) + w.Units[u].Bias; x > 0 {
			for c := range w.Rows {
				scores[c] += w.Rows[c].Units[u] * x
			}
		}
	}
	return split(scores)
}

// split makes of the scores of all classes that of "any but the first" against
// the first, and how the others share it.
func split(scores []float64) (anyOther float64, share []float64) {
	top := slices.Max(scores[1:])
	share = make([]float64, len(scores)-1)
	sum := 0.0
	for i, s := range scores[1:] {
		share[i] = math.Exp(s - top)
		sum += share[i]
	}
	for i := range share {
		share[i] /= sum
	}
	return top + math.Log(sum) - scores[0], share
}

// Between is what lies half way between two readings of a message, in logits; Said is
// the first one's. It is the first one, changed.
func Between(a, b Reading) Reading {
	a.P = sigmoid((logit(a.P) + logit(b.P)) / 2)
	for i, s := range b.Share {
		a.Share[i] = (a.Share[i] + s) / 2
	}
	return a
}

// sure is as near as a probability comes to certainty where logits are made of it.
const sure = 1e-9

func logit(p float64) float64 {
	p = min(max(p, sure), 1-sure)
	return math.Log(p / (1 - p))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
