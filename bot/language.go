package bot

import (
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
