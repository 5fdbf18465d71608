package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// A card number has 13 to 19 digits; a few old ones have 12.
const minCard, maxCard, shortCard = 13, 19, 12

// CardAt is a card number in a text.
type CardAt struct {
	From, To int    // bytes
	Last4    string // in ASCII
	digits   int
}

// Cards finds card numbers: runs of 13 to 19 digits of any script, with single
// blanks, dashes or dots between them, that pass Luhn's check; one in ten other
// numbers of that length passes too. A longer run is none unless separators cut
// it into parts that are.
func Cards(s string) []CardAt {
	return cards(s, minCard)
}

// cards finds card numbers, those of which are phone numbers left out: nothing
// but a country's code comes after a plus or two zeros, and no card begins so.
func (f *Finder) cards(s string, a *around, found []Span) []Span {
	for _, c := range Cards(s) {
		if c.From > 0 && s[c.From-1] == '+' && c.To-c.From < 17 || strings.HasPrefix(s[c.From:], "00") || lettered(s, c.From) {
			continue
		}
		found = append(found, Span{Card, c.From, c.To})
	}
	return short(s, a, found)
}

// lettered says whether a single letter stands right before a number: a code's
// ("U6292…"); a whole word is one whose blank was forgotten.
func lettered(s string, at int) bool {
	return at > 0 && asciiLetter(s[at-1]) && (at == 1 || !asciiAlnum(s[at-2]))
}

// short finds cards of 12 digits, which only Maestro gave out: too many other
// numbers have 12 to go by the check alone.
func short(s string, a *around, found []Span) []Span {
	for _, c := range cards(s, shortCard) {
		if c.digits == shortCard && (maestro(s[c.From:]) || a.near(cardNear, c.From)) && !lettered(s, c.From) {
			found = append(found, Span{Card, c.From, c.To})
		}
	}
	return found
}

// maestro says whether a number begins as Maestro's do.
func maestro(s string) bool {
	return s[0] == '5' && (s[1] == '0' || s[1] >= '6') || s[0] == '6'
}

// cards finds runs of at least fewest digits that Luhn's check allows, the
// longest first.
func cards(s string, fewest int) []CardAt {
	if !mayHold(s, fewest) {
		return nil
	}
	var out []CardAt
	inside := false // a run of digits: a number does not begin here
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isDigit(r) {
			inside = false
			i += size
			continue
		}
		if !inside {
			if c, found := cardAt(s, i, fewest); found {
				out = append(out, c)
				i, inside = c.To, false
				continue
			}
		}
		inside = true
		i += size
	}
	return out
}

// mayHold spares the usual message, which has few digits, the slow way.
func mayHold(s string, fewest int) bool {
	n := 0
	for _, r := range s {
		if isDigit(r) {
			if n++; n >= fewest {
				return true
			}
		}
	}
	return false
}

// cardAt finds the longest card that begins at i.
func cardAt(s string, i, fewest int) (c CardAt, ok bool) {
	digits := make([]int, 0, maxCard)
	for j := i; j < len(s) && len(digits) < maxCard; {
		r, size := utf8.DecodeRuneInString(s[j:])
		next, _ := utf8.DecodeRuneInString(s[j+size:])
		more := isDigit(next)
		d, is := text.Digit(r)
		j += size
		if !is {
			if separator(r) && more {
				continue
			}
			break
		}
		digits = append(digits, d)
		if n := len(digits); !more && n >= fewest && Luhn(digits) {
			c, ok = CardAt{From: i, To: j, Last4: ascii(digits[n-4:]), digits: n}, true
		}
	}
	return c, ok
}

func ascii(digits []int) string {
	b := make([]byte, len(digits))
	for i, d := range digits {
		b[i] = byte('0' + d)
	}
	return string(b)
}

func separator(r rune) bool {
	return r == ' ' || r == '-' || r == '.' || r == '\t' || r >= 0x80 && (unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || r == '\u2212')
}

func isDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 0x660 && unicode.Is(unicode.Nd, r)
}

// Luhn is the check of ISO/IEC 7812-1: from the right, every second digit
// doubled, the sum of all digits divisible by ten. All zeros pass and are no
// card.
func Luhn(digits []int) bool {
	sum, some := 0, false
	for i := range digits {
		d := digits[len(digits)-1-i]
		some = some || d != 0
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return some && sum%10 == 0
}
