package widget

import (
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

const (
	// maxQuote bounds a quote, in bytes: sections are about 160 words, so what
	// is longer was never quoted.
	maxQuote = 20_000
	// maxScan bounds the bytes summed while looking for a quote that moved:
	// some 20 ms of work, and enough for any article of ordinary size.
	maxScan = 16 << 20
)

// quoteRef is what a link says about a quote: where it stood, in which
// generation, and a checksum of its words (FNV-1a, 32 bits, over UTF-8).
type quoteRef struct {
	Generation int
	From, To   int // bytes of the article's text
	Sum        uint32
	Summed     bool // the link holds a checksum
}

func (q quoteRef) valid() bool {
	return q.Generation > 0 && q.From >= 0 && q.From < q.To && q.To-q.From <= maxQuote
}

// quoteState says what has become of a quote.
type quoteState string

const (
	quoteNone    quoteState = ""        // none was asked for
	quoteSame    quoteState = "same"    // it stands where it stood
	quoteMoved   quoteState = "moved"   // its words stand elsewhere in the article
	quoteChanged quoteState = "changed" // the article no longer holds it
)

// span is a range of bytes of an article's text; empty where From == To.
type span struct{ From, To int }

// locate finds a quote in the article's text of now. earlier is the text it was
// taken from, empty where that is no longer kept.
func locate(now string, generation int, ref quoteRef, earlier string) (span, quoteState) {
	if quote, ok := cut(now, ref.From, ref.To); ok && matches(quote, ref) && (ref.Summed || ref.Generation == generation) {
		return span{ref.From, ref.To}, quoteSame
	}
	if quote, ok := cut(earlier, ref.From, ref.To); ok && matches(quote, ref) {
		at := strings.Index(now, quote)
		switch {
		case at < 0:
			return span{}, quoteChanged
		case at == ref.From:
			return span{at, at + len(quote)}, quoteSame
		default:
			return span{at, at + len(quote)}, quoteMoved
		}
	}
	if ref.Summed {
		if s, ok := scan(now, ref); ok {
			return s, quoteMoved
		}
	}
	return span{}, quoteChanged
}

// scan looks for words with the quote's length and checksum at every place
// where a quote may begin: the first letter of a line, or of a word in it.
func scan(now string, ref quoteRef) (span, bool) {
	size := ref.To - ref.From
	for at, spent := 0, 0; at+size <= len(now) && spent <= maxScan; {
		if quote, ok := cut(now, at, at+size); ok {
			spent += size
			if checksum(quote) == ref.Sum {
				return span{at, at + size}, true
			}
		}
		blank := strings.IndexAny(now[at:], "\n ")
		if blank < 0 {
			break
		}
		at += blank + 1
	}
	return span{}, false
}

func matches(quote string, ref quoteRef) bool {
	return !ref.Summed || checksum(quote) == ref.Sum
}

// cut takes text[from:to], where both ends lie between characters.
func cut(text string, from, to int) (string, bool) {
	if from < 0 || to > len(text) || from >= to {
		return "", false
	}
	if !utf8.RuneStart(text[from]) || (to < len(text) && !utf8.RuneStart(text[to])) {
		return "", false
	}
	return text[from:to], true
}

func checksum(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // a hash's Write cannot fail
	return h.Sum32()
}
