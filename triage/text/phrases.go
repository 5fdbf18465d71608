package text

import (
	"fmt"
	"slices"
	"strings"
)

// Phrases finds phrases among words. A phrase is written as people write it and
// folded as texts are. "order*" stands for every word that begins so; "…"
// between words for up to four words of any kind; "a|b" for one word or the
// other, behind a "…" for one phrase or the other: "where is|are … my order|the
// parcel". It is safe for concurrent use once nothing is added any more.
type Phrases struct{ root step }

// Found is a phrase that was found.
type Found struct {
	ID       int
	From, To int // words: from the first to before the second
}

// gap is how many words "…" stands for at most.
const gap = 4

// step is a place in a phrase.
type step struct {
	next Branches[step]
	open *opened // words that begin so
	any  *step   // after "…"
	ids  []int32
}

// opened are the steps after the beginnings of words.
type opened struct {
	by                Branches[step]
	shortest, longest int // bytes
}

// Add adds a phrase under an id of the caller's. A phrase without a word is an
// error: it would be found everywhere or nowhere.
func (p *Phrases) Add(phrase string, id int) error {
	list, err := ways(phrase)
	if err != nil {
		return err
	}
	for _, way := range list {
		at, words := []*step{&p.root}, 0
		for field := range strings.FieldsSeq(way) {
			if field == "…" {
				at = []*step{at[0].gap()}
				continue
			}
			stem, open := strings.CutSuffix(field, "*")
			ws := Normal(stem).Words
			words += len(ws)
			for i, w := range ws {
				at = []*step{at[0].to(w.Form, open && i == len(ws)-1)}
			}
		}
		if words == 0 {
			return fmt.Errorf("phrase %q has no words", phrase)
		}
		if !slices.Contains(at[0].ids, int32(id)) {
			at[0].ids = append(at[0].ids, int32(id))
		}
	}
	return nil
}

// mostWays is how many ways a phrase may be spelled out in: more is a list of
// phrases that were taken for the words of one.
const mostWays = 1000

// ways spells out the alternatives of a phrase.
func ways(phrase string) ([]string, error) {
	out := []string{""}
	for i, part := range strings.Split(phrase, "…") {
		var choices [][]string
		if i > 0 {
			for k := range out {
				out[k] += " …"
			}
			choices = append(choices, strings.Split(part, "|"))
		} else {
			for field := range strings.FieldsSeq(part) {
				choices = append(choices, strings.Split(field, "|"))
			}
		}
		for _, alts := range choices {
			var next []string
			for _, so := range out {
				for _, alt := range alts {
					next = append(next, so+" "+alt)
				}
			}
			if out = next; len(out) > mostWays {
				return nil, fmt.Errorf("phrase %.60q stands for more than %d", phrase, mostWays)
			}
		}
	}
	return out, nil
}

func (s *step) to(form string, open bool) *step {
	if !open {
		return s.next.To(form)
	}
	if s.open == nil {
		s.open = &opened{shortest: len(form)}
	}
	s.open.longest = max(s.open.longest, len(form))
	s.open.shortest = min(s.open.shortest, len(form))
	return s.open.by.To(form)
}

func (s *step) gap() *step {
	if s.any == nil {
		s.any = &step{}
	}
	return s.any
}

// In lists every phrase found among the words, by where they begin. "…" stands
// for as few words as it can.
func (p *Phrases) In(ws []Word) []Found {
	var out []Found
	for i := range ws {
		out = p.at(ws, i, out)
	}
	return out
}

// At lists the phrases that begin at word i.
func (p *Phrases) At(ws []Word, i int) []Found {
	return p.at(ws, i, nil)
}

func (p *Phrases) at(ws []Word, i int, out []Found) []Found {
	begun := len(out)
	p.root.walk(ws, i, func(id, to int) {
		if !slices.Contains(out[begun:], Found{id, i, to}) {
			out = append(out, Found{id, i, to})
		}
	})
	return out
}

func (s *step) walk(ws []Word, i int, found func(id, to int)) {
	for _, id := range s.ids {
		found(int(id), i)
	}
	if s.any != nil {
		for n, done := 0, false; n <= gap && i+n < len(ws) && !done; n++ {
			s.any.walk(ws, i+n, func(id, to int) {
				done = true
				found(id, to)
			})
		}
	}
	if i >= len(ws) {
		return
	}
	s.step(ws, i, ws[i].Form, found)
	if ws[i].Alt != "" {
		s.step(ws, i, ws[i].Alt, found)
	}
}

func (s *step) step(ws []Word, i int, form string, found func(id, to int)) {
	if n := s.next.At(form); n != nil {
		n.walk(ws, i+1, found)
	}
	if s.open == nil {
		return
	}
	for l := s.open.shortest; l <= min(s.open.longest, len(form)); l++ {
		if n := s.open.by.At(form[:l]); n != nil {
			n.walk(ws, i+1, found)
		}
	}
}
