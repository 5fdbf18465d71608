package handoff

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed texts.json
var textsJSON []byte

// Texts are the server's own words at a handoff, by language. No model ever
// writes them, and they are shown only once the case exists.
type Texts struct{ connecting map[string]string }

// LoadTexts reads the words that are built in.
func LoadTexts() (*Texts, error) {
	t := &Texts{}
	if err := json.Unmarshal(textsJSON, &t.connecting); err != nil {
		return nil, fmt.Errorf("the texts of a handoff: %w", err)
	}
	for lang, text := range t.connecting {
		if !strings.Contains(text, "{reference}") {
			return nil, fmt.Errorf("the texts of a handoff: %q does not name the reference", lang)
		}
	}
	if t.connecting["en"] == "" {
		return nil, fmt.Errorf("the texts of a handoff: no English")
	}
	return t, nil
}

// Connecting is what the customer is told, in the first of the languages that
// there are words in, else in English.
func (t *Texts) Connecting(reference string, langs ...string) (text, lang string) {
	for _, l := range langs {
		l, _, _ = strings.Cut(strings.ToLower(l), "-")
		if text, ok := t.connecting[l]; ok {
			return strings.ReplaceAll(text, "{reference}", reference), l
		}
	}
	return strings.ReplaceAll(t.connecting["en"], "{reference}", reference), "en"
}
