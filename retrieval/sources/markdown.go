package sources

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"frontdesk/retrieval"
	"frontdesk/retrieval/mdtext"
)

// readMarkdown takes one article in.
func (r *reader) readMarkdown(f file, content string) {
	head, body, bodyLine, bad := cutFrontMatter(content)
	if bad != nil {
		r.complain(f, *bad, false)
		return
	}
	fields, bad := parseFrontMatter(head)
	if bad != nil {
		r.complain(f, *bad, false)
		return
	}
	d := draft{file: f, article: retrieval.Article{ID: f.id}}
	w := &filler{article: &d.article, warn: func(c complaint) { r.complain(f, c, true) }}
	if bad := w.fill(fields); bad != nil {
		r.complain(f, *bad, false)
		return
	}
	body, unclosed := cleanMarkup(body, f.ext == ".mdx")
	d.article.Body = body
	if unclosed > 0 {
		r.complain(f, unclosedComment(bodyLine-1+unclosed), true)
	}
	if d.article.Title == "" {
		d.article.Title = firstHeading(d.article.Body)
	}
	if d.article.Title == "" {
		d.article.Title = f.title()
	}
	r.finish(d)
}

func unclosedComment(line int) complaint {
	return complaint{line, "a comment is opened by <!-- and never closed, so all text from here on is hidden and was left out", "Close it with -->."}
}

// firstHeading is the text of the first heading; empty without one.
func firstHeading(body string) string {
	at := headingWindow(body)
	if at < 0 {
		return ""
	}
	src := []byte(body[:at])
	doc := goldmark.DefaultParser().Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindHeading {
			if title := mdtext.Plain(n, src); hasWords(title) {
				return oneLine(title, maxTitle)
			}
		}
	}
	return ""
}

// headingWindow is how much of a body to parse for its first heading: the whole
// lines of the first 16 KiB, or -1 when none of them can be a heading.
func headingWindow(body string) int {
	end := len(body)
	if end > 16<<10 {
		end = max(strings.LastIndexByte(body[:16<<10], '\n'), 0)
	}
	for line := range strings.Lines(body[:end]) {
		line = strings.TrimLeft(line, " ")
		if line != "" && strings.IndexByte("#=-", line[0]) >= 0 {
			return end
		}
	}
	return -1
}
