package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the longest message, in characters: far more than anybody types
// into a chat, far less than what would hold the embedder up for seconds.
const MaxText = 8000

// CleanText makes a customer's words fit to be stored, searched and shown:
// line ends are LF, other control characters are spaces, card numbers are
// masked, white space around the text is gone. Nothing else is changed.
//
// Errors: ErrText for NUL or broken UTF-8, ErrTooLong, ErrBlank for a text
// that shows nothing: white space, zero-width and bidirectional marks only.
func CleanText(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", ErrText
	}
	if len(s) > MaxText && utf8.RuneCountInString(s) > MaxText {
		return "", ErrTooLong
	}
	s = strings.TrimSpace(strings.Map(plain, strings.ReplaceAll(s, "\r\n", "\n")))
	if !strings.ContainsFunc(s, visible) {
		return "", ErrBlank
	}
	return MaskCards(s), nil
}

func plain(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\r' || r == '\u2028' || r == '\u2029':
		return '\n'
	case unicode.Is(unicode.Cc, r):
		return ' '
	default:
		return r
	}
}

// visible says whether a character shows on its own. Format characters (zero
// width, bidirectional, tags), variation selectors and fillers do not.
func visible(r rune) bool {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r):
		return false
	case unicode.Is(unicode.Variation_Selector, r):
		return false
	case r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || r == '\u2800' || r == '\u034f':
		return false
	default:
		return true
	}
}

// validClientMsgID says whether an id given by a client is fit to be a key.
func validClientMsgID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
