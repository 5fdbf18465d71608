package cues

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// gap is how many words "…" stands for at most; of a script without spaces, how
// many characters.
const (
	gap      = 3
	gapChars = 12
)

// element is a place in a pattern: a choice of several phrases, or a gap.
type element struct {
	choice   int32 // its number
	gap      bool
	optional bool
}

type pattern []element

// chapter are the patterns of some languages. Its lists have few pointers: there
// are ten thousands of patterns in a process, and they are kept as long as it runs.
type chapter struct {
	entries  []entry
	elements []element // of all patterns
	choices  ways      // of all choices
	last     []int32   // of each choice, the number after its last way
	starts   lists     // entries by the token they may begin with
	opens    lists     // choices by the token that something of them begins with
	alone    []alone
	spelling text.Spelling
}

// pattern is that of an entry.
func (c *chapter) pattern(e *entry) pattern { return c.elements[e.from:e.to] }

// of are the ways of a choice.
func (c *chapter) of(choice int32) func(func([]text.TokenID) bool) {
	first := int32(0)
	if choice > 0 {
		first = c.last[choice-1]
	}
	return c.choices.some(int(first), int(c.last[choice]))
}

// match says where the pattern ends that begins at word i; the shortest way is
// taken, so that a cue does not run into the next one.
func (c *chapter) match(p pattern, l text.Line, i int) (end int, ok bool) {
	if len(p) == 0 {
		return i, true
	}
	e := p[0]
	if e.gap {
		left := gap * gapChars
		for ; i <= len(l.Words); i++ {
			if end, ok = c.match(p[1:], l, i); ok {
				return end, true
			}
			if i == len(l.Words) {
				break
			}
			if left -= cost(l.Words[i]); left < 0 {
				break
			}
		}
		return 0, false
	}
	if e.optional {
		if end, ok = c.match(p[1:], l, i); ok {
			return end, true
		}
	}
	best := 0
	for way := range c.of(e.choice) {
		if !begins(l, i, way) {
			continue
		}
		if to, found := c.match(p[1:], l, i+len(way)); found && (!ok || to < best) {
			best, ok = to, true
		}
	}
	return best, ok
}

// begins says whether the words from i on are those of a way.
func begins(l text.Line, i int, way []text.TokenID) bool {
	if len(l.Words)-i < len(way) {
		return false
	}
	for k, id := range way {
		if !slices.Contains(l.At(i+k), id) {
			return false
		}
	}
	return true
}

// cost is what a word takes of a gap.
func cost(w text.Word) int {
	if r, _ := utf8.DecodeRuneInString(w.Form); text.Unspaced(r) {
		return gap
	}
	return gapChars
}

// author writes a chapter. What is written alike in a language is read once.
type author struct {
	chapter
	starts, opens [][]int32
	// of the language:
	groups  map[string][]string // phrases by name
	phrases map[string]ways
	known   map[string]int32 // choices by what is written
}

// done is what was written, with no room to grow.
func (a *author) done() *chapter {
	c := a.chapter
	c.entries, c.elements, c.choices, c.last = slices.Concat(c.entries), slices.Concat(c.elements), c.choices.fit(), slices.Concat(c.last)
	c.starts, c.opens = pack(a.starts), pack(a.opens)
	c.spelling.Fit()
	return &c
}

// pattern reads a pattern.
func (a *author) pattern(s string) (pattern, error) {
	var p pattern
	for field := range strings.FieldsSeq(s) {
		if field == "…" {
			p = append(p, element{gap: true})
			continue
		}
		inner, optional := strings.CutPrefix(field, "[")
		if optional {
			var closed bool
			if inner, closed = strings.CutSuffix(inner, "]"); !closed {
				return nil, fmt.Errorf("pattern %q has a bracket that stays open", s)
			}
		}
		choice, err := a.choice(inner)
		if err != nil {
			return nil, fmt.Errorf("pattern %q %w", s, err)
		}
		p = append(p, element{choice: choice, optional: optional})
	}
	for len(p) > 0 && p[len(p)-1].gap {
		p = p[:len(p)-1]
	}
	if len(p) == 0 || p[0].gap || p[0].optional {
		return nil, fmt.Errorf("pattern %q must begin with a word", s)
	}
	return p, nil
}

// choice reads phrases with "|" between them.
func (a *author) choice(field string) (int32, error) {
	if known, ok := a.known[field]; ok {
		return known, nil
	}
	var all ways
	for alt := range strings.SplitSeq(field, "|") {
		list, err := a.ways(alt)
		if err != nil {
			return 0, err
		}
		all.join(list)
	}
	n := int32(len(a.last))
	a.choices.join(all)
	a.last = append(a.last, int32(len(a.choices.ends)))
	a.opens = listed(a.opens, all.all(), n)
	a.known[field] = n
	return n, nil
}

// ways reads a phrase, or the name of a group of them.
func (a *author) ways(alt string) (out ways, err error) {
	if known, ok := a.phrases[alt]; ok {
		return known, nil
	}
	phrases := []string{strings.ReplaceAll(alt, "_", " ")}
	if name, ok := strings.CutPrefix(alt, "@"); ok {
		if phrases = a.groups[name]; len(phrases) == 0 {
			return out, fmt.Errorf("names the group %q, which does not exist", name)
		}
	}
	for _, phrase := range phrases {
		way := a.tokens(phrase)
		if len(way) == 0 {
			return out, fmt.Errorf("has %q in it, which has no words", phrase)
		}
		out.add(way)
	}
	a.phrases[alt] = out
	return out, nil
}

func (a *author) tokens(phrase string) []text.TokenID {
	var out []text.TokenID
	for field := range strings.FieldsSeq(phrase) {
		stem, open := strings.CutSuffix(field, "*")
		ws := text.Normal(stem).Words
		for i, w := range ws {
			out = append(out, a.spelling.ID(w.Form, open && i == len(ws)-1))
		}
	}
	return out
}
