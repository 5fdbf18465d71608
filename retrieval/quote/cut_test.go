package quote

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// kinds in one letter each: sentence, item, row, header, lead, code.
const letters = "sirhlc"

// cut shows units as "s|text", with "<n" for what they lean on and "!" for a bound.
func cut(text string) []string {
	var out []string
	for _, u := range Cut(text) {
		s := string(letters[u.Kind])
		if u.Leans >= 0 {
			s += "<" + string(rune('0'+u.Leans))
		}
		if u.Bound {
			s += "!"
		}
		out = append(out, s+"|"+text[u.From:u.To])
	}
	return out
}

func TestCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sentences":              {"We ship on weekdays. Orders after 3 p.m. leave the next day! Really?", []string{"s|We ship on weekdays.", "s|Orders after 3 p.m. leave the next day!", "s|Really?"}},
		"numbers and short ones": {"It costs 4.50 a month. See No. 7 for more, e.g. Austria. It is 3.5 km.", []string{"s|It costs 4.50 a month.", "s|See No. 7 for more, e.g. Austria.", "s|It is 3.5 km."}},
		"German abbreviations":   {"Das gilt z. B. für Nr. 5 und ca. 30 Tage. Danach bzw. Dienstags nicht.", []string{"s|Das gilt z. B. für Nr. 5 und ca. 30 Tage.", "s|Danach bzw. Dienstags nicht."}},
		"a clock and an address": {"We open at 9.30. Write to help@shop.example. We answer.", []string{"s|We open at 9.30.", "s|Write to help@shop.example.", "s|We answer."}},
		"emphasis at the end":    {"You have **45 days.** After that nothing.", []string{"s|You have **45 days.**", "s|After that nothing."}},
		"a link with a dot":      {"See [our page.](https://a.example/b.c) Then go.", []string{"s|See [our page.](https://a.example/b.c) Then go."}},
		"a wrapped paragraph":    {"One sentence that\ngoes on. Another.", []string{"s|One sentence that\ngoes on.", "s|Another."}},
		"steps keep numbers":     {"Do this:\n\n1. Open *Orders*. Wait.\n2) Print\n   the label.\n- third\n\nThen rest.", []string{"l|Do this:", "i<0|1. Open *Orders*. Wait.", "i<1|2) Print\n   the label.", "i<0|- third", "s|Then rest."}},
		"two lists":              {"1. a\n2. b\n\nor\n\n1. c\n2. d\n1. e", []string{"i|1. a", "i<0|2. b", "s|or", "i|1. c", "i<3|2. d", "i|1. e"}},
		"nested items":           {"- one\n  - two\n    1. three", []string{"i|- one", "i|- two", "i|1. three"}},
		"a heading over all":     {"**Opened goods**\nNo return. None.\n\n## Else\n\nReturn them.", []string{"s|**Opened goods**\nNo return.", "s|None.", "l|## Else", "s<2|Return them."}},
		"a line in bold":         {"**Opened goods**\n\nNo return. None.\n\nNever.", []string{"l|**Opened goods**", "s<0|No return.", "s<0|None.", "s<0|Never."}},
		"a colon over a text":    {"Returns of opened goods:\n\nThey stay. All of them.\n\nOther.", []string{"l|Returns of opened goods:", "s<0|They stay.", "s<0|All of them.", "s|Other."}},
		"a table":                {"Prices:\n\n| Plan | Price |\n|---|---|\n| Half | 12 |\n| Full | 20 |\n\nAfter.", []string{"l|Prices:", "h<0|| Plan | Price |\n|---|---|", "r<1|| Half | 12 |", "r<1|| Full | 20 |", "s|After."}},
		"a table without a rule": {"| a | b |\n| c | d |", []string{"r|| a | b |", "r|| c | d |"}},
		"bounds":                 {"You have 30 days. This does not apply to opened goods. Unless they leak, that is. But of course.", []string{"s|You have 30 days.", "s!|This does not apply to opened goods.", "s!|Unless they leak, that is.", "s!|But of course."}},
		"no bound":               {"You have 30 days. Butter is exempt.", []string{"s|You have 30 days.", "s|Butter is exempt."}},
		"bounds in German":       {"30 Tage. Ausgenommen Ware, die benutzt ist.", []string{"s|30 Tage.", "s!|Ausgenommen Ware, die benutzt ist."}},
		"code":                   {"Type:\n\n```\nset x=1\n\nset y=2\n```\n\nDone.", []string{"l|Type:", "c<0|```\nset x=1\n\nset y=2\n```", "s|Done."}},
		"a quotation":            {"> Mind the step.\n> It is high.", []string{"i|> Mind the step.", "i|> It is high."}},
		"Japanese":               {"返品は45日以内です。送料は無料です。「はい。」と言う。", []string{"s|返品は45日以内です。", "s|送料は無料です。", "s|「はい。」", "s|と言う。"}},
		"Arabic":                 {"هل يمكنني الإرجاع؟ نعم. خلال ٣٠ يوما.", []string{"s|هل يمكنني الإرجاع؟", "s|نعم.", "s|خلال ٣٠ يوما."}},
		"nothing":                {"\n \n---\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cut(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestCut_ALongItemKeepsItsNumberWithItsFirstSentence(t *testing.T) {
	t.Parallel()
	text := "1. " + strings.Repeat("Word by word it goes on. ", 10)
	got := Cut(text)
	if len(got) != 10 || got[0].Kind != Item || text[got[0].From:got[0].To] != "1. Word by word it goes on." || got[0].Text != 3 || got[1].Kind != Sentence {
		t.Errorf("%d units, the first %+v, the second %+v", len(got), got[0], got[1])
	}
}

func TestCut_WhatHasNoEndIsCutBetweenClausesOrWords(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"clauses":  strings.Repeat("and so it goes on and on; ", 400),
		"words":    strings.Repeat("and so on ", 1000),
		"Chinese":  strings.Repeat("没有空格的文字，", 1000),
		"a table":  "| a | b |\n|---|---|\n| " + strings.Repeat("word ", 500) + "| x |",
		"code":     "```\n" + strings.Repeat("line of code\n", 300) + "```",
		"unclosed": "~~~\n" + strings.Repeat("line of code\n", 300),
	} {
		for _, u := range Cut(text) {
			if CountWords(text[u.From:u.To]) > MaxUnit {
				t.Errorf("%s: %d words", name, CountWords(text[u.From:u.To]))
			}
			before, _ := utf8.DecodeLastRuneInString(text[:u.From])
			first, _ := utf8.DecodeRuneInString(text[u.From:])
			if u.From > 0 && isWord(before) && isWord(first) && !unspaced(first) {
				t.Errorf("%s: cut in a word: %.20q", name, text[u.From:])
			}
		}
	}
	if got := Cut(strings.Repeat("a", 10_000)); len(got) != 1 {
		t.Errorf("one word became %d units", len(got))
	}
}

func TestCountWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "| --- |": 0, "a well-known 3,5 °": 3, "返品は無料": 3, "30日以内": 3, "It's **45 days**.": 3} {
		if got := CountWords(text); got != want {
			t.Errorf("%q: %d words, want %d", text, got, want)
		}
	}
}

// markdown draws text that a cutter could stumble over.
func markdown(t *rapid.T) string {
	piece := rapid.SampledFrom([]string{
		"A sentence.", "Is it? ", "one two ", "\n", "\n\n", "- ", "1. ", "  - ", "> ", "| a | b |", "|---|---|", "|", "# ", "```", "~~~", "。", "”", "»", "ü", "z. B. ", "e.g. ",
		"\t", "*", "**", "**bold**", "Do this:", " ", "返品", "؟ ", "Unless so. ", "[a](b.c) ", "3.50 ", "Nr. 5", strings.Repeat("long ", 130),
	})
	return strings.Join(rapid.SliceOfN(rapid.OneOf(piece, piece, rapid.String()), 0, 25).Draw(t, "pieces"), "")
}

// hold says what is wrong with the units of a text; empty: nothing is.
func hold(text string) string {
	at, held := 0, make([]byte, 0, len(text))
	for i, u := range Cut(text) {
		switch s := text[max(0, min(u.From, len(text))):max(0, min(u.To, len(text)))]; {
		case u.From < at || u.To <= u.From || u.Text < u.From || u.End > u.To || u.Text >= u.End:
			return "a span that is none"
		case strings.TrimSpace(s) != s || utf8.ValidString(text) && !utf8.ValidString(s):
			return "a unit that is cut in a character or begins with a space"
		case u.Leans >= i || u.Leans < -1:
			return "a unit that leans on a later one"
		case u.Words != CountWords(s) || u.Words > MaxUnit:
			return "a unit of a wrong length"
		}
		held = append(held, text[u.From:u.To]...)
		at = u.To
	}
	word := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	if !strings.Contains(text, "```") && !strings.Contains(text, "~~~") && word(text) != word(string(held)) {
		return "words that are in no unit"
	}
	return ""
}

func TestCut_UnitsAreSpansInOrderThatHoldAllWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		if text := markdown(rt); hold(text) != "" {
			rt.Fatalf("%q: %s", text, hold(text))
		}
	})
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{"a. B", "| a |\n|-|\n| b |", "- x\n  y", "```\n", "\xff.\xff A", "”.» X", "Do:\n1. a\n2. b", strings.Repeat("あ", 500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if wrong := hold(s); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

func TestCut_AMarkerAloneInItsLineHasItsWordsInTheNext(t *testing.T) {
	t.Parallel()
	const text = "> \nKeep it dry."
	got := Cut(text)
	if len(got) != 1 || text[got[0].Text:got[0].End] != "Keep it dry." {
		t.Errorf("got %+v", got)
	}
}
