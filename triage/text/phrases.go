package text

import (
	"fmt"
	"slices"
	"strings"
)

// Phrases finds phrases among words. It is safe for concurrent use; the zero
// value finds nothing. A PhraseList makes it.
//
// It is a tree of words in a few lists without pointers: there are a hundred
// thousand steps in a process, and as things of their own they took four times
// as much memory, all of which the collector of garbage had to look through.
type Phrases struct {
	spelling Spelling
	places   []place // the first is where every phrase begins; the last only ends the one before
	steps    []step  // those of a place together, by token
	ids      []int32
}

// Found is a phrase that was found.
type Found struct {
	ID       int
	From, To int // words: from the first to before the second
}

// gap is how many words "…" stands for at most.
const gap = 4

// place is a place in phrases; what belongs to it ends where the next one's begins.
type place struct {
	step int32 // the first of its steps
	id   int32 // the first of the phrases that end here
	any  int32 // the place after "…"; 0: there is none
}

// step leads from a place to another one.
type step struct {
	token TokenID
	to    int32
}

// In lists every phrase found among the words, by where they begin. "…" stands
// for as few words as it can.
func (p *Phrases) In(ws []Word) []Found {
	var out []Found
	l := p.spelling.Spell(ws)
	for i := range ws {
		out = p.at(l, i, out)
	}
	return out
}

// Begin lists the phrases that begin with the first word.
func (p *Phrases) Begin(ws []Word) []Found {
	return p.at(p.spelling.Spell(ws), 0, nil)
}

func (p *Phrases) at(l Line, i int, out []Found) []Found {
	if len(p.places) == 0 {
		return out
	}
	begun := len(out)
	p.walk(0, l, i, func(id, to int) {
		if !slices.Contains(out[begun:], Found{id, i, to}) {
			out = append(out, Found{id, i, to})
		}
	})
	return out
}

// walk goes on from a place, at word i.
func (p *Phrases) walk(n int32, l Line, i int, found func(id, to int)) {
	at, next := p.places[n], p.places[n+1]
	for _, id := range p.ids[at.id:next.id] {
		found(int(id), i)
	}
	if at.any != 0 {
		for skipped, done := 0, false; skipped <= gap && i+skipped < len(l.Words) && !done; skipped++ {
			p.walk(at.any, l, i+skipped, func(id, to int) {
				done = true
				found(id, to)
			})
		}
	}
	steps := p.steps[at.step:next.step]
	if i >= len(l.Words) || len(steps) == 0 {
		return
	}
	for _, token := range l.At(i) {
		if k, ok := slices.BinarySearchFunc(steps, token, func(s step, token TokenID) int { return int(s.token) - int(token) }); ok {
			p.walk(steps[k].to, l, i+1, found)
		}
	}
}

// PhraseList is what Phrases are made of. A phrase is written as people write it
// and folded as texts are. "order*" stands for every word that begins so; "…"
// between words for up to four words of any kind; "a|b" for one word or the
// other, behind a "…" for one phrase or the other: "where is|are … my order|the
// parcel".
type PhraseList struct {
	spelling Spelling
	root     branch
}

// branch is a place while phrases are added.
type branch struct {
	next map[TokenID]*branch
	any  *branch // after "…"
	ids  []int32
}

// Add adds a phrase under an id of the caller's. A phrase without a word is an
// error: it would be found everywhere or nowhere.
func (p *PhraseList) Add(phrase string, id int) error {
	list, err := ways(phrase)
	if err != nil {
		return err
	}
	for _, way := range list {
		at, words := &p.root, 0
		for field := range strings.FieldsSeq(way) {
			if field == "…" {
				if at.any == nil {
					at.any = &branch{}
				}
				at = at.any
				continue
			}
			stem, open := strings.CutSuffix(field, "*")
			ws := Normal(stem).Words
			words += len(ws)
			for i, w := range ws {
				at = at.to(p.spelling.ID(w.Form, open && i == len(ws)-1))
			}
		}
		if words == 0 {
			return fmt.Errorf("phrase %q has no words", phrase)
		}
		at.end(id)
	}
	return nil
}

// AddForms adds words that are written as the words of texts are compared; none
// are found nowhere.
func (p *PhraseList) AddForms(words []string, id int) {
	if len(words) == 0 {
		return
	}
	at := &p.root
	for _, w := range words {
		at = at.to(p.spelling.ID(w, false))
	}
	at.end(id)
}

func (b *branch) to(token TokenID) *branch {
	if b.next == nil {
		b.next = map[TokenID]*branch{}
	}
	if b.next[token] == nil {
		b.next[token] = &branch{}
	}
	return b.next[token]
}

func (b *branch) end(id int) {
	if !slices.Contains(b.ids, int32(id)) {
		b.ids = append(b.ids, int32(id))
	}
}

// Phrases are the phrases that were added; the list is empty then.
func (p *PhraseList) Phrases() Phrases {
	out := Phrases{spelling: p.spelling}
	out.spelling.Fit()
	list := []*branch{&p.root}
	number := func(b *branch) int32 {
		list = append(list, b)
		return int32(len(list) - 1)
	}
	for n := 0; n < len(list); n++ {
		b := list[n]
		at := place{step: int32(len(out.steps)), id: int32(len(out.ids))}
		for token, to := range b.next {
			out.steps = append(out.steps, step{token, number(to)})
		}
		slices.SortFunc(out.steps[at.step:], func(x, y step) int { return int(x.token) - int(y.token) })
		if b.any != nil {
			at.any = number(b.any)
		}
		out.places, out.ids = append(out.places, at), append(out.ids, b.ids...)
	}
	out.places = append(out.places, place{step: int32(len(out.steps)), id: int32(len(out.ids))})
	out.places, out.steps, out.ids = slices.Concat(out.places), slices.Concat(out.steps), slices.Concat(out.ids)
	*p = PhraseList{}
	return out
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
