package pii

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// Kinds of company.
const (
	phoneNear = iota
	phoneSoon
	cardNear
	orderWord
	orderSoon
	numberWord
	otherWord
	unit
	codeWord
	bareWord
	kinds
)

// around is the company that is kept in a text: by kind, where its words stand,
// by their ends and by their beginnings.
type around struct {
	s     string
	words [kinds][]text.Span
}

// read finds the company in a text. Old mail and logs have personal data too:
// nothing is left out.
func (f *Finder) read(s string) *around {
	a := &around{s: s}
	ws := text.Folded(s)
	for _, m := range f.company.In(ws) {
		a.words[m.ID] = append(a.words[m.ID], text.Span{From: ws[m.From].From, To: ws[m.To-1].To})
	}
	for kind := range a.words {
		slices.SortFunc(a.words[kind], func(x, y text.Span) int {
			return cmp.Or(cmp.Compare(x.To, y.To), cmp.Compare(y.From, x.From)) // the longest last
		})
	}
	return a
}

// last is where the last word of a kind ends that ends at or before a place; -1
// without one.
func (a *around) last(kind, at int) text.Span {
	list := a.words[kind]
	i, _ := slices.BinarySearchFunc(list, at+1, func(x text.Span, t int) int { return cmp.Compare(x.To, t) })
	if i == 0 {
		return text.Span{From: -1, To: -1}
	}
	return list[i-1]
}

// near says whether a word of a kind stands a few words before a place, in the
// same line, or alone in the line before.
func (a *around) near(kind, at int) bool {
	const far = 26
	w := a.last(kind, at)
	if w.To < 0 || at-w.To > far {
		return false
	}
	line, rest, broken := strings.Cut(a.s[w.To:at], "\n")
	return !broken || !strings.ContainsFunc(line+rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// right says whether a word of a kind stands right before a place: but for
// signs, and for words that say that a number follows.
func (a *around) right(kind, at int) bool {
	const far = 16 // words and signs together
	for range far {
		if a.last(kind, at).To == at {
			return true
		}
		if w := a.last(numberWord, at); w.To == at && w.From < at {
			at = w.From
			continue
		}
		r, size := utf8.DecodeLastRuneInString(a.s[:at])
		if size == 0 || !unicode.IsSpace(r) && !strings.ContainsRune(":#=.(-\"'°º№：＃", r) {
			return false
		}
		at -= size
	}
	return false
}

// follows says whether a word of a kind begins right after a place.
func (a *around) follows(kind, at int) bool {
	const far = 3 // blanks and signs between
	list := a.words[kind]
	i, _ := slices.BinarySearchFunc(list, at+1, func(x text.Span, t int) int { return cmp.Compare(x.To, t) })
	for ; i < len(list) && list[i].From <= at+far; i++ {
		if list[i].From >= at && !strings.ContainsFunc(a.s[at:list[i].From], unicode.IsLetter) {
			return true
		}
	}
	return false
}

// after says whether a word of a kind begins right after a place, but for words
// that say that it was a number; said is whether there are any.
func (a *around) after(kind, at int) (said, ok bool) {
	for range 3 {
		if a.follows(kind, at) {
			return said, true
		}
		to := a.skip(numberWord, at)
		if to == at {
			return said, false
		}
		at, said = to, true
	}
	return said, false
}

// skip is where a word of a kind ends that begins right after a place; the place
// where there is none.
func (a *around) skip(kind, at int) int {
	list := a.words[kind]
	i, _ := slices.BinarySearchFunc(list, at+1, func(x text.Span, t int) int { return cmp.Compare(x.To, t) })
	if i < len(list) && list[i].From >= at && list[i].From <= at+1 {
		return list[i].To
	}
	return at
}
