package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutLines cuts a passage's Markdown into its lines: sentences of paragraphs,
// items of lists (sentences of long ones), rows of tables, lines of code.
// Headings, a table's header and signs without words are none. Spans are in
// order and do not overlap.
func cutLines(text string) []Line {
	c := cutter{text: text}
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], '\n')
		if end < at {
			end = len(text)
		}
		c.line(at, end)
		at = end + 1
	}
	c.flush()
	return c.out
}

// cutter gathers the lines of a block until it is over.
type cutter struct {
	text     string
	out      []Line
	from, to int // of the paragraph or item under way; empty where none is
	item     bool
	header   string // of the table under way
	rows     int    // of it, the header and the rule below it counted
	fenced   bool
}

func (c *cutter) line(from, to int) {
	from, to = trimmed(c.text, from, to)
	s := c.text[from:to]
	if strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~") {
		c.flush()
		c.fenced = !c.fenced
		return
	}
	if c.fenced {
		c.add(from, to)
		return
	}
	if strings.HasPrefix(s, "|") {
		c.row(from, to)
		return
	}
	c.header, c.rows = "", 0
	marker := itemMarker(s)
	switch {
	case s == "" || isHeading(s):
		c.flush()
	case marker > 0:
		c.flush()
		c.from, c.to = trimmed(c.text, from+marker, to)
		c.item = true
	case c.to == c.from:
		c.from, c.to = from, to
	default: // a paragraph or an item goes on
		c.to = to
	}
}

// row takes a table's line: its first is the header, where a rule follows it.
func (c *cutter) row(from, to int) {
	c.flush()
	c.rows++
	n := len(c.out)
	if !isRule(c.text[from:to]) {
		c.add(from, to)
		if len(c.out) == n {
			c.rows = 0 // a row without words is no header
		} else {
			c.out[n].Header = c.header
		}
		return
	}
	if c.rows == 2 {
		c.header = c.text[c.out[n-1].From:c.out[n-1].To]
		c.out = c.out[:n-1]
	}
}

// longItem is how many bytes an item may have to be shown whole.
const longItem = 200

func (c *cutter) flush() {
	from, to, whole := c.from, c.to, c.item && c.to-c.from <= longItem
	c.from, c.to, c.item = 0, 0, false
	if whole {
		c.add(from, to)
		return
	}
	for from < to {
		end := from + sentence(c.text[from:to])
		c.add(trimmed(c.text, from, end))
		from, _ = trimmed(c.text, end, to)
	}
}

func (c *cutter) add(from, to int) {
	if from < to && strings.ContainsFunc(c.text[from:to], isWord) {
		c.out = append(c.out, Line{From: from, To: to})
	}
}

// sentence is where the first sentence of a text ends.
func sentence(s string) int {
	for i, r := range s {
		after := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？', '؟', '…':
			return after
		case '.', '!', '?':
		default:
			continue
		}
		after = len(s) - len(strings.TrimLeft(s[after:], "\"'”’»)*_"))
		if endsSentence(s[:i], s[after:]) {
			return after
		}
	}
	return len(s)
}

// endsSentence says whether a full stop between two texts ends a sentence:
// after a word of some length ("e.g." and "No." end none) and before a space
// and what may begin one.
func endsSentence(before, after string) bool {
	if after == "" {
		return true
	}
	space, n := utf8.DecodeRuneInString(after)
	if !unicode.IsSpace(space) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(after[n:], unicode.IsSpace))
	if unicode.IsLower(next) {
		return false
	}
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	if strings.Contains(word, ".") {
		return false
	}
	letters := strings.TrimFunc(word, func(r rune) bool { return !isWord(r) })
	return utf8.RuneCountInString(letters) > 2 || !unicode.IsUpper(firstRune(letters))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// itemMarker is the length of the marker that a list's item begins with, or a
// quotation's line; 0 where there is none.
func itemMarker(s string) int {
	if rest, ok := strings.CutPrefix(s, ">"); ok {
		return len(s) - len(strings.TrimLeft(rest, "> \t"))
	}
	digits := 0
	for digits < len(s) && digits < 9 && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	n := digits
	switch {
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')'):
		n++
	case digits == 0 && s != "" && strings.IndexByte("-*+", s[0]) >= 0:
		n = 1
	default:
		return 0
	}
	if n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		return n + 1
	}
	return 0
}

func isHeading(s string) bool {
	rest := strings.TrimLeft(s, "#")
	level := len(s) - len(rest)
	return level > 0 && level <= 6 && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// isRule says whether a line is the one below a table's header.
func isRule(s string) bool {
	return strings.Contains(s, "-") && strings.Trim(s, "|:- \t") == ""
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// trimmed is a span without the white space around it.
func trimmed(s string, from, to int) (int, int) {
	part := s[from:to]
	left := strings.TrimLeftFunc(part, unicode.IsSpace)
	from += len(part) - len(left)
	return from, from + len(strings.TrimRightFunc(left, unicode.IsSpace))
}
