package mdtext

import (
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/text"
)

func TestPlain_IsWhatAReaderSees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, markdown, want string }{
		{"marks", "The **big** _old_ ~reset~", "The big old ~reset~"},
		{"a link", "[Returns](https://shop.example/returns) and refunds", "Returns and refunds"},
		{"an address by itself", "Write to <help@shop.example>", "Write to help@shop.example"},
		{"a picture's description", "![the lid](lid.png) opens", "the lid opens"},
		{"entities and backslashes", `5 &lt; 6 &amp; \*more\* &#228;`, "5 < 6 & *more* ä"},
		{"code as it is written", "Type `a &amp; \\*b`", `Type a &amp; \*b`},
		{"a line break", "one\ntwo  \nthree", "one two three"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src := []byte(c.markdown)
			doc := goldmark.DefaultParser().Parse(text.NewReader(src))
			if got := Plain(doc, src); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"# a `b` &amp; \\*", "[x](y)", "<a@b.c>", "![p](q)", "\x00\xff", "* a\n\n> b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := []byte(s)
		_ = Plain(goldmark.DefaultParser().Parse(text.NewReader(src)), src)
	})
}
