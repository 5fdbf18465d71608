package evals

import (
	"math"
	"strings"
	"testing"

	"frontdesk/retrieval"
)

func TestPlaceOf_CountsWhatScoresAsHighBefore(t *testing.T) {
	t.Parallel()
	none := math.Inf(-1)
	for name, row := range map[string]struct {
		scores []float64
		right  []int
		want   int
	}{
		"first":                         {[]float64{3, 2, 1}, []int{0}, 1},
		"last":                          {[]float64{3, 2, 1}, []int{2}, 3},
		"the better of two":             {[]float64{3, 2, 1}, []int{2, 1}, 2},
		"two right ones at the top":     {[]float64{3, 3, 1}, []int{0, 1}, 1},
		"a tie is not won":              {[]float64{3, 3, 1}, []int{1}, 2},
		"without a score it is nowhere": {[]float64{3, none, 1}, []int{1}, 0},
	} {
		if got := PlaceOf(row.scores, row.right); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}

func TestPlaces_GainIsTheDifference(t *testing.T) {
	t.Parallel()
	a, b := Places{1, 2, 0, 1, 6}, Places{2, 2, 1, 0, 1}
	if a.Within(1) != 0.4 || a.Within(3) != 0.6 || b.Within(5) != 0.8 || Places(nil).Within(1) != 0 {
		t.Errorf("%g, %g, %g", a.Within(1), a.Within(3), b.Within(5))
	}
	g := a.Gain(b, 1)
	if g.Value != 0 || g.Low > 0 || g.High < 0 || a.Gain(a, 5) != (Interval{}) {
		t.Errorf("%+v, with itself %+v", g, a.Gain(a, 5))
	}
	if g := b.Gain(a, 5); math.Abs(g.Value-0.2) > 1e-12 || g.Low > g.Value || g.High < g.Value {
		t.Errorf("%+v", g)
	}
}

func TestSumOfZ_NoneCountsForMoreByItsHeight(t *testing.T) {
	t.Parallel()
	none := math.Inf(-1)
	got := SumOfZ([]float64{1, 2, 3, none}, []float64{300, 200, 100, 300}, []float64{5, 5, 5, 5}, []float64{none, none, none, none})
	if math.Abs(got[1]-(200-225)/math.Sqrt(6875)) > 1e-12 || !(got[0] < got[2]+2 && got[3] < got[0]+1e-9) {
		t.Errorf("%v", got)
	}
	for _, x := range got {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%v", got)
		}
	}
}

func TestPrintHeads_SaysWhatEachHeadIsWorth(t *testing.T) {
	t.Parallel()
	near := func(first, second float64) retrieval.Nearness {
		s := []float64{first, second}
		return retrieval.Nearness{Vector: s, Chunk: s, Article: s}
	}
	tried := func(english bool) HeadTried { // the second article is right: found with the learned head alone
		return HeadTried{English: english, Right: []int{1}, Near: [headVariants]retrieval.Nearness{
			NoHead: near(1, 0), BuiltInHead: near(1, 0), UnseenHead: near(0, 1),
		}}
	}
	var out strings.Builder
	err := PrintHeads(&out, []HeadTrial{
		{Model: "many", Passages: 5, Questions: 9, Means: 0.9876, Axes: 0.5, Tried: []HeadTried{tried(true), tried(false), tried(true)}},
		{Model: "one", English: true, Tried: []HeadTried{tried(true), tried(true)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"many: learned from 5 passages and 9 questions", "0.9876",
		"many, vectors 3 0.000 1.000 1.000 0.000 1.000 1.000 1.000 1.000 1.000",
		"one, tokens 2 0.000", "other languages, vectors and tokens 1 0.000", "English, both models 2 0.000",
		"many, tokens +1.000 [+1.000 +1.000] +0.000",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
