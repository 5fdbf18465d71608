package text

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// machineMarks are lines that nobody types. A line that merely begins with a
// date is not one of them.
var machineMarks = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		// a time to the second, then a level, a bracket or a name=value
		regexp.MustCompile(`^\W{0,2}(?:\d{4}[-/]\d\d[-/]\d\d[T ]|[A-Z][a-z]{2} +\d{1,2} |)\d\d:\d\d:\d\d\S*[\s\]|]+(?:.{0,40}\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|SEVERE|E|W|I|D)\b|.{0,30}\w\[\d+\]|.{0,80}\w=\w)`),
		// a level in front
		regexp.MustCompile(`^\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\]?[:\s]+(?:\[|\d{4}-|[\w.$]+(?:\.[\w$]+)+:|\w+=)`),
		// stack traces
		regexp.MustCompile(`^\s*at [\w.$<>/-]+\s?\(.*\)\s*$`),
		regexp.MustCompile(`^\s*File "[^"]+", line \d+`),
		regexp.MustCompile(`^(?:Traceback \(most recent|Caused by: [\w.$]+|Exception in thread|goroutine \d+ \[|\s*\.\.\. \d+ more)`),
		regexp.MustCompile(`^[\w.$]+\.[\w$]*(?:Exception|Error)(?::|\s*$)`),
		// three and more name=value, or a line of JSON
		regexp.MustCompile(`^\S*(?:\s*\b[\w.-]+=\S+){3,}\s*$`),
		regexp.MustCompile(`^\s*[{\[]?\s*"[\w.-]+"\s*:\s*["\d{\[tfn]`),
		// hexadecimal dumps, base64
		regexp.MustCompile(`^\s*[0-9a-fA-F]{4,16}:?\s+(?:[0-9a-fA-F]{2,4}\s+){4,}`),
		regexp.MustCompile(`^\s*[A-Za-z0-9+/=_-]{60,}\s*$`),
	}
})

// longestLine is how much of a line is held against the marks.
const longestLine = 400

// machine finds the lines that a program wrote, those already quoted aside.
func machine(s string, quoted []Span) []Span {
	var out []Span
	q := 0
	for _, l := range lines(s) {
		for q < len(quoted) && quoted[q].To < l.from {
			q++
		}
		if q < len(quoted) && quoted[q].From <= l.from && l.from < quoted[q].To {
			continue
		}
		if len(l.s) >= 12 && suspect(l.s) && written(l.s[:min(len(l.s), longestLine)]) {
			out = join(out, Span{l.from, l.to})
		}
	}
	return out
}

// suspect spares what people write the regular expressions.
func suspect(l string) bool {
	return strings.ContainsAny(l, "=:(\"") && (strings.ContainsAny(l, "0123456789") || strings.ContainsAny(l, "={\"(.")) ||
		len(l) >= 40 && (strings.IndexByte(strings.TrimSpace(l), ' ') < 0 || strings.ContainsAny(l[:min(len(l), 20)], "0123456789"))
}

func written(l string) bool {
	return slices.ContainsFunc(machineMarks(), func(m *regexp.Regexp) bool { return m.MatchString(l) })
}
