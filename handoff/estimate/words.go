package estimate

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed words.json
var wordsJSON []byte

// Words say ranges in words. They are made of what is built in and safe for
// concurrent use.
type Words struct{ in map[string]lexicon }

type lexicon struct {
	Range string `json:"range"` // two numbers of one unit: {a}, {b}, {unit}
	Mixed string `json:"mixed"` // two units: {low}, {high}
	Less  string `json:"less"`  // {high}
	// The forms of a unit, by number: see form.
	Minute []string `json:"minute"`
	Hour   []string `json:"hour"`
	Day    []string `json:"day"`
}

// LoadWords reads the words that are built in.
func LoadWords() (*Words, error) {
	w := &Words{}
	if err := json.Unmarshal(wordsJSON, &w.in); err != nil {
		return nil, fmt.Errorf("the words of an estimate: %w", err)
	}
	for lang, l := range w.in {
		for what, forms := range map[string][]string{"minute": l.Minute, "hour": l.Hour, "day": l.Day} {
			if len(forms) != formsOf(lang) {
				return nil, fmt.Errorf("the words of an estimate: %s of %q has %d forms", what, lang, len(forms))
			}
		}
		if !holds(l.Range, "{a}", "{b}", "{unit}") || !holds(l.Mixed, "{low}", "{high}") || !holds(l.Less, "{high}") {
			return nil, fmt.Errorf("the words of an estimate: %q lacks a place to fill in", lang)
		}
	}
	if _, ok := w.in["en"]; !ok {
		return nil, fmt.Errorf("the words of an estimate: no English")
	}
	return w, nil
}

func holds(text string, places ...string) bool {
	for _, p := range places {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

// Say puts a range into words that follow "it will probably take", in the first
// of the languages that there are words in, else in English: "5 to 15 minutes".
// It is empty where nothing is known.
func (w *Words) Say(r Range, langs ...string) string {
	if !r.Known() {
		return ""
	}
	lang := "en"
	for _, l := range langs {
		p, _, _ := strings.Cut(strings.ToLower(l), "-")
		if _, ok := w.in[p]; ok {
			lang = p
			break
		}
	}
	l := w.in[lang]
	unit := unitOf(r.High)
	if r.Low == 0 {
		return strings.NewReplacer("{high}", l.length(lang, r.High, unit)).Replace(l.Less)
	}
	if low := unitOf(r.Low); low != unit && (r.Low%unit != 0) {
		return strings.NewReplacer("{low}", l.length(lang, r.Low, low), "{high}", l.length(lang, r.High, unit)).Replace(l.Mixed)
	}
	return strings.NewReplacer("{a}", number(r.Low, unit), "{b}", number(r.High, unit), "{unit}", l.unit(lang, r.High, unit)).Replace(l.Range)
}

// unitOf is the unit people say a length in: 45 and 90 minutes, 2 hours.
func unitOf(d time.Duration) time.Duration {
	switch {
	case d <= 90*time.Minute && d != time.Hour:
		return time.Minute
	case d < 24*time.Hour:
		return time.Hour
	default:
		return 24 * time.Hour
	}
}

func (l lexicon) length(lang string, d, unit time.Duration) string {
	n := number(d, unit)
	u := l.unit(lang, d, unit)
	switch {
	case lang == "ja" || lang == "zh":
		return n + u
	case lang == "ar" && (d == unit || d == 2*unit):
		return u // the singular and the dual say their number
	}
	return n + " " + u
}

func number(d, unit time.Duration) string {
	return strconv.FormatInt(int64(d/unit), 10)
}

func (l lexicon) unit(lang string, d, unit time.Duration) string {
	forms := l.Minute
	switch unit {
	case time.Hour:
		forms = l.Hour
	case 24 * time.Hour:
		forms = l.Day
	}
	return forms[form(lang, int(d/unit))]
}

func formsOf(lang string) int {
	switch lang {
	case "ja", "zh", "tr":
		return 1
	case "ar":
		return 4
	default:
		return 2
	}
}

// form picks the form of a unit after a number: the languages here have one
// (Japanese, Chinese, Turkish), two (one and more; Polish stands in the
// genitive here, which has two) or four (Arabic: one, two, three to ten, more).
func form(lang string, n int) int {
	switch {
	case formsOf(lang) == 1 || n == 1:
		return 0
	case lang != "ar":
		return 1
	case n == 2:
		return 1
	case n <= 10:
		return 2
	default:
		return 3
	}
}
