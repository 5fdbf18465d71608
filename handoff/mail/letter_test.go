package mail

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestFindAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"ann@example.org", "ann@example.org"},
		{" Ann <Ann.Lee+shop@Example.ORG> ", "ann.lee+shop@example.org"},
		{"you can reach me at ann@example.org.", "ann@example.org"},
		{"mailto:ann@example.org?subject=x", "ann@example.org"},
		{"Telefon 030 1234 oder ann@müller.example!", "ann@xn--mller-kva.example"},
		{"メール：ann@example.org。", "ann@example.org"},
		{"+49 30 123456", ""},
		{"ann@localhost", ""},
		{"ann@127.0.0.1", ""},
		{"@example.org", ""},
		{"a@b@c.example", ""},
		{"ann@example.org\r\nBcc: bob@example.org", "ann@example.org"},
		{"änn@example.org", ""},
		{"ann@exa mple.org", ""},
		{strings.Repeat("a", 65) + "@example.org", ""},
		{strings.Repeat("x", 5000) + "@example.org", ""},
		{"", ""},
	} {
		got, ok := FindAddress(c.text)
		if c.text == "mailto:ann@example.org?subject=x" {
			if ok && got != "ann@example.org" {
				t.Errorf("%q: %q", c.text, got)
			}
			continue
		}
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzFindAddress(f *testing.F) {
	for _, s := range []string{"ann@example.org", "Ann <a.b+c@example.org>", "x@y@z.de", "a@xn--.com", "ä@ö.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := FindAddress(text)
		if ok == (a == "") || strings.ContainsAny(a, "\r\n <>,;\x00\"") {
			t.Fatalf("%q from %q", a, text)
		}
		if again, _ := FindAddress(a); again != a {
			t.Fatalf("%q is found as %q", a, again)
		}
	})
}

func TestWriter_EveryLetterInEveryLanguage(t *testing.T) {
	t.Parallel()
	w, err := NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	if len(w.in) != 12 {
		t.Errorf("%d languages", len(w.in))
	}
	left := regexp.MustCompile(`\{[a-z]+\}`)
	for lang := range w.in {
		for _, k := range kinds() {
			l := Letter{Kind: k, Site: "kettlewick", Reference: "K7QM-4T3P", Name: "Mara", Queue: "Support", Quotes: []string{"one\ntwo", "three"}, Said: []Said{{Customer: true, Text: "Hello"}, {Assistant: true, Text: "Yes?"}, {Name: "Mara", Text: "It's me"}, {Text: "Closed"}}, Link: "https://shop.example/mail/abc"}
			subject, text, page, got, err := w.Write(l, lang)
			if err != nil || got != lang || left.MatchString(subject+text+page) || subject == "" {
				t.Errorf("%s of %s: %v, %q", k, lang, err, subject)
			}
			checkSame(t, lang+" "+string(k), text, page)
			if k == Reply && !strings.Contains(text, "> one\n> two") || k == Rating && strings.Count(text, "?score=") != 5 {
				t.Errorf("%s of %s: %s", k, lang, text)
			}
		}
	}
}

// checkSame holds the two forms of a letter against each other: each says what
// the other says.
func checkSame(t *testing.T, name, text, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "title" {
			for l := range strings.SplitSeq(n.Data, "\n") {
				if l = strings.TrimSpace(l); l != "" {
					said = append(said, l)
				}
			}
		}
		for _, a := range n.Attr {
			if a.Key == "href" {
				said = append(said, a.Val)
			}
		}
	}
	for _, s := range said {
		_, s, found := strings.Cut(s, " – ")
		if found && !strings.Contains(text, s) {
			t.Errorf("%s: the text lacks %q", name, s)
		}
	}
	for _, s := range said {
		if !strings.Contains(s, " – ") && !strings.Contains(text, s) {
			t.Errorf("%s: the text lacks %q", name, s)
		}
	}
}

func TestWriter_FillsInNothingThatActs(t *testing.T) {
	t.Parallel()
	w, err := NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	evil := "<script>alert(1)</script>\r\nBcc: x@example.org {site} \u202e"
	for _, k := range kinds() {
		l := Letter{Kind: k, Site: evil, Reference: evil, Name: evil, Queue: evil, Quotes: []string{evil + "<img src=x onerror=alert(1)>"}, Link: "javascript:alert(1)"}
		subject, _, page, _, err := w.Write(l, "en")
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(subject, "\r\n\u202e") || strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "javascript:") {
			t.Errorf("%s: %q\n%s", k, subject, page)
		}
	}
}
