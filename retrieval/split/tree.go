package split

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"frontdesk/retrieval/mdtext"
)

// document is a body with its tree. Only blocks are parsed: inline pieces are
// nothing to cut at, and their parsing is most of the work. Definitions of links
// are paragraphs here (see invisible): the parser's time for them grows with the
// square of their number.
type document struct {
	body string
	src  []byte
	root ast.Node
}

func parse(body string) document {
	src := []byte(body)
	if tooDeep(body) {
		return document{body: body, src: src, root: ast.NewDocument()}
	}
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)),
		parser.WithAttribute(), // headings lose their {#id}
	)
	return document{body: body, src: src, root: p.Parse(text.NewReader(src))}
}

// maxNesting is how many containers may begin on one line, and a quarter of how
// many columns a line may be indented by. The parser's work grows with the square
// of both; no text for readers comes near.
const maxNesting = 50

// tooDeep reports whether a body nests as only an attack does. It is then cut as
// plain text.
func tooDeep(body string) bool {
	for line := range strings.Lines(body) {
		marks, columns := 0, 0
		for i := 0; i < len(line); i++ {
			c := line[i]
			switch {
			case c == '>', (c == '-' || c == '*' || c == '+' || c == '.' || c == ')') && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
				marks++
			case c == ' ':
				columns++
			case c == '\t':
				columns += 4
			case c < '0' || c > '9':
				i = len(line)
			}
			if marks > maxNesting || columns > 4*maxNesting && marks > 0 {
				return true
			}
		}
	}
	return false
}

// block is a child of the tree's root, or of a container, as whole lines.
type block struct {
	node     ast.Node // nil: lines that the tree does not mention
	from, to int
}

// section is what stands under one heading.
type section struct {
	path   []string
	from   int // where its heading begins; 0 before the first
	blocks []block
}

// sections parts the body at its top-level headings. A first heading that
// repeats the title is left out of the paths.
func (d document) sections(title string) []section {
	var out []section
	cur := section{}
	type level struct {
		depth int
		text  string
	}
	var stack []level
	first := true
	for _, b := range d.children(d.root, 0, len(d.body)) {
		h, ok := b.node.(*ast.Heading)
		if !ok {
			cur.blocks = append(cur.blocks, b)
			continue
		}
		out = append(out, cur)
		for len(stack) > 0 && stack[len(stack)-1].depth >= h.Level {
			stack = stack[:len(stack)-1]
		}
		name := d.headingText(h)
		if name != "" && (!first || !same(name, title)) {
			stack = append(stack, level{h.Level, name})
		}
		first = false
		path := make([]string, len(stack))
		for i, l := range stack {
			path[i] = l.text
		}
		end := d.headingEnd(h, b)
		cur = section{path: path, from: b.from}
		if end < b.to { // lines that the tree dropped behind the heading
			cur.blocks = append(cur.blocks, block{from: end, to: b.to})
		}
	}
	return append(out, cur)
}

// headingEnd is where the lines of a heading end: a setext heading has its
// underline below its text.
func (d document) headingEnd(h *ast.Heading, b block) int {
	end := b.from
	if n := h.Lines().Len(); n > 0 {
		end = max(end, min(h.Lines().At(n-1).Stop, b.to))
	}
	end = d.lineEnd(end, b.to)
	if rest := d.body[end:b.to]; !strings.HasPrefix(strings.TrimLeft(d.body[b.from:b.to], " "), "#") {
		line, _, _ := strings.Cut(rest, "\n")
		if u := strings.TrimSpace(line); u != "" && (strings.Trim(u, "=") == "" || strings.Trim(u, "-") == "") {
			end = d.lineEnd(end+len(line), b.to)
		}
	}
	return end
}

// lineEnd is the offset behind the line that at lies in, at most limit.
func (d document) lineEnd(at, limit int) int {
	if at > 0 && at <= limit && d.body[at-1] == '\n' {
		return at
	}
	if i := strings.IndexByte(d.body[at:limit], '\n'); i >= 0 {
		return at + i + 1
	}
	return limit
}

// children are a container's blocks between from and to. Each reaches to the
// next one's first line, so that together they leave nothing out, whatever the
// tree says of their ends; a tree that disagrees about the order is overruled.
func (d document) children(n ast.Node, from, to int) []block {
	var out []block
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		at := c.Pos()
		if at < 0 || at >= to {
			continue
		}
		at = strings.LastIndexByte(d.body[:at], '\n') + 1
		switch {
		case at < from || len(out) == 0 && at == from:
			at = from
		case len(out) == 0: // lines before the first child
			if strings.TrimSpace(d.body[from:at]) != "" {
				out = append(out, block{from: from})
			}
		}
		if len(out) > 0 {
			if at <= out[len(out)-1].from {
				continue
			}
			out[len(out)-1].to = at
		}
		out = append(out, block{node: c, from: at})
	}
	if len(out) == 0 {
		return []block{{from: from, to: to}}
	}
	out[len(out)-1].to = to
	return out
}

// maxHeading is the longest heading kept in a path, in bytes: it goes with every
// chunk below it.
const maxHeading = 200

// headingText is what a reader sees of a heading.
func (d document) headingText(h *ast.Heading) string {
	var b strings.Builder
	for i := range h.Lines().Len() {
		seg := h.Lines().At(i)
		b.Write(seg.Value(d.src))
		b.WriteByte(' ')
		if b.Len() > 5*maxHeading {
			break
		}
	}
	raw := strings.Join(strings.Fields(strings.ToValidUTF8(cutBytes(b.String(), 5*maxHeading), "")), " ")
	if !strings.ContainsAny(raw, "*_`[]<>\\&~!") {
		return cutBytes(raw, maxHeading)
	}
	src := []byte("# " + raw)
	n := goldmark.DefaultParser().Parse(text.NewReader(src)).FirstChild()
	if n == nil {
		return cutBytes(raw, maxHeading)
	}
	return cutBytes(strings.Join(strings.Fields(mdtext.Plain(n, src)), " "), maxHeading)
}

// cutBytes cuts s to at most n bytes at the start of a character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return strings.TrimSpace(s[:n])
}

// same compares two titles by their letters and digits.
func same(a, b string) bool { return fold(a) == fold(b) }

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func isTable(n ast.Node) bool { return n != nil && n.Kind() == extast.KindTable }
