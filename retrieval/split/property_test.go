package split

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/retrieval"

	"pgregory.net/rapid"
)

// check holds chunks against what the package promises of any body.
func check(s *Splitter, a retrieval.Article, chunks []retrieval.Chunk) error {
	end := 0
	for i, c := range chunks {
		if c.Kind == retrieval.QuestionChunk {
			continue
		}
		switch {
		case c.From < end || c.To <= c.From || c.To > len(a.Body):
			return fmt.Errorf("chunk %d spans [%d,%d) after %d of %d bytes", i, c.From, c.To, end, len(a.Body))
		case c.Text != a.Body[c.From:c.To]:
			return fmt.Errorf("chunk %d is not its span", i)
		case utf8.ValidString(a.Body) && !utf8.ValidString(c.Text):
			return fmt.Errorf("chunk %d cuts a character: %q", i, c.Text)
		case c.Section != i:
			return fmt.Errorf("section %d points to %d", i, c.Section)
		}
		if l := measure(c.Text); !l.fits(s.whole) {
			return fmt.Errorf("chunk %d has %d words, %d runes: %q", i, l.words(), l.runes, c.Text)
		}
		end = c.To
	}
	return nil
}

// line is a line of generated Markdown with whether it must be in a chunk.
type line struct {
	text string
	must bool
}

// markdown draws a document of known lines: what is covered can be told without
// reading Markdown again.
func markdown(t *rapid.T) (string, []line) {
	word := rapid.SampledFrom([]string{
		"kettle", "E-04", "1.7", "boil.", "Press", "**lid**", "[manual](/help/x)", "水箱", "打开。", "größer", "don't", "a", "No!", "etc.", "`code`", "<b>x</b>", "주전자",
	})
	sentence := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 1, 30).Draw(t, "words"), " ")
	})
	var lines []line
	blank := func() { lines = append(lines, line{}) }
	for range rapid.IntRange(1, 12).Draw(t, "blocks") {
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0, 1:
			lines = append(lines, line{text: strings.Repeat("#", rapid.IntRange(1, 4).Draw(t, "level")) + " Heading " + sentence.Draw(t, "heading")})
		case 2:
			for range rapid.IntRange(1, 4).Draw(t, "lines") {
				lines = append(lines, line{"Text " + sentence.Draw(t, "line"), true})
			}
		case 3:
			mark := rapid.SampledFrom([]string{"- ", "1. ", "* "}).Draw(t, "mark")
			for range rapid.IntRange(1, 9).Draw(t, "items") {
				lines = append(lines, line{mark + "item " + sentence.Draw(t, "item"), true})
				if rapid.Bool().Draw(t, "nested") {
					lines = append(lines, line{"   - nested " + sentence.Draw(t, "nested item"), true})
				}
			}
		case 4:
			lines = append(lines, line{"| Head | Two |", true}, line{text: "|---|---|"})
			for range rapid.IntRange(1, 20).Draw(t, "rows") {
				lines = append(lines, line{"| cell | " + strings.ReplaceAll(sentence.Draw(t, "cell"), "|", "") + " |", true})
			}
		case 5:
			lines = append(lines, line{text: "```"})
			for range rapid.IntRange(1, 12).Draw(t, "code") {
				lines = append(lines, line{"code " + sentence.Draw(t, "code line"), true})
			}
			lines = append(lines, line{text: "```"})
		case 6:
			for range rapid.IntRange(1, 5).Draw(t, "quoted") {
				lines = append(lines, line{"> quoted " + sentence.Draw(t, "quoted line"), true})
			}
		case 7:
			lines = append(lines, line{text: "---"}, line{text: ""}, line{text: "<!-- not for readers -->"})
		}
		blank()
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.text + "\n")
	}
	return b.String(), lines
}

func TestSplit_CoversEveryLineOnceWithinItsLength(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body, lines := markdown(t)
		maxWords := rapid.SampledFrom([]int{8, 20, 60, 160}).Draw(t, "max words")
		s, err := New(Config{MaxWords: maxWords})
		if err != nil {
			t.Fatal(err)
		}
		a := retrieval.Article{Body: body, Questions: []string{"Why?"}}
		chunks := s.Split(a)
		if err := check(s, a, chunks); err != nil {
			t.Fatal(err)
		}
		covered := make([]bool, len(body))
		for _, c := range chunks {
			for i := c.From; i < c.To; i++ {
				covered[i] = true
			}
		}
		at := 0
		for _, l := range lines {
			for i, r := range l.text {
				if l.must && r != ' ' && !covered[at+i] {
					t.Fatalf("byte %d of line %q is in no chunk", i, l.text)
				}
			}
			at += len(l.text) + 1
		}
	})
}

func TestSplit_ArbitraryText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"# ", "## a", "\n", "\n\n", "- ", "  - ", "1. ", "> ", "|", "|-|-|", "```", "~~~", "    ", "\t", "<!--", "-->", "<div>", "</div>", "[a]: b",
		"a", "word ", "。", "水", ". ", "===", "---", "{: .x}", "{% a %}", "\\", "`", "**", "é", "\u200d", "👩‍🍳", "\xff", "\x00", "\r",
	})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(piece, 0, 300).Draw(t, "pieces"), "")
		s, err := New(Config{MaxWords: rapid.SampledFrom([]int{8, 30, 160}).Draw(t, "max words")})
		if err != nil {
			t.Fatal(err)
		}
		a := retrieval.Article{Title: "a", Body: body}
		chunks := s.Split(a)
		if err := check(s, a, chunks); err != nil {
			t.Fatal(err)
		}
		if measure(body).halves > 0 && strings.TrimSpace(body) != "" && len(chunks) == 0 && !onlyHidden(body) {
			t.Fatalf("no chunk of %q", body)
		}
	})
}

// onlyHidden allows for bodies whose every word is in something invisible.
func onlyHidden(body string) bool {
	return strings.Contains(body, "<") || strings.Contains(body, "{") || strings.Contains(body, "]:")
}

func FuzzSplit(f *testing.F) {
	f.Add("# Title\n\nText here. More text.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", 20)
	f.Add("- a\n  - b\n\n      code\n> quote\n\n```\nx\n", 8)
	f.Add("水箱。打开。<div>\n<!--\n[a]: b\n===\n", 9)
	f.Add(strings.Repeat("> - ", 50)+"x", 8)
	f.Fuzz(func(t *testing.T, body string, maxWords int) {
		s, err := New(Config{MaxWords: 8 + abs(maxWords)%200})
		if err != nil {
			t.Fatal(err)
		}
		a := retrieval.Article{Title: "Title", Body: body, Questions: []string{"Why?"}}
		if err := check(s, a, s.Split(a)); err != nil {
			t.Fatal(err)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// What is only repeated must not take the square of its length: each of these
// would keep a parser busy for minutes that follows them in earnest.
func TestSplit_HostileInput(t *testing.T) {
	t.Parallel()
	s := newSplitter(t, Config{})
	const size = 1 << 18
	for _, piece := range []string{
		"> ", "- ", "1. ", "[", "`", "<", "*", "|", "|-|\n", "[a]: b\n", "- - ", "\t", "&", "\\", "](", "<a", "<!--", "。", "\n", "a\n=\n",
		"```\n", "|a|b|\n", "<div>\n", "- a\n  - b\n    - c\n", "**a**\n\n", "a:\n\n", "# a\n\n", "a. ", "\u0301", "x",
	} {
		a := retrieval.Article{Body: strings.Repeat(piece, size/len(piece))}
		if err := check(s, a, s.Split(a)); err != nil {
			t.Errorf("%q repeated: %v", piece, err)
		}
	}
	var nested strings.Builder
	for i := range 1000 {
		nested.WriteString(strings.Repeat("  ", i) + "- word\n")
	}
	a := retrieval.Article{Body: nested.String()}
	chunks := s.Split(a)
	if err := check(s, a, chunks); err != nil || len(chunks) == 0 {
		t.Errorf("a list nested 1000 deep: %d chunks, %v", len(chunks), err)
	}
}
