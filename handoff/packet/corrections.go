package packet

import (
	"slices"
	"strings"

	"frontdesk/triage/text"
)

// noted is a fact on its way: a value, where it was said, and whether it holds.
type noted struct {
	candidate
	places []Ref
	dead   bool
	by     string
}

// held brings what was said together: a value that was said again is one fact,
// a value that was corrected is superseded by what came in its place.
func (x *reading) held(all []candidate) []Fact {
	var list []*noted
	for _, c := range all {
		n := x.note(list, c)
		if n != nil {
			list = append(list, n)
		}
	}
	out := make([]Fact, 0, min(len(list), mostFacts))
	for _, n := range list {
		if len(out) == mostFacts {
			break
		}
		f := Fact{Label: n.label, Value: n.value(), Superseded: n.dead, From: n.places}
		if n.dead {
			f.By = n.by
		}
		out = append(out, f)
	}
	return out
}

// note adds a value to those there are: nil where it is one of them.
func (x *reading) note(list []*noted, c candidate) *noted {
	n := &noted{candidate: c, places: []Ref{c.s.ref(c.from, c.to)}}
	refused := (hard(c.label) || c.label == Product || c.label == Name || c.label == Address) && c.s.denies(c.from, c.to)
	for _, o := range list {
		if c.rank <= 2 && plain(o.value()) == plain(c.value()) {
			return nil // what was surer before: "Grandad John" is to be engraved
		}
		if o.label != c.label || key(o.candidate) != key(c) {
			continue
		}
		if refused {
			o.dead = true
			return nil
		}
		if o.dead && c.s.corrects(c.from, c.to) {
			o.dead, o.by = false, "" // back to what it was at first
			return nil
		}
		o.places = append(o.places, c.s.ref(c.from, c.to))
		return nil
	}
	n.dead = refused
	if refused {
		return n
	}
	if old := x.insteadOf(list, c); old != nil {
		n.dead, n.by = true, old.value()
		return n
	}
	if !singular(c.label) {
		return n
	}
	// A denied value of the same message is replaced by this one.
	for _, o := range list {
		if o.label == c.label && o.dead && o.by == "" && o.s == c.s {
			o.by = c.value()
		}
	}
	if old := x.replaced(list, c); old != nil {
		old.dead, old.by = true, c.value()
	}
	return n
}

// insteadOf is the value that a new one was said to give way to: "to Quarry Lane
// instead of Mill Road", unless a mistake is told that way.
func (x *reading) insteadOf(list []*noted, c candidate) *noted {
	if c.label != Address && c.label != Email && c.label != Phone && c.label != Name && c.label != Product {
		return nil
	}
	for i := len(list) - 1; i >= 0; i-- {
		o := list[i]
		if o.label == c.label && o.s == c.s && !o.dead && c.from-o.to <= near && c.s.has(instead, o.to, c.from) && !c.s.swapped(o.to, c.from) {
			return o
		}
	}
	return nil
}

// key is what makes two values the same.
func key(c candidate) string {
	switch c.label {
	case Product, Name, Place, Date, Address:
		return text.Forms(text.Folded(c.value()))
	default:
		return plain(c.value())
	}
}

// singular says whether a matter has one value of a kind, as a rule, so that
// another one after a word of correction takes its place.
func singular(label string) bool { return label != Code && label != Place }

// hard says whether a value is a number or an address that is copied, so that
// another one after a word of correction can only mean that the first was wrong.
// Of dates, sums and products a matter may have several.
func hard(label string) bool {
	switch label {
	case Date, Amount, Quantity, Product, Name, Address, Place:
		return false
	default:
		return true
	}
}

// replaced is the value that a new one takes the place of: the last of its kind
// that still holds, where the customer corrects themselves.
func (x *reading) replaced(list []*noted, c candidate) *noted {
	if c.s.denies(c.from, c.to) {
		return nil // "£1,347, not 19": the second is what it should have been
	}
	for i := len(list) - 1; i >= 0; i-- {
		o := list[i]
		if o.label != c.label || o.dead {
			continue
		}
		same := o.s == c.s
		switch {
		case same && c.s.swapped(o.to, c.from):
			return o
		case same && c.from-o.to <= near && c.s.correctedBetween(o.to, c.from, reach(c.label)):
			return o
		case same:
			return nil // one sentence names both
		case hard(c.label) && (c.s.corrects(c.from, c.to) || c.s.answersBack(x.t, c.from)):
			return o
		case !hard(c.label) && c.s.opensWith(c.from) && x.t.follows(o.s, c.s):
			return o
		}
		return nil
	}
	return nil
}

// near is how many bytes stand at most between a value and the one that corrects
// it in the same message: a short sentence.
const near = 90

// swapped says whether a mistake is named between two values: "I had put X
// instead of Y".
func (s *said) swapped(from, to int) bool {
	return to-from <= near && s.has(instead, from, to) &&
		slices.ContainsFunc(s.hits[mistaken], func(h hit) bool { return h.to <= from && from-h.to <= near })
}

// corrects says whether a word of correction stands before a value in its
// sentence or in the one before, or right after it.
func (s *said) corrects(from, to int) bool {
	p := s.sentence(from)
	at := slices.Index(s.parts, p)
	start := p.From
	if at > 0 && p.From-s.parts[at-1].From < 120 {
		start = s.parts[at-1].From
	}
	for _, g := range []group{correct, weak} {
		for _, h := range s.hits[g] {
			if h.from >= start && h.to <= from || h.from >= to && h.from <= to+30 && h.to <= p.To {
				return true
			}
		}
	}
	return false
}

// answersBack says whether a message is nothing but a value after the customer
// had said that the one before was wrong.
func (s *said) answersBack(t *transcript, from int) bool {
	at := slices.Index(t.customer, s)
	if at < 1 || s.wordAt(from) > 3 {
		return false
	}
	before := t.customer[at-1]
	return len(before.hits[correct]) > 0 && !before.has(correct, 0, 0)
}

// opensWith says whether a message begins with a correction, and goes on with
// the value soon: "pardon, vendredi 16".
func (s *said) opensWith(from int) bool {
	for _, g := range []group{correct, weak} {
		for _, h := range s.hits[g] {
			if h.first <= 1 && h.to <= from && from-h.to <= 24 {
				return true
			}
		}
	}
	return false
}

// follows says whether b is the customer's next message after a.
func (t *transcript) follows(a, b *said) bool {
	at := slices.Index(t.customer, a)
	return at >= 0 && at+1 < len(t.customer) && t.customer[at+1] == b
}

// reach is how many bytes stand at most between a word of correction and the
// value that it brings: of numbers and addresses it may be told first where the
// old one came from, of days and sums the new one follows at once.
func reach(label string) int {
	if hard(label) {
		return near
	}
	return 30
}

func (s *said) correctedBetween(from, to, reach int) bool {
	for _, g := range []group{correct, weak} {
		if slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from >= from && h.to <= to && to-h.to <= reach }) {
			return true
		}
	}
	return false
}

// denies says whether a value is said not to be the one: "not the K2", "4711 was
// wrong".
func (s *said) denies(from, to int) bool {
	for _, h := range s.hits[deny] {
		if h.to <= from && from-h.to <= 2 && strings.Trim(s.body[h.to:from], " #'\"") == "" {
			return true
		}
	}
	for _, h := range s.hits[denied] {
		if h.from >= to && h.from-to <= 2 && strings.Trim(s.body[to:h.from], " ,'\"") == "" {
			return true
		}
	}
	return false
}
