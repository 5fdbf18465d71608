package retrieval

import (
	"strings"
	"testing"

	"frontdesk/retrieval/quote"
)

// firstOf is a ranking with one article.
func firstOf(list []Candidate) []ranked { return []ranked{{show: scored{Candidate: &list[0]}}} }

// matching quotes what matches half of the question's tokens, in so many words.
func matching(most int) *Quoting {
	return &Quoting{Units: Logistic{Intercept: -10, Weights: map[string]float64{"maxsim": 16}}, Limits: quote.Limits{Floor: 0.2, Least: 1, Most: most}}
}

func TestUnitFeatures(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("Else it does not. ", 8)
	of := func(question, text string, most int) map[string]float64 {
		f, list := asked(t, question, text)
		return f.unitFeatures(firstOf(list), matching(most))
	}
	const room = 60
	answered := of("how much is a lid", "Lids. How much is a lid: £4.90. "+filler, room)
	silent := of("how much is a lid", "Lids. How much is a lid nobody knows. "+filler, room)
	if answered["unit_met"] != 1 || answered["unit_unmet"] != 0 || silent["unit_met"] != 0 || silent["unit_unmet"] != 1 {
		t.Errorf("an amount is sought: with one %v, without %v", answered, silent)
	}
	twice := "The lid leaks water here. " + filler + "The lid leaks water there. " + filler
	all := of("lid leaks water", twice, room)
	short := of("lid leaks water", twice, 7)
	if !(short["unit_left"] > all["unit_left"]+0.3) || !(short["unit_share"] < all["unit_share"]) || !(short["unit_held"] < all["unit_held"]) {
		t.Errorf("half is left out: %v, all is quoted: %v", short, all)
	}
	if far := of("cable smokes badly", twice, room); !(far["unit_best"] < all["unit_best"]) {
		t.Errorf("what was not asked for: %v, what was: %v", far, all)
	}
}

func TestUnitFeaturesWithoutTokens(t *testing.T) {
	t.Parallel()
	f, list := asked(t, "the lid leaks", "The lid leaks.")
	if got := f.unitFeatures(firstOf(list), nil); got != nil {
		t.Errorf("without a quoting: %v", got)
	}
	f.late = nil
	if got := f.unitFeatures(firstOf(list), matching(60)); got != nil {
		t.Errorf("nothing was compared: %v", got)
	}
}

// A better sentence in the article behind tells against the first one.
func TestUnitFeaturesRival(t *testing.T) {
	t.Parallel()
	f, list := asked(t, "lid leaks water", "The lid rattles so.", "The lid leaks water so.")
	list[1].ArticleNo, list[1].Whole = 2, list[1].Whole[1:]
	list[0].Whole = list[0].Whole[:1]
	f.List = list
	two := []ranked{{show: scored{Candidate: &list[0]}}, {show: scored{Candidate: &list[1]}}}
	if got := f.unitFeatures(two, matching(60))["unit_rival"]; got >= 0 {
		t.Errorf("the rival's better sentence counts %+.2f", got)
	}
	if got := f.unitFeatures([]ranked{two[1], two[0]}, matching(60))["unit_rival"]; got <= 0 {
		t.Errorf("the better sentence itself counts %+.2f", got)
	}
}
