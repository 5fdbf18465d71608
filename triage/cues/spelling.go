package cues

import (
	"maps"
	"slices"
	"strings"

	"frontdesk/triage/text"
)

// tokenID is a token's number in a spelling.
type tokenID int32

// spelling numbers the tokens of a book, so that a message's words are compared
// as letters once and as numbers from then on: a book has thousands of patterns
// that begin alike.
type spelling struct {
	exact  map[string]tokenID
	prefix []prefix // by form
	count  tokenID
}

// prefix is a token that stands for every word that begins so.
type prefix struct {
	form string
	id   tokenID
}

// clone is a spelling that can grow by itself.
func (s *spelling) clone() spelling {
	out := *s
	out.exact, out.prefix = maps.Clone(s.exact), slices.Clone(s.prefix)
	return out
}

// id is a token's number; a token that is new gets one.
func (s *spelling) id(form string, open bool) tokenID {
	if open {
		at, ok := slices.BinarySearchFunc(s.prefix, form, func(p prefix, form string) int { return strings.Compare(p.form, form) })
		if !ok {
			s.prefix = slices.Insert(s.prefix, at, prefix{form, s.next()})
		}
		return s.prefix[at].id
	}
	if s.exact == nil {
		s.exact = map[string]tokenID{}
	}
	if _, ok := s.exact[form]; !ok {
		s.exact[form] = s.next()
	}
	return s.exact[form]
}

func (s *spelling) next() tokenID {
	s.count++
	return s.count - 1
}

// read adds the tokens that a word is.
func (s *spelling) read(w text.Word, out []tokenID) []tokenID {
	for _, form := range [...]string{w.Form, w.Alt} {
		if form == "" {
			continue
		}
		if id, ok := s.exact[form]; ok {
			out = append(out, id)
		}
		out = s.begins(form, out)
	}
	return out
}

// begins adds the prefixes of a form. They are sorted, so that those that agree
// with its first bytes stand together, the shortest first.
func (s *spelling) begins(form string, out []tokenID) []tokenID {
	from, to := 0, len(s.prefix)
	for n := range len(form) {
		from, to = narrow(s.prefix, from, to, n, form[n])
		if from == to {
			break
		}
		if len(s.prefix[from].form) == n+1 {
			out = append(out, s.prefix[from].id)
			from++
		}
	}
	return out
}

// narrow is those of list[from:to] whose byte n is c; all of them agree before
// it and are longer than n.
func narrow(list []prefix, from, to, n int, c byte) (int, int) {
	lo, hi := from, to
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); list[mid].form[n] < c {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	end := to
	for at := lo; at < end; {
		if mid := int(uint(at+end) >> 1); list[mid].form[n] == c {
			at = mid + 1
		} else {
			end = mid
		}
	}
	return lo, end
}

// line is a sentence whose words have been read.
type line struct {
	words []text.Word
	ids   []tokenID
	ends  []int // of each word's ids
}

// spell reads a sentence.
func (s *spelling) spell(ws []text.Word) line {
	l := line{words: ws, ids: make([]tokenID, 0, 2*len(ws)), ends: make([]int, 0, len(ws))}
	for _, w := range ws {
		l.ids = s.read(w, l.ids)
		l.ends = append(l.ends, len(l.ids))
	}
	return l
}

// at are the tokens that word i is.
func (l line) at(i int) []tokenID {
	from := 0
	if i > 0 {
		from = l.ends[i-1]
	}
	return l.ids[from:l.ends[i]]
}

// begins says whether the words from i on are those of a way.
func (l line) begins(i int, way []tokenID) bool {
	if len(l.words)-i < len(way) {
		return false
	}
	for k, id := range way {
		if !slices.Contains(l.at(i+k), id) {
			return false
		}
	}
	return true
}

// set is a set of small numbers.
type set []uint64

func (s set) has(n int) bool { return s[n>>6]>>(n&63)&1 != 0 }
func (s set) add(n int)      { s[n>>6] |= 1 << (n & 63) }

// newSet is an empty set of numbers below n.
func newSet(n int) set { return make(set, (n+63)>>6) }
