package widget

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// rendered is an article as HTML that is safe to put into a page.
type rendered struct {
	HTML     template.HTML
	Headings []heading // of the first two levels, in order
}

// heading is one entry of a table of contents.
type heading struct {
	Sub    bool // of the second level
	Anchor string
	Words  string
}

// articleRenderer turns articles into HTML: goldmark for the Markdown,
// bluemonday for what may be in it. It is safe for use by many at once.
type articleRenderer struct {
	markdown goldmark.Markdown
	allowed  *bluemonday.Policy
}

func newArticleRenderer() *articleRenderer {
	return &articleRenderer{
		markdown: goldmark.New(
			goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			// Raw HTML goes through: the policy decides what of it stays.
			goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(markRenderer{}, 100))),
		),
		allowed: articlePolicy(),
	}
}

// articlePolicy lists what an article may hold. Pictures are links: a page of
// ours asks no other host for anything.
func articlePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"p", "br", "hr", "blockquote", "pre", "code", "strong", "b", "em", "i", "del", "sub", "sup", "kbd",
		"ul", "li", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "h2", "h3", "h4", "h5", "h6", "mark",
	)
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowElements("ol")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^s-[\p{L}\p{N}-]{1,100}$`)).OnElements("h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^quoted$`)).OnElements("mark")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}

// render makes an article's HTML, with the words of the span marked.
func (r *articleRenderer) render(a Article, quoted span) (rendered, error) {
	source := blankTemplates([]byte(a.Body))
	doc := r.markdown.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{}))))
	dropTitle(doc, source, a.Title)
	mark(doc, quoted)
	linkPictures(doc)
	fixLinks(doc, a.ID)
	out := rendered{Headings: levelHeadings(doc, source)}
	var b bytes.Buffer
	if err := r.markdown.Renderer().Render(&b, source, doc); err != nil {
		return rendered{}, fmt.Errorf("render article: %w", err)
	}
	out.HTML = template.HTML(r.allowed.SanitizeBytes(b.Bytes()))
	return out, nil
}

// blankTemplates puts spaces in place of page builders' marks ({% hint %},
// {: .class}), which are no words of the article; byte for byte, so that spans
// stay true. Code is left alone.
func blankTemplates(source []byte) []byte {
	out := bytes.Clone(source)
	fence := ""
	for from := 0; from < len(out); {
		to := len(out)
		if i := bytes.IndexByte(out[from:], '\n'); i >= 0 {
			to = from + i + 1
		}
		line := out[from:to]
		trimmed := strings.TrimSpace(string(line))
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		default:
			for _, m := range templateMark.FindAllIndex(line, -1) {
				for i := m[0]; i < m[1]; i++ {
					line[i] = ' '
				}
			}
		}
		from = to
	}
	return out
}

var templateMark = regexp.MustCompile(`\{%[^\n]*?%\}|\{:[^{}\n]*\}`)

// dropTitle leaves out a first heading that repeats the title above it.
func dropTitle(doc ast.Node, source []byte, title string) {
	first, ok := doc.FirstChild().(*ast.Heading)
	if ok && strings.EqualFold(strings.TrimSpace(words(first, source)), strings.TrimSpace(title)) {
		doc.RemoveChild(doc, first)
	}
}

// levelHeadings moves headings so that the article's topmost stand at level 2,
// below the page's title, and lists those of the first two levels.
func levelHeadings(doc ast.Node, source []byte) []heading {
	var all []*ast.Heading
	top := 6
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			all = append(all, h)
			top = min(top, h.Level)
		}
		return ast.WalkContinue, nil
	})
	var list []heading
	for _, h := range all {
		h.Level = min(h.Level-top+2, 6)
		id, _ := h.AttributeString("id")
		anchor, _ := id.([]byte)
		if said := words(h, source); said != "" && h.Level <= 3 {
			list = append(list, heading{Sub: h.Level == 3, Anchor: string(anchor), Words: said})
		}
	}
	return list
}

// linkPictures puts a link in the place of each picture.
func linkPictures(doc ast.Node) {
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p, ok := n.(*ast.Image); ok && entering {
			pictures = append(pictures, p)
		}
		return ast.WalkContinue, nil
	})
	for _, p := range pictures {
		parent := p.Parent()
		if _, inLink := parent.(*ast.Link); inLink || p.FirstChild() == nil {
			parent.RemoveChild(parent, p)
			continue
		}
		link := ast.NewLink()
		link.Destination = p.Destination
		for c := p.FirstChild(); c != nil; {
			next := c.NextSibling()
			link.AppendChild(link, c)
			c = next
		}
		parent.ReplaceChild(parent, p, link)
	}
}

// fixLinks turns links between files of the knowledge into links between help
// pages: an article's id is its path unless it says otherwise.
func fixLinks(doc ast.Node, id string) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := n.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		file, anchor, _ := strings.Cut(string(link.Destination), "#")
		ext := path.Ext(file)
		if (ext != ".md" && ext != ".mdx") || strings.Contains(file, ":") || strings.HasPrefix(file, "/") {
			return ast.WalkContinue, nil
		}
		target := strings.TrimPrefix(path.Join("/", path.Dir(id), strings.TrimSuffix(file, ext)), "/")
		// The page lies below help/: from a/b one leaves a to reach the root of all ids.
		link.Destination = []byte(strings.Repeat("../", strings.Count(id, "/")) + "./" + target)
		if anchor != "" {
			link.Destination = append(link.Destination, "#s-"+anchor...)
		}
		return ast.WalkContinue, nil
	})
}

// words is a node's text without its marks.
func words(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch t := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(util.UnescapePunctuations(t.Segment.Value(source)))
				if t.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(t.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// anchors makes an id of a heading's words, in any script, once each.
type anchors struct{ taken map[string]bool }

// Generate implements parser.IDs.
func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	slug := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		case unicode.IsMark(r), r == '\'', r == '’':
			return -1
		default:
			return ' '
		}
	}, string(value))
	slug = strings.Join(strings.Fields(slug), "-")
	if runes := []rune(slug); len(runes) > 80 {
		slug = string(runes[:80])
	}
	base := "s-" + cmp.Or(slug, "section")
	id := base
	for n := 2; a.taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	a.Put([]byte(id))
	return []byte(id)
}

// Put implements parser.IDs.
func (a *anchors) Put(value []byte) {
	if a.taken == nil {
		a.taken = map[string]bool{}
	}
	a.taken[string(value)] = true
}

// plain is Markdown's text without its marks, on one line.
func (r *articleRenderer) plain(markdown string) string {
	source := blankTemplates([]byte(markdown))
	doc := r.markdown.Parser().Parse(text.NewReader(source))
	var parts []string
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Type() == ast.TypeInline {
			return ast.WalkContinue, nil
		}
		switch n.(type) {
		case *ast.HTMLBlock:
			return ast.WalkSkipChildren, nil
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading, *east.TableCell:
			parts = append(parts, strings.Join(strings.Fields(words(n, source)), " "))
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(parts, " · ")
}
