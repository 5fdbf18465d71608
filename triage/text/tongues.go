package text

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed common.json
var commonJSON []byte

// Tongues tells which of the product's languages a phrase list has to be of to
// be of use in a text, by usual words and the phrases that were found. It is no
// language detection: it says "en" for Swedish. It is safe for concurrent use.
type Tongues struct {
	codes []string
	words map[string][]int // a form → places of the languages that have it
}

// NewTongues reads the usual words that are built in.
func NewTongues() (*Tongues, error) {
	var all map[string]string
	if err := json.Unmarshal(commonJSON, &all); err != nil {
		return nil, fmt.Errorf("usual words: %w", err)
	}
	t := &Tongues{codes: slices.Sorted(maps.Keys(all)), words: map[string][]int{}}
	for i, code := range t.codes {
		for _, w := range Normal(all[code]).Words {
			if !slices.Contains(t.words[w.Form], i) {
				t.words[w.Form] = append(t.words[w.Form], i)
			}
		}
		if len(strings.Fields(all[code])) < 8 {
			return nil, fmt.Errorf("usual words: %s has too few", code)
		}
	}
	return t, nil
}

// Of gives the language with the most votes: one for each usual word, and
// those given, by language. Of equal ones English, or else the first.
func (t *Tongues) Of(ws []Word, more map[string]int) string {
	votes := make([]int, len(t.codes))
	for _, w := range ws {
		for _, i := range t.words[w.Form] {
			votes[i] += 2
		}
	}
	for i, code := range t.codes {
		votes[i] += more[code]
	}
	best := max(0, slices.Index(t.codes, "en"))
	for i, n := range votes {
		if n > votes[best] {
			best = i
		}
	}
	return t.codes[best]
}
