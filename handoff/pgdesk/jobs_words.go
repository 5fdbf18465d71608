package pgdesk

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/handoff"
)

//go:embed jobs_words.json
var ladderWordsJSON []byte

// ladderTexts are the server's own words to customers who wait or are waited
// for, by language.
type ladderTexts struct{ in map[string]ladderWords }

type ladderWords struct {
	Still         string `json:"still"`    // {reference}
	Position      string `json:"position"` // {position}
	Next          string `json:"next"`
	Estimate      string `json:"estimate"`         // {estimate}
	CallbackKnown string `json:"callback_known"`   // {reference}, {contact}
	CallbackAsked string `json:"callback_confirm"` // {reference}, {contact}
	CallbackAsk   string `json:"callback_ask"`     // {reference}
	Remind        string `json:"remind"`           // {name}, {reference}
	Rate          string `json:"rate"`             // {reference}
	Join          string `json:"join"`             // between sentences
}

func loadLadderTexts() (*ladderTexts, error) {
	t := &ladderTexts{}
	var raw map[string]map[string]string
	for _, into := range []any{&raw, &t.in} {
		if err := json.Unmarshal(ladderWordsJSON, into); err != nil {
			return nil, fmt.Errorf("the texts of the wait: %w", err)
		}
	}
	english := raw["en"]
	if len(english) == 0 {
		return nil, fmt.Errorf("the texts of the wait: no English")
	}
	for lang, texts := range raw {
		for key, text := range english {
			if texts[key] == "" && key != "join" || !slices.Equal(filled(texts[key]), filled(text)) {
				return nil, fmt.Errorf("the texts of the wait: %s of %q has to say %v", key, lang, filled(text))
			}
		}
	}
	return t, nil
}

// filled are the places of a text that are filled in.
func filled(text string) []string {
	return slices.DeleteFunc([]string{"{contact}", "{estimate}", "{name}", "{position}", "{reference}"}, func(p string) bool { return !strings.Contains(text, p) })
}

func (t *ladderTexts) pick(langs []string) (ladderWords, string) {
	for _, l := range langs {
		p, _, _ := strings.Cut(strings.ToLower(l), "-")
		if w, ok := t.in[p]; ok {
			return w, p
		}
	}
	return t.in["en"], "en"
}

func (t *ladderTexts) still(c handoff.Case, position int, o handoff.Outlook, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	say := []string{strings.ReplaceAll(w.Still, "{reference}", c.Reference)}
	switch {
	case position == 1:
		say = append(say, w.Next)
	case position > 1:
		say = append(say, strings.ReplaceAll(w.Position, "{position}", strconv.Itoa(position)))
	}
	if o.Estimate != "" && !o.Nobody {
		say = append(say, strings.ReplaceAll(w.Estimate, "{estimate}", o.Estimate))
	}
	return strings.Join(say, w.Join), lang
}

// callback offers the answer by e-mail: to an address that is the customer's, to
// one that nobody has confirmed yet, or to one that they may leave.
func (t *ladderTexts) callback(c handoff.Case, address string, confirmed bool, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	switch {
	case address == "":
		text = w.CallbackAsk
	case confirmed:
		text = w.CallbackKnown
	default:
		text = w.CallbackAsked
	}
	return strings.NewReplacer("{reference}", c.Reference, "{contact}", address).Replace(text), lang
}

// asks are the beginnings of what asks a customer for an address, or what else of
// it stands in one piece, in every language.
func (t *ladderTexts) asks() []string {
	var list []string
	for _, w := range t.in {
		before, after, _ := strings.Cut(w.CallbackAsk, "{reference}")
		list = append(list, strings.TrimSpace(slices.MaxFunc([]string{before, after}, func(a, b string) int { return len(a) - len(b) })))
	}
	return list
}

func (t *ladderTexts) remind(c handoff.Case, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	return strings.NewReplacer("{reference}", c.Reference, "{name}", c.AgentName).Replace(w.Remind), lang
}

func (t *ladderTexts) rate(c handoff.Case, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	return strings.ReplaceAll(w.Rate, "{reference}", c.Reference), lang
}
