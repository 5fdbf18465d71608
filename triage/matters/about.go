package matters

import (
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// content counts the words that are about something: not the small ones that
// every message has.
func (r *reading) content(from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if r.about(i) {
			n++
		}
	}
	if r.wide { // characters
		n = (n + 1) / 2
	}
	return n
}

// about says whether word i is about something.
func (r *reading) about(i int) bool {
	form := r.ws[i].Form
	if c, _ := utf8.DecodeRuneInString(form); text.Unspaced(c) {
		return unicode.In(c, unicode.Han, unicode.Katakana) && r.at[small][i] == 0 && r.at[join][i] == 0 && r.at[mark][i] == 0 && r.at[news][i] == 0
	}
	return r.at[small][i] == 0 && r.at[refer][i] == 0 && r.at[join][i] == 0 && utf8.RuneCountInString(form) >= 3 && (form[0] < '0' || form[0] > '9')
}

// sameLetters is how many letters two words have in common at their beginning to
// be forms of the same.
const sameLetters = 5

// shared says whether a word that is about something stands on both sides of i.
func (r *reading) shared(from, i, to int) bool {
	before := map[string]bool{}
	for k := from; k < i; k++ {
		if r.about(k) {
			before[r.stem(k)] = true
		}
	}
	for k := i; k < to; k++ {
		if r.about(k) && before[r.stem(k)] {
			return true
		}
	}
	return false
}

// stem is how a word begins; of a script without spaces, it and the next one.
func (r *reading) stem(i int) string {
	form := r.ws[i].Form
	if c, size := utf8.DecodeRuneInString(form); size == len(form) && text.Unspaced(c) && i+1 < len(r.ws) {
		return form + r.ws[i+1].Form
	}
	n := 0
	for at := range form {
		if n == sameLetters {
			return form[:at]
		}
		n++
	}
	return form
}
