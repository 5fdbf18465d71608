package sources

import (
	"regexp"
	"strings"
)

// Notation of site builders that readers never see. It would be quoted and
// embedded as if it were text, and a comment may hold what is nobody's business.
var (
	// kramdown's attribute lists, on a line of their own or behind a link or
	// other inline piece.
	attributeLine   = regexp.MustCompile(`^[ \t]*\{:[^{}\n]*\}[ \t]*$`)
	attributeBehind = regexp.MustCompile("([)\\]*_`>])\\{:[^{}\\n]*\\}")
	// GitBook's and Jekyll's block tags, alone on a line.
	tagLine  = regexp.MustCompile(`^[ \t]*(?:\{%[-+]?[ \t]*(?:end)?(hint|tabs|tab|content-ref|embed|file|include|capture|code|stepper|step|columns|column|raw|swagger|openapi|openapi-operation|openapi-schemas|updates|update|assign|comment)\b[^\n]*?%\}[ \t]*)+$`)
	tagTitle = regexp.MustCompile(`\{%[-+]?[ \t]*(?:tab|code|step|update)[ \t][^\n]*?\btitle="([^"\n]*)"`)
)

// cleanMarkup is a body as it is stored: without that notation, without blank
// lines at its ends. Code is left alone. unclosed is the 1-based line of a
// comment that is opened and never closed, which hides all that follows; else 0.
func cleanMarkup(body string, mdx bool) (clean string, unclosed int) {
	if strings.Contains(body, "<!--") {
		body, unclosed = dropComments(body)
	}
	if strings.Contains(body, "{:") || strings.Contains(body, "{%") {
		body = dropTagLines(body)
	}
	if mdx {
		body = dropJSX(body)
	}
	body = strings.TrimRight(body, " \t\n")
	for { // keep the indentation of the first line: it may be code
		first, rest, more := strings.Cut(body, "\n")
		if !more || strings.TrimSpace(first) != "" {
			return body, unclosed
		}
		body = rest
	}
}

// fence follows fenced code over the lines of a text.
type fence struct{ mark string }

// inside reports whether line is code or a fence, and moves on.
func (f *fence) inside(line string) bool {
	trimmed := strings.TrimLeft(line, " \t>")
	if f.mark != "" {
		if strings.HasPrefix(trimmed, f.mark) && strings.Trim(trimmed, f.mark[:1]+" \t\n") == "" {
			f.mark = ""
		}
		return true
	}
	for _, c := range []string{"`", "~"} {
		n := len(trimmed) - len(strings.TrimLeft(trimmed, c))
		if n >= 3 && (c == "~" || !strings.Contains(trimmed[n:], "`")) {
			f.mark = trimmed[:n]
			return true
		}
	}
	return false
}

// dropTagLines takes attribute lists and tag lines out. The title of a tab is a
// word for readers (which system the steps are for) and stays, in bold.
func dropTagLines(body string) string {
	var out strings.Builder
	out.Grow(len(body))
	var code fence
	for line := range strings.Lines(body) {
		bare := strings.TrimSuffix(line, "\n")
		switch {
		case code.inside(line):
			out.WriteString(line)
		case attributeLine.MatchString(bare):
		case strings.Contains(bare, "{%") && tagLine.MatchString(bare):
			if m := tagTitle.FindStringSubmatch(bare); m != nil && hasWords(m[1]) {
				out.WriteString("\n**" + strings.TrimSpace(m[1]) + "**\n\n")
			}
		case strings.Contains(bare, "{:"):
			out.WriteString(dropBehind(line))
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

// dropBehind takes inline attribute lists out of a line, code spans excepted.
func dropBehind(line string) string {
	if strings.Count(line, "`") > 1 {
		return line
	}
	return attributeBehind.ReplaceAllString(line, "$1")
}

// dropComments takes HTML comments out, also over several lines.
func dropComments(body string) (string, int) {
	c := commentCutter{last: strings.LastIndex(body, "-->")}
	var out strings.Builder
	out.Grow(len(body))
	var code fence
	at, number := 0, 0
	for line := range strings.Lines(body) {
		number++
		if !c.open && code.inside(line) {
			out.WriteString(line)
		} else {
			kept, unclosed := c.line(line, at)
			if unclosed {
				return out.String(), number
			}
			out.WriteString(kept)
		}
		at += len(line)
	}
	return out.String(), 0
}

type commentCutter struct {
	open bool // within a comment
	last int  // where the last comment of the text ends: one opened later never does
}

// line is one line, which begins at offset at, without its comments: nothing at
// all where it held nothing else. unclosed says that a comment which is never
// closed begins it: as a block such a comment hides the rest of the text in
// every browser; behind other words it is text.
func (c *commentCutter) line(line string, at int) (kept string, unclosed bool) {
	if !c.open && !strings.Contains(line, "<!--") {
		return line, false
	}
	var out strings.Builder
	rest, cut := line, false
	for rest != "" {
		if c.open {
			_, after, ok := strings.Cut(rest, "-->")
			cut = true
			if !ok {
				break
			}
			rest, c.open = after, false
			continue
		}
		i := strings.Index(rest, "<!--")
		if i < 0 {
			out.WriteString(rest)
			break
		}
		if end := codeSpanEnd(rest, i); end > 0 {
			out.WriteString(rest[:end])
			rest = rest[end:]
			continue
		}
		before := len(line) - len(rest) + i
		if at+before > c.last {
			if strings.TrimSpace(line[:before]) == "" {
				return "", true
			}
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:i])
		rest, c.open, cut = rest[i+len("<!--"):], true, true
	}
	kept = out.String()
	switch {
	case cut && strings.TrimSpace(kept) == "":
		return "", false
	case cut && !strings.HasSuffix(kept, "\n"):
		return kept + "\n", false
	}
	return kept, false
}

// codeSpanEnd is where the code span around position at ends; 0 when at is in
// none. Backticks that are never closed on their line make no span.
func codeSpanEnd(line string, at int) int {
	for i := 0; i < at; {
		if line[i] != '`' {
			i++
			continue
		}
		n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		mark := line[i : i+n]
		end := strings.Index(line[i+n:], mark)
		if end < 0 {
			i += n
			continue
		}
		i += n + end + n
		if i > at {
			return i
		}
	}
	return 0
}
