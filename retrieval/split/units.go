package split

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// unit is the least that is kept together.
type unit struct {
	from, to int
	size     length
	context  string // what it needs that stands further up: a table's header row
	leads    bool   // it announces what follows: "Do this:" or a line in bold
}

// maxDepth is how deep containers are taken apart. Below it, as far down as only
// an attack nests, text is cut by its lines.
const maxDepth = 20

// maxContext bounds what goes with a later part of a table or list, in runes.
const maxContext = 300

// units takes a section apart as far as its lengths ask for.
func (s *Splitter) units(d document, sec section) []unit {
	var out []unit
	for _, b := range sec.blocks {
		lead := ""
		if n := len(out); n > 0 && out[n-1].leads {
			lead = d.body[out[n-1].from:out[n-1].to]
		}
		out = append(out, s.block(d, b, lead, 0)...)
	}
	return s.glue(d.body, out)
}

// glue ties what announces to what follows, from the end so that a bold line, a
// sentence and its list become one unit where they fit.
func (s *Splitter) glue(body string, units []unit) []unit {
	if len(units) == 0 {
		return units
	}
	out := units[len(units)-1:] // grows towards the front of the same array
	for i := len(units) - 2; i >= 0; i-- {
		u, next := units[i], out[0]
		if u.leads {
			all := u.size.plus(measure(body[u.to:next.from])).plus(next.size)
			if all.fits(s.whole) {
				out[0] = unit{from: u.from, to: next.to, size: all, context: u.context}
				continue
			}
		}
		at := len(units) - len(out) - 1
		units[at] = u
		out = units[at:]
	}
	return out
}

// block is a block as one unit where it fits, else in parts.
func (s *Splitter) block(d document, b block, lead string, depth int) []unit {
	from, to := s.edges(d, b)
	if from >= to || invisible(b.node, d.body[from:to]) {
		return nil
	}
	size := measure(d.body[from:to])
	if size.halves == 0 {
		return nil
	}
	if isProse(b.node) {
		if size.fits(s.soft) {
			return []unit{{from: from, to: to, size: size, leads: announces(d.body[from:to])}}
		}
		return s.cut(d.body, from, to, b.node != nil && b.node.Kind() == ast.KindHTMLBlock)
	}
	if size.fits(s.whole) {
		return []unit{{from: from, to: to, size: size}}
	}
	switch {
	case depth >= maxDepth:
		return s.lines(d.body, from, to)
	case isTable(b.node):
		return s.table(d, b, from, to)
	case b.node.Kind() == ast.KindList, b.node.Kind() == ast.KindListItem, b.node.Kind() == ast.KindBlockquote:
		return s.container(d, b, from, to, lead, depth)
	}
	return s.lines(d.body, from, to)
}

// edges is the span of a block without the blank lines around it.
func (s *Splitter) edges(d document, b block) (from, to int) {
	if b.node != nil && b.node.Kind() == ast.KindCodeBlock {
		return trimLines(d.body, b.from, b.to)
	}
	return trim(d.body, b.from, b.to)
}

// isProse reports whether a block is text that may be cut between sentences.
func isProse(n ast.Node) bool {
	if n == nil {
		return true
	}
	switch n.Kind() {
	case ast.KindParagraph, ast.KindTextBlock, ast.KindHTMLBlock, ast.KindHeading:
		return true
	}
	return false
}

// linkDefinition is a line such as [1]: /help/returns "Returns".
var linkDefinition = regexp.MustCompile(`^ {0,3}\[[^\[\]]+\]:[ \t]*\S+[ \t]*(?:"[^"]*"|'[^']*'|\([^()]*\))?[ \t]*\n?$`)

// invisible reports whether a block is nothing for a reader: a rule, a link's
// definition, a comment, a builder's tag.
func invisible(n ast.Node, text string) bool {
	if n != nil && n.Kind() == ast.KindThematicBreak {
		return true
	}
	switch {
	case strings.HasPrefix(text, "["):
		for line := range strings.Lines(text) {
			if !linkDefinition.MatchString(line) {
				return false
			}
		}
		return true
	case strings.HasPrefix(text, "{:") || strings.HasPrefix(text, "{%"):
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && (line[0] != '{' || line[len(line)-1] != '}') {
				return false
			}
		}
		return true
	case strings.HasPrefix(text, "<!--"):
		return strings.Index(text, "-->") == len(text)-len("-->")
	}
	return false
}

// announces reports whether a paragraph says nothing without what follows: it
// ends in a colon, or is one line in bold.
func announces(text string) bool {
	if strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":**") {
		return true
	}
	return len(text) > 4 && strings.HasPrefix(text, "**") && strings.HasSuffix(text, "**") &&
		!strings.Contains(text[2:len(text)-2], "**") && !strings.Contains(text, "\n")
}

// container takes a list, an item or a quotation apart into its children. Later
// parts of a list carry the sentence that announced it.
func (s *Splitter) container(d document, b block, from, to int, lead string, depth int) []unit {
	children := d.children(b.node, from, to)
	if len(children) == 1 && children[0].node == nil {
		return s.lines(d.body, from, to)
	}
	var out []unit
	for _, c := range children {
		out = append(out, s.block(d, c, "", depth+1)...)
	}
	if b.node.Kind() != ast.KindList {
		return s.glue(d.body, out)
	}
	if context := cutBytes(strings.TrimSpace(lead), maxContext); context != "" {
		for i := 1; i < len(out); i++ {
			out[i].context = context
		}
	}
	return out
}

// table takes a table apart into rows; each row but the first, which stands with
// the header, carries the header row as its context.
func (s *Splitter) table(d document, b block, from, to int) []unit {
	rows := d.children(b.node, from, to)
	if len(rows) < 3 {
		return s.lines(d.body, from, to)
	}
	header, _, _ := strings.Cut(d.body[from:to], "\n")
	header = cutBytes(strings.TrimSpace(header), maxContext)
	var out []unit
	add := func(lo, hi int) {
		lo, hi = trim(d.body, lo, hi)
		if lo >= hi {
			return
		}
		size := measure(d.body[lo:hi])
		if size.fits(s.whole) {
			out = append(out, unit{from: lo, to: hi, size: size})
			return
		}
		out = append(out, s.cut(d.body, lo, hi, false)...)
	}
	add(rows[0].from, rows[1].to) // the header with its rule and the first row
	for _, r := range rows[2:] {
		add(r.from, r.to)
	}
	for i := 1; i < len(out); i++ {
		out[i].context = header
	}
	return out
}

// lines takes code, and what has no better structure, apart at its line ends.
func (s *Splitter) lines(body string, from, to int) []unit {
	var out []unit
	for at := from; at < to; {
		end := to
		if i := strings.IndexByte(body[at:to], '\n'); i >= 0 {
			end = at + i + 1
		}
		lo, hi := trimLines(body, at, end)
		if lo < hi {
			size := measure(body[lo:hi])
			if size.fits(s.soft) {
				out = append(out, unit{from: lo, to: hi, size: size})
			} else {
				out = append(out, s.cut(body, lo, hi, false)...)
			}
		}
		at = end
	}
	return out
}
