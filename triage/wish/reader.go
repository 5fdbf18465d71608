package wish

import (
	_ "embed"
	"fmt"

	"frontdesk/triage/cues"
	"frontdesk/triage/head"
	"frontdesk/triage/text"
)

//go:embed weights.json
var weightsJSON []byte

const (
	// outright is the probability of a message whose words say the wish and no
	// vector is there to weigh.
	outright = 0.95
	// doubtful is how far the words have to be believed, by the message's writing
	// alone, to act before its vector is known.
	doubtful = 0.5
	// plain is how far they have to be believed beside the vector: who asks for a
	// person in plain words is taken at them where it is nearly as likely as not, since
	// to miss such a wish is worse than to offer a person in vain. By three writers whom
	// nobody had read who wrote the phrases, .2 found three more wishes of 870, and
	// twelve more of 1,030 messages that are none.
	plain = 0.4
)

// Wish is what a Reader found.
type Wish struct {
	P float64 // calibrated, 0 … 1
	// Outright says that a phrase says it by itself and nothing else that is known
	// of the message speaks against it.
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

// Heard is what the words of a message say.
type Heard struct {
	reader *Reader
	found  cues.Found
	grams  []uint16
}

// Hear reads the words of a message: once, whether its vector is known yet or
// not.
func (r *Reader) Hear(message string) Heard {
	t := text.Normal(message)
	return Heard{r, r.phrases.find(t), t.Grams()}
}

// Read is Hear and Wish.
func (r *Reader) Read(message string, vec []float32) Wish { return r.Hear(message).Wish(vec) }

// Wish is the message's. vec is its vector as a question under the multilingual
// model that weights.json names (384 numbers, unit length; what stands behind them is
// not looked at), nil without.
func (h Heard) Wish(vec []float32) Wish {
	found := h.found
	if found.Words == 0 {
		return Wish{}
	}
	m := h.reader.model
	if len(vec) > m.Dims {
		vec = vec[:m.Dims] // what inner layers make of it stands behind
	}
	read := m.Read(head.Message{Vec: vec, Signals: signals(found), Grams: h.grams})
	w := Wish{P: read.P}
	if len(found.Cues) == 0 {
		if w.P >= 0.5 {
			w.Rule = "person:learned"
		}
		return w
	}
	w.P, w.Outright = outright, read.Said >= doubtful
	if len(vec) == m.Dims {
		w.P = read.Said
		if w.P >= plain {
			w.P = max(w.P, 0.5)
		}
	}
	if w.P >= 0.5 {
		w.Rule = "person:" + found.Cues[0].Lang
	}
	return w
}
