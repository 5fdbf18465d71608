package sources

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"frontdesk/retrieval"
)

// Bounds on what an owner writes about an article, in runes. They keep a slip
// (a whole text in the title's place) out of every vector and page; a title or
// question that people can read is far below.
const (
	maxTitle     = 200
	maxQuestion  = 500
	maxQuestions = 200
	maxID        = 200
)

// value is one key's value as YAML, JSON or CSV gave it.
type value struct {
	line  int
	empty bool     // absent or null
	text  string   // a single value's own text; for anything else, JSON
	list  []string // a list of single values
	kind  valueKind
}

type valueKind int

const (
	single valueKind = iota
	listed
	nested
)

// String names the kind as people would.
func (k valueKind) String() string {
	return [...]string{"a single text", "a list", "a nested value"}[k]
}

// field is one key with its value, in the order written.
type field struct {
	key string
	value
}

// knownKeys are the keys with a meaning, in the order of the documentation.
var knownKeys = [...]string{
	"id", "title", "url", "desk", "topic", "product", "lang", "audience", "updated", "superseded_by", "questions",
}

// filler writes fields into an article. What is wrong but does no harm is a
// warning; what must not be guessed (who may read it, which article it is)
// leaves the article out.
type filler struct {
	article *retrieval.Article
	named   bool // an id was given
	warn    func(complaint)
}

// fill sets every field; a complaint says why the article must stay out.
func (w *filler) fill(fields []field) *complaint {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.key] {
			w.warn(complaint{f.line, fmt.Sprintf("%q is given twice; the first counts", f.key), "Remove one of the two."})
			continue
		}
		seen[f.key] = true
		if bad := w.set(f); bad != nil {
			return bad
		}
	}
	return nil
}

func (w *filler) set(f field) *complaint {
	key := strings.ToLower(f.key)
	if !slices.Contains(knownKeys[:], key) {
		w.attribute(f)
		return nil
	}
	if f.empty {
		return nil
	}
	if strings.ContainsRune(f.text, 0) || slices.ContainsFunc(f.list, func(s string) bool { return strings.ContainsRune(s, 0) }) {
		return &complaint{f.line, fmt.Sprintf("there is a NUL character in %q", key), "Remove it."}
	}
	if key == "questions" {
		w.questions(f)
		return nil
	}
	if f.kind != single {
		c := complaint{
			f.line, fmt.Sprintf("%q must be a single text, and is %s", key, f.kind),
			fmt.Sprintf("Write it as %s: some text.", key),
		}
		if key == "id" || key == "audience" {
			return &c
		}
		w.warn(c)
		return nil
	}
	return w.single(key, strings.TrimSpace(f.text), f.line)
}

func (w *filler) single(key, text string, line int) *complaint {
	if text == "" {
		return nil
	}
	a := w.article
	switch key {
	case "id":
		if bad := checkID(text, line); bad != nil {
			return bad
		}
		a.ID, w.named = text, true
	case "title":
		a.Title = oneLine(text, maxTitle)
	case "url":
		w.url(text, line)
	case "desk":
		w.desk(text, line)
	case "topic":
		a.Topic = oneLine(text, maxTitle)
	case "product":
		a.Product = oneLine(text, maxTitle)
	case "lang":
		w.lang(text, line)
	case "audience":
		return w.audience(text, line)
	case "updated":
		w.updated(text, line)
	case "superseded_by":
		a.SupersededBy = oneLine(text, maxID)
	}
	return nil
}

func checkID(id string, line int) *complaint {
	if len([]rune(id)) > maxID {
		return &complaint{line, fmt.Sprintf("the id is longer than %d characters", maxID), "Give it a short name."}
	}
	if strings.ContainsFunc(id, func(r rune) bool { return r < 0x20 || r == 0x7F }) {
		return &complaint{line, "the id holds a line break or control character", "Use letters, digits, - and /."}
	}
	return nil
}

// url takes an address on this site or an http(s) one; a citation links to it,
// so nothing else may pass.
func (w *filler) url(text string, line int) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Scheme == "" && u.Opaque != "" {
		w.warn(complaint{
			line, "the url is no address that a citation can link to, and was left out",
			"Write a path such as /help/returns, or an address that begins with https://.",
		})
		return
	}
	w.article.URL = text
}

func (w *filler) desk(text string, line int) {
	switch desk := strings.ToLower(text); desk {
	case "service", "support", "both", "none":
		w.article.Desk = desk
	default:
		w.warn(complaint{
			line, fmt.Sprintf("the desk %q is not known, and was left out", oneLine(text, 40)),
			"Write service, support, both or none.",
		})
	}
}

func (w *filler) audience(text string, line int) *complaint {
	switch strings.ToLower(text) {
	case "public":
		w.article.Audience = retrieval.Public
	case "agents":
		w.article.Audience = retrieval.AgentsOnly
	default:
		return &complaint{
			line, fmt.Sprintf("the audience %q is not known, and an article is not shown to people by guess", oneLine(text, 40)),
			"Write public or agents.",
		}
	}
	return nil
}

// lang keeps the primary subtag: en-GB and EN are en.
func (w *filler) lang(text string, line int) {
	primary, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(text), "_", "-"), "-")
	ok := len(primary) == 2 || len(primary) == 3
	for _, r := range primary {
		ok = ok && 'a' <= r && r <= 'z'
	}
	if !ok {
		w.warn(complaint{
			line, fmt.Sprintf("the lang %q is no language code, and was left out", oneLine(text, 40)),
			"Write a code such as en, de or pt-BR.",
		})
		return
	}
	w.article.Lang = primary
}

func (w *filler) updated(text string, line int) {
	for _, layout := range []string{
		time.DateOnly, time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-1-2",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			w.article.Updated = t.UTC()
			return
		}
	}
	w.warn(complaint{
		line, fmt.Sprintf("the date %q in updated is not understood, and was left out", oneLine(text, 40)),
		"Write it as 2026-09-01.",
	})
}

func (w *filler) questions(f field) {
	list := f.list
	switch f.kind {
	case single:
		list = []string{f.text}
	case nested:
		w.warn(complaint{f.line, `"questions" must be a list of texts, and was left out`, "Write one question a line, each after a dash."})
		return
	}
	for _, q := range list {
		q = strings.Join(strings.Fields(q), " ")
		switch {
		case !hasWords(q):
			continue
		case len([]rune(q)) > maxQuestion:
			w.warn(complaint{
				f.line, fmt.Sprintf("a question is longer than %d characters, and was left out", maxQuestion),
				"Write it as a customer would ask it, in a sentence or two.",
			})
		case len(w.article.Questions) == maxQuestions:
			w.warn(complaint{
				f.line, fmt.Sprintf("there are more than %d questions; the rest was left out", maxQuestions),
				"Keep those that differ.",
			})
			return
		case !slices.Contains(w.article.Questions, q):
			w.article.Questions = append(w.article.Questions, q)
		}
	}
}

// attribute keeps a key that we do not know, nested values as JSON.
func (w *filler) attribute(f field) {
	if f.empty || f.key == "" || strings.ContainsRune(f.text, 0) || strings.ContainsRune(f.key, 0) {
		return
	}
	if w.article.Attributes == nil {
		w.article.Attributes = map[string]string{}
	}
	w.article.Attributes[f.key] = f.text
}
