package bot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// What becomes of each matter: quoted (=), offered (?), told that a person has to
// look (!), or that there is no answer (-).
func TestPolicy_EachMatterByItself(t *testing.T) {
	t.Parallel()
	const sure, maybe, no = .7, .4, .1
	calm, own, far := triage.Decision{InScopeP: .9}, triage.Decision{InScopeP: .9, OwnDataP: .9}, triage.Decision{InScopeP: .02}
	for name, c := range map[string]struct {
		whole, first, second retrieval.Evidence
		da, db               triage.Decision
		want                 string // empty: the message stays whole
	}{
		"both sure":                          {found(no, no, "x"), found(sure, sure, "a"), found(sure, sure, "b"), calm, calm, "a= b="},
		"one is sure, the other gets a list": {found(maybe, maybe, "x", "y"), found(sure, sure, "a"), found(maybe, maybe, "b", "c", "d"), calm, calm, "a= b?c?"},
		"a list each":                        {found(maybe, maybe, "x"), found(maybe, maybe, "a", "c", "e"), found(maybe, maybe, "b", "d", "f"), calm, calm, "a?c? b?d?"},
		"one is sure, the other has nothing": {found(no, no, "x"), found(sure, sure, "a"), found(no, no, "b"), calm, calm, "a= -"},
		"the first has nothing":              {found(no, no, "x"), found(no, no, "a"), found(maybe, maybe, "b"), calm, calm, "- b?"},
		"the whole is sure of the second's":  {found(sure, sure, "b"), found(no, no, "a"), found(maybe, maybe, "b"), calm, calm, "- b="},
		"… and the first gets a list":        {found(sure, sure, "b"), found(maybe, maybe, "a"), found(maybe, maybe, "b"), calm, calm, "a? b?"},
		"one's own data and a fault":         {found(maybe, maybe, "x"), found(maybe, maybe, "a"), found(sure, sure, "b"), own, calm, "-! b="},
		"a quote beside one's own data":      {found(no, no, "x"), found(sure, sure, "a"), found(maybe, maybe, "b"), own, calm, "a=! b?"},
		"out of scope":                       {found(no, no, "x"), found(sure, sure, "a"), found(maybe, maybe, "b"), calm, far, "a= -"},
		"what is quoted is not offered":      {found(no, no, "x"), found(sure, sure, "a"), found(maybe, maybe, "b", "a", "c"), calm, calm, "a= b?"},
		"a rule was decided for the message": {found(no, no, "x"), found(sure, sure, "a"), found(maybe, maybe, "b"), triage.Decision{Rule: "danger", InScopeP: .9}, calm, "a= b?"},
		"the same article":                   {found(no, no, "x"), found(sure, sure, "a"), found(maybe, maybe, "a", "b"), calm, calm, ""},
		"nothing for either":                 {found(maybe, maybe, "x"), found(no, no, "a"), found(no, no, "b"), calm, calm, ""},
		"the whole is sure of another":       {found(sure, sure, "x"), found(maybe, maybe, "a"), found(maybe, maybe, "b"), calm, calm, ""},
		"a part that finds nothing":          {found(maybe, maybe, "x"), found(sure, sure, "a"), found(no, no), calm, calm, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := PolicyFor(FixedThresholds{.6, .3}, Settings{})
			each, ok := p.Each(p.AfterSearch(c.whole), c.first, c.second, c.da, c.db)
			var said []string
			for _, plan := range each {
				s := ""
				if plan.Hit != nil {
					s = plan.Hit.ArticleID + "="
				}
				for _, o := range plan.Offers {
					s += o.ArticleID + "?"
				}
				if s == "" {
					s = "-"
				}
				if plan.Own {
					s += "!"
				}
				said = append(said, s)
			}
			got := strings.Join(said, " ")
			if !ok {
				got = ""
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Every reply about a matter that is no quote says in the customer's own words
// which one it is about; no list is for both.
func TestTurn_EachReplySaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	words, lang := texts.In("en")
	choice := func(article string) []convo.Choice { return []convo.Choice{{Article: article, Title: article}} }
	quote := found(.7, .7, "a").Hits[0]
	turn := &Turn{e: &Engine{Deps: Deps{NewID: NewID}}}
	turn.two = &twoMatters{said: [2]string{"cancel my second order", "the kettle leaks."}}
	for name, c := range map[string]struct {
		a, b Plan
		want []string
	}{
		"a quote and a list": {Plan{Hit: &quote}, Plan{Action: ActClarify, Choices: choice("b")}, []string{"words of a", "About “the kettle leaks”:\n" + words.ClarifyOne + " [b]"}},
		"a list each": {Plan{Action: ActClarify, Choices: choice("a")}, Plan{Action: ActClarify, Choices: choice("b")}, []string{
			"About “cancel my second order”:\n" + words.ClarifyOne + " [a]", "About “the kettle leaks”:\n" + words.ClarifyOne + " [b]",
		}},
		"own data and a quote": {Plan{Own: true}, Plan{Hit: &quote}, []string{"About “cancel my second order”:\n" + words.OwnData + " [person]", "words of a"}},
		"a quote and nothing":  {Plan{Hit: &quote}, Plan{Action: ActNone}, []string{"words of a", "About “the kettle leaks”:\n" + words.None + " [person]"}},
	} {
		turn.two.plans = [2]Plan{c.a, c.b}
		var got []string
		for _, m := range turn.eachMessage(words, lang, time.Now()) {
			s := m.Text
			for _, o := range m.Choices {
				s += " [" + o.Title + "]"
			}
			if m.OfferPerson {
				s += " [person]"
			}
			got = append(got, s)
		}
		if strings.Join(got, "\n\n") != strings.Join(c.want, "\n\n") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAboutWords(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	table, err := abouts()
	if err != nil {
		t.Fatal(err)
	}
	for lang := range texts.byLang {
		if strings.Count(table[lang], "{matter}") != 1 {
			t.Errorf("%s: %q", lang, table[lang])
		}
	}
	if got := aboutWords("de", "der  Wasserkocher\nist undicht!?"); got != "Zu „der Wasserkocher ist undicht“:" {
		t.Errorf("%q", got)
	}
	if got := aboutWords("xx", "the kettle (the small one)"); got != "About “the kettle (the small one)”:" {
		t.Errorf("%q", got)
	}
	long := aboutWords("en", strings.Repeat("ünd so weiter ", 40))
	if n := utf8.RuneCountInString(long); n > longestAbout+12 || !strings.HasSuffix(long, "weiter…”:") && !strings.HasSuffix(long, "so…”:") && !strings.HasSuffix(long, "ünd…”:") {
		t.Errorf("%q", long)
	}
}
