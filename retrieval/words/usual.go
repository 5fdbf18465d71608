package words

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// usualText holds function words, greetings and the words of shop customers by
// language, each list under its code in brackets. An elided word ends in its
// apostrophe.
//
//go:embed usual.txt
var usualText string

// usual is the table from a word to the languages that it is usual in, as bits in
// the order of latin; words with accents stand there without them as well.
var usual = sync.OnceValue(func() map[string]uint16 {
	table := map[string]uint16{}
	var bit uint16
	for _, w := range strings.Fields(usualText) {
		if strings.HasPrefix(w, "[") {
			bit = 1 << slices.Index(latin[:], strings.Trim(w, "[]"))
			continue
		}
		table[w] |= bit
		table[fold(w)] |= bit
	}
	return table
})
