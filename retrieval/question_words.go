package retrieval

import (
	"strings"
	"unicode"
)

// How many words of a question count for how sure its answer is. The
// probabilities rise with the logarithm of that number, as they do for the
// messages they were fitted on, of which the longest has 91 words and none
// repeats its words oftener than three times. Beyond both the fit knows nothing:
// "a" 50,000 times was answerable with .96, since by its length it said a
// thousand times what the longest message says.
const (
	mostQuestionWords = 96
	mostRepeats       = 3
)

// questionWords is how many words of a text count: at most mostQuestionWords, and
// at most mostRepeats for each different one. Signs around a word, and capitals,
// make it no other word.
func questionWords(text string) int {
	words, different := 0, map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		words++
		if len(different) < mostQuestionWords {
			bare := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
			different[strings.ToLower(bare)] = true
		}
	}
	return min(words, mostQuestionWords, mostRepeats*len(different))
}
