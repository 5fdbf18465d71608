package retrieval

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/retrieval/variant"
)

// namedShop are candidates of one article each, by title, all found alike but for
// their order; the question is what was asked of them.
func namedShop(question string, titles ...string) Found {
	names := variant.NewSite([]variant.Name{{Text: "Brisa S2"}, {Text: "Brisa S3"}, {Text: "K2"}, {Text: "K2 Mini"}, {Text: "Brisa", Part: true}})
	f := planned(bare(testPlan()))
	for i, title := range titles {
		c := candidate(i+1, i+1, 0.9-0.05*float64(i), 0)
		c.Title, c.Text, c.Lang = title, "words", "en"
		f.List = append(f.List, c)
	}
	f.nameThem(names, question)
	return f
}

func judged(f Found) Evidence {
	var ev Evidence
	f.Plan.judge(&ev, f, 5, false)
	return ev
}

func titlesOf(ev Evidence) string {
	var out []string
	for _, h := range ev.Hits {
		out = append(out, h.Title)
	}
	return strings.Join(out, "|")
}

func TestNames_OfTwinsTheOneThatIsAskedForGoesFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		question string
		titles   []string
		want     string
	}{
		"named":                    {"descale my s3", []string{"Descaling the Brisa S2", "Returns", "Descaling the Brisa S3"}, "Descaling the Brisa S3|Descaling the Brisa S2|Returns"},
		"not named":                {"descale it", []string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, "Descaling the Brisa S2|Descaling the Brisa S3"},
		"only the line":            {"descale my brisa", []string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, "Descaling the Brisa S2|Descaling the Brisa S3"},
		"about another matter":     {"s3 leaks", []string{"Descaling the Brisa S2", "Setting up the Brisa S3"}, "Descaling the Brisa S2|Setting up the Brisa S3"},
		"the shorter of two names": {"descale the K2", []string{"Descaling the K2 Mini", "Descaling the K2"}, "Descaling the K2|Descaling the K2 Mini"},
		"both of them":             {"is the s2 or the s3 descaled faster", []string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, "Descaling the Brisa S2|Descaling the Brisa S3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := titlesOf(judged(namedShop(c.question, c.titles...))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestNames_ATwinTakesNothingFromTheOneThatIsNamed: that there is an article
// about the S2 must not make the answer about the S3 less sure.
func TestNames_ATwinTakesNothingFromTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	without := judged(namedShop("descale my s3", "Descaling the Brisa S3", "Returns", "Delivery"))
	with := namedShop("descale my s3", "Descaling the Brisa S3", "Returns", "Delivery", "Descaling the Brisa S2")
	with.List[3].Cosine = with.List[0].Cosine - 0.001
	if got := judged(with); got.P != without.P || got.Near != without.Near {
		t.Errorf("with its twin P is %v, near %v; without %v, %v", got.P, got.Near, without.P, without.Near)
	}
	unnamed := namedShop("descale it", "Descaling the Brisa S3", "Returns", "Delivery", "Descaling the Brisa S2")
	unnamed.List[3].Cosine = with.List[3].Cosine
	if got := judged(unnamed); got.P >= without.P {
		t.Errorf("a twin that may be meant leaves P at %v of %v", got.P, without.P)
	}
}

func TestNames_TwinsThatNothingTellsApartSayWhatWould(t *testing.T) {
	t.Parallel()
	variants := func(ev Evidence) string {
		var out []string
		for _, h := range ev.Hits {
			out = append(out, h.Variant)
		}
		return strings.Join(out, "|")
	}
	for name, c := range map[string]struct {
		question string
		titles   []string
		behind   float64
		want     string
	}{
		"two of them":         {"descale it", []string{"Descaling the Brisa S2", "Returns", "Descaling the Brisa S3"}, 0, "Brisa S2||Brisa S3"},
		"named":               {"descale the s3", []string{"Descaling the Brisa S3", "Descaling the Brisa S2"}, 0, "|"},
		"the line is named":   {"descale the brisa", []string{"Descaling the Brisa S3", "Descaling the Brisa S2"}, 0, "Brisa S3|Brisa S2"},
		"far behind":          {"descale it", []string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, 0.9, "|"},
		"far, both so called": {"descale the brisa", []string{"Descaling the Brisa S2", "Descaling the Brisa S3"}, 0.9, "Brisa S2|Brisa S3"},
		"no twins":            {"descale it", []string{"Descaling the Brisa S2", "Setting up the Brisa S3"}, 0, "|"},
		"the first has none":  {"descale it", []string{"Returns", "Descaling the Brisa S2", "Descaling the Brisa S3"}, 0, "||"},
		"one article":         {"descale it", []string{"Descaling the Brisa S2"}, 0, ""},
		"one name holds more": {"descale it", []string{"Descaling the K2", "Descaling the K2 Mini"}, 0, "K2|K2 Mini"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := namedShop(c.question, c.titles...)
			f.List[len(f.List)-1].Cosine -= c.behind
			if got := variants(judged(f)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	old := namedShop("descale it", "Descaling the Brisa S2", "Descaling the Brisa S3")
	old.List[1].Superseded = "x"
	if got := variants(judged(old)); got != "|" {
		t.Errorf("a replaced article is asked about: %q", got)
	}
}

func TestLine_StandsAloneAndIsAboutWhatIsAsked(t *testing.T) {
	t.Parallel()
	f, list := asked(t, "descale the kettle", "descale the kettle KW-K2.\n\nTo descale the kettle K2 Mini takes half of it.\n\nTo descale the kettle it takes a whole sachet.")
	for i := range list {
		list[i].Title = "The K2 and its care"
	}
	f.List = list
	f.names = variant.NewSite([]variant.Name{{Text: "K2"}, {Text: "K2 Mini"}})
	pieces, line := f.quoteOf(list[0].ArticleNo, byWords())
	if line == nil || line.Text != "To descale the kettle it takes a whole sachet." {
		t.Fatalf("the line is %+v", line)
	}
	if !slices.ContainsFunc(pieces, func(p Piece) bool { return p.From <= line.From && line.To <= p.To }) {
		t.Errorf("the line %+v stands in none of the pieces %+v: a press would not show it again", line, pieces)
	}
	if got := list[0].Text[line.From-list[0].From : line.To-list[0].From]; got != line.Text {
		t.Errorf("the span holds %q, the line says %q", got, line.Text)
	}
}

func TestFitSigned_HoldsSignsAndLosesLittle(t *testing.T) {
	t.Parallel()
	// The second column is the first with noise: free, one of them comes out
	// below zero although both speak for it.
	var x [][]float64
	var y []float64
	state := uint32(7)
	noise := func() float64 {
		state = state*1664525 + 1013904223
		return float64(state>>8)/float64(1<<24) - 0.5
	}
	for range 400 {
		a := 2 * noise()
		b := a + noise()
		x = append(x, []float64{1, a, b, noise()})
		y = append(y, is(9*a-4*b+2*noise() > 0))
	}
	clone := func() [][]float64 {
		out := make([][]float64, len(x))
		for i := range x {
			out[i] = slices.Clone(x[i])
		}
		return out
	}
	names := []string{"a", "b", "c"}
	free := fitLogistic(names, clone(), y)
	if free.Weights["b"] >= 0 {
		t.Fatalf("the example shows nothing: free weights %v", free.Weights)
	}
	sign := func(n string) int { return map[string]int{"a": 1, "b": 1, "c": -1}[n] }
	got := fitSigned(names, clone(), y, sign)
	for n, w := range got.Weights {
		if w*float64(sign(n)) < 0 {
			t.Errorf("the weight of %s is %v", n, w)
		}
	}
	if got.Weights["a"] <= 0 {
		t.Errorf("what tells the most has no weight: %v", got.Weights)
	}
	if again := fitSigned(names, clone(), y, sign); again.Intercept != got.Intercept || again.Weights["a"] != got.Weights["a"] {
		t.Error("two fits of the same differ")
	}
}
