package bot

import (
	"strings"
	"unicode"
)

// A card number has 13 to 19 digits.
const minCard, maxCard = 13, 19

// MaskCards replaces every card number in s by bullets and its last four
// digits: "•••• 1111". A card number is a run of 13 to 19 digits of any
// script, with single spaces, dashes or dots between them, that passes Luhn's
// check; one in ten other numbers of that length passes too, which costs a
// customer an order number's middle and nothing else. A longer run is left
// alone unless it is cut by separators into parts that are cards.
func MaskCards(s string) string {
	if !mayHoldCard(s) {
		return s
	}
	rs := []rune(s)
	var out strings.Builder
	for i := 0; i < len(rs); {
		end, last4 := cardAt(rs, i)
		if end == 0 {
			out.WriteRune(rs[i])
			i++
			continue
		}
		out.WriteString("•••• ")
		out.WriteString(last4)
		i = end
	}
	return out.String()
}

// mayHoldCard spares the usual message, which has few digits, the slow way.
func mayHoldCard(s string) bool {
	n := 0
	for _, r := range s {
		if _, ok := digit(r); ok {
			if n++; n >= minCard {
				return true
			}
		}
	}
	return false
}

// cardAt looks for a card that begins at i, the longest first, and returns
// where it ends (0: none) and its last four digits in ASCII.
func cardAt(rs []rune, i int) (end int, last4 string) {
	if _, ok := digit(rs[i]); !ok {
		return 0, ""
	}
	if i > 0 {
		if _, ok := digit(rs[i-1]); ok {
			return 0, "" // inside a run: a number does not begin here
		}
	}
	var digits []int
	best := 0
	for j := i; j < len(rs) && len(digits) < maxCard; j++ {
		d, ok := digit(rs[j])
		if !ok {
			if separator(rs[j]) && j+1 < len(rs) {
				if _, next := digit(rs[j+1]); next {
					continue
				}
			}
			break
		}
		digits = append(digits, d)
		_, more := digit(runeAt(rs, j+1))
		if !more && len(digits) >= minCard && luhn(digits) {
			best, end = len(digits), j+1
		}
	}
	if best == 0 {
		return 0, ""
	}
	var b strings.Builder
	for _, d := range digits[best-4 : best] {
		b.WriteByte(byte('0' + d))
	}
	return end, b.String()
}

func runeAt(rs []rune, i int) rune {
	if i < len(rs) {
		return rs[i]
	}
	return 0
}

func separator(r rune) bool {
	return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || r == '.' || r == '\u2212' || r == '\t'
}

// digit is the value of a decimal digit of any script: Unicode keeps each
// script's ten together, and every block of them begins at a zero whose code
// point ends so that counting back to the first Nd finds it.
func digit(r rune) (int, bool) {
	if r >= '0' && r <= '9' {
		return int(r - '0'), true
	}
	if r < 0x660 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	if r >= 0x1D7CE && r <= 0x1D7FF { // mathematical digits: five alphabets in a row
		return int(r-0x1D7CE) % 10, true
	}
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return int(r - zero), true
}

// luhn is the check of ISO/IEC 7812-1: from the right, every second digit
// doubled, the sum of all digits divisible by ten. All zeros pass and are no card.
func luhn(digits []int) bool {
	sum, any := 0, false
	for i := range digits {
		d := digits[len(digits)-1-i]
		any = any || d != 0
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return any && sum%10 == 0
}
