package bot

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	// Below these a guess at a text's language is often wrong ("kettle leaks"
	// passes for Turkish), and an answer in the wrong language is worse than
	// one in the conversation's or the site's.
	sureWords   = 4
	sureLetters = 16
)

// sureOf says whether a guess at the language of a text may decide in which
// language somebody is answered: the text is long enough, or its script says
// nearly everything.
func sureOf(text, guess string) bool {
	if guess == "" {
		return false
	}
	text = spoken(text)
	letters := 0
	for _, r := range text {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Arabic, unicode.Hangul, unicode.Thai, unicode.Greek, unicode.Hebrew) {
			return true
		}
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= sureLetters && len(strings.Fields(text)) >= sureWords
}

// unspoken is what has letters and is in no language: tags with all that stands in
// them, named entities, addresses of pages and of people.
var unspoken = regexp.MustCompile(`<[/!?]?[A-Za-z][^<>]*>|&[A-Za-z]+;|\b[a-z]+://\S+|\S+@\S+\.\S+`)

// spoken is what of a text is in a language.
func spoken(text string) string { return unspoken.ReplaceAllString(text, " ") }

// wordless says whether nothing of a text is in a language: emoji, markup, numbers.
// Whoever sends it is answered as before.
func wordless(text string) bool { return !strings.ContainsFunc(spoken(text), unicode.IsLetter) }
