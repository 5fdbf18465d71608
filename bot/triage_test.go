package bot

import (
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func TestPolicy_ByTriage(t *testing.T) {
	t.Parallel()
	hit := retrieval.Hit{Passage: retrieval.Passage{ArticleID: "a", Text: "words"}}
	quote := Plan{Action: ActAnswer, Band: BandSure, Hit: &hit}
	choices := Plan{Action: ActClarify, Band: BandMaybe, Offers: []retrieval.Hit{hit}}
	likely := Plan{Action: ActClarify, Band: BandMaybe, Offers: []retrieval.Hit{hit}, P: evenOdds}
	nothing := Plan{Action: ActNone, Reason: ReasonNoAnswer, Band: BandNo}
	calm := triage.Decision{InScopeP: .9}
	for name, c := range map[string]struct {
		plan         Plan
		d            triage.Decision
		follows      bool
		asked        int
		action       Action
		reason       string
		own, outside bool
	}{
		"a quote stays":                       {quote, calm, false, 0, ActAnswer, "", false, false},
		"a must-go rule goes first":           {quote, triage.Decision{Rule: "danger", WantsHumanP: .9}, false, 0, ActHandoff, ReasonSensitive, false, false},
		"a wish for a person":                 {quote, triage.Decision{WantsHumanP: .5}, false, 0, ActHandoff, ReasonAsked, false, false},
		"hardly one":                          {quote, triage.Decision{WantsHumanP: .49, InScopeP: .9}, false, 0, ActAnswer, "", false, false},
		"one's own data beside a quote":       {quote, triage.Decision{OwnDataP: .8, InScopeP: .9}, false, 0, ActAnswer, ReasonOwnData, true, false},
		"one's own data without an answer":    {nothing, triage.Decision{OwnDataP: .8}, false, 0, ActNone, ReasonNoAnswer, true, false},
		"one question":                        {choices, calm, true, 0, ActClarify, "", false, false},
		"a second one about the same":         {choices, calm, true, 1, ActClarify, "", false, false},
		"a third one is a maze":               {choices, calm, true, 2, ActNone, ReasonNoAnswer, false, false},
		"a third one about a new matter":      {choices, calm, false, 2, ActClarify, "", false, false},
		"the question is answered":            {likely, calm, true, 1, ActAnswer, ReasonNarrowed, false, false},
		"likely, and not asked before":        {likely, calm, true, 0, ActClarify, "", false, false},
		"a new matter may be asked about":     {choices, calm, false, 1, ActClarify, "", false, false},
		"out of scope, choices":               {choices, triage.Decision{InScopeP: .05}, false, 0, ActNone, ReasonNoAnswer, false, true},
		"out of scope, nothing found":         {nothing, triage.Decision{InScopeP: .05}, false, 0, ActNone, ReasonNoAnswer, false, true},
		"out of scope, and yet sure to be so": {quote, triage.Decision{InScopeP: .05}, false, 0, ActAnswer, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := DefaultPolicy(FixedThresholds{.6, .3}).ByTriage(c.plan, c.d, c.follows, c.asked)
			if got.Action != c.action || got.Reason != c.reason || got.Own != c.own || got.Outside != c.outside {
				t.Errorf("got %+v", got)
			}
			if got.Action == ActNone && len(got.Offers) > 0 {
				t.Error("choices are offered by a no")
			}
		})
	}
}

func TestPolicy_ByWordsGoesToAPersonWithoutAModel(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	if plan, ok := p.ByWords(triage.Reading{Rules: []triage.Fired{{Rule: "danger"}}, Small: triage.Greeting}); !ok || plan.Action != ActHandoff || plan.Reason != ReasonSensitive || plan.Rule != "danger" {
		t.Errorf("a rule: %+v, %v", plan, ok)
	}
	if plan, ok := p.ByWords(triage.Reading{Wish: triage.Wish{Outright: true, P: .98}}); !ok || plan.Reason != ReasonAsked {
		t.Errorf("a wish: %+v, %v", plan, ok)
	}
	if plan, ok := p.ByWords(triage.Reading{Wish: triage.Wish{P: .9}}); ok {
		t.Errorf("a wish that is not said outright waits for what is found: %+v", plan)
	}
	p.Asked = ActAnswer
	if plan, ok := p.ByWords(triage.Reading{Wish: triage.Wish{Outright: true}}); ok {
		t.Errorf("a site that hands nobody on: %+v", plan)
	}
}

func TestTexts_SayHonestlyThatAPersonMustLook(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, lang := range []string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"} {
		w, got := texts.In(lang)
		if got != lang || w.OwnData == "" || w.Outside == "" || seen[w.OwnData] || seen[w.Outside] {
			t.Errorf("%s: %q, %q", lang, w.OwnData, w.Outside)
		}
		seen[w.OwnData], seen[w.Outside] = true, true
	}
}

func TestSaidBefore_IsOldestFirstWithoutWhatIsAnsweredNow(t *testing.T) {
	t.Parallel()
	past := []convo.Message{ // newest first
		{Author: convo.Customer, Text: "now"},
		{Author: convo.Bot, Text: "b", Citations: []convo.Citation{{Article: "x"}}},
		{Author: convo.Customer, Text: "a"},
		{Author: convo.System, Text: "s"},
		{Author: convo.Agent, Text: "g", Citations: []convo.Citation{{Article: "y"}, {Article: "x"}}},
	}
	got := saidBefore(past)
	want := []triage.Said{{Role: "agent", Text: "g"}, {Role: "bot", Text: "s"}, {Role: "customer", Text: "a"}, {Role: "bot", Text: "b"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
	if ids := shown(past); len(ids) != 2 || ids[0] != "x" {
		t.Errorf("shown: %v", ids)
	}
}

func TestAskedLast_CountsQuestionsBackInARow(t *testing.T) {
	t.Parallel()
	said := convo.Message{Author: convo.Customer, Text: "x"}
	choices := convo.Message{Author: convo.Bot, Choices: []convo.Choice{{Article: "a"}}}
	answer := convo.Message{Author: convo.Bot, Text: "y"}
	for name, c := range map[string]struct {
		past []convo.Message // newest first
		want int
	}{
		"nothing":               {nil, 0},
		"an answer":             {[]convo.Message{answer, said}, 0},
		"one":                   {[]convo.Message{choices, said, answer, said}, 1},
		"two":                   {[]convo.Message{choices, said, choices, said, answer}, 2},
		"two lists in one":      {[]convo.Message{choices, choices, said}, 1},
		"before an answer":      {[]convo.Message{answer, said, choices, said}, 0},
		"of the message itself": {[]convo.Message{said, choices, said}, 1},
	} {
		if got := askedLast(c.past); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
