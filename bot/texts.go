package bot

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed texts.json
var textsJSON []byte

// Texts are the bot's fixed words by language. No model writes any of them.
type Texts struct {
	byLang map[string]Words
}

// Words are the fixed words of one language.
type Words struct {
	None        string `json:"none"`        // nothing found; offers a person
	Failed      string `json:"failed"`      // a part failed; offers a person
	Interrupted string `json:"interrupted"` // the process ended in mid-turn; offers a person
	Greeting    string `json:"greeting"`
	Thanks      string `json:"thanks"`
	Ending      string `json:"ending"`    // nothing more is wanted: nothing is asked back
	Assistant   string `json:"assistant"` // what one talks to here; offers a person

	Clarify    string `json:"clarify"`      // above two or three choices
	ClarifyOne string `json:"clarify_one"`  // above the only one
	OutOfRange string `json:"out_of_range"` // a number that none of the choices has; they follow again
	Gone       string `json:"gone"`         // what was chosen is published no longer; offers a person
	Unhelped   string `json:"unhelped"`     // what was said did not help, and there is no more; offers a person
	OwnData    string `json:"own_data"`     // a person has to look into the customer's own account or order; offers one
	Files      string `json:"files"`        // it cannot look at what was sent along; offers a person
	Outside    string `json:"outside"`      // the matter is none of the site's knowledge; offers a person
	TryThese   string `json:"try_these"`    // what was said did not help; choices follow

	Which      string `json:"which"`       // which of {names} it is about
	WhichComma string `json:"which_comma"` // between names, but the last two
	WhichOr    string `json:"which_or"`    // between the last two

	Meanwhile    string `json:"meanwhile"`     // above choices, behind OwnData
	MeanwhileOne string `json:"meanwhile_one"` // above the only one
}

// LoadTexts reads the words that are built in.
func LoadTexts() (*Texts, error) {
	t := &Texts{}
	if err := json.Unmarshal(textsJSON, &t.byLang); err != nil {
		return nil, fmt.Errorf("the bot's texts: %w", err)
	}
	if _, ok := t.byLang[defaultLanguage]; !ok {
		return nil, fmt.Errorf("the bot's texts: no %s", defaultLanguage)
	}
	return t, nil
}

// In picks the first of the languages that there are words in, else English,
// and says which that was. Languages are BCP 47 tags; only the primary part counts.
func (t *Texts) In(langs ...string) (Words, string) {
	for _, lang := range langs {
		lang = primary(lang)
		if w, ok := t.byLang[lang]; ok {
			return w, lang
		}
	}
	return t.byLang[defaultLanguage], defaultLanguage
}

func primary(lang string) string {
	p, _, _ := strings.Cut(strings.ToLower(lang), "-")
	p, _, _ = strings.Cut(p, "_")
	return p
}
