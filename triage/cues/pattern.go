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

// token is a word of a pattern: the whole word, or what it begins with.
type token struct {
	form string
	open bool
}

func (t token) is(w text.Word) bool {
	if !t.open {
		return w.Form == t.form || w.Alt == t.form && w.Alt != ""
	}
	return strings.HasPrefix(w.Form, t.form) || w.Alt != "" && strings.HasPrefix(w.Alt, t.form)
}

// element is a place in a pattern: one of several phrases, or a gap.
type element struct {
	gap      bool
	optional bool
	ways     [][]token
}

type pattern []element

// compile reads a pattern; groups are phrases by name.
func compile(s string, groups map[string][]string) (pattern, error) {
	var p pattern
	for field := range strings.FieldsSeq(s) {
		if field == "…" {
			p = append(p, element{gap: true})
			continue
		}
		var e element
		if inner, ok := strings.CutPrefix(field, "["); ok {
			if field, ok = strings.CutSuffix(inner, "]"); !ok {
				return nil, fmt.Errorf("pattern %q has a bracket that stays open", s)
			}
			e.optional = true
		}
		for alt := range strings.SplitSeq(field, "|") {
			phrases := []string{strings.ReplaceAll(alt, "_", " ")}
			if name, ok := strings.CutPrefix(alt, "@"); ok {
				if phrases = groups[name]; len(phrases) == 0 {
					return nil, fmt.Errorf("pattern %q names the group %q, which does not exist", s, name)
				}
			}
			for _, phrase := range phrases {
				way := tokens(phrase)
				if len(way) == 0 {
					return nil, fmt.Errorf("pattern %q has %q in it, which has no words", s, phrase)
				}
				e.ways = append(e.ways, way)
			}
		}
		p = append(p, e)
	}
	for len(p) > 0 && p[len(p)-1].gap {
		p = p[:len(p)-1]
	}
	if len(p) == 0 || p[0].gap || p[0].optional {
		return nil, fmt.Errorf("pattern %q must begin with a word", s)
	}
	return p, nil
}

func tokens(phrase string) []token {
	var out []token
	for field := range strings.FieldsSeq(phrase) {
		stem, open := strings.CutSuffix(field, "*")
		ws := text.Normal(stem).Words
		for i, w := range ws {
			out = append(out, token{w.Form, open && i == len(ws)-1})
		}
	}
	return out
}

// match says where the pattern ends that begins at word i; the shortest way is
// taken, so that a cue does not run into the next one.
func (p pattern) match(ws []text.Word, i int) (end int, ok bool) {
	if len(p) == 0 {
		return i, true
	}
	e := p[0]
	if e.gap {
		left := gap * gapChars
		for ; i <= len(ws); i++ {
			if end, ok = p[1:].match(ws, i); ok {
				return end, true
			}
			if i == len(ws) {
				break
			}
			if left -= cost(ws[i]); left < 0 {
				break
			}
		}
		return 0, false
	}
	if e.optional {
		if end, ok = p[1:].match(ws, i); ok {
			return end, true
		}
	}
	best := 0
	for _, way := range e.ways {
		if !begins(ws[i:], way) {
			continue
		}
		if to, found := p[1:].match(ws, i+len(way)); found && (!ok || to < best) {
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

func begins(ws []text.Word, way []token) bool {
	if len(ws) < len(way) {
		return false
	}
	for i, t := range way {
		if !t.is(ws[i]) {
			return false
		}
	}
	return true
}

// index finds the patterns that may begin at a word.
type index struct {
	exact    map[string][]int
	prefix   map[string][]int
	shortest int // bytes of the shortest prefix
	longest  int
}

func (x *index) add(p pattern, id int) {
	if x.exact == nil {
		x.exact, x.prefix = map[string][]int{}, map[string][]int{}
	}
	for _, way := range p[0].ways {
		m, form := x.exact, way[0].form
		if way[0].open {
			m = x.prefix
			x.longest = max(x.longest, len(form))
			if x.shortest == 0 || len(form) < x.shortest {
				x.shortest = len(form)
			}
		}
		if list := m[form]; len(list) == 0 || list[len(list)-1] != id {
			m[form] = append(list, id)
		}
	}
}

// at lists the patterns that may begin at w.
func (x *index) at(w text.Word, out []int) []int {
	for _, form := range [...]string{w.Form, w.Alt} {
		if form == "" {
			continue
		}
		out = append(out, x.exact[form]...)
		for n := x.shortest; n > 0 && n <= min(x.longest, len(form)); n++ {
			out = append(out, x.prefix[form[:n]]...)
		}
	}
	return out
}
