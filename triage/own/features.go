package own

import (
	"strings"
	"unicode"

	"frontdesk/triage/text"
)

// names are the features, in the order in which they are weighed.
func names() []string {
	return []string{
		"bias",
		"mine", "record", "status", "left", "past", "nothing", "charged", "since", "general",
		"its own record",       // mine and record, next to each other
		"status of a record",   // status with mine or record
		"done and not come",    // past or record with nothing
		"done then",            // past with since
		"taken then",           // charged with since
		"general only",         // general without status, left, past, nothing, charged
		"general first",        // among the first words
		"status first",         // likewise
		"a number",             // of four digits or more
		"a question",           // ends in a question mark
		"short",                // at most four words, or eight characters
		"long",                 // more than thirty words
		"status of one's own",  // status with its own record
		"left of one's own",    // left with mine or record
		"general about status", // general first, and a status
		"nothing then",         // nothing with since
	}
}

// features weighs up to what names lists.
func (r *Reader) features(s string) (f []float64, phrases string) {
	ws, found := r.read(s)
	var has [signs]bool
	var first [signs]bool
	var mines, records []text.Found
	for _, x := range found {
		k := sign(x.ID)
		has[k] = true
		first[k] = first[k] || x.From < 3
		switch k {
		case mine:
			mines = append(mines, x)
		case record:
			records = append(records, x)
		}
	}
	specific := has[status] || has[left] || has[past] || has[nothing] || has[charged]
	ownRecord := near(mines, records)
	wide := 0
	for _, w := range ws {
		if len(w.Form) == 3 && w.Form[0] >= 0xe3 { // a character of Chinese or Japanese
			wide++
		}
	}
	words := len(ws) - wide/2
	list := []bool{
		true,
		has[mine], has[record], has[status], has[left], has[past], has[nothing], has[charged], has[since], has[general],
		ownRecord,
		has[status] && (has[mine] || has[record]),
		(has[past] || has[record]) && has[nothing],
		has[past] && has[since],
		has[charged] && has[since],
		has[general] && !specific,
		first[general],
		first[status],
		numbered(ws),
		strings.ContainsAny(s, "?？؟"),
		words <= 4,
		words > 30,
		has[status] && ownRecord,
		has[left] && (has[mine] || has[record]),
		first[general] && has[status],
		has[nothing] && has[since],
	}
	f = make([]float64, len(list))
	for i, x := range list {
		if x {
			f[i] = 1
		}
	}
	return f, quote(s, ws, found)
}

// near says whether one of a stands at most two words before or after one of b,
// or is it.
func near(a, b []text.Found) bool {
	for _, x := range a {
		for _, y := range b {
			if y.From-x.To <= 2 && x.From-y.To <= 2 {
				return true
			}
		}
	}
	return false
}

// numbered says whether a word has four digits or more: an order's number.
func numbered(ws []text.Word) bool {
	for _, w := range ws {
		n := 0
		for _, r := range w.Form {
			if unicode.IsDigit(r) {
				n++
			}
		}
		if n >= 4 {
			return true
		}
	}
	return false
}
