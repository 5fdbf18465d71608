package triage

import (
	"strings"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestSite_WhatIsSettledGoesFirstThenTheOwnersThenTheTopicsThenSuggestions(t *testing.T) {
	t.Parallel()
	site := &Site{
		Policy:    Policy{Topics: []Topic{{Topic: "faults", Desk: Support}, {Topic: "delivery", Desk: Service}}},
		Settled:   map[string]Label{"a": {Article: "a", Desk: Support, Topic: "faults"}, "b": {Article: "b", Product: "kettle"}},
		Suggested: map[string]Label{"a": {DeskP: Desks{Both: 1}}, "d": {DeskP: Desks{Service: .7, Support: .3}, Topic: "delivery", TopicP: .6}},
	}
	for name, c := range map[string]struct {
		n       retrieval.Neighbour
		from    string
		support float64
		topic   string
	}{
		"settled":                         {retrieval.Neighbour{ID: "a", Desk: "service", Topic: "delivery"}, FromSettled, 1, "faults"},
		"owner, another field settled":    {retrieval.Neighbour{ID: "b", Desk: "support"}, FromOwner, 1, ""},
		"owner before topic":              {retrieval.Neighbour{ID: "c", Desk: "support", Topic: "delivery"}, FromOwner, 1, "delivery"},
		"topic":                           {retrieval.Neighbour{ID: "c", Topic: "faults"}, FromTopic, 1, "faults"},
		"suggested at its probability":    {retrieval.Neighbour{ID: "d"}, FromSuggested, .3, "delivery"},
		"two desks in one are no desk":    {retrieval.Neighbour{ID: "e", Desk: "service | support"}, FromNowhere, desksAtLarge().Support, ""},
		"a topic that the table lacks":    {retrieval.Neighbour{ID: "e", Topic: "gardening"}, FromNowhere, desksAtLarge().Support, "gardening"},
		"nothing said and none suggested": {retrieval.Neighbour{ID: "e"}, FromNowhere, desksAtLarge().Support, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := site.label(&c.n)
			if got.from != c.from || got.desks.Support != c.support || got.topic != c.topic {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestSite_AnOwnersLaterSettlingIsTold(t *testing.T) {
	t.Parallel()
	site := &Site{Policy: Policy{Topics: []Topic{{Topic: "faults", Desk: Support}}}, Settled: map[string]Label{"a": {Article: "a", Desk: Service}}}
	list := site.Labelled([]Article{{ID: "b", Topic: "gardening"}, {ID: "a", Desk: "support", Topic: "faults"}})
	if len(list) != 2 || list[0].Label.Desk != Service || list[0].From != FromSettled {
		t.Fatalf("%+v", list)
	}
	if notes := strings.Join(list[0].Notes, "; "); !strings.Contains(notes, "front matter says support") || !strings.Contains(notes, "belongs to support") {
		t.Errorf("%s", notes)
	}
	if notes := strings.Join(list[1].Notes, "; "); !strings.Contains(notes, "not in the site's table") {
		t.Errorf("%s", notes)
	}
}

func TestCheckLabels_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	articles := []Article{{ID: "a"}, {ID: "b"}}
	table := Policy{Topics: []Topic{{Topic: "faults", Desk: Support}}}
	for name, c := range map[string]struct {
		list []Label
		want string // in the error; empty: none
	}{
		"fine":                      {[]Label{{Article: "a", Desk: Support, Topic: "faults"}, {Article: "b"}}, ""},
		"an article with two desks": {[]Label{{Article: "a", Desk: Support}, {Article: "a", Desk: Service}}, "labelled twice"},
		"no such article":           {[]Label{{Article: "c", Desk: Support}}, "no published article"},
		"no such desk":              {[]Label{{Article: "a", Desk: "sales"}}, "none of service, support, both, none"},
		"a topic not in the table":  {[]Label{{Article: "a", Topic: "gardening"}}, "not in the site's table: faults"},
		"no article":                {[]Label{{Desk: Support}}, "names no article"},
		"blanks":                    {[]Label{{Article: "a", Product: " kettle"}}, "blanks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := CheckLabels(c.list, table, articles)
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCheckExamples_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ok := Example{ID: "1", Text: "it leaks", Desk: Support}
	for name, c := range map[string]struct {
		list []Example
		want string
	}{
		"fine":                       {[]Example{ok, {ID: "2", Text: "It leaks!", Desk: Support}}, ""},
		"an article alone":           {[]Example{{ID: "1", Text: "it leaks", Article: "leaks"}}, ""},
		"they contradict each other": {[]Example{ok, {ID: "2", Text: "It LEAKS", Desk: Service}}, "contradict each other"},
		"one id twice":               {[]Example{ok, {ID: "1", Text: "it drips", Desk: Support}}, "same id"},
		"no words":                   {[]Example{{ID: "1", Text: "!!", Desk: Support}}, "no words"},
		"no label":                   {[]Example{{ID: "1", Text: "it leaks"}}, "neither desk nor article"},
		"no such desk":               {[]Example{{ID: "1", Text: "it leaks", Desk: "sales"}}, "sales"},
		"too many":                   {make([]Example, MaxExamples+1), "a site may have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := CheckExamples(c.list, Policy{})
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := CheckExamples([]Example{{ID: "1", Text: "it leaks", Desk: Support, Topic: "gardening"}}, Policy{Topics: []Topic{{Topic: "faults", Desk: Support}}}); err == nil {
		t.Error("a topic that the table lacks was taken")
	}
}

func TestExamples_NearOnesVoteBesideArticles(t *testing.T) {
	t.Parallel()
	ev := found(article("delivery", "service", "delivery", ""), article("leaks", "support", "faults", ""))
	name, vec := ev.Around.Vectors[0].Model, ev.Around.Vectors[0].Vec
	far := make([]float32, len(vec))
	far[1] = 1
	site := &Site{Examples: &Examples{
		List:   []Example{{ID: "near", Text: "x", Desk: Support, Topic: "faults"}, {ID: "far", Text: "y", Desk: Both}, {ID: "named", Text: "z", Desk: Support, Article: "leaks"}},
		Models: map[string]Vectors{name: {Dims: len(vec), Data: append(append(append([]float32{}, vec...), far...), vec...)}},
	}}
	before := count((&Site{}).all(ev.Around, nil))
	after := count(site.all(ev.Around, nil))
	if !(after.desks.Support > .5 && before.desks.Support < .5) {
		t.Errorf("before %+v, after %+v", before.desks, after.desks)
	}
	if after.article.name != "leaks" {
		t.Errorf("the article that an example names: %+v", after.article)
	}
	gone := &Site{Examples: &Examples{List: site.Examples.List, Models: map[string]Vectors{"another/1": {Dims: 3, Data: make([]float32, 9)}}}}
	if got := count(gone.all(ev.Around, nil)); got.desks != before.desks {
		t.Errorf("vectors of another model took part: %+v", got.desks)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"topics":[{"topic":"a","desk":"service"}],"order_numbers":["A[0-9]+"]}`))
	f.Add([]byte(`{"words":{"own":["x"]},"go_topics":["a"]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePolicy(data)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v", err)
		}
		if err == nil {
			for _, x := range p.Topics {
				if _, ok := ParseDesk(string(x.Desk)); !ok || x.Topic == "" {
					t.Errorf("%+v", x)
				}
			}
		}
	})
}
