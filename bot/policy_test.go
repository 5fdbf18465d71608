package bot

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

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
			plan := DefaultPolicy(.6).For(c.settings).AfterSearch(c.ev)
			if plan.Action != c.want || (plan.Hit != nil) != (c.want == ActAnswer) {
				t.Errorf("got %+v", plan)
			}
		})
	}
}

func TestPolicy_AWishGoesBeforeSmallTalk(t *testing.T) {
	t.Parallel()
	plan, ok := DefaultPolicy(.5).BeforeSearch(triage.Signals{WantsPerson: true, Small: triage.Greeting})
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
	for _, raw := range []string{`{"threshold":1.5}`, `{"threshold":-1}`, `{"retention_days":-1}`, `{"origins":"x"}`, `[`} {
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
	} {
		if got := sureOf(text, "xx"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if sureOf("a text that is long enough for anybody", "") {
		t.Error("sure of nothing")
	}
}
