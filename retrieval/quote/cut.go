package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a unit is.
type Kind uint8

const (
	Sentence Kind = iota
	Item          // of a list, or a line of a quotation
	Row           // of a table
	Header        // of a table, with the ruling below it
	Lead          // a heading, a line in bold, or a sentence that ends in a colon
	Code
)

// Unit is the least that is quoted.
type Unit struct {
	From, To  int // bytes of the section's text
	Text, End int // the same without an item's marker or the fences of code
	Kind      Kind
	Words     int
	Leans     int  // index of the unit that it cannot stand without; -1: none
	Bound     bool // it limits what the unit before it says
}

// MaxUnit is how many words a unit has at most. What is longer (a line without
// a full stop) is cut between clauses, or between words.
const MaxUnit = 120

// Cut cuts a section's Markdown into its units.
func Cut(text string) []Unit {
	c := cutter{text: text, heading: -1, lead: -1, step: -1, header: -1}
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], '\n')
		if end < at {
			end = len(text)
		}
		c.line(at, end)
		at = end + 1
	}
	c.endFence(len(text))
	c.flush()
	return c.out
}

// cutter gathers the lines of a block until it is over.
type cutter struct {
	text string
	out  []Unit

	from, words, to int  // of the paragraph or item under way, and where its own words begin; empty where none is
	item            bool // it is an item
	fence           int  // where the fence of the code under way began, plus one; 0: none

	heading int  // the one in force; -1: none
	lead    int  // what announced the next block; -1: nothing did
	listed  bool // that block is a list or a table, which goes on with its next line
	step    int  // the numbered item before; -1: none, or the next one begins a list
	header  int  // of the table under way; -1: none
	rows    int  // of it, ruling and header counted
}

func (c *cutter) line(from, to int) {
	from, to = trimmed(c.text, from, to)
	s := c.text[from:to]
	if strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~") {
		if c.fence > 0 {
			c.endFence(to)
			return
		}
		c.flush()
		c.fence = from + 1
		return
	}
	if c.fence > 0 {
		return
	}
	if strings.HasPrefix(s, "|") {
		c.row(from, to)
		return
	}
	c.header, c.rows = -1, 0
	marker := itemMarker(s)
	switch {
	case s == "":
		c.flush()
	case isHeading(s):
		c.flush()
		c.head(from, to)
	case marker > 0:
		c.flush()
		c.from, c.item = from, true
		c.words, c.to = trimmed(c.text, from+marker, to)
	case c.to == c.from:
		c.from, c.words, c.to = from, from, to
	default: // a paragraph or an item goes on
		c.to = to
	}
}

// row takes a table's line: its first is the header, where a ruling follows it.
func (c *cutter) row(from, to int) {
	c.flush()
	c.step = -1
	c.rows++
	last := len(c.out) - 1
	if isRule(c.text[from:to]) {
		if c.rows == 2 && last >= 0 && c.out[last].Kind == Row {
			c.out[last].Kind, c.out[last].To = Header, to
			c.header = last
		}
		return
	}
	n := len(c.out)
	c.listed = true
	c.add(from, from, to, Row)
	if len(c.out) == n && c.rows == 1 {
		c.rows = 0 // a row without words is no header
	}
}

// endFence takes code that is short as one unit, and by its lines where it is not.
func (c *cutter) endFence(to int) {
	if c.fence == 0 {
		return
	}
	from := c.fence - 1
	c.fence = 0
	defer func() { c.lead = -1 }() // the block that it announced
	if CountWords(c.text[from:to]) <= MaxUnit/2 {
		n := len(c.out)
		c.add(from, from, to, Code)
		if len(c.out) > n {
			u := &c.out[n]
			u.Text, u.End = inFence(c.text, u.From, u.To)
		}
		return
	}
	for from < to {
		end := from + strings.IndexByte(c.text[from:to], '\n')
		if end < from {
			end = to
		}
		a, b := trimmed(c.text, from, end)
		if s := c.text[a:b]; !strings.HasPrefix(s, "```") && !strings.HasPrefix(s, "~~~") {
			c.add(a, a, b, Code)
		}
		from = end + 1
	}
}

// longItem is how many bytes an item may have to be one unit; a longer one is
// cut into its sentences.
const longItem = 200

// flush ends the block under way.
func (c *cutter) flush() {
	from, words, to, item := c.from, c.words, c.to, c.item
	words, _ = trimmed(c.text, words, to) // a marker alone in its line has them in the next
	c.from, c.words, c.to, c.item = 0, 0, 0, false
	if from == to {
		return
	}
	if !item && c.listed { // the list that was announced is over
		c.lead, c.listed = -1, false
	}
	number := item && c.text[from] >= '0' && c.text[from] <= '9'
	if marker := strings.TrimSpace(c.text[from:words]); !number || marker == "1." || marker == "1)" {
		c.step = -1
	}
	n := len(c.out)
	defer func() {
		if number && len(c.out) > n {
			c.step = n
		}
	}()
	switch {
	case item && to-words <= longItem:
		c.listed = true
		c.add(from, words, to, Item)
		return
	case !item && inBold(c.text[from:to]):
		c.head(from, to)
		return
	}
	c.listed = item
	for from < to {
		end := words + sentence(c.text[words:to])
		a, b := trimmed(c.text, from, end)
		kind := Sentence
		if item && a == from && a < words {
			kind = Item
		}
		c.add(a, max(a, words), b, kind)
		from, _ = trimmed(c.text, end, to)
		words = from
	}
	if item {
		return
	}
	c.lead = -1 // this was the block that was announced
	if last := len(c.out) - 1; last >= n && endsInColon(c.text[c.out[last].From:c.out[last].To]) {
		c.out[last].Kind = Lead
		c.lead = last
	}
}

// head adds a heading, which everything leans on up to the next one.
func (c *cutter) head(from, to int) {
	c.heading, c.lead, c.step, c.listed = -1, -1, -1, false
	n := len(c.out)
	if c.add(from, from, to, Lead); len(c.out) > n {
		c.heading = len(c.out) - 1
	}
}

// inFence is a fenced block without its fences.
func inFence(s string, from, to int) (int, int) {
	a, b := from, to
	if i := strings.IndexByte(s[from:to], '\n'); i >= 0 {
		a = from + i
	}
	if i := strings.LastIndexByte(s[a:to], '\n'); i > 0 {
		if last := strings.TrimSpace(s[a+i : to]); strings.HasPrefix(last, "```") || strings.HasPrefix(last, "~~~") {
			b = a + i
		}
	}
	if a, b = trimmed(s, a, b); a < b {
		return a, b
	}
	return from, to
}

// add makes units of a span with words in it; one that is too long makes several.
func (c *cutter) add(from, words, to int, kind Kind) {
	for from < to {
		end := to
		n := CountWords(c.text[from:to])
		if n > MaxUnit {
			end = from + clause(c.text[from:to])
			n = CountWords(c.text[from:end])
		}
		a, b := trimmed(c.text, from, end)
		if a < b && strings.ContainsFunc(c.text[a:b], isWord) {
			u := Unit{From: a, To: b, Text: min(max(a, words), b), End: b, Kind: kind, Words: n, Leans: c.leansOn(kind)}
			u.Bound = len(c.out) > 0 && (kind == Sentence || kind == Item) && bounds(c.text[u.Text:u.To])
			c.out = append(c.out, u)
		}
		from, words = end, end
	}
}

func (c *cutter) leansOn(kind Kind) int {
	switch {
	case kind == Row && c.header >= 0:
		return c.header
	case kind == Item && c.step >= 0:
		return c.step // a step makes no sense without those before
	case c.lead >= 0:
		return c.lead
	default:
		return c.heading
	}
}

// clause is where the first part ends of a text that is too long for one unit:
// behind a clause where one ends in its second half, else between words.
func clause(s string) int {
	limit, mark, gap := len(s), 0, 0
	words, halves := 0, 0
	for i, r := range s {
		if words >= MaxUnit-1 { // what is left of an odd number of characters counts as one more
			limit = i
			break
		}
		switch {
		case unicode.IsSpace(r):
			gap = i
			words++ // signs alone are counted too: rather too few words than too many
		case unspaced(r):
			gap = i
			if halves++; halves%2 == 0 {
				words++
			}
		case strings.ContainsRune(";；，、،", r):
			mark = i + utf8.RuneLen(r)
		}
	}
	switch {
	case mark > limit/2:
		return mark
	case gap > 0:
		return gap
	}
	return limit
}

// CountWords counts what has a letter or digit in it, between spaces; of scripts
// without spaces two characters are a word.
func CountWords(s string) int {
	n, halves, counted := 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			counted = false
		case unspaced(r):
			halves++
		case !counted && isWord(r):
			n++
			counted = true
		}
	}
	return n + (halves+1)/2
}

// unspaced says whether a letter belongs to a script that is written without
// spaces between words.
func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
