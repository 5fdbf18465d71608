package sources

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/retrieval"
)

// readAs reads content as a file of that kind and holds every article against
// what the package promises.
func readAs(t *testing.T, ext, content string) {
	t.Helper()
	r := newReader(Options{MaxArticleBytes: 1 << 20, MaxListBytes: 1 << 20}.withDefaults())
	r.open = func(string) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader(content)), int64(len(content)), nil
	}
	r.read(file{open: "f", show: "f" + ext, id: "f", ext: ext})
	if len(r.articles) == 0 && len(r.problems) == 0 && ext != ".csv" {
		t.Fatal("neither an article nor a problem")
	}
	seen := map[string]bool{}
	for _, a := range r.articles {
		if seen[a.ID] || a.ID == "" || a.Source == "" || a.Title == "" || !hasWords(a.Body) {
			t.Fatalf("article %+v", a)
		}
		seen[a.ID] = true
		for _, s := range texts(a) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r") {
				t.Fatalf("text %q cannot be stored", s)
			}
		}
	}
	for _, p := range r.problems {
		if p.Path == "" || p.Message == "" || p.Remedy == "" || p.Line < 0 || p.Line > strings.Count(content, "\n")+strings.Count(content, "\r")+1 {
			t.Fatalf("problem %+v", p)
		}
	}
}

// texts is everything of an article that a database must take.
func texts(a retrieval.Article) []string {
	out := append([]string{a.ID, a.Title, a.URL, a.Desk, a.Topic, a.Product, a.Lang, a.SupersededBy, a.Body}, a.Questions...)
	for k, v := range a.Attributes {
		out = append(out, strings.ReplaceAll(k, "\r", ""), strings.ReplaceAll(v, "\r", ""))
	}
	return out
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"---\nid: a\ntitle: T\nquestions:\n  - Why?\n---\n# H\n\ntext", "---\n" + bomb() + "---\ntext", "---\na: &a [*a]\n---\nx",
		"\xff\xfea\x00", "---\r\ntitle: x\r\n---\r\ny", "<!-- a\n---\ntext", "---\n? - a\n: b\n---\nx", "---\n!!binary a: !x b\n---\nx",
		"{% tab title=\"x\" %}\n{: .y}\nz", "---\ntitle: \"\\0\"\n---\nx", "```\n<!--\n```\n-->",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		readAs(t, ".md", content)
		readAs(t, ".mdx", content)
	})
}

func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{
		"id: a\ntitle: T\nupdated: 2026-09-01\n", bomb(), "questions: [a, {b: c}, [d]]", "a: {b: [1, 2.5, .nan, true, ~]}", "- a", "\"", "<<: *x", "lang: no\nurl: //x",
		"audience: public\ndesk: both\n", "\t", "a: |\n  b\n  c\n", "? a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, head string) {
		fields, bad := parseFrontMatter(head)
		if bad != nil && (bad.message == "" || bad.remedy == "") {
			t.Fatalf("complaint %+v", bad)
		}
		var a retrieval.Article
		w := &filler{article: &a, warn: func(complaint) {}}
		if w.fill(fields) == nil && a.Audience != retrieval.Public && a.Audience != retrieval.AgentsOnly {
			t.Fatalf("audience %d", a.Audience)
		}
	})
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{
		`{"id":"a","questions":["Why?"],"answer":"x"}`, "{\"answer\":\"x\"}\n{\"ans", `{"answer":"\ud800"}`, `{"answer":"\u0000"}`, `[{"answer":"x"}]`,
		`{"id":{"a":1},"answer":"x"}`, `{"answer":"a","x":[[[[]]]]}`, "\xef\xbb\xbf{\"answer\":1}", `{"answer":"x"} {`, `{"":"","answer":"b\r\nc"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) { readAs(t, ".jsonl", content) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"id,title,answer\na,T,x\n", "id;title;answer\na;T;x\n", "id,title,answer\na,T,\"x\n", "answer,questions\n\"a\nb\",c | d\n", "title,answer,title\na,b,c\n", "x\n", "\"\n", ",\n,\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) { readAs(t, ".csv", content) })
}
