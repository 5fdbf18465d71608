package variant

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shop is a site that names its products in every way that matters here.
func shop() []Text {
	body := "The Brisa S2 is smaller than the Brisa S3, and only the Brisa S3 has an app. Use the Wick K2 or the K2 Mini. " +
		"Fill the K2 Mini to the mark. A Wick K2 holds more, the Wick K1 less. The Gram Pro and the Gram One weigh. " +
		"A Gram Pro lasts long, a Gram One too. Delivery to Belgium is free, and to Belgium and Germany it is quick, in Germany on Monday. " +
		"An Oven Crunch is baked in the oven, and the oven is hot. With Oven Crunch, no oven is needed, nor another oven. Which one? The one you like, or that one."
	texts := []Text{
		{Title: "Descaling the Brisa S2", Body: body},
		{Title: "Descaling the Brisa S3"},
		{Title: "Descaling the Wick K2"},
		{Title: "Descaling the Wick K2 Mini"},
		{Title: "What the lights on the K2 and K2 Mini mean"},
		{Title: "Gram Pro, capacity and timer"},
		{Title: "Gram One, capacity and buttons"},
		{Title: "Oven Crunch, portions"},
		{Title: "Delivery to Belgium"},
		{Title: "Delivery to Germany"},
		{Title: "Terms until 1 March 2026"},
		{Title: "Returns and refunds"},
		{Title: "Error codes", Product: "Mill 60"},
	}
	for i := range texts {
		texts[i].Lang = "en"
	}
	return append(texts, Text{Title: "Den Wick K2 entkalken und reinigen", Lang: "de", Body: "Der Kessel steht auf dem Sockel. Den Kessel spülen, den Sockel wischen."})
}

func TestLearn_FindsWhatTitlesCallThings(t *testing.T) {
	t.Parallel()
	whole, parts := map[string]bool{}, map[string]bool{}
	for _, n := range Learn(shop()) {
		if n.Part {
			parts[n.Text] = true
		} else {
			whole[n.Text] = true
		}
	}
	for name, want := range map[string]bool{
		"Brisa S2": true, "Wick K2": true, "Wick K2 Mini": true, "K2": true, "K2 Mini": true, "Gram Pro": true, "Crunch": true,
		"Belgium": true, "Mill 60": true, "Returns": false, "March 2026": false, "Terms": false, "Descaling": false, "Kessel": false, "60": false,
	} {
		if whole[name] != want {
			t.Errorf("%q is a name: %v, want %v", name, whole[name], want)
		}
	}
	if !parts["Brisa"] || !parts["Mini"] || parts["Oven"] {
		t.Errorf("parts that tell a name alone: %v; want Brisa and Mini, never Oven, which the texts use as a word", parts)
	}
	if !slices.Equal(Learn(shop()), Learn(shop())) {
		t.Error("learning twice gives two lists")
	}
}

func TestAsked_IsTheLongestNameSaid(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	for question, want := range map[string][]string{
		"how do I descale my s3?":      {"brisa s 3"},
		"the S 2 leaks":                {"brisa s 2"},
		"is a brisa worth it":          {"brisa s 2", "brisa s 3"},
		"k2 smells":                    {"k 2", "wick k 2"},
		"my K2-Mini smells":            {"k 2 mini", "wick k 2 mini"},
		"the mini one":                 {"k 2 mini", "wick k 2 mini"},
		"how many grams in the oven?":  nil,
		"2 or 3 cups":                  nil,
		"delivery to GERMANY":          {"germany"},
		"mein Wick K2 ist voller Kalk": {"wick k 2"},
		"ブリサではなくBrisa S2の除石灰":          {"brisa s 2"},
		"":                                 nil,
		"what does mill 60 cost, or mills": {"mill 60"},
	} {
		var got []string
		for _, m := range s.Asked(question) {
			got = append(got, m.Means...)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q names %v, want %v", question, got, want)
		}
	}
	if got := (*Site)(nil).Asked("the S2"); got != nil {
		t.Errorf("a site without names finds %v", got)
	}
}

func TestMarks_TellTheAskedFromItsAlternates(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	titles := []Title{
		s.Title("Descaling the Brisa S2", ""), s.Title("Descaling the Brisa S3", ""), s.Title("Descaling the Wick K2", ""),
		s.Title("Descaling the Wick K2 Mini", ""), s.Title("What the lights on the K2 and K2 Mini mean", ""), s.Title("Returns and refunds", ""),
	}
	for question, want := range map[string]string{
		"descale the S3":      "other named other other neither neither",
		"descale the k2":      "other other named other named neither",
		"descale the K2 Mini": "other other other named named neither",
		"descale it":          "neither neither neither neither neither neither",
	} {
		var got []string
		for _, m := range s.Asked(question).Marks(titles) {
			switch {
			case m.Named > 0:
				got = append(got, "named")
			case m.Other > 0:
				got = append(got, "other")
			default:
				got = append(got, "neither")
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q:\n got %s\nwant %s", question, g, want)
		}
	}
}

func TestBetween_AreTheNamesThatTwinsDifferIn(t *testing.T) {
	t.Parallel()
	s := NewSite(append(Learn(shop()), Name{Text: "Mill 40"}))
	for name, c := range map[string]struct {
		titles []string
		want   string
	}{
		"two products":        {[]string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, "Brisa S2|Brisa S3"},
		"three of them":       {[]string{"Descaling the Brisa S2", "Descaling the Wick K2", "Descaling the Wick K2 Mini"}, ""}, // "Wick" is no name alone here: another frame
		"one is a longer one": {[]string{"Descaling the Wick K2", "Descaling the Wick K2 Mini"}, "Wick K2|Wick K2 Mini"},
		"places":              {[]string{"Delivery to Belgium", "Delivery to Germany"}, "Belgium|Germany"},
		"a word more":         {[]string{"Grind settings for the Mill 40", "Grind settings and dosing for the Mill 60"}, "Mill 40|Mill 60"},
		"another matter":      {[]string{"Descaling the Brisa S2", "Setting up the Brisa S3"}, ""},
		"names alone":         {[]string{"Brisa S2", "Brisa S3"}, ""},
		"the same name":       {[]string{"Descaling the Brisa S2", "Descaling the Brisa S2"}, ""},
		"no names":            {[]string{"Returns and refunds", "Returns and refunds"}, ""},
		"one alone":           {[]string{"Descaling the Brisa S2"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var titles []Title
			for _, x := range c.titles {
				titles = append(titles, s.Title(x, ""))
			}
			got := strings.Join(Between(titles), "|")
			if name == "three of them" && got != "" { // learned as one frame or not: never half a list
				if strings.Count(got, "|") != 2 {
					t.Errorf("got %q", got)
				}
				return
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTells_OnlyWhatSinglesOneOut(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	twins := []Title{s.Title("Descaling the Brisa S2", ""), s.Title("Descaling the Brisa S3", "")}
	for question, want := range map[string]bool{"descale the s2": true, "descale the brisa": false, "descale it": false, "descale in Germany": false} {
		if got := s.Asked(question).Tells(twins); got != want {
			t.Errorf("%q tells one from the other: %v, want %v", question, got, want)
		}
	}
}

func TestNames_AnyTextsAreBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SampledFrom([]string{"Brisa", "S2", "s3", "und", "Oven", "oven", "the", "60", "2026", "Pro", "é", "部品", "-", ",", ".", "\n", "🤖"})
		text := func(label string) string {
			return strings.Join(rapid.SliceOfN(words, 0, 30).Draw(t, label), " ")
		}
		var texts []Text
		for range rapid.IntRange(0, 6).Draw(t, "articles") {
			texts = append(texts, Text{Title: text("title"), Product: text("product"), Body: text("body"), Lang: rapid.SampledFrom([]string{"", "en", "de"}).Draw(t, "lang")})
		}
		names := Learn(texts)
		s := NewSite(names)
		for _, n := range names {
			if got := s.In(n.Text); !n.Part && (len(got) != 1 || got[0].From != 0 || got[0].To != len(n.Text)) {
				t.Fatalf("the name %q is not found in itself: %v", n.Text, got)
			}
			if n := len(cut(n.Text)); n == 0 || n > MaxPieces {
				t.Fatalf("a name of %d pieces", n)
			}
		}
		var titles []Title
		for _, x := range texts {
			titles = append(titles, s.Title(x.Title, x.Product))
		}
		for _, m := range s.Asked(text("question")).Marks(titles) {
			if m.Named < 0 || m.Other < 0 || m.Named+m.Other > 1+1e-9 {
				t.Fatalf("marks out of range: %+v", m)
			}
		}
		if between := Between(titles); between != nil && len(between) != len(titles) {
			t.Fatalf("%d names for %d titles", len(between), len(titles))
		}
	})
}

func FuzzAsked(f *testing.F) {
	s := NewSite(Learn(shop()))
	for _, q := range []string{"the s3", "K2-Mini?", "S\u0301 2", "\xff\xfe", "ＢＲＩＳＡ Ｓ２", "60 60 60"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, n := range s.In(q) {
			if n.From < 0 || n.To > len(q) || n.From >= n.To {
				t.Fatalf("span %d–%d of %d bytes", n.From, n.To, len(q))
			}
		}
		s.Asked(q)
	})
}

func TestAstray_IsWhatNamesAnAlternateAlone(t *testing.T) {
	t.Parallel()
	s := NewSite(Learn(shop()))
	k2 := s.Title("Descaling the Wick K2", "")
	for _, c := range []struct {
		question, text string
		title          Title
		want           bool
	}{
		{"descale it", "The K2 Mini needs half of it.", k2, true},
		{"descale it", "A clean K2 is loud, the K2 Mini is not.", k2, false},
		{"descale it", "Stir in a sachet.", k2, false},
		{"descale the k2 mini", "The K2 Mini needs half of it.", k2, false},
		{"how does the s3 differ", "The Brisa S2 is smaller.", s.Title("Returns and refunds", ""), true},
		{"descale it", "In Germany it is quick.", k2, false},
	} {
		if got := s.Asked(c.question).Astray(c.title, s.In(c.text)); got != c.want {
			t.Errorf("%q, asked %q: %v, want %v", c.text, c.question, got, c.want)
		}
	}
}

func BenchmarkMarks(b *testing.B) {
	texts := shop()
	for i := range 300 {
		texts = append(texts, Text{Title: "Descaling the Brisa X" + strings.Repeat("1", i%9+1), Lang: "en"})
	}
	s := NewSite(Learn(texts))
	for b.Loop() {
		var titles []Title
		for _, t := range texts[:40] {
			titles = append(titles, s.Title(t.Title, t.Product))
		}
		s.Asked("how do I descale the brisa s3, please?").Marks(titles)
	}
}

func TestTitle_IsRememberedAndSoIsNoMoreThanABound(t *testing.T) {
	t.Parallel()
	s := NewSite([]Name{{Text: "Brisa S2"}, {Text: "Brisa S3"}})
	read := func(i int) Title {
		return s.Title(fmt.Sprintf("Descaling the Brisa S%d, part %d", 2+i%2, i), "Brisa S3")
	}
	for i := range 2*mostTitles + 10 {
		read(i)
	}
	if n := len(s.titles.known); n == 0 || n > mostTitles {
		t.Errorf("%d titles are remembered, at most %d should be", n, mostTitles)
	}
	for range 2 {
		got, want := read(7), NewSite([]Name{{Text: "Brisa S2"}, {Text: "Brisa S3"}}).readTitle("Descaling the Brisa S3, part 7", "Brisa S3")
		if !slices.Equal(got.keys, want.keys) || !slices.Equal(got.all, want.all) || !slices.Equal(got.frame, want.frame) || len(got.keys) != 1 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
