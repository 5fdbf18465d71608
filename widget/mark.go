package widget

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markKind is the kind of markNode. A kind is a number that goldmark gives out
// once a process, so this one is made with the package.
var markKind = ast.NewNodeKind("QuoteMark")

// markNode stands around words that were quoted. The first of an article gets
// the id that a page scrolls to.
type markNode struct {
	ast.BaseInline
	first bool
}

func (*markNode) Kind() ast.NodeKind              { return markKind }
func (n *markNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

const markedAttribute = "quoted" // on a code block: its words are marked as it is written

// mark puts marks around the words of doc that lie in the span.
func mark(doc ast.Node, s span) {
	if s.From >= s.To {
		return
	}
	var texts, spans, codes []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan:
			if t, ok := n.FirstChild().(*ast.Text); ok && overlaps(t.Segment, s) {
				spans = append(spans, n)
			}
			return ast.WalkSkipChildren, nil
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if lines := n.Lines(); lines.Len() > 0 && overlaps(text.NewSegment(lines.At(0).Start, lines.At(lines.Len()-1).Stop), s) {
				codes = append(codes, n)
			}
		case *ast.Image:
			return ast.WalkSkipChildren, nil // its words are an attribute
		case *ast.Text:
			if overlaps(n.Segment, s) {
				texts = append(texts, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range codes {
		n.SetAttributeString(markedAttribute, true)
	}
	for _, n := range spans {
		wrap(n)
	}
	for _, n := range texts {
		markText(n.(*ast.Text), s)
	}
	nameFirst(doc)
}

func overlaps(seg text.Segment, s span) bool {
	return seg.Start < s.To && s.From < seg.Stop
}

// markText cuts a text where the span begins and ends, and marks what is inside.
func markText(t *ast.Text, s span) {
	parent, seg := t.Parent(), t.Segment
	from, to := max(seg.Start, s.From), min(seg.Stop, s.To)
	if from > seg.Start {
		before := ast.NewTextSegment(seg.WithStop(from))
		before.SetRaw(t.IsRaw())
		parent.InsertBefore(parent, t, before)
	}
	// The break behind the last quoted words is not part of them.
	breaks := t.SoftLineBreak() || t.HardLineBreak()
	if to < seg.Stop || (s.To <= seg.Stop && breaks) {
		after := ast.NewTextSegment(seg.WithStart(to))
		after.SetRaw(t.IsRaw())
		after.SetSoftLineBreak(t.SoftLineBreak())
		after.SetHardLineBreak(t.HardLineBreak())
		parent.InsertAfter(parent, t, after)
		t.SetSoftLineBreak(false)
		t.SetHardLineBreak(false)
	}
	t.Segment = text.NewSegment(from, to)
	if from == seg.Start {
		t.Segment.Padding = seg.Padding
	}
	wrap(t)
}

func wrap(n ast.Node) {
	m := &markNode{}
	parent := n.Parent()
	parent.ReplaceChild(parent, n, m)
	m.AppendChild(m, n)
}

// nameFirst finds the first marked words in the order of the page.
func nameFirst(doc ast.Node) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if m, ok := n.(*markNode); ok {
			m.first = true
			return ast.WalkStop, nil
		}
		if _, ok := n.AttributeString(markedAttribute); ok {
			n.SetAttributeString(markedAttribute, "first")
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
}

const (
	markOpen      = "<mark>"
	markOpenFirst = `<mark id="quoted">`
	markClose     = "</mark>"
)

// markRenderer writes marks, and code blocks with marks.
type markRenderer struct{}

func (r markRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(markKind, r.mark)
	reg.Register(ast.KindFencedCodeBlock, r.code)
	reg.Register(ast.KindCodeBlock, r.code)
}

func (markRenderer) mark(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	switch {
	case !entering:
		_, _ = w.WriteString(markClose)
	case n.(*markNode).first:
		_, _ = w.WriteString(markOpenFirst)
	default:
		_, _ = w.WriteString(markOpen)
	}
	return ast.WalkContinue, nil
}

func (markRenderer) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	marked, isMarked := n.AttributeString(markedAttribute)
	_, _ = w.WriteString("<pre><code>")
	if isMarked {
		_, _ = w.WriteString(map[bool]string{true: markOpenFirst, false: markOpen}[marked == "first"])
	}
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		html.DefaultWriter.RawWrite(w, line.Value(source))
	}
	if isMarked {
		_, _ = w.WriteString(markClose)
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}
