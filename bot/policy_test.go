package bot

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func TestPolicy_QuotesFromTheThresholdOn(t *testing.T) {
	t.Parallel()
	hit := retrieval.Hit{Passage: retrieval.Passage{ArticleID: "a", Text: "words"}}
	own := .3
	for name, c := range map[string]struct {
		settings Settings
		ev       retrieval.Evidence
		want     Action
	}{
		"at it":                   {Settings{}, retrieval.Evidence{P: .6, Hits: []retrieval.Hit{hit}}, ActAnswer},
		"below it":                {Settings{}, retrieval.Evidence{P: .5999, Hits: []retrieval.Hit{hit}}, ActNone},
		"nothing found":           {Settings{}, retrieval.Evidence{P: .99}, ActNone},
		"an empty passage":        {Settings{}, retrieval.Evidence{P: .99, Hits: []retrieval.Hit{{}}}, ActNone},
		"the site's own":          {Settings{Threshold: &own}, retrieval.Evidence{P: .3, Hits: []retrieval.Hit{hit}}, ActAnswer},
		"no number":               {Settings{}, retrieval.Evidence{P: math.NaN(), Hits: []retrieval.Hit{hit}}, ActNone},
		"below the site's own":    {Settings{Threshold: &own}, retrieval.Evidence{P: .29, Hits: []retrieval.Hit{hit}}, ActNone},
		"a probability of naught": {Settings{}, retrieval.Evidence{P: 0, Hits: []retrieval.Hit{hit}}, ActNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := PolicyFor(FixedThresholds{.6, 1}, c.settings).AfterSearch(c.ev)
			if plan.Action != c.want || (plan.Hit != nil) != (c.want == ActAnswer) {
				t.Errorf("got %+v", plan)
			}
		})
	}
}

func scored(superseded string, scores ...float64) []retrieval.Hit {
	var list []retrieval.Hit
	for i, s := range scores {
		h := retrieval.Hit{Passage: retrieval.Passage{ArticleID: string(rune('a' + i)), Chunk: i, Text: "words"}, Score: s}
		if strings.Contains(superseded, h.ArticleID) {
			h.Superseded = "z"
		}
		list = append(list, h)
	}
	return list
}

func TestPolicy_ThreeBands(t *testing.T) {
	t.Parallel()
	hits := scored("", 5, 4, 3, 2, 1)
	one, none := 1.0, 0.0
	for name, c := range map[string]struct {
		settings Settings
		ev       retrieval.Evidence
		want     Band
	}{
		"sure of the first":            {Settings{}, retrieval.Evidence{P: .6, Near: .1, Hits: hits}, BandSure},
		"one of three, as far as said": {Settings{}, retrieval.Evidence{P: .1, Near: .3, Hits: hits}, BandMaybe},
		"too far from all of them":     {Settings{}, retrieval.Evidence{P: .59, Near: .29, Hits: hits}, BandNo},
		"by the first where unsaid":    {Settings{}, retrieval.Evidence{P: .3, Hits: hits}, BandMaybe},
		"neither":                      {Settings{}, retrieval.Evidence{P: .29, Hits: hits}, BandNo},
		"no number":                    {Settings{}, retrieval.Evidence{P: math.NaN(), Near: math.NaN(), Hits: hits}, BandNo},
		"nothing found":                {Settings{}, retrieval.Evidence{P: .9, Near: .9}, BandNo},
		"only what is replaced":        {Settings{}, retrieval.Evidence{P: .4, Hits: scored("a", 5)}, BandNo},
		"a site without choices":       {Settings{Maybe: &one}, retrieval.Evidence{P: .4, Near: .9, Hits: hits}, BandNo},
		"a site that always offers":    {Settings{Maybe: &none}, retrieval.Evidence{P: .01, Hits: hits}, BandMaybe},
		"a site that never quotes":     {Settings{Threshold: &one}, retrieval.Evidence{P: .99, Hits: hits}, BandMaybe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := PolicyFor(FixedThresholds{.6, .3}, c.settings).AfterSearch(c.ev)
			if plan.Band != c.want || (plan.Hit != nil) != (c.want == BandSure) || (len(plan.Offers) > 0) != (c.want == BandMaybe) {
				t.Errorf("got %+v", plan)
			}
		})
	}
}

// byRisk is a calibration as the ranking gives one.
type byRisk struct{}

func (byRisk) Thresholds(risk float64) (sure, maybe float64) { return 1 - risk, risk }

func TestPolicy_TheSitesRiskGivesTheThresholdsAndItsOwnGoFirst(t *testing.T) {
	t.Parallel()
	risk, own := .1, .42
	if p := PolicyFor(byRisk{}, Settings{}); p.Sure != .8 || p.Maybe != .2 || p.Risk != .2 {
		t.Errorf("nothing set: %+v", p)
	}
	if p := PolicyFor(byRisk{}, Settings{Risk: &risk}); p.Sure != .9 || p.Maybe != .1 {
		t.Errorf("a risk: %+v", p)
	}
	if p := PolicyFor(byRisk{}, Settings{Risk: &risk, Threshold: &own}); p.Sure != .42 || p.Maybe != .1 {
		t.Errorf("a threshold of its own: %+v", p)
	}
}

func TestPolicy_OffersWhatIsNotFarBehind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hits []retrieval.Hit
		want string
	}{
		"three at most":              {scored("", 5, 5, 5, 5, 0), "abc"},
		"far behind is left out":     {scored("", 5, 4.9, 1.3, 1.2, 1), "ab"},
		"only the first":             {scored("", 9, 1.5, 1.4, 1.2, 1), "a"},
		"replaced ones are left out": {scored("ac", 5, 4.9, 4.8, 4.7, 1), "bd"},
		"few were found":             {scored("", 9, 1), "ab"},
		"all alike":                  {scored("", 1, 1, 1, 1), "abc"},
		"no number":                  {scored("", 5, math.NaN(), 4, 1), "ac"},
		"nothing":                    {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, h := range DefaultPolicy(FixedThresholds{}).Offers(c.hits) {
				got += h.ArticleID
			}
			if got != c.want {
				t.Errorf("offered %q, want %q", got, c.want)
			}
		})
	}
}

func TestPolicy_AfterAFailureOnlyWhatIsNewIsSaid(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy(FixedThresholds{.6, .3})
	hits := scored("", 5, 4.9, 4.8, 1)
	all := retrieval.Evidence{P: .9, Hits: hits}
	for name, c := range map[string]struct {
		fresh []retrieval.Hit
		band  Band
		first string
	}{
		"nothing of it was shown":    {hits, BandSure, "a"},
		"a later one was shown":      {append([]retrieval.Hit{hits[0]}, hits[2:]...), BandSure, "a"},
		"the first one was shown":    {hits[1:], BandMaybe, "b"},
		"all of it was shown before": {nil, BandNo, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fresh := all
			fresh.Hits = c.fresh
			plan := p.AfterFailure(all, fresh)
			first := ""
			if plan.Hit != nil {
				first = plan.Hit.ArticleID
			} else if len(plan.Offers) > 0 {
				first = plan.Offers[0].ArticleID
			}
			if plan.Band != c.band || first != c.first {
				t.Errorf("got %+v", plan)
			}
		})
	}
}

func TestPolicy_AWishGoesBeforeSmallTalk(t *testing.T) {
	t.Parallel()
	plan, ok := DefaultPolicy(FixedThresholds{.5, .3}).BeforeSearch(triage.Signals{WantsPerson: true, Small: triage.Greeting})
	if !ok || plan.Action != ActHandoff || plan.Reason != ReasonAsked {
		t.Errorf("got %+v", plan)
	}
}

func TestSettings_DefaultsAndLimits(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "{}", `{"threshold":null,"retention_days":null,"other_slices_key":{"a":1}}`} {
		s, err := ParseSettings([]byte(raw))
		if err != nil || s.RetentionDays != 180 || s.Language != "en" || s.Queue != "main" || s.Threshold != nil {
			t.Errorf("%q: %+v, %v", raw, s, err)
		}
	}
	for _, raw := range []string{`{"threshold":1.5}`, `{"threshold":-1}`, `{"maybe":1.1}`, `{"risk":0}`, `{"risk":0.6}`, `{"retention_days":-1}`, `{"origins":"x"}`, `[`} {
		if _, err := ParseSettings([]byte(raw)); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
	if s, _ := ParseSettings([]byte(`{"retention_days":2}`)); s.Retention() != 48*time.Hour {
		t.Errorf("kept for %v", s.Retention())
	}
}

func TestTexts_EveryLanguageHasEveryWord(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range strings.Fields("en de fr es it pt nl pl tr ar ja zh") {
		w, got := texts.In(lang)
		raw, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if got != lang || strings.Contains(string(raw), `""`) {
			t.Errorf("%s: %s %s", lang, got, raw)
		}
	}
	if _, got := texts.In("xx", "", "pt-BR", "de"); got != "pt" {
		t.Errorf("pt-BR is answered in %s", got)
	}
	if _, got := texts.In(); got != "en" {
		t.Errorf("nothing known is answered in %s", got)
	}
}

func TestTrace_KeepsNumbersThatJSONCanHold(t *testing.T) {
	t.Parallel()
	var tr Trace
	tr.evidence(retrieval.Evidence{P: math.NaN(), Features: map[string]float64{"a": math.Inf(1), "b": 1.23456789}, Hits: make([]retrieval.Hit, 9)})
	var back Trace
	if err := json.Unmarshal(tr.json(time.Millisecond), &back); err != nil {
		t.Fatal(err)
	}
	if back.P != 0 || back.Features["b"] != 1.2346 || len(back.Passages) != tracePassages || back.Micros.Total != 1000 {
		t.Errorf("got %+v", back)
	}
}

func TestLanguage_ShortTextsDecideNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"kettle leaks":                        false,
		"K2 mini 1.0 l?":                      false,
		"where is my parcel now":              true,
		"Wo bleibt denn meine Bestellung":     true,
		"私のやかん":                               true,
		"أين طلبي":                            true,
		"":                                    false,
		"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15": false,
		// What has letters and is in no language.
		`<script>alert(1)</script> <img src=x onerror=alert(1)> <b>😀</b> <i>🎉</i>`:      false,
		"https://shop.example/orders/my-order ada.beck@example.org &nbsp; &hellip; 👍 👍": false,
		"<p>Wo bleibt denn meine Bestellung</p>":                                        true,
		"a < b and b > c, they say in the shop where I was":                             true,
	} {
		if got := sureOf(text, "xx"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if sureOf("a text that is long enough for anybody", "") {
		t.Error("sure of nothing")
	}
}

func TestAnsweredLast_IsAReplyThatAsksNothingBack(t *testing.T) {
	t.Parallel()
	quote := []convo.Citation{{Article: "a", Quote: "words"}}
	for name, c := range map[string]struct {
		last convo.Message
		want bool
	}{
		"a quote":               {convo.Message{Author: convo.Bot, Citations: quote}, true},
		"a quote, and a person": {convo.Message{Author: convo.Bot, Citations: quote, OfferPerson: true}, false},
		"choices":               {convo.Message{Author: convo.Bot, Citations: quote, Choices: []convo.Choice{{Article: "a"}}}, false},
		"an honest no":          {convo.Message{Author: convo.Bot, Text: "nothing found", OfferPerson: true}, false},
		"a person's":            {convo.Message{Author: convo.Agent, Citations: quote}, false},
	} {
		if got := answeredLast([]convo.Message{c.last, {Author: convo.Customer, Text: "how long?"}}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if answeredLast(nil) || answeredLast([]convo.Message{{Author: convo.Customer, Text: "hello"}}) {
		t.Error("answered before anything was said")
	}
}

func TestShownLast_KnowsWhatWasQuotedInTheLastReply(t *testing.T) {
	t.Parallel()
	hits := scored("", 5, 4, 3)
	said := []convo.Message{{Author: convo.Bot, Citations: []convo.Citation{{Article: "a", Quote: "words"}}}, {Author: convo.Customer, Text: "how long?"}}
	if !shownLast(said, hits[0]) || shownLast(said, hits[1]) {
		t.Error("what was quoted last is not known")
	}
	later := append([]convo.Message{{Author: convo.Bot, Text: "Anything else?"}, {Author: convo.Customer, Text: "ok"}}, said...)
	if shownLast(later, hits[0]) {
		t.Error("what was quoted before that counts as the last")
	}
}

// byPlan is sure of one plan's probabilities at a low risk, and of all at a higher.
type byPlan struct{ byRisk }

func (byPlan) Quoting(risk float64) []string {
	if risk < 0.2 {
		return []string{"english"}
	}
	return nil
}

func TestPolicy_QuotesByThePlansThatAreSureEnoughForTheRisk(t *testing.T) {
	t.Parallel()
	low, high, own := 0.1, 0.3, 0.5
	for name, c := range map[string]struct {
		settings Settings
		plan     string
		want     Action
	}{
		"the plan that is":                {Settings{Risk: &low}, "english", ActAnswer},
		"one that is not":                 {Settings{Risk: &low}, "any language", ActClarify},
		"at a risk that all are for":      {Settings{Risk: &high}, "any language", ActAnswer},
		"a threshold that the site chose": {Settings{Risk: &low, Threshold: &own}, "any language", ActAnswer},
	} {
		e := found(.95, .95, "a")
		e.Plan = c.plan
		if plan := PolicyFor(byPlan{}, c.settings).AfterSearch(e); plan.Action != c.want {
			t.Errorf("%s: %s", name, plan.Action)
		}
	}
}
