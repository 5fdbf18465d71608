package split

import (
	"strings"
	"testing"

	"frontdesk/retrieval"
)

// page is a help article of usual size and structure, about 450 words.
func page() string {
	var b strings.Builder
	b.WriteString("# Descaling the kettle\n\nLime from hard water settles on the heating plate and slows it down.\n\n")
	for _, model := range []string{"K1", "K2", "K2 Pro", "K3"} {
		b.WriteString("## " + model + "\n\nDo this twice a year, or when the light blinks three times:\n\n")
		b.WriteString(strings.Repeat("1. Fill in half a litre of water and two spoons of citric acid, and let it boil once.\n", 4))
		b.WriteString("\n| Water | Every |\n|---|---|\n| soft | year |\n| hard | three months |\n\n")
		b.WriteString(strings.Repeat("Rinse it twice with fresh water before you use it again. ", 3) + "\n\n")
	}
	return b.String()
}

func BenchmarkSplit(b *testing.B) {
	s := newSplitter(b, Config{})
	for name, body := range map[string]string{
		"page":            page(),
		"1 MB of pages":   strings.Repeat(page(), 1<<20/len(page())),
		"1 MB in a line":  strings.Repeat("Press the button, and wait. ", 1<<20/28),
		"1 MB, no blanks": strings.Repeat("x", 1<<20),
		"1 MB of Chinese": strings.Repeat("请先拔下电源插头。", 1<<20/27),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				s.Split(retrieval.Article{Title: "Descaling the kettle", Body: body})
			}
		})
	}
}
