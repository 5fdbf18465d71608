package evals

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Two messages are near-duplicates from these likenesses on (likeness is 1 for
// equal words). Within a business: any two. Between businesses: only long ones
// that ask something, because customers of all trades write "do you take
// PayPal", and the same tricks to make a bot talk go round everywhere.
const (
	alikeWithin  = 0.80
	alikeBetween = 0.80
	longWords    = 10
)

// LintLikeness lists messages that say the same in the same words, within each
// business and between them.
func LintLikeness(list []Business) []Finding {
	var all []worded
	for _, b := range list {
		for _, m := range b.Messages {
			all = append(all, newWorded(b.Slug, m))
		}
	}
	var found []Finding
	for _, p := range alikePairs(all) {
		a, b := all[p.i], all[p.j]
		same := a.business == b.business
		everywhere := min(a.words, b.words) < longWords || a.none && b.none
		if same && p.likeness < alikeWithin || !same && (everywhere || p.likeness < alikeBetween) {
			continue
		}
		found = append(found, Finding{Business: b.business, At: b.id, Rule: "likeness", Says: fmt.Sprintf("it says what %s says (%.2f alike)", a.id, p.likeness)})
	}
	return found
}

// worded is a message as likeness sees it: what was said before goes with it,
// because "that didn't work" is another message after other words.
type worded struct {
	business, id string
	words        int
	none         bool     // no question to a help desk
	grams        []uint32 // sorted, distinct
}

// gramLength is how many letters a gram has; four tell "return" from "refund"
// and still join "refund" with "refunds".
const gramLength = 4

func newWorded(business string, m Message) worded {
	var text strings.Builder
	for _, h := range m.History {
		text.WriteString(h.Text)
		text.WriteByte(' ')
	}
	text.WriteString(m.Text)
	words := strings.FieldsFunc(strings.ToLower(text.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	runes := []rune(strings.Join(words, " "))
	w := worded{business: business, id: m.ID, words: len(words), none: m.Expect == ExpectNone}
	for i := range max(1, len(runes)-gramLength+1) {
		h := uint32(2166136261) // FNV-1a over runes
		for _, r := range runes[i:min(len(runes), i+gramLength)] {
			h = (h ^ uint32(r)) * 16777619
		}
		w.grams = append(w.grams, h)
	}
	slices.Sort(w.grams)
	w.grams = slices.Compact(w.grams)
	return w
}

// likeness is Dice's: twice what is shared over what both have.
func likeness(shared int, a, b worded) float64 {
	return 2 * float64(shared) / float64(len(a.grams)+len(b.grams))
}

type pair struct {
	i, j     int
	likeness float64
}

// alikePairs lists pairs of which at least half is shared, in order.
func alikePairs(all []worded) []pair {
	holders := map[uint32][]int32{}
	var out []pair
	shared := make([]int, len(all))
	for j, w := range all {
		var met []int32
		for _, g := range w.grams {
			for _, i := range holders[g] {
				if shared[i] == 0 {
					met = append(met, i)
				}
				shared[i]++
			}
			holders[g] = append(holders[g], int32(j))
		}
		for _, i := range met {
			if l := likeness(shared[i], all[i], w); l >= 0.5 {
				out = append(out, pair{int(i), j, l})
			}
			shared[i] = 0
		}
	}
	slices.SortFunc(out, func(a, b pair) int { return cmp.Or(cmp.Compare(a.j, b.j), cmp.Compare(a.i, b.i)) })
	return out
}
