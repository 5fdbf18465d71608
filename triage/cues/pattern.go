package cues

import (
	"fmt"
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

// element is a place in a pattern: one of several phrases, or a gap.
type element struct {
	choice
	gap      bool
	optional bool
}

// choice is what may stand at a place; it stands in many patterns, and once in
// memory.
type choice struct {
	ways ways
	kind int // its number
}

type pattern []element

// compiler reads the patterns of a language into a book. What is written alike is
// read once.
type compiler struct {
	book    *Book
	groups  map[string][]string // phrases by name
	phrases map[string]ways
	choices map[string]choice
}

func (b *Book) compiler(groups map[string][]string) *compiler {
	return &compiler{b, groups, map[string]ways{}, map[string]choice{}}
}

// pattern reads a pattern.
func (c *compiler) pattern(s string) (pattern, error) {
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
		choice, err := c.choice(inner)
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
func (c *compiler) choice(field string) (choice, error) {
	if known, ok := c.choices[field]; ok {
		return known, nil
	}
	out := choice{kind: c.book.kinds}
	for alt := range strings.SplitSeq(field, "|") {
		list, err := c.ways(alt)
		if err != nil {
			return choice{}, err
		}
		out.ways.join(list)
	}
	out.ways = out.ways.fit()
	c.book.kinds++
	c.book.opens = listed(c.book.opens, out.ways, int32(out.kind))
	c.choices[field] = out
	return out, nil
}

// ways reads a phrase, or the name of a group of them.
func (c *compiler) ways(alt string) (out ways, err error) {
	if known, ok := c.phrases[alt]; ok {
		return known, nil
	}
	phrases := []string{strings.ReplaceAll(alt, "_", " ")}
	if name, ok := strings.CutPrefix(alt, "@"); ok {
		if phrases = c.groups[name]; len(phrases) == 0 {
			return out, fmt.Errorf("names the group %q, which does not exist", name)
		}
	}
	for _, phrase := range phrases {
		way := c.book.tokens(phrase)
		if len(way) == 0 {
			return out, fmt.Errorf("has %q in it, which has no words", phrase)
		}
		out.add(way)
	}
	c.phrases[alt] = out
	return out, nil
}

func (b *Book) tokens(phrase string) []tokenID {
	var out []tokenID
	for field := range strings.FieldsSeq(phrase) {
		stem, open := strings.CutSuffix(field, "*")
		ws := text.Normal(stem).Words
		for i, w := range ws {
			out = append(out, b.spelling.id(w.Form, open && i == len(ws)-1))
		}
	}
	return out
}

// match says where the pattern ends that begins at word i; the shortest way is
// taken, so that a cue does not run into the next one.
func (p pattern) match(l line, i int) (end int, ok bool) {
	if len(p) == 0 {
		return i, true
	}
	e := p[0]
	if e.gap {
		left := gap * gapChars
		for ; i <= len(l.words); i++ {
			if end, ok = p[1:].match(l, i); ok {
				return end, true
			}
			if i == len(l.words) {
				break
			}
			if left -= cost(l.words[i]); left < 0 {
				break
			}
		}
		return 0, false
	}
	if e.optional {
		if end, ok = p[1:].match(l, i); ok {
			return end, true
		}
	}
	best := 0
	for way := range e.ways.all() {
		if !l.begins(i, way) {
			continue
		}
		if to, found := p[1:].match(l, i+len(way)); found && (!ok || to < best) {
			best, ok = to, true
		}
	}
	return best, ok
}

// cost is what a word takes of a gap.
func cost(w text.Word) int {
	if r, _ := utf8.DecodeRuneInString(w.Form); text.Unspaced(r) {
		return gap
	}
	return gapChars
}
