package wish

import (
	"embed"
	"fmt"

	"frontdesk/triage/cues"
	"frontdesk/triage/text"
)

// phraseFiles hold the patterns, a file for each language.
//
//go:embed phrases/*.json
var phraseFiles embed.FS

// reach is how many words may stand between a negation and the wish it takes
// back: "I don't really want to talk to a human".
const reach = 3

const rule = "wish"

// Phrases reads what phrases alone say. It is safe for concurrent use.
type Phrases struct{ book *cues.Book }

// NewPhrases reads the phrases that are built in.
func NewPhrases() (*Phrases, error) {
	b, err := cues.ReadFiles(phraseFiles, "phrases", reach)
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
	return signals(p.find(text.Normal(message)))
}

// shortCry is how many words a sentence of a longer message has at most that may
// consist of nothing but the wish: "I asked ten times. A PERSON. Now."
const shortCry = 4

// courteousCry is how many words there are at most before the first comma or colon
// of a message that asks for a person there, with a please, and goes on: "Please, a
// colleague of yours: my parcel is gone".
const courteousCry = 6

// find reads a message: what it says anywhere, or alone, or alone in one of its
// sentences, or with a please before its first comma or colon.
func (p *Phrases) find(t text.Text) cues.Found {
	f := p.book.Find(t)
	if f.Has(rule) || f.Told || len(t.Sentences) == 0 {
		return f
	}
	if len(t.Sentences) > 1 {
		for _, s := range t.Sentences {
			if ws := t.In(s); len(ws) > 0 && len(ws) <= shortCry {
				f.Cues = append(f.Cues, p.alone(ws).Cues...)
			}
		}
	}
	first := t.In(t.Sentences[0])
	for n := 1; n <= min(courteousCry, len(first)-1); n++ {
		if first[n].From-first[n-1].To < 2 { // a blank alone is one byte, a mark and a blank are two
			continue
		}
		for _, c := range p.alone(first[:n]).Cues {
			if c.Courteous {
				f.Cues = append(f.Cues, c)
			}
		}
	}
	return f
}

// alone reads some words as if they were all that is said.
func (p *Phrases) alone(ws []text.Word) cues.Found {
	return p.book.Find(text.Text{Words: ws, Sentences: []text.Span{{From: ws[0].From, To: ws[len(ws)-1].To}}})
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
