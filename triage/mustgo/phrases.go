package mustgo

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

// reach is how many words may stand between a negation and the cue it takes
// back: few, because a rule that does not fire costs more than one that does.
const reach = 1

// RuleNames lists the rules that are built in, in the order that decides where
// two are as probable: what cannot wait first.
func RuleNames() []string {
	return []string{"self_harm", "health", "danger", "minor", "fraud", "bereavement", "discrimination", "legal", "privacy", "press"}
}

// Phrases reads what phrases alone say. It is safe for concurrent use.
type Phrases struct{ book *cues.Book }

// NewPhrases reads the phrases that are built in.
func NewPhrases() (*Phrases, error) {
	b, err := cues.ReadFiles(phraseFiles, "phrases", reach)
	if err != nil {
		return nil, fmt.Errorf("mustgo phrases: %w", err)
	}
	return &Phrases{b}, nil
}

// hint ends the name of a rule whose patterns only hint at it: words that say the
// thing of one message and of the next one nothing of the kind ("stolen",
// "court"). They never fire by themselves.
const hint = "?"

// SignalNames names the numbers of Signals, in order.
func SignalNames() []string {
	out := RuleNames()
	for _, r := range RuleNames() {
		out = append(out, r+hint)
	}
	return append(out, "masked")
}

// Signals are what the learned part goes by beside the vector: for every rule
// whether a phrase says it, for every rule whether words hint at it, and whether
// words of a rule mean something else.
func (p *Phrases) Signals(message string) []float64 {
	return signals(p.book.Find(text.Normal(message)))
}

func signals(f cues.Found) []float64 {
	var out []float64
	for _, r := range RuleNames() {
		out = append(out, flag(f.Has(r)))
	}
	for _, r := range RuleNames() {
		out = append(out, flag(f.Has(r+hint)))
	}
	return append(out, flag(f.Masked))
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// with is p and a site's own patterns, by rule.
func (p *Phrases) with(words map[string][]string) (*Phrases, error) {
	b, err := p.book.With(words)
	if err != nil {
		return nil, fmt.Errorf("mustgo: %w", err)
	}
	return &Phrases{b}, nil
}
