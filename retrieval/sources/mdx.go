package sources

import (
	"regexp"
	"strings"
)

var (
	esmLine = regexp.MustCompile(`^(?:import\s+(?:['"]|[\w$*{][^\n]*(?:\bfrom\b|[{,]\s*$))|export\s+(?:default|const|let|var|function|async|class|\{|\*))`)
	// A component begins with a capital; lower-case tags are HTML and stay.
	component  = regexp.MustCompile(`</?([A-Z][\w.]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}))?)*)\s*(/?)>|<>|</>`)
	titleProp  = regexp.MustCompile(`\s(?:title|label)\s*=\s*\{?(?:"([^"]*)"|'([^']*)')`)
	jsxComment = regexp.MustCompile(`(?s)\{/\*.*?\*/\}`)
)

// dropJSX takes out of MDX what is program: imports, exports, comments and the
// tags of components. What stands between the tags stays, and a component's
// title stays in bold, for it is often the question that its text answers.
func dropJSX(body string) string {
	var out strings.Builder
	out.Grow(len(body))
	for _, part := range codeParts(body) {
		if part.code {
			out.WriteString(part.text)
			continue
		}
		text := dropESM(part.text)
		if strings.Contains(text, "{/*") {
			text = jsxComment.ReplaceAllString(text, "")
		}
		if strings.IndexByte(text, '<') >= 0 {
			text = dropComponents(text, body)
		}
		out.WriteString(text)
	}
	return dedent(out.String())
}

// codePart is a run of lines inside or outside fenced code.
type codePart struct {
	text string
	code bool
}

func codeParts(body string) []codePart {
	var parts []codePart
	var code fence
	start, at, now := 0, 0, false
	for line := range strings.Lines(body) {
		in := code.inside(line)
		if in != now && at > start {
			parts = append(parts, codePart{body[start:at], now})
			start = at
		}
		now = in
		at += len(line)
	}
	return append(parts, codePart{body[start:], now})
}

// dropESM takes import and export statements out: from their first line until a
// blank one, as MDX itself reads them.
func dropESM(text string) string {
	if !strings.Contains(text, "import") && !strings.Contains(text, "export") {
		return text
	}
	var out strings.Builder
	in, blank := false, true
	for line := range strings.Lines(text) {
		empty := strings.TrimSpace(line) == ""
		switch {
		case in && !empty:
			continue
		case !empty && (blank || in) && esmLine.MatchString(strings.TrimRight(line, "\n")):
			in = true
			continue
		}
		in, blank = false, empty
		out.WriteString(line)
	}
	return out.String()
}

// dropComponents takes tags out that are surely components: closed by
// themselves, or closed somewhere in the same body. "<Your name>" is text. A
// line that held nothing but tags goes with its line end.
func dropComponents(text, body string) string {
	out := lineWriter{empty: true}
	closed := map[string]bool{}
	at, looked, ticks := 0, 0, 0
	for _, m := range component.FindAllStringSubmatchIndex(text, -1) {
		// Backticks of this line so far: an odd number means a code span.
		if nl := strings.LastIndexByte(text[looked:m[0]], '\n'); nl >= 0 {
			looked, ticks = looked+nl+1, 0
		}
		ticks += strings.Count(text[looked:m[0]], "`")
		looked = m[0]
		if ticks%2 == 1 {
			continue
		}
		props := ""
		if m[2] >= 0 {
			name := text[m[2]:m[3]]
			props = text[m[4]:m[5]]
			if _, known := closed[name]; !known {
				closed[name] = strings.Contains(body, "</"+name+">")
			}
			if selfClosed := m[7] > m[6]; !selfClosed && !closed[name] {
				continue
			}
		}
		out.write(text[at:m[0]])
		at = m[1]
		if p := titleProp.FindStringSubmatch(props); p != nil && hasWords(p[1]+p[2]) {
			out.write("\n**" + strings.Join(strings.Fields(p[1]+p[2]), " ") + "**\n\n")
		}
		if out.empty {
			if rest := strings.TrimLeft(text[at:], " \t"); strings.HasPrefix(rest, "\n") {
				at = len(text) - len(rest) + 1
				out.pending = ""
			}
		}
	}
	out.write(text[at:])
	return out.String() + out.pending
}

// lineWriter holds the blanks that begin a line back until a word follows them,
// so that an empty line can still be dropped.
type lineWriter struct {
	strings.Builder
	empty   bool // nothing but blanks in this line so far
	pending string
}

func (w *lineWriter) write(s string) {
	s = w.pending + s
	w.pending = ""
	start := strings.LastIndexByte(s, '\n') + 1
	w.empty = (start > 0 || w.empty) && strings.TrimSpace(s[start:]) == ""
	if w.empty {
		s, w.pending = s[:start], s[start:]
	}
	w.WriteString(s)
}

// dedent moves what was indented within components to the left, lists keeping
// their own indentation: MDX knows no indented code, Markdown would make it that.
func dedent(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	var code fence
	shift, inList, fresh := 0, false, true
	for line := range strings.Lines(text) {
		was := code.mark != ""
		bare := strings.TrimSpace(line)
		in := code.inside(line)
		if bare == "" {
			fresh = true
			if !was {
				line = "\n"
			}
			out.WriteString(cutIndent(line, shift))
			continue
		}
		if fresh && !was {
			indent := len(line) - len(strings.TrimLeft(line, " \t"))
			if !inList || indent-shift < 2 {
				shift = indent
				inList = !in && listItem.MatchString(bare)
			}
		}
		fresh = false
		out.WriteString(cutIndent(line, shift))
	}
	return out.String()
}

var listItem = regexp.MustCompile(`^(?:[-*+]|\d{1,9}[.)])\s`)

// cutIndent takes at most n leading spaces or tabs off a line.
func cutIndent(line string, n int) string {
	i := 0
	for i < n && i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	return line[i:]
}
