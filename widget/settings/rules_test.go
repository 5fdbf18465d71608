package settings

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestRules_Table plays testdata/rules.json. The widget's own evaluation, in
// the browser, plays the same file.
func TestRules_Table(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct {
		Name      string
		Proactive Proactive
		Hidden    []string
		Situation Situation
		Fires     string
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		t.Fatal(err)
	}
	if len(table) < 20 {
		t.Fatalf("%d rows", len(table))
	}
	for _, row := range table {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			if err := row.Proactive.check(); err != nil {
				t.Fatal(err)
			}
			fired := ""
			for _, v := range row.Proactive.Judge(row.Hidden, row.Situation) {
				if v.Fires {
					fired += v.Rule
				}
				if v.Fires != (v.Why == "") {
					t.Errorf("%+v", v)
				}
			}
			if fired != row.Fires {
				t.Errorf("fired %q, want %q: %+v", fired, row.Fires, row.Proactive.Judge(row.Hidden, row.Situation))
			}
		})
	}
}

// TestRules_Restraint is the promise: whatever the rules, nothing fires where
// nobody may be spoken to, and never two at once.
func TestRules_Restraint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := Proactive{On: rapid.Bool().Draw(r, "on"), PerDay: rapid.IntRange(0, 3).Draw(r, "day"), PerVisitor: rapid.IntRange(0, 4).Draw(r, "all")}
		for i := range rapid.IntRange(0, 5).Draw(r, "rules") {
			p.Rules = append(p.Rules, Rule{ID: string(rune('a' + i)), Off: rapid.Bool().Draw(r, "off"), When: When{Seconds: rapid.IntRange(0, 3).Draw(r, "seconds")}})
		}
		s := Situation{
			Page: rapid.SampledFrom([]string{"https://s.example/", "https://s.example/pay"}).Draw(r, "page"), Seconds: rapid.IntRange(0, 3).Draw(r, "at"),
			Conversation: rapid.Bool().Draw(r, "open"), Declined: rapid.Bool().Draw(r, "no"),
			Today: rapid.IntRange(0, 4).Draw(r, "today"), Ever: rapid.IntRange(0, 5).Draw(r, "ever"),
		}
		fires := 0
		for _, v := range p.Judge([]string{"/pay"}, s) {
			if v.Fires {
				fires++
			}
		}
		held := !p.On || s.Conversation || s.Declined || s.Page == "https://s.example/pay" || s.Today >= p.DayCap() || s.Ever >= p.VisitorCap()
		if fires > 1 || held && fires > 0 {
			r.Fatalf("%d fire for %+v under %+v", fires, s, p)
		}
	})
}

func TestPublicRules_OnlyThoseInUse(t *testing.T) {
	t.Parallel()
	p := Proactive{On: true, Rules: []Rule{
		{ID: "a", Say: map[string]string{"de": "Hilfe?", "en": "Help?"}, When: When{Seconds: 5}},
		{ID: "b", Off: true, Say: map[string]string{"en": "x"}, When: When{Seconds: 5}},
		{ID: "c", Say: map[string]string{"fr": "Aide ?", "nl": "Hulp?"}, When: When{Seconds: 5}},
	}}
	got := p.PublicRules("de-AT", "en")
	if len(got.Rules) != 2 || got.Rules[0].Say != "Hilfe?" || got.Rules[1].Say != "Aide ?" || got.PerDay != 1 || got.PerVisitor != 3 {
		t.Errorf("%+v", got)
	}
	p.On = false
	if got := p.PublicRules("en"); len(got.Rules) != 0 || got.On {
		t.Errorf("off: %+v", got)
	}
}
