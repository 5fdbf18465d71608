package quote

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// given are sections whose units have the probabilities that mark their text.
func given(p map[string]float64, texts ...string) []Section {
	var out []Section
	for _, t := range texts {
		s := Section{Text: t, Units: Cut(t)}
		for _, u := range s.Units {
			best := 0.01
			for mark, v := range p {
				if strings.Contains(t[u.From:u.To], mark) {
					best = max(best, v)
				}
			}
			s.P = append(s.P, best)
		}
		out = append(out, s)
	}
	return out
}

// picked shows pieces: "+" joined, "|" a row of the same table, "…" apart.
func picked(sections []Section, l Limits) []string {
	var out []string
	for i, p := range Pick(sections, l) {
		mark := "… "
		switch {
		case i == 0:
			mark = ""
		case p.Row:
			mark = "| "
		case p.Joined:
			mark = "+ "
		}
		out = append(out, mark+sections[p.Section].Text[p.From:p.To])
	}
	return out
}

const filler = "Nothing of this is what anybody asked about here at all, and it goes on for quite a while longer. "

func TestPick(t *testing.T) {
	t.Parallel()
	few := Limits{Floor: 0.1, Least: 5, Most: 60}
	for name, c := range map[string]struct {
		p     map[string]float64
		texts []string
		l     Limits
		want  []string
	}{
		"the probable one":       {map[string]float64{"45 days": 0.9}, []string{filler + "You have 45 days. " + filler}, few, []string{"You have 45 days."}},
		"a short section whole":  {map[string]float64{"45 days": 0.9}, []string{"You have 45 days. Keep the box."}, few, []string{"You have 45 days. Keep the box."}},
		"its bound comes along":  {map[string]float64{"45 days": 0.9}, []string{filler + "You have 45 days. This does not apply to opened goods, sadly. " + filler}, few, []string{"You have 45 days. This does not apply to opened goods, sadly."}},
		"what a bound bounds":    {map[string]float64{"leak": 0.9}, []string{filler + "You have 45 days. Unless they leak. " + filler}, few, []string{"You have 45 days. Unless they leak."}},
		"a row with its header":  {map[string]float64{"Half": 0.9}, []string{filler + "\n\n| Plan | Price |\n|---|---|\n| Full, with all that is in it and more, for a year or two, and then some, as you wish | 20 |\n| Half | 12 |\n\n" + filler}, few, []string{"| Plan | Price |\n|---|---|", "| | Half | 12 |"}},
		"steps from the first":   {map[string]float64{"Wait": 0.9}, []string{filler + "\n\nDo this:\n\n1. Open it.\n2. Wait.\n3. " + filler}, few, []string{"Do this:\n\n1. Open it.\n2. Wait."}},
		"what announces a text":  {map[string]float64{"stay": 0.9}, []string{filler + "\n\nReturns of opened goods:\n\nThey stay with you. " + filler}, few, []string{"Returns of opened goods:\n\nThey stay with you."}},
		"two far from another":   {map[string]float64{"45 days": 0.9, "free": 0.8}, []string{"You have 45 days. " + filler + "The label is free. " + filler}, few, []string{"You have 45 days.", "… The label is free."}},
		"a gap of a few words":   {map[string]float64{"45 days": 0.9, "free": 0.8}, []string{"You have 45 days. Keep it. The label is free. " + filler}, few, []string{"You have 45 days. Keep it. The label is free."}},
		"two sections at most":   {map[string]float64{"one": 0.9, "two": 0.8, "three": 0.7}, []string{"This is one. " + filler, "This is two. " + filler, "This is three. " + filler}, few, []string{"This is one.", "… This is two."}},
		"sections side by side":  {map[string]float64{"one": 0.9, "two": 0.8}, []string{filler + "This is one.", "This is two. " + filler}, few, []string{"This is one.", "+ This is two."}},
		"three pieces at most":   {map[string]float64{"one": 0.9, "two": 0.8, "three": 0.7, "four": 0.6}, []string{"See one. " + filler + "See two. " + filler + "See three. " + filler + "See four."}, few, []string{"See one.", "… See two.", "… See three."}},
		"no room for the second": {map[string]float64{"one": 0.9, "two": 0.8}, []string{"See one now. " + filler + "See two. " + filler}, Limits{Floor: 0.1, Least: 5, Most: 4}, []string{"See one now."}},
		"no room for the rest":   {map[string]float64{"one": 0.9}, []string{"See one now. Go on."}, Limits{Floor: 0.1, Least: 1, Most: 4}, []string{"See one now."}},
		"no words":               {nil, []string{"---", ""}, few, nil},
		"nothing":                {nil, nil, few, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := picked(given(c.p, c.texts...), c.l); !slices.Equal(got, c.want) {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

// Whatever the article and the probabilities: pieces stand byte for byte in
// their sections, in order, are few, and have no more words than allowed.
func TestPick_PiecesAreSpansInOrderWithinTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var sections []Section
		words := 0
		for range rapid.IntRange(0, 4).Draw(rt, "sections") {
			text := markdown(rt)
			s := Section{Text: text, Units: Cut(text)}
			s.P = rapid.SliceOfN(rapid.Float64Range(0, 1), len(s.Units), len(s.Units)).Draw(rt, "p")
			sections = append(sections, s)
			for _, u := range s.Units {
				words += u.Words
			}
		}
		l := Limits{Floor: rapid.Float64Range(0, 1).Draw(rt, "floor"), Least: rapid.IntRange(0, 80).Draw(rt, "least"), Most: rapid.IntRange(MaxUnit, 200).Draw(rt, "most")}
		pieces := Pick(sections, l)
		if len(pieces) > mostPieces || len(pieces) == 0 && words > 0 {
			rt.Fatalf("%d pieces of %d words", len(pieces), words)
		}
		section, at, got := -1, 0, 0
		seen := map[int]bool{}
		for _, p := range pieces {
			if p.Section < section || p.Section == section && p.From < at || p.From >= p.To {
				rt.Fatalf("pieces out of order: %+v", pieces)
			}
			section, at = p.Section, p.To
			seen[section] = true
			for _, u := range sections[section].Units {
				if u.From >= p.From && u.To <= p.To {
					got += u.Words
				} else if u.From < p.To && u.To > p.From {
					rt.Fatalf("a piece %+v cuts the unit %+v", p, u)
				}
			}
		}
		if got > l.Most || len(seen) > mostSections {
			rt.Fatalf("%d words of %d sections, of %d at most", got, len(seen), l.Most)
		}
	})
}

func BenchmarkPick(b *testing.B) {
	text := strings.Repeat("This is a sentence of nine words, or so. ", 16)
	var sections []Section
	for range 5 {
		s := Section{Text: text, Units: Cut(text)}
		for i := range s.Units {
			s.P = append(s.P, float64(i%7)/10)
		}
		sections = append(sections, s)
	}
	for b.Loop() {
		Pick(sections, Limits{Floor: 0.07, Least: 60, Most: 160})
	}
}
