package sources

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/retrieval"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdown_FrontMatter(t *testing.T) {
	t.Parallel()
	articles, probs := one(t, "help/returns.md", "---\n"+`id: returns-policy
title: Returns and refunds
url: /help/returns
desk: Service
topic: refunds
product: kettle
lang: en-GB
audience: agents
updated: 2026-09-01
superseded_by: returns-2027
questions:
  - How do I send
    something back?
  - "Can I return it: opened?"
  - 42
  - ~
  - Can I return it: opened?
tags: [a, b]
meta:
  owner: {name: Ann, age: 41}
flag: yes
count: 0x1F
empty:
`+"---\n\n# Heading\n\nSend it back.\n")
	if len(probs) != 0 {
		t.Fatalf("problems: %v", probs)
	}
	want := []retrieval.Article{{
		ID: "returns-policy", Title: "Returns and refunds", URL: "/help/returns", Desk: "service", Topic: "refunds",
		Product: "kettle", Lang: "en", Audience: retrieval.AgentsOnly, Updated: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
		SupersededBy: "returns-2027",
		Questions:    []string{"How do I send something back?", "Can I return it: opened?", "42"},
		Attributes:   map[string]string{"tags": `["a","b"]`, "meta": `{"owner":{"age":41,"name":"Ann"}}`, "flag": "yes", "count": "0x1F"},
		Body:         "# Heading\n\nSend it back.", Source: "help/returns.md",
	}}
	if diff := cmp.Diff(want, articles); diff != "" {
		t.Errorf("article (-want +got):\n%s", diff)
	}
}

func TestMarkdown_Defaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, content, id, title, body string
	}{
		{"no front matter", "a/how-to_clean.md", "Just text.", "a/how-to_clean", "how to clean", "Just text."},
		{"first heading is the title", "x.md", "intro\n\n## The **big** `reset` &amp; \\*more\\*\n\n# Later", "x", "The big reset & *more*", "intro\n\n## The **big** `reset` &amp; \\*more\\*\n\n# Later"},
		{"a heading in code is none", "x.md", "```\n# not this\n```\n\n# this", "x", "this", "```\n# not this\n```\n\n# this"},
		{"underlined heading", "x.md", "Kettle\n======\n\ntext", "x", "Kettle", "Kettle\n======\n\ntext"},
		{"empty front matter", "x.md", "---\n---\ntext", "x", "x", "text"},
		{"front matter of comments", "x.md", "---\n# nothing\n---\ntext", "x", "x", "text"},
		{"a colon in the title", "x.md", "---\ntitle: The app: what's on\nid: a\n---\ntitle: a: b", "a", "The app: what's on", "title: a: b"},
		{"two colons in the title", "x.md", "---\ntitle: A: b: c\n---\ntext", "x", "A: b: c", "text"},
		{"closed by dots", "x.md", "---\ntitle: T\n...\ntext", "x", "T", "text"},
		{"CRLF", "x.md", "---\r\ntitle: T\r\n---\r\nline one\r\nline two\r\n", "x", "T", "line one\nline two"},
		{"lone CR", "x.md", "line one\rline two", "x", "x", "line one\nline two"},
		{"byte order mark", "x.md", "\uFEFF---\ntitle: T\n---\ntext", "x", "T", "text"},
		{"a rule further down", "x.md", "text\n\n---\n\nmore", "x", "x", "text\n\n---\n\nmore"},
		{"a number as id and title", "x.md", "---\nid: 007\ntitle: 2026\n---\ntext", "007", "2026", "text"},
		{"keys in capitals", "x.md", "---\nTitle: T\n---\ntext", "x", "T", "text"},
		{"code at the start keeps its indentation", "x.md", "\n\n    code\n\ntext\n\n", "x", "x", "    code\n\ntext"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			articles, probs := one(t, tt.file, tt.content)
			if len(probs) != 0 || len(articles) != 1 {
				t.Fatalf("%d articles, problems %v", len(articles), probs)
			}
			a := articles[0]
			if a.ID != tt.id || a.Title != tt.title || a.Body != tt.body {
				t.Errorf("id %q, title %q, body %q; want %q, %q, %q", a.ID, a.Title, a.Body, tt.id, tt.title, tt.body)
			}
		})
	}
}

// bomb is the well-known one: nine levels of nine aliases each.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	return b.String()
}

func TestMarkdown_BadInput(t *testing.T) {
	t.Parallel()
	utf16 := func(s string, order int) string {
		var b strings.Builder
		for _, r := range s {
			if order == 0 {
				b.Write([]byte{byte(r), 0})
			} else {
				b.Write([]byte{0, byte(r)})
			}
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, content string
		line          int
		say, do       string
	}{
		{"empty file", "", 0, "empty", "Write its text"},
		{"blank file", " \n\t\n", 0, "empty", "Write its text"},
		{"front matter alone", "---\ntitle: T\n---\n", 0, "empty", "Write its text"},
		{"no words", "---\n\n---\n***\n", 0, "empty", "Write its text"},
		{"unclosed front matter", "---\ntitle: T\n\ntext\n", 1, "not closed", "Put a line of ---"},
		{"a colon in a value", "---\nid: x\ntopic: Returns: how\n---\ntext", 3, "does not parse", "quotation marks"},
		{"a tab", "---\nid: x\n\ttitle: T\n---\ntext", 3, "does not parse", "quotation marks"},
		{"an open bracket", "---\nquestions: [a, b\n---\ntext", 2, "does not parse", "quotation marks"},
		{"a text instead of keys", "---\njust some words\n---\ntext", 2, "not a list of keys", "key: value"},
		{"a list instead of keys", "---\n- a\n- b\n---\ntext", 2, "not a list of keys", "key: value"},
		{"a key that is a list", "---\n? [a, b]\n: c\n---\ntext", 2, "not a word", "key: value"},
		{"TOML", "+++\ntitle = 'T'\n+++\ntext", 1, "TOML", "YAML"},
		{"an alias bomb", "---\n" + bomb() + "---\ntext", 0, "unfolds into too many", "plain lines"},
		{"an alias that holds itself", "---\na: &a [*a]\n---\ntext", 2, "", "plain lines"},
		{"deep nesting", "---\na: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n---\ntext", 2, "nested too deep", "plain lines"},
		{"an unknown anchor", "---\ntitle: *nobody\n---\ntext", 0, "does not parse", "quotation marks"},
		{"huge front matter", "---\na: " + strings.Repeat("x", 70<<10) + "\n---\ntext", 1, "longer than 64", "below the second"},
		{"unknown audience", "---\nid: x\naudience: everybody\n---\ntext", 3, `audience "everybody"`, "public or agents"},
		{"audience as a list", "---\naudience: [public]\n---\ntext", 2, `"audience" must be a single text`, "audience: some text"},
		{"id as a map", "---\nid: {a: b}\n---\ntext", 2, `"id" must be a single text, and is a nested value`, "id: some text"},
		{"a long id", "---\nid: " + strings.Repeat("x", 300) + "\n---\ntext", 2, "longer than 200", "short name"},
		{"a NUL in a value", "---\ntitle: \"a\\0b\"\n---\ntext", 2, "NUL", "Remove"},
		{"NUL", "text\nmore\x00text", 2, "NUL byte", "tr -d"},
		{"Latin-1", "Gr\xf6\xdfe\n", 1, "not UTF-8 (byte 0xF6); it may be Latin-1", "iconv -f WINDOWS-1252"},
		{"Latin-1 further down, CRLF", "one\r\ntwo\r\nGr\xf6\xdfe\r\n", 3, "not UTF-8", "iconv"},
		{"UTF-16 with a mark", "\xff\xfe" + utf16("Hello", 0), 0, "UTF-16", "iconv -f UTF-16 "},
		{"UTF-16 big end first, with a mark", "\xfe\xff" + utf16("Hello", 1), 0, "UTF-16", "iconv -f UTF-16 "},
		{"UTF-16 without a mark", utf16("Hello there, this is a kettle.", 0), 0, "looks like UTF-16", "iconv -f UTF-16LE"},
		{"UTF-16 big end first, without a mark", utf16("Hello there, this is a kettle.", 1), 0, "looks like UTF-16", "iconv -f UTF-16BE"},
		{"UTF-32", "\xff\xfe\x00\x00H\x00\x00\x00", 0, "UTF-32", "iconv -f UTF-32"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			articles, probs := one(t, "it's.md", tt.content)
			if len(articles) != 0 || len(probs) == 0 {
				t.Fatalf("%d articles, problems %v", len(articles), probs)
			}
			p := probs[len(probs)-1]
			if tt.line > 0 && p.Line != tt.line || p.Warning || !strings.Contains(p.Message, tt.say) || !strings.Contains(p.Remedy, tt.do) {
				t.Errorf("problem %+v", p)
			}
		})
	}
}

func TestMarkdown_OddValuesAreLeftOutAndTheArticleGoesIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, key string
		say       string
	}{
		{"title as a list", "title: [a, b]", `"title" must be a single text, and is a list`},
		{"title as a map", "title: {a: b}", `"title" must be a single text, and is a nested value`},
		{"questions as a map", "questions: {a: b}", `"questions" must be a list`},
		{"questions with a map", "questions: [a, {b: c}]", `"questions" must be a list`},
		{"a long question", "questions: [" + strings.Repeat("why ", 200) + "]", "longer than 500"},
		{"unknown desk", "desk: sales", `the desk "sales" is not known`},
		{"a sentence as lang", "lang: English please", "no language code"},
		{"a date in words", "updated: last Tuesday", `the date "last Tuesday"`},
		{"a script as url", "url: javascript:alert(1)", "no address"},
		{"a mail address as url", "url: mailto:a@b.c", "no address"},
		{"a key twice", "desk: both\ndesk: both", `"desk" is given twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			articles, probs := one(t, "x.md", "---\nid: a\n"+tt.key+"\n---\n\n# Heading\n\ntext")
			if len(articles) != 1 || len(probs) != 1 {
				t.Fatalf("%d articles, problems %v", len(articles), probs)
			}
			a, p := articles[0], probs[0]
			if !p.Warning || p.Line < 3 || !strings.Contains(p.Message, tt.say) || p.Remedy == "" {
				t.Errorf("problem %+v", p)
			}
			if a.Title != "Heading" || len(a.Questions) != 0 || a.Lang != "" || a.URL != "" || !a.Updated.IsZero() {
				t.Errorf("the odd value went in: %+v", a)
			}
		})
	}
}

func TestMarkdown_SingleQuestionAndManyQuestions(t *testing.T) {
	t.Parallel()
	articles, probs := one(t, "x.md", "---\nquestions: How so?\n---\ntext")
	if len(probs) != 0 || !cmp.Equal(articles[0].Questions, []string{"How so?"}) {
		t.Errorf("questions %q, problems %v", articles[0].Questions, probs)
	}
	var b strings.Builder
	for i := range maxQuestions + 5 {
		fmt.Fprintf(&b, "  - question %d\n", i)
	}
	articles, probs = one(t, "x.md", "---\nquestions:\n"+b.String()+"---\ntext")
	if len(articles[0].Questions) != maxQuestions || len(probs) != 1 || !probs[0].Warning {
		t.Errorf("%d questions, problems %v", len(articles[0].Questions), probs)
	}
}
