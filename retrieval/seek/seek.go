package seek

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed words.json
var shipped []byte

// Kinds are what is sought or held, one bit each.
type Kinds uint8

// What a question seeks and a text holds.
const (
	Money Kinds = 1 << iota
	Time
	Number
	Way
	May
)

// Has says whether all of what is asked for is among them.
func (k Kinds) Has(other Kinds) bool { return k&other == other }

// Count is how many kinds there are.
func (k Kinds) Count() int {
	n := 0
	for ; k > 0; k &= k - 1 {
		n++
	}
	return n
}

// Reader knows the words of every language. It is safe for concurrent use.
type Reader struct {
	asks  map[string][]phrase // by language
	holds map[string]*held
}

// phrase is what a question may say.
type phrase struct {
	text     string // with a space before and, where it is whole, behind
	kind     Kinds
	first    bool // counts at the beginning alone
	anywhere bool // of a script without spaces
}

// held are the words that a text is searched for.
type held struct {
	words               map[string]role
	mayParts, spanParts []string // of a script without spaces
}

// role is what a word of a text can be.
type role uint8

const (
	roleMay    role = 1 << iota // says what may be, or may not
	roleSpan                    // a unit of time
	roleNumber                  // a number in letters
)

type wordList struct {
	Money    []string `json:"money"`
	Time     []string `json:"time"`
	Number   []string `json:"number"`
	Way      []string `json:"way"`
	May      []string `json:"may"`
	HoldsMay []string `json:"holds_may"`
	Spans    []string `json:"spans"`
	Numbers  []string `json:"numbers"`
}

// New reads the words that are built in.
func New() (*Reader, error) {
	var lists map[string]wordList
	if err := json.Unmarshal(shipped, &lists); err != nil {
		return nil, fmt.Errorf("words of what is sought: %w", err)
	}
	r := &Reader{asks: map[string][]phrase{}, holds: map[string]*held{}}
	for lang, l := range lists {
		for kind, list := range map[Kinds][]string{Money: l.Money, Time: l.Time, Number: l.Number, Way: l.Way, May: l.May} {
			for _, text := range list {
				r.asks[lang] = append(r.asks[lang], newPhrase(text, kind))
			}
		}
		h := &held{words: map[string]role{}}
		h.mayParts = h.take(l.HoldsMay, roleMay)
		h.spanParts = h.take(l.Spans, roleSpan)
		h.take(l.Numbers, roleNumber)
		r.holds[lang] = h
	}
	return r, nil
}

func newPhrase(text string, kind Kinds) phrase {
	text, first := strings.CutPrefix(text, "^")
	text, open := strings.CutSuffix(text, "*")
	if unspaced(text) {
		return phrase{text: text, kind: kind, anywhere: true}
	}
	text = " " + text
	if !open {
		text += " "
	}
	return phrase{text: text, kind: kind, first: first}
}

// take notes a role of words, and returns those of a script without spaces.
func (h *held) take(list []string, is role) (parts []string) {
	for _, w := range list {
		h.words[w] |= is
		if unspaced(w) {
			parts = append(parts, w)
		}
	}
	return parts
}

func unspaced(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
	})
}

// Sought is what a question in a language seeks.
func (r *Reader) Sought(question, lang string) Kinds {
	words := fields(question)
	line := " " + strings.Join(words, " ") + " "
	var out Kinds
	for _, p := range r.asks[lang] {
		switch {
		case out.Has(p.kind):
		case p.anywhere && strings.Contains(line, p.text), p.first && strings.HasPrefix(line, p.text), !p.anywhere && !p.first && strings.Contains(line, p.text):
			out |= p.kind
		}
	}
	if strings.ContainsAny(question, currencies) {
		out |= Money
	}
	return out
}

const currencies = "€$£¥₺₽₹元円"

// code says whether a word names a currency.
func code(word []byte) bool {
	switch string(word) {
	case "eur", "euro", "euros", "gbp", "usd", "chf", "nok", "sek", "dkk", "pln", "zł", "lira", "dollar", "dollars", "pounds":
		return true
	}
	return false
}

// fields are the words of a text in small letters, apostrophes within them kept.
func fields(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !inWord(r) })
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '\''
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}
