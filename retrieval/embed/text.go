package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/retrieval"
)

// prepare makes what is sent of a text: valid UTF-8 without control
// characters, cut to what the model reads, with its prefix. ok is false when
// nothing is left to embed.
func (f facts) prepare(kind retrieval.EmbedKind, text string, queryTokens int) (sent string, cut, ok bool) {
	text = clean(text)
	if text == "" {
		return "", false, false
	}
	limit := float64(f.MaxTokens)
	if kind == retrieval.EmbedQuery {
		limit = min(limit, float64(queryTokens))
	}
	prefix := f.style(kind).Prefix
	limit -= f.Rates.of(prefix) + 2 // and the marks a tokenizer puts around
	limit = max(limit, 8)
	whole := text
	if kind == retrieval.EmbedQuery {
		text = f.Rates.cutMiddle(text, limit)
	} else {
		text = f.Rates.cut(text, limit)
	}
	return prefix + text, text != whole, true
}

// clean replaces what tokenizers and JSON stumble over, invalid UTF-8 (a lone
// surrogate among it) and control characters, by spaces. Nothing else changes,
// and a clean text is returned as it is.
func clean(text string) string {
	bad := func(r rune) bool {
		return r == utf8.RuneError || (unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t')
	}
	if strings.IndexFunc(text, bad) >= 0 { // a wrong byte is seen as RuneError
		text = strings.Map(func(r rune) rune {
			if bad(r) {
				return ' '
			}
			return r
		}, text)
	}
	return strings.TrimSpace(text)
}

func (t *rates) rune(r rune) float64 {
	switch {
	case unicode.IsSpace(r):
		return 0
	case r < 0x0530 && unicode.IsLetter(r):
		return t.Letter
	case r < 0x0530 && unicode.IsNumber(r):
		return t.Digit
	case r < 0x2070 && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
		return t.Mark
	case r >= 0x2E80 && r < 0xA000, r >= 0xAC00 && r < 0xD7A4, r >= 0xF900 && r < 0xFB00,
		r >= 0xFF00 && r < 0xFFF0, r >= 0x20000 && r < 0x32000:
		return t.CJK
	case unicode.IsSymbol(r):
		return t.Symbol
	}
	return t.Other
}

// of estimates how many tokens a text is.
func (t *rates) of(text string) float64 {
	var n float64
	for _, r := range text {
		n += t.rune(r)
	}
	return n
}

// cut keeps the beginning of a text, up to a limit of tokens.
func (t *rates) cut(text string, limit float64) string {
	var n float64
	for i, r := range text {
		if n += t.rune(r); n > limit {
			return strings.TrimSpace(text[:wordEnd(text, i)])
		}
	}
	return text
}

// cutMiddle keeps a third of the limit from the beginning and the rest from the
// end: whoever tells a story first asks at its end.
func (t *rates) cutMiddle(text string, limit float64) string {
	if t.of(text) <= limit {
		return text
	}
	head := t.cut(text, limit/3)
	var n float64
	at := len(text)
	for at > len(head) {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if n += t.rune(r); n > limit*2/3 {
			break
		}
		at -= size
	}
	return head + "\n" + strings.TrimSpace(text[wordStart(text, at):])
}

// wordReach is how far a cut moves to find the edge of a word, in bytes.
const wordReach = 40

// wordEnd moves a cut back to the end of the word before it, where one is near.
func wordEnd(text string, at int) int {
	from := max(0, at-wordReach)
	if i := strings.LastIndexAny(text[from:at], " \n\t"); i > 0 {
		return from + i
	}
	return at
}

// wordStart moves a cut on to the beginning of the next word, where one is near.
func wordStart(text string, at int) int {
	to := min(len(text), at+wordReach)
	if i := strings.IndexAny(text[at:to], " \n\t"); i >= 0 && at+i+1 < len(text) {
		return at + i + 1
	}
	return at
}
