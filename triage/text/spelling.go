package text

import (
	"hash/maphash"
	"slices"
	"strings"
)

// TokenID is a token's number in a spelling: of a word, or of all words that
// begin in one way.
type TokenID int32

// Spelling numbers the words of phrases, so that a text's words are compared as
// letters once and as numbers from then on: thousands of phrases begin alike. The
// zero value has no tokens. It is safe for concurrent use once nothing is added
// any more.
type Spelling struct {
	words  forms
	whole  []TokenID // of each of the words
	prefix []prefix  // by form
	count  TokenID
}

// prefix is a token that stands for every word that begins so.
type prefix struct {
	form string
	id   TokenID
}

// ID is a token's number; a token that is new gets one. An open one stands for
// every word that begins so.
func (s *Spelling) ID(form string, open bool) TokenID {
	if open {
		at, ok := slices.BinarySearchFunc(s.prefix, form, func(p prefix, form string) int { return strings.Compare(p.form, form) })
		if !ok {
			s.prefix = slices.Insert(s.prefix, at, prefix{strings.Clone(form), s.next()})
		}
		return s.prefix[at].id
	}
	n := s.words.add(form)
	if n == len(s.whole) {
		s.whole = append(s.whole, s.next())
	}
	return s.whole[n]
}

func (s *Spelling) next() TokenID {
	s.count++
	return s.count - 1
}

// Fit gives back the room that was kept for further tokens.
func (s *Spelling) Fit() {
	s.words.fit()
	s.whole, s.prefix = slices.Concat(s.whole), slices.Concat(s.prefix)
}

// Read adds the tokens that a word is: the word itself first, then what it
// begins with, the shortest first; then the same of its second reading.
func (s *Spelling) Read(w Word, out []TokenID) []TokenID {
	for _, form := range [...]string{w.Form, w.Alt} {
		if form == "" {
			continue
		}
		if n, ok := s.words.find(form); ok {
			out = append(out, s.whole[n])
		}
		out = s.begins(form, out)
	}
	return out
}

// begins adds the prefixes of a form. They are sorted, so that those that agree
// with its first bytes stand together, the shortest first.
func (s *Spelling) begins(form string, out []TokenID) []TokenID {
	from, to := 0, len(s.prefix)
	for n := range len(form) {
		from, to = agreeing(s.prefix, from, to, n, form[n])
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

// agreeing is those of list[from:to] whose byte n is c; all of them agree before
// it and are longer than n.
func agreeing(list []prefix, from, to, n int, c byte) (int, int) {
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

// Line are words of a text with the tokens that each of them is.
type Line struct {
	Words []Word
	IDs   []TokenID // of all words, one behind the other
	ends  []int     // of each word's IDs
}

// Spell reads the words of a text.
func (s *Spelling) Spell(ws []Word) Line {
	l := Line{Words: ws, IDs: make([]TokenID, 0, 2*len(ws)), ends: make([]int, 0, len(ws))}
	for _, w := range ws {
		l.IDs = s.Read(w, l.IDs)
		l.ends = append(l.ends, len(l.IDs))
	}
	return l
}

// At are the tokens that word i is.
func (l Line) At(i int) []TokenID {
	from := 0
	if i > 0 {
		from = l.ends[i-1]
	}
	return l.IDs[from:l.ends[i]]
}

// forms are different strings by number, in one piece of memory and without a
// pointer: there are ten thousands of them, and the collector of garbage need
// not look at any.
type forms struct {
	all   []byte
	ends  []uint32 // of each
	slots []int32  // a number + 1 at its hash or behind it; 0 is free
	seed  maphash.Seed
}

// find is a string's number.
func (f *forms) find(s string) (n int, ok bool) {
	if len(f.slots) == 0 {
		return 0, false
	}
	n = int(f.slots[f.slot(s)]) - 1
	return n, n >= 0
}

// slot is where a string's number is, or belongs.
func (f *forms) slot(s string) int {
	mask := len(f.slots) - 1
	at := int(maphash.String(f.seed, s)) & mask
	for f.slots[at] != 0 && string(f.at(int(f.slots[at])-1)) != s {
		at = (at + 1) & mask
	}
	return at
}

func (f *forms) at(n int) []byte {
	from := uint32(0)
	if n > 0 {
		from = f.ends[n-1]
	}
	return f.all[from:f.ends[n]]
}

// add gives a string's number; one that is new gets the next.
func (f *forms) add(s string) int {
	if 4*(len(f.ends)+1) > 3*len(f.slots) {
		f.grow()
	}
	at := f.slot(s)
	if f.slots[at] == 0 {
		f.all = append(f.all, s...)
		f.ends = append(f.ends, uint32(len(f.all)))
		f.slots[at] = int32(len(f.ends))
	}
	return int(f.slots[at]) - 1
}

func (f *forms) grow() {
	if f.slots == nil {
		f.seed = maphash.MakeSeed()
	}
	f.slots = make([]int32, max(8, 2*len(f.slots)))
	for n := range f.ends {
		f.slots[f.slot(string(f.at(n)))] = int32(n + 1)
	}
}

func (f *forms) fit() { f.all, f.ends = slices.Concat(f.all), slices.Concat(f.ends) }
