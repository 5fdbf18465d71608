package triage

import (
	"bytes"
	"encoding/json"
	"testing"
)

func decodeStrictly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func TestLean(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]LeanKind{
		"how much is it?":               LeanOn,
		"How much would that be?":       LeanOn,
		"and for the smaller one?":      LeanOn,
		"what about Germany?":           LeanOn,
		"until when":                    LeanOn,
		"even if I pay monthly?":        LeanOn,
		"for eight people?":             LeanOn,
		"He's 27 kilos though.":         LeanOn,
		"und beim großen?":              LeanOn,
		"Und was kostet das?":           LeanOn,
		"et depuis l'étranger ?":        LeanOn,
		"¿y eso se cobra aparte?":       LeanOn,
		"e per i bambini?":              LeanOn,
		"e no estrangeiro?":             LeanOn,
		"en voor studenten?":            LeanOn,
		"a w Niemczech?":                LeanOn,
		"peki ya Almanya?":              LeanOn,
		"وماذا عن ألمانيا؟":             LeanOn,
		"那德国呢？":                         LeanOn,
		"ドイツの場合は？":                      LeanOn,
		"that didn't work":              LeanFail,
		"did that, still red":           LeanFail,
		"still nothing":                 LeanFail,
		"That's not what I asked":       LeanFail,
		"Geht trotzdem nicht.":          LeanFail,
		"Das hat nicht funktioniert":    LeanFail,
		"ça ne marche toujours pas":     LeanFail,
		"no funciona":                   LeanFail,
		"non ha funzionato":             LeanFail,
		"não funcionou":                 LeanFail,
		"dat werkt niet":                LeanFail,
		"to nie działa":                 LeanFail,
		"işe yaramadı":                  LeanFail,
		"لم ينجح ذلك":                   LeanFail,
		"还是不行":                          LeanFail,
		"うまくいきませんでした":                   LeanFail,
		"How do I return a kettle?":     NoLean,
		"kettle leaks":                  NoLean,
		"Do you ship to Ireland?":       NoLean,
		"delivery cost?":                NoLean,
		"Is there an app for my phone?": NoLean,
		"My grinder makes a terrible noise when I put beans in it and then it stops": NoLean,
		"Wie reinige ich den Wassertank?":                                            NoLean,
		"Das Gerät geht nicht mehr an":                                               NoLean,
		"Comment renvoyer un article ?":                                              NoLean,
		"¿Cómo devuelvo un molinillo?":                                               NoLean,
		"如何退货":                                                                       NoLean,
		"配送に何日かかりますか":                                                                NoLean,
		"":                                                                           NoLean,
		"😀😀":                                                                         NoLean,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if got := r.Lean(text); got.Kind != want {
				t.Errorf("got %+v, want %v", got, want)
			}
		})
	}
}

func TestLean_SaysWhetherThereIsAnythingToSearchFor(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"that didn't work":                true,
		"did that, still red":             false,
		"did that, the lamp blinks twice": false,
		"Das hat nicht funktioniert":      true,
		"没用":                              true,
		"how much is it":                  true,
	} {
		if got := r.Lean(text); got.Kind == NoLean || got.Bare != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// Every phrase of every language leans, and is no other kind.
func TestLeanPhrases_AreReadBackAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]leanPhrases
	if err := decodeStrictly(leansJSON, &all); err != nil {
		t.Fatal(err)
	}
	for code, p := range all {
		for _, s := range append(p.Failed, p.Fails...) {
			if l := r.Lean(s); l.Kind != LeanFail {
				t.Errorf("%s: %q is read as %+v", code, s, l)
			}
		}
		for _, s := range p.Lead {
			if l := r.Lean(s); l.Kind == NoLean {
				t.Errorf("%s: %q alone does not lean", code, s)
			}
		}
	}
}

func TestOwn_LeavesWhatNamesSomething(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"I mean the one for a feeder": 1, "the fountain": 1, "it": 0, "Ich meine den Brunnen": 1, "kettle leaks": 2} {
		if got := r.Own(text); len(got) > want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
