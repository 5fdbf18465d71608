package report

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"pgregory.net/rapid"
)

// Whatever is said stands in a comment as code, and nothing of it outside.
func TestCode_IsCodeAlone(t *testing.T) {
	t.Parallel()
	whole := regexp.MustCompile(`(?s)\A<p>x <code>(.*)</code> y</p>\n\z`)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching("[`\\\\<@#*_|\n a-c]{0,30}")).Draw(rt, "said")
		text := code(s)
		if strings.ContainsAny(text, "\n\r\x00") {
			rt.Fatalf("%q is not on a line", text)
		}
		if text == "–" {
			return
		}
		var b bytes.Buffer
		if err := goldmark.Convert([]byte("x "+text+" y"), &b); err != nil {
			rt.Fatal(err)
		}
		m := whole.FindSubmatch(b.Bytes())
		if m == nil || strings.Contains(string(m[1]), "<") {
			rt.Fatalf("%q became %s", s, b.Bytes())
		}
		words := func(s string) string { return strings.Join(strings.Fields(s), "") }
		plain := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
				return ' '
			}
			return r
		}, s)
		if got := words(html.UnescapeString(string(m[1]))); got != words(plain) {
			rt.Fatalf("%q became %q", plain, got)
		}
	})
}

func TestPlainMarkdown_IsPlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringMatching("[`\\\\<>@#*_|~!&\\[\\]()\n a-c]{1,30}").Draw(rt, "name")
		var b bytes.Buffer
		if err := goldmark.Convert([]byte("x"+plainMarkdown(s)+"y"), &b); err != nil {
			rt.Fatal(err)
		}
		if strings.Count(b.String(), "<") != 2 { // of the paragraph
			rt.Fatalf("%q became %s", s, b.Bytes())
		}
		if regexp.MustCompile(`[@#]\w`).MatchString(html.UnescapeString(b.String())) {
			rt.Fatalf("%q mentions somebody: %s", s, b.Bytes())
		}
	})
}

func TestClip_SaysWhatItLeftOut(t *testing.T) {
	t.Parallel()
	if got := clip("日本語の文", 3); got != "日本語 … (2 more characters)" {
		t.Error(got)
	}
	if got := clip("short", 5); got != "short" {
		t.Error(got)
	}
}
