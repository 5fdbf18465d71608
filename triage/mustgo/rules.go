package mustgo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

//go:embed rules.json
var rulesJSON []byte

// Rule is a rule as it is shipped.
type Rule struct {
	Rule   string            `json:"rule"`
	About  string            `json:"about"`            // for who sets up a site
	Safety map[string]string `json:"safety,omitempty"` // first words to the customer, by language
}

// Rules are what a site has of its own. The zero value changes nothing.
type Rules struct {
	// Off are rules that are switched off, by name.
	Off []string
	// Words are patterns that fire by themselves, by rule: more words for a rule
	// that is built in, or a rule of the site's own. For how they are written
	// see package cues.
	Words map[string][]string
	// Safety are first words to the customer, by rule and language, instead of
	// those that are shipped. The language "" is for all others; an empty text
	// shows none.
	Safety map[string]map[string]string
}

// Shipped lists the rules that are built in.
func Shipped() ([]Rule, error) {
	var list []Rule
	if err := json.Unmarshal(rulesJSON, &list); err != nil {
		return nil, fmt.Errorf("mustgo rules: %w", err)
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Rule)
	}
	want := RuleNames()
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		return nil, fmt.Errorf("mustgo rules: rules.json describes %v, there are %v", names, want)
	}
	return list, nil
}

// Safety are the first words to a customer when a rule fires; empty where there
// are none. Where the language has none, English does: in danger a foreign
// language is better than nothing.
func (r *Reader) Safety(rule, lang string) string {
	if own, ok := r.site.Safety[rule]; ok {
		if s, ok := own[lang]; ok {
			return s
		}
		return own[""]
	}
	shipped := r.safety[rule]
	if s, ok := shipped[lang]; ok {
		return s
	}
	return shipped["en"]
}

// check finds what a site has set that cannot be meant.
func (s Rules) check() error {
	known := append(RuleNames(), slices.Collect(maps.Keys(s.Words))...)
	for _, name := range append(slices.Clone(s.Off), slices.Collect(maps.Keys(s.Safety))...) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no must-go rule %q", name)
		}
	}
	if _, nameless := s.Words[""]; nameless {
		return fmt.Errorf("a must-go rule of the site's own has no name")
	}
	return nil
}
