package cues

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"frontdesk/triage/text"
)

// Language are the patterns of one language.
type Language struct {
	Groups map[string][]string `json:"groups,omitempty"`
	// Not takes back a cue that follows within Reach words.
	Not []string `json:"not,omitempty"`
	// Mask are words that look like cues and are none.
	Mask []string `json:"mask,omitempty"`
	// Told are orders how to label the message.
	Told []string `json:"told,omitempty"`
	// Polite are words that change nothing about what is said alone.
	Polite []string        `json:"polite,omitempty"`
	Rules  map[string]Rule `json:"rules"`
}

// Rule are the patterns of one thing that may be said.
type Rule struct {
	Says  []string `json:"says,omitempty"`  // wherever it stands
	Alone []string `json:"alone,omitempty"` // where nothing else is said, Polite aside
}

// Cue is something that a phrase of a message says.
type Cue struct {
	Rule string
	Lang string // of the phrase
	From int    // bytes of the message
	To   int
	// Courteous says that nothing else is said but a word of politeness.
	Courteous bool
}

// Found is all that phrases say of a message.
type Found struct {
	Cues   []Cue // by where they begin
	Masked bool  // words of a cue were there, and meant something else
	Told   bool  // the message orders how to label it
	Words  int   // of what the customer says
}

// Has says whether there is a cue of a rule.
func (f Found) Has(rule string) bool {
	return slices.ContainsFunc(f.Cues, func(c Cue) bool { return c.Rule == rule })
}

// Kinds of patterns.
const (
	kindSays = iota
	kindNot
	kindMask
	kindTold
)

// entry is a pattern and what it stands for.
type entry struct {
	from, to int32 // among the elements
	kind     int32
	rule     string
	lang     string
}

// alone are the phrases of a language that a whole message may consist of.
type alone struct {
	lang, rule   string
	must, polite ways
}

// Book is a set of patterns; it is safe for concurrent use.
type Book struct {
	chapters []*chapter // the built-in one; a site's own
	reach    int
}

// aloneWords is how long a message may be that says a thing alone.
const aloneWords = 12

// Read reads the patterns of several languages, as JSON by language; reach is
// how many words may stand between a negation and the cue it takes back.
func Read(data []byte, reach int) (*Book, error) {
	var all map[string]Language
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("cues: %w", err)
	}
	var a author
	for _, code := range slices.Sorted(maps.Keys(all)) {
		if err := a.language(code, all[code]); err != nil {
			return nil, fmt.Errorf("cues of %s: %w", code, err)
		}
	}
	return &Book{[]*chapter{a.done()}, reach}, nil
}

// ReadFiles is Read of a folder with a file for each language, named by its code.
func ReadFiles(files fs.FS, folder string, reach int) (*Book, error) {
	names, err := fs.Glob(files, folder+"/*.json")
	if err != nil {
		return nil, fmt.Errorf("cues: %w", err)
	}
	all := map[string]json.RawMessage{}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("cues: %w", err)
		}
		all[strings.TrimSuffix(path.Base(name), ".json")] = data
	}
	data, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("cues: %w", err)
	}
	return Read(data, reach)
}

// With is the book and patterns of a site's own, by rule.
func (b *Book) With(rules map[string][]string) (*Book, error) {
	own := Language{Rules: map[string]Rule{}}
	for rule, patterns := range rules {
		own.Rules[rule] = Rule{Says: patterns}
	}
	var a author
	if err := a.language("site", own); err != nil {
		return nil, fmt.Errorf("the site's own words: %w", err)
	}
	return &Book{append(slices.Clip(b.chapters), a.done()), b.reach}, nil
}

func (a *author) language(code string, l Language) error {
	a.groups, a.phrases, a.known = l.Groups, map[string]ways{}, map[string]int32{}
	add := func(kind int32, rule string, patterns []string) error {
		for _, s := range patterns {
			p, err := a.pattern(s)
			if err != nil {
				return err
			}
			a.starts = listed(a.starts, a.of(p[0].choice), int32(len(a.entries)))
			from := int32(len(a.elements))
			a.elements = append(a.elements, p...)
			a.entries = append(a.entries, entry{from, from + int32(len(p)), kind, rule, code})
		}
		return nil
	}
	for _, part := range []struct {
		kind int32
		list []string
	}{{kindNot, l.Not}, {kindMask, l.Mask}, {kindTold, l.Told}} {
		if err := add(part.kind, "", part.list); err != nil {
			return err
		}
	}
	var polite ways
	for _, s := range l.Polite {
		polite.add(a.tokens(s))
	}
	for _, rule := range slices.Sorted(maps.Keys(l.Rules)) {
		r := l.Rules[rule]
		if err := add(kindSays, rule, r.Says); err != nil {
			return err
		}
		if len(r.Alone) > 0 {
			only := alone{lang: code, rule: rule, polite: polite}
			for _, s := range r.Alone {
				only.must.add(a.tokens(s))
			}
			a.alone = append(a.alone, only)
		}
	}
	return nil
}

// listed adds a number to the list of every token that one of the ways begins
// with; lists grow as tokens do.
func listed(all [][]int32, list iter.Seq[[]text.TokenID], n int32) [][]int32 {
	for way := range list {
		if missing := int(way[0]) + 1 - len(all); missing > 0 {
			all = append(all, make([][]int32, missing)...)
		}
		if l := all[way[0]]; len(l) == 0 || l[len(l)-1] != n {
			all[way[0]] = append(l, n)
		}
	}
	return all
}

// match is a pattern found among the words of a sentence.
type match struct {
	entry    *entry
	from, to int // words
}

// Find reads a message.
func (b *Book) Find(t text.Text) Found {
	f := Found{Words: len(t.Words)}
	for _, s := range t.Sentences {
		ws := t.In(s)
		var cues, others []match
		for _, c := range b.chapters {
			cues, others = c.find(ws, cues, others)
		}
		slices.SortStableFunc(cues, func(x, y match) int { return x.from - y.from })
		b.keep(&f, ws, cues, others)
	}
	if len(t.Words) <= aloneWords {
		for _, c := range b.chapters {
			l := c.spelling.Spell(t.Words)
			for _, a := range c.alone {
				if ok, polite := a.covers(l); ok {
					f.Cues = append(f.Cues, Cue{a.rule, a.lang, t.Words[0].From, t.Words[len(t.Words)-1].To, polite})
				}
			}
		}
	}
	slices.SortStableFunc(f.Cues, func(x, y Cue) int { return x.From - y.From })
	return f
}

// find adds the patterns that stand in a sentence: cues, and what takes them back.
func (c *chapter) find(ws []text.Word, cues, others []match) ([]match, []match) {
	l := c.spelling.Spell(ws)
	there := c.there(l)
	var ids []int32
	for i := range ws {
		ids = c.begun(l, i, ids[:0])
		for _, id := range ids {
			e := &c.entries[id]
			p := c.pattern(e)
			if !may(p[1:], there) {
				continue
			}
			to, ok := c.match(p, l, i)
			switch {
			case !ok:
			case e.kind == kindSays:
				cues = append(cues, match{e, i, to})
			default:
				others = append(others, match{e, i, to})
			}
		}
	}
	return cues, others
}

// begun lists the entries that may begin at word i, in their order.
func (c *chapter) begun(l text.Line, i int, out []int32) []int32 {
	tokens := l.At(i)
	for _, id := range tokens {
		out = append(out, c.starts.at(int(id))...)
	}
	if len(tokens) > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
}

// may says whether a pattern's words may be in a sentence: of each element that
// it needs something must begin there, in whatever order.
func may(p pattern, there set) bool {
	for i := range p {
		if e := &p[i]; !e.gap && !e.optional && !there.has(int(e.choice)) {
			return false
		}
	}
	return true
}

// there are the choices of which something begins in a sentence.
func (c *chapter) there(l text.Line) set {
	choices := newSet(len(c.last))
	for _, id := range l.IDs {
		for _, n := range c.opens.at(int(id)) {
			choices.add(int(n))
		}
	}
	return choices
}

// keep adds those cues of a sentence that nothing takes back.
func (b *Book) keep(f *Found, ws []text.Word, cues, others []match) {
	told := len(ws)
	for _, o := range others {
		if o.entry.kind == kindTold {
			f.Told = true
			told = min(told, o.from)
		}
	}
	for _, c := range cues {
		masked, denied := false, false
		for _, o := range others {
			switch o.entry.kind {
			case kindMask:
				masked = masked || o.from <= c.from && c.from < o.to || o.from < c.to && c.to <= o.to
			case kindNot:
				denied = denied || o.entry.lang == c.entry.lang && o.to <= c.from && c.from-o.to <= b.reach && together(ws[o.to-1:c.from+1])
			}
		}
		switch {
		case masked:
			f.Masked = true
		case denied || c.from >= told:
		default:
			f.Cues = append(f.Cues, Cue{c.entry.rule, c.entry.lang, ws[c.from].From, ws[c.to-1].To, false})
		}
	}
}

// together says whether words follow each other with no more than a blank and
// one mark between: a comma and a blank are two.
func together(ws []text.Word) bool {
	for i := 1; i < len(ws); i++ {
		if ws[i].From-ws[i-1].To > 1 {
			return false
		}
	}
	return true
}

// covers says whether the words consist of what says the thing alone, once at
// least, and of politeness, and whether there is any of that.
func (a alone) covers(l text.Line) (found, courteous bool) {
	for i := 0; i < len(l.Words); {
		n, polite := longest(l, i, a.must), longest(l, i, a.polite)
		if n > 0 && n >= polite {
			found = true
		} else if polite > 0 {
			courteous = true
		}
		if n = max(n, polite); n == 0 {
			return false, false
		}
		i += n
	}
	return found, courteous
}

func longest(l text.Line, i int, list ways) int {
	n := 0
	for way := range list.all() {
		if len(way) > n && begins(l, i, way) {
			n = len(way)
		}
	}
	return n
}

// set is a set of small numbers.
type set []uint64

func (s set) has(n int) bool { return s[n>>6]>>(n&63)&1 != 0 }
func (s set) add(n int)      { s[n>>6] |= 1 << (n & 63) }

// newSet is an empty set of numbers below n.
func newSet(n int) set { return make(set, (n+63)>>6) }
