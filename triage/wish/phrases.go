package wish

import (
	_ "embed"
	"fmt"

	"frontdesk/triage/cues"
	"frontdesk/triage/text"
)

//go:embed phrases.json
var phrasesJSON []byte

// reach is how many words may stand between a negation and the wish it takes
// back: "I don't really want to talk to a human".
const reach = 3

const rule = "wish"

// Phrases reads what phrases alone say. It is safe for concurrent use.
type Phrases struct{ book *cues.Book }

// NewPhrases reads the phrases that are built in.
func NewPhrases() (*Phrases, error) {
	b, err := cues.Read(phrasesJSON, reach)
	if err != nil {
		return nil, fmt.Errorf("wish phrases: %w", err)
	}
	return &Phrases{b}, nil
}

// SignalNames names the numbers of Signals, in order.
func SignalNames() []string { return []string{"says", "masked", "short"} }

// shortWords is how many words a short message has at most.
const shortWords = 5

// Signals are what the learned part goes by beside the vector: whether a phrase
// says a wish, whether words of a wish mean something else, and whether the
// message is short.
func (p *Phrases) Signals(message string) []float64 {
	return signals(p.book.Find(text.Normal(message)))
}

func signals(f cues.Found) []float64 {
	return []float64{flag(f.Has(rule)), flag(f.Masked), flag(f.Words > 0 && f.Words <= shortWords)}
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
