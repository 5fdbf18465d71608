package wish

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

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
	b, err := readBook()
	if err != nil {
		return nil, fmt.Errorf("wish phrases: %w", err)
	}
	return &Phrases{b}, nil
}

func readBook() (*cues.Book, error) {
	files, err := fs.Glob(phraseFiles, "phrases/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	for _, name := range files {
		data, err := phraseFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(path.Base(name), ".json")] = data
	}
	data, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return cues.Read(data, reach)
}

// SignalNames names the numbers of Signals, in order.
func SignalNames() []string { return []string{"says", "masked", "short"} }

// shortWords is how many words a short message has at most.
const shortWords = 5

// Signals are what the learned part goes by beside the vector: whether a phrase
// says a wish, whether words of a wish mean something else, and whether the
// message is short.
func (p *Phrases) Signals(message string) []float64 {
	return signals(p.find(message))
}

// shortCry is how many words a sentence of a longer message has at most that may
// consist of nothing but the wish: "I asked ten times. A PERSON. Now."
const shortCry = 4

// find reads a message: what it says anywhere, or alone, or alone in one of its
// sentences.
func (p *Phrases) find(message string) cues.Found {
	t := text.Normal(message)
	f := p.book.Find(t)
	if f.Has(rule) || f.Told || len(t.Sentences) < 2 {
		return f
	}
	for _, s := range t.Sentences {
		if ws := t.In(s); len(ws) > 0 && len(ws) <= shortCry {
			f.Cues = append(f.Cues, p.book.Find(text.Text{Words: ws, Sentences: []text.Span{s}}).Cues...)
		}
	}
	return f
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
