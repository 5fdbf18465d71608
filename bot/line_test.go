package bot

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func texts(text string) []string {
	var out []string
	for _, l := range lines(text) {
		out = append(out, text[l.From:l.To])
	}
	return out
}

func TestLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sentences":          {"We ship on weekdays. Orders after 3 p.m. leave the next day!", []string{"We ship on weekdays.", "Orders after 3 p.m. leave the next day!"}},
		"items":              {"Do this:\n\n1. Open *Orders*. Wait.\n2) Print\n   the label.\n- third", []string{"Open *Orders*. Wait.", "Print\n   the label.", "third"}},
		"headings and rules": {"## Returns\n\n**Opened**\n\n---\n\nText.", []string{"Text."}},
		"a table":            {"| Plan | Price |\n|---|---|\n| Half | 12 |\n\nAfter.", []string{"| Half | 12 |", "After."}},
		"code":               {"```\nset x=1\nset y=2\n```", []string{"set x=1\nset y=2"}},
		"nothing":            {"\n \n---\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := texts(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLines_ARowKnowsItsHeader(t *testing.T) {
	t.Parallel()
	got := lines("| Plan | Price |\n|:--|--:|\n| Half | 12 |\n\n| x |\n|-|\n| y |")
	if len(got) != 2 || got[0].Header != "| Plan | Price |" || got[1].Header != "| x |" {
		t.Errorf("got %+v", got)
	}
}

// Whatever the Markdown, lines are in order, do not overlap, and stand word for
// word in the text.
func TestLines_AreSpansOfTheText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"A sentence.", "Is it? ", "one two ", "\n", "\n\n", "- ", "1. ", "> ", "| a | b |", "|---|---|", "# ", "```", "。", "”", "»", "ü", "e.g. ", "\t", "*", " ", "返品",
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(piece, rapid.String()), 0, 25).Draw(rt, "pieces"), "")
		at := 0
		for _, l := range lines(text) {
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

func fields(text, _ string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
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
