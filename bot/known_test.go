package bot

import (
	"testing"

	"frontdesk/triage"
)

func TestKnown_SaysOnlyWhatTriageIsSureOf(t *testing.T) {
	t.Parallel()
	d := triage.Decision{Desk: triage.Support, DeskP: triage.Desks{Support: .9}, Topic: "faults", TopicP: .7, Product: "kettle", Language: "de", Mood: -.4, Urgency: .8, Rule: "danger"}
	k := Known(d)
	if k.Desk != "support" || k.DeskP != .9 || k.Topic != "faults" || k.TopicP != .7 || k.Product != "kettle" || k.Language != "de" || k.Mood != -.4 || k.Urgency != .8 || k.Rule != "danger" {
		t.Errorf("%+v", k)
	}
	d.Unsure = []triage.Doubt{{What: "product", Why: "two fit"}}
	if k := Known(d); k.Product != "" {
		t.Errorf("the product is not sure: %+v", k)
	}
}

func TestOtherMatter_IsOneOfAnotherDesk(t *testing.T) {
	t.Parallel()
	matter := func(desk triage.Desk, topic string) triage.Matter { return triage.Matter{Desk: desk, Topic: topic} }
	for name, x := range map[string]struct {
		d    triage.Decision
		want string
	}{
		"one":                {triage.Decision{Desk: triage.Service, Matters: []triage.Matter{matter(triage.Service, "orders")}}, ""},
		"two of one desk":    {triage.Decision{Desk: triage.Service, Matters: []triage.Matter{matter(triage.Service, "orders"), matter(triage.Service, "login")}}, ""},
		"two desks":          {triage.Decision{Desk: triage.Service, Matters: []triage.Matter{matter(triage.Service, "orders"), matter(triage.Support, "faults")}}, "faults"},
		"a sale is one":      {triage.Decision{Desk: triage.Both, Matters: []triage.Matter{matter(triage.Both, "buying"), matter(triage.Support, "faults")}}, ""},
		"nothing and a part": {triage.Decision{Desk: triage.None, Matters: []triage.Matter{matter(triage.Support, "faults")}}, ""},
	} {
		got := ""
		if m := OtherMatter(x.d); m != nil {
			got = m.Topic
		}
		if got != x.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
