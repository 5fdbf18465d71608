package bot

import (
	"strings"

	"frontdesk/triage/pii"
)

// MaskCards replaces every card number in s by bullets and its last four
// digits: "•••• 1111". A card number is a run of 13 to 19 digits of any
// script, with single spaces, dashes or dots between them, that passes Luhn's
// check; one in ten other numbers of that length passes too, which costs a
// customer an order number's middle and nothing else. A longer run is left
// alone unless it is cut by separators into parts that are cards.
func MaskCards(s string) string {
	cards := pii.Cards(s)
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
