package cues

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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

type entry struct {
	pattern pattern
	kind    int
	rule    string
	lang    string
}

// alone are the phrases of a language that a whole message may consist of.
type alone struct {
	lang, rule   string
	must, polite [][]token
}

// Book is a set of patterns; it is safe for concurrent use.
type Book struct {
	entries []entry
	index   index
	alone   []alone
	reach   int
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
	b := &Book{reach: reach}
	for _, code := range slices.Sorted(maps.Keys(all)) {
		if err := b.language(code, all[code]); err != nil {
			return nil, fmt.Errorf("cues of %s: %w", code, err)
		}
	}
	return b, nil
}

// With is the book and patterns of a site's own, by rule.
func (b *Book) With(rules map[string][]string) (*Book, error) {
	own := Language{Rules: map[string]Rule{}}
	for rule, patterns := range rules {
		own.Rules[rule] = Rule{Says: patterns}
	}
	out := *b
	out.entries = slices.Clip(out.entries)
	out.index = index{}
	for id, e := range out.entries {
		out.index.add(e.pattern, id)
	}
	if err := out.language("site", own); err != nil {
		return nil, fmt.Errorf("the site's own words: %w", err)
	}
	return &out, nil
}

func (b *Book) language(code string, l Language) error {
	add := func(kind int, rule string, list []string) error {
		for _, s := range list {
			p, err := compile(s, l.Groups)
			if err != nil {
				return err
			}
			b.index.add(p, len(b.entries))
			b.entries = append(b.entries, entry{p, kind, rule, code})
		}
		return nil
	}
	for _, part := range []struct {
		kind int
		list []string
	}{{kindNot, l.Not}, {kindMask, l.Mask}, {kindTold, l.Told}} {
		if err := add(part.kind, "", part.list); err != nil {
			return err
		}
	}
	var polite [][]token
	for _, s := range l.Polite {
		polite = append(polite, tokens(s))
	}
	for _, rule := range slices.Sorted(maps.Keys(l.Rules)) {
		r := l.Rules[rule]
		if err := add(kindSays, rule, r.Says); err != nil {
			return err
		}
		if len(r.Alone) > 0 {
			a := alone{lang: code, rule: rule, polite: polite}
			for _, s := range r.Alone {
				a.must = append(a.must, tokens(s))
			}
			b.alone = append(b.alone, a)
		}
	}
	return nil
}

// match is a pattern found among the words of a sentence.
type match struct {
	entry    *entry
	from, to int // words
}

// Find reads a message.
func (b *Book) Find(t text.Text) Found {
	f := Found{Words: len(t.Words)}
	var ids []int
	for _, s := range t.Sentences {
		ws := t.In(s)
		var cues, others []match
		for i, w := range ws {
			ids = b.index.at(w, ids[:0])
			slices.Sort(ids)
			for _, id := range slices.Compact(ids) {
				e := &b.entries[id]
				to, ok := e.pattern.match(ws, i)
				switch {
				case !ok:
				case e.kind == kindSays:
					cues = append(cues, match{e, i, to})
				default:
					others = append(others, match{e, i, to})
				}
			}
		}
		b.keep(&f, ws, cues, others)
	}
	for _, a := range b.alone {
		if a.covers(t.Words) {
			f.Cues = append(f.Cues, Cue{a.rule, a.lang, t.Words[0].From, t.Words[len(t.Words)-1].To})
		}
	}
	slices.SortStableFunc(f.Cues, func(x, y Cue) int { return x.From - y.From })
	return f
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
			f.Cues = append(f.Cues, Cue{c.entry.rule, c.entry.lang, ws[c.from].From, ws[c.to-1].To})
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
// least, and of politeness.
func (a alone) covers(ws []text.Word) bool {
	if len(ws) == 0 || len(ws) > aloneWords {
		return false
	}
	found := false
	for len(ws) > 0 {
		n, polite := longest(ws, a.must), longest(ws, a.polite)
		if n > 0 && n >= polite {
			found = true
		}
		if n = max(n, polite); n == 0 {
			return false
		}
		ws = ws[n:]
	}
	return found
}

func longest(ws []text.Word, ways [][]token) int {
	n := 0
	for _, way := range ways {
		if len(way) > n && begins(ws, way) {
			n = len(way)
		}
	}
	return n
}
