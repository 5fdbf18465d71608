package bot

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func texts(text string) []string {
	var out []string
	for _, l := range cutLines(text) {
		out = append(out, text[l.From:l.To])
	}
	return out
}

func TestCutLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sentences":              {"We ship on weekdays. Orders after 3 p.m. leave the next day! Really?", []string{"We ship on weekdays.", "Orders after 3 p.m. leave the next day!", "Really?"}},
		"numbers and short ones": {"It costs 4.50 a month. See No. 7 for more, e.g. Austria.", []string{"It costs 4.50 a month.", "See No. 7 for more, e.g. Austria."}},
		"emphasis at the end":    {"You have **45 days.** After that nothing.", []string{"You have **45 days.**", "After that nothing."}},
		"a wrapped paragraph":    {"One sentence that\ngoes on. Another.", []string{"One sentence that\ngoes on.", "Another."}},
		"items":                  {"Do this:\n\n1. Open *Orders*. Wait.\n2) Print\n   the label.\n- third", []string{"Do this:", "Open *Orders*. Wait.", "Print\n   the label.", "third"}},
		"a quotation":            {"> Mind the step.\n> It is high.", []string{"Mind the step.", "It is high."}},
		"headings and rules":     {"## Returns\n\n---\n\nText.", []string{"Text."}},
		"a table":                {"| Plan | Price |\n|---|---|\n| Half | 12 |\n| Full | 20 |\n\nAfter.", []string{"| Half | 12 |", "| Full | 20 |", "After."}},
		"a table without a rule": {"| a | b |\n| c | d |", []string{"| a | b |", "| c | d |"}},
		"code":                   {"```\nset x=1\n\nset y=2\n```", []string{"set x=1", "set y=2"}},
		"without spaces":         {"返品は45日以内です。送料は無料です。", []string{"返品は45日以内です。", "送料は無料です。"}},
		"nothing":                {"\n \n---\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := texts(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCutLines_ARowKnowsItsHeader(t *testing.T) {
	t.Parallel()
	lines := cutLines("| Plan | Price |\n|:--|--:|\n| Half | 12 |\n\n| x |\n|-|\n| y |")
	if len(lines) != 2 || lines[0].Header != "| Plan | Price |" || lines[1].Header != "| x |" {
		t.Errorf("got %+v", lines)
	}
}

// Whatever the Markdown, lines are in order, do not overlap, and stand word for
// word in the text.
func TestCutLines_AreSpansOfTheText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"A sentence.", "Is it? ", "one two ", "\n", "\n\n", "- ", "1. ", "> ", "| a | b |", "|---|---|", "# ", "```", "。", "”", "»", "ü", "e.g. ", "\t", "*", " ", "返品",
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(piece, rapid.String()), 0, 25).Draw(rt, "pieces"), "")
		at := 0
		for _, l := range cutLines(text) {
			if l.From < at || l.To <= l.From || l.To > len(text) {
				rt.Fatalf("%q: %+v after %d", text, l, at)
			}
			s := text[l.From:l.To]
			if strings.TrimSpace(s) != s || utf8.ValidString(text) && !utf8.ValidString(s) || !strings.Contains(text, l.Header) {
				rt.Fatalf("%q: line %q under %q", text, s, l.Header)
			}
			at = l.To
		}
	})
}

func FuzzCutLines(f *testing.F) {
	for _, s := range []string{"a. B", "| a |\n|-|\n| b |", "- x\n  y", "```\n", "\xff.\xff A", "”.» X"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { cutLines(s) })
}

func fields(text, _ string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isWord(r) })
}

func TestLinesByWords(t *testing.T) {
	t.Parallel()
	pick := LinesByWords(fields)
	for name, c := range map[string]struct {
		question string
		texts    []string
		want     []string
	}{
		"the line that holds the words": {
			"how long does the refund take", []string{"The label is free. The refund takes long: 5 days. Send the parcel back."}, []string{"The refund takes long: 5 days."},
		},
		"common words say nothing": {
			"the price of the filter", []string{"The tank of the fountain is the big one of the two.\n\nThe filter of it costs 9."}, []string{"The filter of it costs 9."},
		},
		"a row by what its column is called": {
			"price of half", []string{"| Plan | Price |\n|---|---|\n| Full | 20 |\n| Half | 12 |"}, []string{"| Half | 12 |"},
		},
		"the plainer of two": {
			"shipping costs", []string{"Shipping costs depend on a good many things that we would like to tell you about at some length another day. Shipping costs 4."}, []string{"Shipping costs 4."},
		},
		"no word in common": {"zzz", []string{"First. Second.", "## Only a heading"}, []string{"First.", ""}},
		"no passage":        {"x", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var passages []retrieval.Passage
			for _, s := range c.texts {
				passages = append(passages, retrieval.Passage{Text: s})
			}
			var got []string
			for i, l := range pick(c.question, "en", passages) {
				got = append(got, c.texts[i][l.From:l.To])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
