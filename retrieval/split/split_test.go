package split

import (
	"strings"
	"testing"

	"frontdesk/retrieval"

	"github.com/google/go-cmp/cmp"
)

func newSplitter(tb testing.TB, cfg Config) *Splitter {
	tb.Helper()
	s, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// cutUp is a chunk as tests read it: heading path, text.
func cutUp(chunks []retrieval.Chunk) []string {
	var out []string
	for _, c := range chunks {
		out = append(out, strings.Join(c.Heading, " > ")+" | "+c.Text)
	}
	return out
}

func words(n int) string {
	return strings.TrimSpace(strings.Repeat("word ", n))
}

func TestNew_NamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"MaxWords": {MaxWords: 3},
		"MinWords": {MaxWords: 20, MinWords: 21},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: error %v does not name %s", cfg, err, name)
		}
	}
}

func TestSplit_Structure(t *testing.T) {
	t.Parallel()
	long := words(30)
	for _, tt := range []struct {
		name, title, body string
		cfg               Config
		want              []string
	}{
		{
			name: "each section is a chunk with the path of its headings", title: "Returns",
			body: "# Returns\n\nIntro " + long + ".\n\n## How\n\nSend " + long + ".\n\n### Label\n\nPrint " + long + ".\n\n## When\n\nSoon " + long + ".",
			want: []string{
				" | Intro " + long + ".", "How | Send " + long + ".",
				"How > Label | Print " + long + ".", "When | Soon " + long + ".",
			},
		},
		{
			name: "a first heading that is not the title stays in the path", title: "Something else",
			body: "# Returns\n\nIntro " + long + ".",
			want: []string{"Returns | Intro " + long + "."},
		},
		{
			name: "headings alone make no chunk beside others",
			body: "## Empty\n\n## Full\n\nText " + long + ".\n\n## Empty too\n",
			want: []string{"Full | Text " + long + "."},
		},
		{
			name: "an article of headings alone is shown as it is",
			body: "# Error codes\n\n## E-04\n",
			want: []string{" | # Error codes\n\n## E-04"},
		},
		{
			name: "markup in headings is not in the path",
			body: "## **Reset** the [app](https://example.org) `v2` &amp; more {#reset}\n\nText " + long + ".",
			want: []string{"Reset the app v2 & more | Text " + long + "."},
		},
		{
			name: "setext headings part sections",
			body: "Kettle\n===\n\nOne " + long + ".\n\nLid\n---\n\nTwo " + long + ".",
			want: []string{"Kettle | One " + long + ".", "Kettle > Lid | Two " + long + "."},
		},
		{
			name: "short sections under one heading are kept together",
			body: "## Hours\n\n### Monday\n\n9 to 5.\n\n### Tuesday\n\n10 to 4.\n\n### Sunday\n\nClosed all day.",
			want: []string{"Hours | ### Monday\n\n9 to 5.\n\n### Tuesday\n\n10 to 4.\n\n### Sunday\n\nClosed all day."},
		},
		{
			name: "a short introduction goes with the section below it",
			body: "## Descaling\n\nTwice a year.\n\n### K2\n\nUse " + long + ".",
			want: []string{"Descaling > K2 | Twice a year.\n\n### K2\n\nUse " + long + "."},
		},
		{
			name: "a heading that asks keeps its short answer to itself",
			body: "## Can I return it?\n\nYes, within 30 days.\n\n## Is it free?\n\nYes.",
			want: []string{"Can I return it? | Yes, within 30 days.", "Is it free? | Yes."},
		},
		{
			name: "not even to a short neighbour that does not ask",
			body: "## Hours\n\nNine to five.\n\n## Is it free?\n\nYes.\n\n## Parking\n\nBehind the house.",
			want: []string{"Hours | Nine to five.", "Is it free? | Yes.", "Parking | Behind the house."},
		},
		{
			name: "what announces goes with what follows", cfg: Config{MaxWords: 40, MinWords: 1},
			body: words(38) + ".\n\nDo this:\n\n1. Press it.\n2. Wait.",
			want: []string{" | " + words(38) + ".", " | Do this:\n\n1. Press it.\n2. Wait."},
		},
		{
			name: "a list stays whole where it fits", cfg: Config{MaxWords: 20, MinWords: 1},
			body: words(15) + ".\n\n- one two three\n- four five six\n- seven eight nine",
			want: []string{" | " + words(15) + ".", " | - one two three\n- four five six\n- seven eight nine"},
		},
		{
			name: "a code block stays whole where it fits", cfg: Config{MaxWords: 20, MinWords: 1},
			body: words(15) + ".\n\n```\na = 1\n\nb = 2\nc = 3\n```\n",
			want: []string{" | " + words(15) + ".", " | ```\na = 1\n\nb = 2\nc = 3\n```"},
		},
		{
			name: "a paragraph is cut at sentence ends", cfg: Config{MaxWords: 8, MinWords: 1},
			body: "One two three four five. Six seven eight, e.g. nine ten. Eleven twelve!",
			want: []string{" | One two three four five.", " | Six seven eight, e.g. nine ten. Eleven twelve!"},
		},
		{
			name: "Chinese is cut at its own full stops, two characters a word", cfg: Config{MaxWords: 8, MinWords: 1},
			body: "请先拔下电源插头。然后打开水箱的盖子。最后用清水冲洗干净。",
			want: []string{" | 请先拔下电源插头。", " | 然后打开水箱的盖子。", " | 最后用清水冲洗干净。"},
		},
		{
			name: "a sentence without blanks is cut behind its last comma that fits", cfg: Config{MaxWords: 8, MinWords: 1},
			body: "请先拔下电源插头等待冷却，然后打开水箱的盖子倒掉剩余的水，最后用清水冲洗",
			want: []string{" | 请先拔下电源插头等待冷却，", " | 然后打开水箱的盖子倒掉剩余的水，", " | 最后用清水冲洗"},
		},
		{
			name: "what has neither is cut at its length, never before a mark", cfg: Config{MaxWords: 8, MinWords: 1},
			body: strings.Repeat("x", 79) + "e\u0301" + strings.Repeat("y", 10),
			want: []string{" | " + strings.Repeat("x", 79) + "e\u0301", " | " + strings.Repeat("y", 10)},
		},
		{
			name: "builders' notation, rules and link definitions are not chunks", cfg: Config{MinWords: 1},
			body: "{: .note}\n\nText " + long + ".\n\n---\n\n<!-- hidden words here -->\n\n[1]: https://example.org/a \"a\"\n",
			want: []string{" | Text " + long + "."},
		},
		{
			name: "a picture alone is not a chunk",
			body: "## A\n\n![](kettle.png)\n\n## B\n\nText " + long + ".",
			want: []string{"B | Text " + long + "."},
		},
		{name: "nothing gives nothing", body: " \n\n\t\n", want: nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := cutUp(newSplitter(t, tt.cfg).Split(retrieval.Article{Title: tt.title, Body: tt.body}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("chunks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplit_ATableKeepsItsHeaderRow(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Sizes of our kettles:\n\n| Model | Litres |\n|---|---|\n")
	for range 40 {
		b.WriteString("| Kettle K2 | 1.7 litres |\n")
	}
	chunks := newSplitter(t, Config{MaxWords: 40, MinWords: 5}).Split(retrieval.Article{Body: b.String()})
	if len(chunks) < 4 {
		t.Fatalf("%d chunks; the table was not cut", len(chunks))
	}
	if !strings.HasPrefix(chunks[0].Text, "Sizes of our kettles:\n\n| Model | Litres |\n|---|---|\n| Kettle") || chunks[0].Context != "" {
		t.Errorf("the first part does not stand with its header: %q, context %q", chunks[0].Text, chunks[0].Context)
	}
	for _, c := range chunks[1:] {
		if c.Context != "| Model | Litres |" || !strings.HasPrefix(c.Text, "| Kettle K2 |") {
			t.Errorf("a later part is not whole rows with the header as context: %q, context %q", c.Text, c.Context)
		}
	}
}

func TestSplit_ALongListIsCutBetweenItemsAndCarriesItsAnnouncement(t *testing.T) {
	t.Parallel()
	body := "To reset the scale:\n\n" + strings.Repeat("1. Press and hold the button\n   until it blinks.\n", 12)
	chunks := newSplitter(t, Config{MaxWords: 40, MinWords: 5}).Split(retrieval.Article{Body: body})
	if len(chunks) < 2 {
		t.Fatal("the list was not cut")
	}
	for i, c := range chunks {
		if i > 0 && (c.Context != "To reset the scale:" || !strings.HasPrefix(c.Text, "1. Press")) {
			t.Errorf("part %d begins within an item or lost its announcement: %q, context %q", i, c.Text, c.Context)
		}
		if !strings.HasSuffix(c.Text, "until it blinks.") {
			t.Errorf("part %d ends within an item: %q", i, c.Text)
		}
	}
}

func TestSplit_QuestionsPointToTheFirstSection(t *testing.T) {
	t.Parallel()
	a := retrieval.Article{
		Title: "Returns", Body: "# Returns\n\nSend it back " + words(20) + ".\n\n## Cost\n\nNothing " + words(20) + ".",
		Questions: []string{"How do I send something back?", "  ", "返品できますか"},
	}
	chunks := newSplitter(t, Config{}).Split(a)
	if len(chunks) != 4 {
		t.Fatalf("%d chunks, want 2 sections and 2 questions", len(chunks))
	}
	for i, want := range []string{"How do I send something back?", "返品できますか"} {
		c := chunks[2+i]
		if c.Kind != retrieval.QuestionChunk || c.Text != want || c.Section != 0 || c.From != c.To || c.From != chunks[0].From {
			t.Errorf("question %d: %+v", i, c)
		}
	}
	for i, c := range chunks[:2] {
		if c.Section != i {
			t.Errorf("section %d shows section %d", i, c.Section)
		}
	}
}

func TestTooDeep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"text", "# A\n\n- b\n  - c\n> d\n", false},
		{"a rule", strings.Repeat("-", 500) + "\n" + strings.Repeat("* ", 40), false},
		{"a table", "|" + strings.Repeat("-|", 200), false},
		{"a line of numbers", strings.Repeat("1.5 ", 200), false},
		{"code far to the right", strings.Repeat(" ", 300) + "x\n", false},
		{"quotations", "a\n" + strings.Repeat(">", 60) + "b", true},
		{"lists", "a\n" + strings.Repeat("1. - ", 30), true},
		{"an item far to the right", strings.Repeat("\t", 60) + "- a", true},
	} {
		if got := tooDeep(tt.body); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestSplit_Version(t *testing.T) {
	t.Parallel()
	a, b := newSplitter(t, Config{}), newSplitter(t, Config{MaxWords: 120})
	if a.Version() == b.Version() || a.Version() == "" {
		t.Errorf("versions %q and %q", a.Version(), b.Version())
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"words", "The kettle, 1.7 l — new", 5},
		{"no words", "--- | --- : !", 0},
		{"tags and link targets are not read", `See [the manual](https://example.org/a/b) <img src="x y z"> now`, 4},
		{"an address in brackets is", "<https://example.org>", 1},
		{"Chinese counts two characters a word", "打开水箱盖子", 3},
		{"Thai has no blanks either", "กาน้ำร้อน", 5},
		{"Korean has blanks", "주전자가 켜지지 않아요", 3},
		{"an open bracket is text", "a < b and c", 4},
		{"half a link is text", "[a](b c", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := measure(tt.text).words(); got != tt.want {
				t.Errorf("%q has %d words, want %d", tt.text, got, tt.want)
			}
		})
	}
}
