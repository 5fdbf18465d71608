package bot

import (
	"slices"
	"strings"
	"unicode"

	"frontdesk/triage/pii"
)

// MaskCards replaces every card number in s by bullets and its last four
// digits: "•••• 1111". A card number is a run of 13 to 19 digits of any
// script, with single spaces, dashes or dots between them, that passes Luhn's
// check; one in ten other numbers of that length passes too, which costs a
// customer an order number's middle and nothing else. A longer run is left
// alone unless it is cut by separators into parts that are cards.
func MaskCards(s string) string { return masked(s, pii.Cards(s)) }

// MaskContact is MaskCards for what somebody left to be reached by: a number
// with a country's code, which one in ten would be a card by the check alone,
// stays whole. No card begins with a plus or two zeros, and no phone number has
// more than fifteen digits.
func MaskContact(s string) string {
	return masked(s, slices.DeleteFunc(pii.Cards(s), func(c pii.CardAt) bool {
		digits := 0
		for _, r := range s[c.From:c.To] {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		plus := strings.HasSuffix(strings.TrimRight(s[:c.From], " ("), "+")
		return plus && digits <= 15 || strings.HasPrefix(s[c.From:], "00") && digits <= 17
	}))
}

func masked(s string, cards []pii.CardAt) string {
	if len(cards) == 0 {
		return s
	}
	var out strings.Builder
	at := 0
	for _, c := range cards {
		out.WriteString(s[at:c.From])
		out.WriteString("•••• ")
		out.WriteString(c.Last4)
		at = c.To
	}
	out.WriteString(s[at:])
	return out.String()
}
