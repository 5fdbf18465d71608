package sources

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"frontdesk/retrieval"
)

// entryKeys are the keys and columns of a FAQ list that have a meaning.
var entryKeys = append([]string{"id", "title", "questions", "answer"}, knownKeys[2:10]...)

// entry takes one FAQ entry in; line is where it begins.
func (r *reader) entry(f file, line int, fields []field, answer string, hasAnswer bool) {
	d := draft{file: f, line: line}
	w := &filler{article: &d.article, warn: func(c complaint) { r.complain(f, c, true) }}
	if bad := w.fill(fields); bad != nil {
		r.complain(f, *bad, false)
		return
	}
	if !hasAnswer || !hasWords(answer) {
		r.complain(f, complaint{line, "this entry has no answer", `Fill in "answer", or remove the entry.`}, false)
		return
	}
	if len(answer) > r.opt.MaxArticleBytes {
		c := tooLarge("answer", len(answer), r.opt.MaxArticleBytes)
		c.line = line
		r.complain(f, *c, false)
		return
	}
	a := &d.article
	body, unclosed := cleanMarkup(unixLines(answer), false)
	a.Body = body
	if unclosed > 0 {
		r.complain(f, unclosedComment(line), true)
	}
	if a.Title == "" && len(a.Questions) > 0 {
		a.Title = oneLine(a.Questions[0], maxTitle)
	}
	if a.Title == "" {
		a.Title = firstHeading(a.Body)
	}
	if a.Title == "" {
		a.Title = f.title()
	}
	if !w.named {
		a.ID, d.made = madeID(f, a, line), true
	}
	r.finish(d)
}

// madeID names an entry without an id after its own words rather than its line,
// so that it stays the same article when others are put before it.
func madeID(f file, a *retrieval.Article, line int) string {
	words := a.Title
	if len(a.Questions) > 0 {
		words = a.Questions[0]
	}
	if s := slug(words); s != "" {
		return f.id + "/" + s
	}
	return fmt.Sprintf("%s/line-%d", f.id, line)
}

// slug keeps letters and digits of any script, joined by dashes, at most 60 runes.
func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return strings.Trim(oneLine(strings.Join(words, "-"), 60), "-")
}

func unixLines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func isEntryKey(key string) bool { return slices.Contains(entryKeys, key) }

func allowedKeys() string { return strings.Join(entryKeys, ", ") }
