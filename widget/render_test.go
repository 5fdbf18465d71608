package widget

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	xhtml "golang.org/x/net/html"
	"pgregory.net/rapid"
)

func TestRender_MakesPages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		id, title, body string
		has             []string
		hasNot          []string
	}{
		"headings begin below the title and have anchors": {
			body: "# One\n\ntext\n\n## Two parts\n\ntext",
			has:  []string{`<h2 id="s-one">One</h2>`, `<h3 id="s-two-parts">Two parts</h3>`},
		},
		"a first heading that repeats the title is left out": {
			title: "How it works", body: "# How it works\n\nWell.\n\n## Why",
			has: []string{"<p>Well.</p>", `<h2 id="s-why">`}, hasNot: []string{"How it works"},
		},
		"equal headings get anchors of their own": {
			body: "## Use\n\na\n\n## Use\n\nb\n\n## Use 2\n\nc",
			has:  []string{`id="s-use"`, `id="s-use-2"`, `id="s-use-2-2"`},
		},
		"anchors in any script": {body: "## كيفية الإرجاع\n\nx", has: []string{`id="s-كيفية-الإرجاع"`}},
		"tables":                {body: "| a | b |\n|---|---|\n| 1 | 2 |", has: []string{"<th>a</th>", "<td>2</td>"}},
		"a list that begins later": {
			body: "3. three\n4. four", has: []string{`<ol start="3">`},
		},
		"raw markup that does no harm stays": {
			body: "Press <kbd>Enter</kbd>.\n\n<table><tr><td>cell</td></tr></table>", has: []string{"<kbd>Enter</kbd>", "<td>cell</td>"},
		},
		"marks of page builders go": {
			body:   "{% hint style=\"info\" %}\nKeep it.\n{% endhint %}\n\n{: .number-list}\n\n1. One [link](/x){:class=\"y\"}\n\n```\n{% kept %}\n```",
			has:    []string{"Keep it.", "<li>One <a href=\"/x\">link</a></li>", "{% kept %}"},
			hasNot: []string{"hint", "number-list", "class"},
		},
		"pictures are links": {
			body: "![The back of it](https://pictures.example/a.png) ![](b.png)",
			has:  []string{`<a href="https://pictures.example/a.png" rel="noreferrer">The back of it</a>`}, hasNot: []string{"<img", "b.png"},
		},
		"links between files lead to pages": {
			id: "guide/start", body: "[next](setup.md) [top](../index.mdx#part-two) [other](https://x.example/a.md)",
			has: []string{`href=".././guide/setup"`, `href=".././index#s-part-two"`, `href="https://x.example/a.md"`},
		},
		"scripts, handlers and odd addresses go": {
			body: "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x) <a href=\"java&#10;script:x\">d</a>\n\n" +
				"<iframe src=//x></iframe><style>*{}</style><form action=x><input></form><svg onload=x><p style=\"x\" class=y id=frontdesk>z</p>",
			has:    []string{">z</p>"},
			hasNot: []string{"script", "alert", "onerror", "onload", "javascript", "data:", "iframe", "style", "<form", "<input", "<svg", "class", "frontdesk"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := newArticleRenderer().render(Article{Entry: Entry{ID: tc.id, Title: tc.title}, Body: tc.body}, span{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range tc.has {
				if !strings.Contains(string(out.HTML), s) {
					t.Errorf("%s is not in\n%s", s, out.HTML)
				}
			}
			for _, s := range tc.hasNot {
				if strings.Contains(string(out.HTML), s) {
					t.Errorf("%s is in\n%s", s, out.HTML)
				}
			}
		})
	}
}

func TestRender_ListsHeadings(t *testing.T) {
	t.Parallel()
	out, err := newArticleRenderer().render(Article{Body: "## A *b* `c`\n\n### Below\n\n#### Too deep\n\n## \\*D"}, span{})
	if err != nil {
		t.Fatal(err)
	}
	want := []heading{{Anchor: "s-a-b-c", Words: "A b c"}, {Sub: true, Anchor: "s-below", Words: "Below"}, {Anchor: "s-d", Words: "*D"}}
	if !slices.Equal(out.Headings, want) {
		t.Errorf("headings %+v, want %+v", out.Headings, want)
	}
}

func TestRender_MarksQuotes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, quote, want string }{
		"within a line":             {"one two three", "two", `<p>one <mark id="quoted">two</mark> three</p>`},
		"over emphasis":             {"one **two** three", "one **two**", `<p><mark id="quoted">one </mark><strong><mark>two</mark></strong> three</p>`},
		"over lines of a paragraph": {"one\ntwo\nthree", "one\ntwo", "<p><mark id=\"quoted\">one\n</mark><mark>two</mark>\nthree</p>"},
		"over paragraphs":           {"one\n\ntwo", "one\n\ntwo", "<p><mark id=\"quoted\">one</mark></p>\n<p><mark>two</mark></p>"},
		"over a list":               {"- one\n- two", "- one\n- two", "<ul>\n<li><mark id=\"quoted\">one</mark></li>\n<li><mark>two</mark></li>\n</ul>"},
		"within a table":            {"| a |\n|---|\n| b |", "b", `<mark id="quoted">b</mark>`},
		"over code in a line":       {"use `a < b` now", "`a < b`", `use <mark id="quoted"><code>a &lt; b</code></mark> now`},
		"over a block of code":      {"```\na < b\n```", "a < b", "<pre><code><mark id=\"quoted\">a &lt; b\n</mark></code></pre>"},
		"over a link":               {"see [this page](/x) now", "[this page](/x)", `see <a href="/x"><mark id="quoted">this page</mark></a> now`},
		"with entities and escapes": {"a &amp; \\*b", "&amp; \\*b", `a <mark id="quoted">&amp;</mark><mark> *b</mark>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := strings.Index(tc.body, tc.quote)
			out, err := newArticleRenderer().render(Article{Body: tc.body}, span{at, at + len(tc.quote)})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(out.HTML), tc.want) {
				t.Errorf("got\n%s\nwant\n%s", out.HTML, tc.want)
			}
		})
	}
}

var (
	marked = regexp.MustCompile(`(?s)<mark(?: id="quoted")?>(.*?)</mark>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// What is marked is what was quoted: for any span of any text without marks of
// Markdown's, the marked words are the span's words.
func TestRender_MarksExactlyTheQuote(t *testing.T) {
	t.Parallel()
	r := newArticleRenderer()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zàéüßçñøžλЖ日本語عרב]{1,8}`), 1, 40).Draw(t, "words")
		var b strings.Builder
		for i, w := range words {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "\n", "\n\n"}).Draw(t, "gap"))
			}
			b.WriteString(w)
		}
		body := b.String()
		from := rapid.IntRange(0, len(body)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(body)).Draw(t, "to")
		for !utf8.RuneStart(body[from]) {
			from--
		}
		for to < len(body) && !utf8.RuneStart(body[to]) {
			to++
		}
		out, err := r.render(Article{Body: body}, span{from, to})
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, m := range marked.FindAllStringSubmatch(string(out.HTML), -1) {
			got.WriteString(html.UnescapeString(tags.ReplaceAllString(m[1], "")))
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(got.String()) != squeeze(body[from:to]) {
			t.Fatalf("marked %q, quoted %q in\n%s", got.String(), body[from:to], out.HTML)
		}
		if n := strings.Count(string(out.HTML), `id="quoted"`); n > 1 {
			t.Fatalf("%d marks are the first", n)
		}
	})
}

// FuzzRender holds every article's HTML against the list of what may be in it.
func FuzzRender(f *testing.F) {
	f.Add("# Hi\n\n<script>x</script> [a](javascript:x) **b**", 3, 9)
	f.Add("| a |\n|---|\n| `b|c` |\n\n```js\nx\n```\n<img src=x onerror=y>", 0, 40)
	f.Add("- a\n  1. b\n\n     c\n\n<div style=x>{% hint %}</div>&#x26;", 2, 5)
	f.Add("\xff\x00 <a href=\" javascript:x\">", 0, 3)
	r := newArticleRenderer()
	f.Fuzz(func(t *testing.T, body string, from, to int) {
		if len(body) > 4096 || !utf8.ValidString(body) {
			return
		}
		quoted, _ := locate(body, 1, quoteRef{Generation: 1, From: from, To: to}, body)
		out, err := r.render(Article{Entry: Entry{ID: "a/b"}, Body: body}, quoted)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(string(out.HTML)) {
			t.Fatal("broken UTF-8")
		}
		for z := xhtml.NewTokenizer(strings.NewReader(string(out.HTML))); z.Next() != xhtml.ErrorToken; {
			checkToken(t, z.Token())
		}
	})
}

func checkToken(t *testing.T, token xhtml.Token) {
	t.Helper()
	if token.Type != xhtml.StartTagToken && token.Type != xhtml.SelfClosingTagToken {
		return
	}
	switch token.Data {
	case "script", "style", "img", "iframe", "object", "embed", "svg", "math", "form", "input", "base", "meta", "link", "template", "video", "audio":
		t.Fatalf("<%s> came through", token.Data)
	}
	for _, a := range token.Attr {
		switch a.Key {
		case "href":
			scheme, _, _ := strings.Cut(strings.ToLower(a.Val), ":")
			if strings.Contains(a.Val, ":") && !strings.ContainsAny(scheme, "/?#.") && !slices.Contains([]string{"https", "http", "mailto", "tel"}, scheme) {
				t.Fatalf("a link to %q came through", a.Val)
			}
		case "id", "start", "rel":
		default:
			t.Fatalf("the attribute %s came through", a.Key)
		}
	}
}
