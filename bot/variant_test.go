package bot

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

// twins are hits that differ in their names, best first.
func twins(names ...string) []retrieval.Hit {
	var out []retrieval.Hit
	for i, n := range names {
		id := strings.ToLower(strings.ReplaceAll(n, " ", "-"))
		out = append(out, retrieval.Hit{Passage: retrieval.Passage{ArticleID: id, Title: "Descaling the " + n, Text: "words", To: 5}, Score: 5 - float64(i)/10, Variant: n})
	}
	return out
}

func TestPolicy_AsksWhichWhereTwinsDifferByNameOnly(t *testing.T) {
	t.Parallel()
	other := retrieval.Hit{Passage: retrieval.Passage{ArticleID: "x", Title: "Returns", Text: "words"}, Score: 4.95}
	lone := twins("S2")
	gone := twins("S2", "S3")
	gone[1].Superseded = "s4"
	for name, c := range map[string]struct {
		hits    []retrieval.Hit
		p, near float64
		choices int
		want    string
	}{
		"instead of a quote of one":     {twins("S2", "S3"), .9, .9, 3, "S2|S3"},
		"instead of choices":            {twins("S3", "S2"), .4, .9, 3, "S2|S3"},
		"with something else between":   {[]retrieval.Hit{twins("S2")[0], other, twins("S3")[0]}, .4, .9, 3, "S2|S3"},
		"in the order of their numbers": {twins("Mill 100", "Mill 9", "Mill 40"), .4, .9, 3, "Mill 9|Mill 40|Mill 100"},
		"not where nothing would do":    {twins("S2", "S3"), .1, .1, 3, ""},
		"not of one":                    {lone, .4, .9, 3, ""},
		"not of a replaced one":         {gone, .4, .9, 3, ""},
		"not where the first is none":   {[]retrieval.Hit{other, twins("S2")[0], twins("S3")[0]}, .4, .9, 3, ""},
		"not where a site offers none":  {twins("S2", "S3"), .4, .9, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := DefaultPolicy(FixedThresholds{.6, .3})
			p.Choices = c.choices
			ev := retrieval.Evidence{P: c.p, Near: c.near, Hits: c.hits, Generation: 3}
			plan := p.AfterSearch(ev)
			var got []string
			if plan.Reason == ReasonVariant {
				for _, o := range variantChoices(ev, plan.Offers) {
					got = append(got, o.Title)
					if o.Quote != "" || o.Generation != 3 || o.To == 0 {
						t.Errorf("a choice of a name is %+v", o)
					}
				}
			}
			if c.want == "" && plan.Reason == ReasonVariant {
				t.Errorf("asks which of nothing: %+v", plan)
			}
			if g := strings.Join(got, "|"); g != c.want {
				t.Errorf("asked %q, want %q (%+v)", g, c.want, plan)
			}
		})
	}
}

func named(names ...string) []convo.Choice {
	return variantChoices(retrieval.Evidence{Generation: 1}, twins(names...))
}

func testEngine(t *testing.T) *Engine {
	t.Helper()
	r, err := triage.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	return &Engine{Deps: Deps{Triage: r, Terms: words.Terms}}
}

func TestEngine_ReadsWhichOfTheNamesIsMeant(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	s := named("Brisa S2", "Brisa S3")
	k := named("K2", "K2 Mini")
	z := named("Zone 1", "Zone 2, Zone 3")
	for _, c := range []struct {
		say     string
		offered []convo.Choice
		want    int
	}{
		{"the s3", s, 1},
		{"Brisa S2", s, 0},
		{"it's an S3, the white one", s, 1},
		{"den S3 bitte", s, 1},
		{"the brisa", s, -1},
		{"s2 and s3", s, -1},
		{"how do I clean the S3?", s, -1},
		{"my S3 shows a red light and the pump has been roaring since Sunday", s, -1},
		{"no idea", s, -1},
		{"", s, -1},
		{"the mini", k, 1},
		{"K2", k, 0},
		{"the K2 Mini", k, 1},
		{"zone 3", z, 1},
	} {
		if got := e.answersWhich(c.say, c.offered); got != c.want {
			t.Errorf("%q means %d, want %d", c.say, got, c.want)
		}
	}
}

func TestNatural_OrdersByNumberAndIsAnOrder(t *testing.T) {
	t.Parallel()
	list := []string{"Feeder 10", "Feeder 2", "Feeder", "Feeder 1", "Drev Two", "Drev One"}
	slices.SortFunc(list, natural)
	if got := strings.Join(list, "|"); got != "Drev One|Drev Two|Feeder|Feeder 1|Feeder 2|Feeder 10" {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-c0-2é ]{0,6}`)
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		if natural(a, b) != -natural(b, a) {
			t.Fatalf("%q and %q: %d and %d", a, b, natural(a, b), natural(b, a))
		}
	})
}

func TestNumberIn_IsTheOneTitleThatHoldsIt(t *testing.T) {
	t.Parallel()
	offered := named("Mill 40", "Mill 60", "Gram Pro")
	for n, want := range map[int]int{60: 1, 40: 0, 4: -1, 6: -1, 0: -1} {
		if got := numberIn(n, offered); got != want {
			t.Errorf("%d is in %d, want %d", n, got, want)
		}
	}
	if got := numberIn(2, named("Zone 2", "Zone 2, Zone 3")); got != -1 {
		t.Errorf("in two of them: %d", got)
	}
}

func TestMeant_ALineAloneSinglesNothingOut(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	offered := []convo.Choice{
		{Article: "s2", Title: "Descaling the Brisa S2", Quote: "It takes 25 minutes."},
		{Article: "k2", Title: "Descaling the Wick K2", Quote: "The K2 Mini needs half the descaler."},
	}
	for say, want := range map[string]int{"the mini one": -1, "the k2": 1, "the brisa": 0, "descaling": -1} {
		if got := e.meant(say, offered); got != want {
			t.Errorf("%q means %d, want %d", say, got, want)
		}
	}
}

func TestWhichWords_NameAllOfThemInEveryLanguage(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for lang, w := range texts.byLang {
		if !strings.Contains(w.Which, "{names}") {
			t.Errorf("%s: %q has no place for names", lang, w.Which)
		}
		got := whichWords(named("S1", "S2", "S3"), w)
		if !strings.Contains(got, "S1"+w.WhichComma+"S2"+w.WhichOr+"S3") || strings.Contains(got, "{") {
			t.Errorf("%s: %q", lang, got)
		}
	}
	w, _ := texts.In("en")
	if got := whichWords(named("Brisa S2", "Brisa S3"), w); got != "Which one is it about: Brisa S2 or Brisa S3?" {
		t.Error(got)
	}
}

func TestPieces_AreReadBackAsBytesOfTheArticle(t *testing.T) {
	t.Parallel()
	sections := []retrieval.Passage{{Chunk: 4, From: 10, To: 20, Text: "0123456789"}, {Chunk: 5, From: 30, To: 36, Text: "abcdef"}}
	list := []retrieval.Piece{{Chunk: 4, From: 12, To: 15, Text: "234"}, {Chunk: 4, From: 16, To: 18, Text: "67", Row: true}, {Chunk: 5, From: 30, To: 36, Text: "abcdef", Joined: true}}
	written := writePieces(list)
	if written != "12-15 16-18r 30-36j" {
		t.Errorf("written %q", written)
	}
	if got := readPieces(written, sections); !slices.Equal(got, list) {
		t.Errorf("read back %+v", got)
	}
	for _, bad := range []string{"", "x", "12", "15-12", "12-21", "12-15 1-2", "-1-3", "12-12", "99999999999999999999-1"} {
		if got := readPieces(bad, sections); got != nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}

func FuzzReadPieces(f *testing.F) {
	sections := []retrieval.Passage{{Chunk: 4, From: 10, To: 20, Text: "0123456789"}}
	for _, s := range []string{"12-15", "12-15j 16-18r", "a-b", "10-20rrj"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range readPieces(s, sections) {
			if p.Text != sections[0].Text[p.From-10:p.To-10] {
				t.Fatalf("%q: %+v", s, p)
			}
		}
	})
}

func TestPolicy_TheAnswerToAnOfferOfAPerson(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	if plan, ok := p.ByAnswer(triage.Pick{Kind: triage.PickThat}); !ok || plan.Action != ActHandoff || plan.Reason != ReasonAsked {
		t.Errorf("yes: %+v, %v", plan, ok)
	}
	if plan, ok := p.ByAnswer(triage.Pick{Kind: triage.PickOther}); !ok || plan.Action != ActAnswer || plan.Small != triage.Thanks {
		t.Errorf("no: %+v, %v", plan, ok)
	}
	if plan, ok := p.ByAnswer(triage.Pick{}); ok {
		t.Errorf("anything else: %+v", plan)
	}
	offer := convo.Message{Author: convo.Bot, OfferPerson: true}
	list := convo.Message{Author: convo.Bot, OfferPerson: true, Choices: named("S2", "S3")}
	said, quote := convo.Message{Author: convo.Customer, Text: "x"}, convo.Message{Author: convo.Bot}
	for name, c := range map[string]struct {
		past []convo.Message
		want bool
	}{
		"just offered":            {[]convo.Message{offer, said}, true},
		"behind a quote":          {[]convo.Message{offer, quote, said}, true},
		"before a page":           {[]convo.Message{{Author: convo.Bot, Choices: named("S2", "S3")}, offer, said}, true},
		"choices that mention it": {[]convo.Message{list, said}, false},
		"a while ago":             {[]convo.Message{quote, said, offer, said}, false},
		"never":                   {[]convo.Message{quote, said}, false},
		"nothing said yet":        {nil, false},
	} {
		if _, got := personOffered(c.past); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEngine_BesideOnesOwnDataOnlyAPageThatHelps(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	hits := scored("", 5, 4.9, 4.8)
	hits[0].Title, hits[1].Title, hits[2].Title = "Getting and correcting an invoice", "What the status of your order means", "Your parcel has not arrived"
	for name, c := range map[string]struct {
		say, want string
	}{
		"the page about the same thing": {"Where is my order?", "What the status of your order means"},
		"none about it":                 {"where is it", ""},
	} {
		plan := e.aside(Plan{Action: ActClarify, Own: true, Reason: ReasonVariant, Offers: hits}, c.say)
		if !plan.Own || (plan.Action == ActClarify) != (c.want != "") || len(plan.Offers) > 1 {
			t.Errorf("%s: %+v", name, plan)
			continue
		}
		if c.want != "" && (plan.Offers[0].Title != c.want || plan.Reason != ReasonOwnData) {
			t.Errorf("%s: %+v", name, plan)
		}
		if c.want == "" && plan.Reason != ReasonNoAnswer {
			t.Errorf("%s: %+v", name, plan)
		}
	}
}

func TestPolicy_BesideOnesOwnDataNothingUnlikely(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	own := triage.Decision{OwnDataP: .9, InScopeP: .9}
	hits := scored("", 5, 4.9)
	if plan := p.ByTriage(Plan{Action: ActClarify, Offers: hits, P: .4, Near: helps}, own, false, 0); plan.Action != ActClarify || !plan.Own {
		t.Errorf("a page that helps: %+v", plan)
	}
	if plan := p.ByTriage(Plan{Action: ActClarify, Offers: hits, P: .4, Near: helps - .01}, own, false, 0); plan.Action != ActNone || !plan.Own || len(plan.Offers) != 0 {
		t.Errorf("pages that hardly do: %+v", plan)
	}
}

func TestPolicy_ANameThatAnswersTheQuestionBackIsEnough(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	calm := triage.Decision{InScopeP: .9}
	hits := scored("", 5, 4.9)
	for name, c := range map[string]struct {
		named   bool
		p, near float64
		want    Action
	}{
		"even odds":              {false, .5, .6, ActAnswer},
		"less":                   {false, .4, .9, ActClarify},
		"less, and named":        {true, .4, .6, ActAnswer},
		"named, and too far off": {true, .2, .4, ActClarify},
	} {
		list := slices.Clone(hits)
		list[0].Named = c.named
		if got := p.ByTriage(Plan{Action: ActClarify, Offers: list, P: c.p, Near: c.near}, calm, true, 1); got.Action != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPolicy_OffersNoOtherProductThanTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	hits := scored("", 5, 4.9, 4.8, 4.7, 1)
	hits[1].Other = true
	if got := p.Offers(hits); len(got) != 3 || got[1].ArticleID != "b" {
		t.Errorf("where the first is not the one that is named: %+v", got)
	}
	hits[0].Named = true
	if got := p.Offers(hits); len(got) != 3 || got[1].ArticleID != "c" {
		t.Errorf("where it is: %+v", got)
	}
}
