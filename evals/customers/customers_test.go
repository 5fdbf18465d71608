package customers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"frontdesk/evals/cases"
	"frontdesk/evals/customers"
	"frontdesk/evals/grade"
)

// bot replies by a script of its own: the n-th thing it is told gets the n-th
// reply, and the last one again and again.
type bot struct {
	replies []grade.Reply
	told    []cases.Turn
}

func (b *bot) Do(_ context.Context, t cases.Turn) (grade.Reply, error) {
	b.told = append(b.told, t)
	if len(b.replies) == 0 {
		return grade.Reply{}, errors.New("the database went away")
	}
	return b.replies[min(len(b.told), len(b.replies))-1], nil
}

func quote(article, text string) grade.Reply {
	return grade.Reply{Action: "answer", Text: text, Citations: []grade.Citation{{Article: article, Quote: text}}}
}

func offer(articles ...string) grade.Reply {
	r := grade.Reply{Action: "clarify"}
	for _, a := range articles {
		r.Choices = append(r.Choices, grade.Choice{Article: a, Title: a})
	}
	return r
}

func asks(text string) grade.Reply { return grade.Reply{Action: "clarify", Text: text} }

func script() customers.Script {
	return customers.Script{
		ID: "c", Goal: customers.Goal{Articles: cases.List{"returns"}, Facts: cases.List{"45 days"}}, Patience: 1,
		Says: []string{"first", "second", "third"}, Tells: []customers.Told{{Asked: cases.List{"which model"}, Say: "the K2"}},
	}
}

func did(s customers.Story) string {
	var out []string
	for _, t := range s.Did {
		out = append(out, t.Say+t.Press)
	}
	return strings.Join(out, ", ") + ": " + s.Ending
}

func TestPlay_WhatTheyDo(t *testing.T) {
	t.Parallel()
	right, other, none := quote("returns", "within 45 days"), quote("light", "press the button"), grade.Reply{Action: "none", Text: "no"}
	small := grade.Reply{Action: "answer", Text: "Hello!", Reason: "smalltalk"}
	handed := grade.Reply{Action: "handoff", Text: "connecting"}
	with := func(f func(*customers.Script)) customers.Script { s := script(); f(&s); return s }
	for name, c := range map[string]struct {
		s       customers.Script
		replies []grade.Reply
		want    string
		pass    bool
	}{
		"an answer":                        {script(), []grade.Reply{right}, "first: answered", true},
		"the article without the fact":     {script(), []grade.Reply{quote("returns", "soon"), right}, "first, second: answered", true},
		"another answer, then the right":   {script(), []grade.Reply{other, right}, "first, second: answered", true},
		"small talk is no miss":            {with(func(s *customers.Script) { s.Patience = 0 }), []grade.Reply{small, right}, "first, second: answered", true},
		"a choice that helps":              {script(), []grade.Reply{offer("light", "returns"), right}, "first, choice:2: answered", true},
		"choices that do not":              {script(), []grade.Reply{offer("light"), right}, "first, second: answered", true},
		"a question they know":             {script(), []grade.Reply{asks("Which model is it?"), right}, "first, the K2: answered", true},
		"a question they do not":           {script(), []grade.Reply{asks("Which colour?"), right}, "first, second: answered", true},
		"the same question again":          {script(), []grade.Reply{asks("Which model is it?"), asks("Which model is it?"), right}, "first, the K2, second: answered", false},
		"patience over, and a person":      {script(), []grade.Reply{none, none, handed}, "first, second, human: person", false},
		"a person is good enough":          {with(func(s *customers.Script) { s.Ends = cases.List{"answered", "person"} }), []grade.Reply{none, other, handed}, "first, second, human: person", true},
		"patience over, and gone":          {with(func(s *customers.Script) { s.Then = "leave" }), []grade.Reply{none, none}, "first, second: left", false},
		"the same reply twice":             {with(func(s *customers.Script) { s.Patience = 2 }), []grade.Reply{other, other, right}, "first, second, third: answered", false},
		"cross, and says so":               {with(func(s *customers.Script) { s.Mood = customers.Cross }), []grade.Reply{other, {Action: "ack"}, right}, "first, not_quite, second: answered", true},
		"too many turns":                   {with(func(s *customers.Script) { s.Within = 1 }), []grade.Reply{other, right}, "first, second: answered", false},
		"thanks are no turn that counts":   {with(func(s *customers.Script) { s.Within, s.Thanks = 1, "ta" }), []grade.Reply{right, small}, "first, ta: answered", true},
		"a person who is not connected":    {with(func(s *customers.Script) { s.Goal = customers.Goal{Person: true} }), []grade.Reply{none}, "first, second, human, human, human, human, human, human, human, human, human, human: long", false},
		"a person where one was wanted":    {with(func(s *customers.Script) { s.Goal = customers.Goal{Person: true} }), []grade.Reply{right, handed}, "first, second: person", true},
		"handed over where it was no need": {script(), []grade.Reply{handed}, "first: person", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := customers.Play(t.Context(), c.s, 1, &bot{replies: c.replies})
			if err != nil || did(got) != c.want || got.Pass != c.pass || (got.Why == "") != got.Pass {
				t.Errorf("%s (%v %q), want %s (%v) %v", did(got), got.Pass, got.Why, c.want, c.pass, err)
			}
		})
	}
}

func TestPlay_WhoeverGetsItKnowsWhatWasTold(t *testing.T) {
	t.Parallel()
	s := script()
	s.Goal, s.Says, s.Facts = customers.Goal{Person: true}, []string{"order KW-55 201, please", "a person"}, map[string]string{"order": "KW-55201", "colour": "red"}
	handed := grade.Reply{Action: "handoff", Text: "connecting", Packet: []grade.Fact{{Label: "order_number", Value: "KW-55 201"}}}
	if got, err := customers.Play(t.Context(), s, 1, &bot{replies: []grade.Reply{handed}}); err != nil || !got.Pass { // nobody said the colour
		t.Errorf("%+v %v", got, err)
	}
	handed.Packet = nil
	if got, err := customers.Play(t.Context(), s, 1, &bot{replies: []grade.Reply{handed}}); err != nil || got.Pass || !strings.Contains(got.Why, "order") {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPlay_AFailureNamesTheCustomer(t *testing.T) {
	t.Parallel()
	s := script()
	s.File, s.Line = "a.yaml", 7
	if _, err := customers.Play(t.Context(), s, 1, &bot{}); err == nil || !strings.Contains(err.Error(), "customer c (a.yaml:7), turn 1: the database went away") {
		t.Error(err)
	}
}

func TestTyping_SlipsInWordsAndNeverInNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := script()
		s.Says = []string{rapid.StringMatching(`([a-zé]{1,12}|[A-Z]{2}-[0-9]{4}|[a-z]{3,6}@shop\.example|退货|[ \n]){1,12}`).Draw(t, "says") + "x"}
		s.Typing = rapid.Float64Range(0, 1).Draw(t, "typing")
		seed := rapid.Uint64().Draw(t, "seed")
		first := func() string {
			b := &bot{replies: []grade.Reply{{Action: "handoff"}}}
			if _, err := customers.Play(context.Background(), s, seed, b); err != nil {
				t.Fatal(err)
			}
			return b.told[0].Say
		}
		got := first()
		if got != first() {
			t.Fatal("the same seed types otherwise")
		}
		was, is := strings.Fields(s.Says[0]), strings.Fields(got)
		if len(was) != len(is) || s.Typing == 0 && got != s.Says[0] {
			t.Fatalf("%q became %q", s.Says[0], got)
		}
		for i := range was {
			kept := strings.ContainsAny(was[i], "0123456789@退") || len([]rune(was[i])) < 5
			if kept && was[i] != is[i] || len([]rune(is[i])) < len([]rune(was[i]))-1 || len([]rune(is[i])) > len([]rune(was[i]))+1 {
				t.Fatalf("%q became %q", was[i], is[i])
			}
		}
	})
}

func TestPlay_EndsWhateverComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		actions := []string{"answer", "clarify", "none", "handoff", "relay", "ack", ""}
		b := &bot{}
		for range rapid.IntRange(1, 20).Draw(t, "replies") {
			r := grade.Reply{Action: rapid.SampledFrom(actions).Draw(t, "action"), Text: rapid.SampledFrom([]string{"", "a", "which model"}).Draw(t, "text")}
			if rapid.Bool().Draw(t, "quotes") {
				r.Citations = []grade.Citation{{Article: rapid.SampledFrom([]string{"returns", "light"}).Draw(t, "article"), Quote: "45 days"}}
			}
			b.replies = append(b.replies, r)
		}
		s := script()
		s.Mood = rapid.SampledFrom([]string{customers.Calm, customers.Cross, customers.Hurried}).Draw(t, "mood")
		s.Patience = rapid.IntRange(0, 12).Draw(t, "patience")
		got, err := customers.Play(context.Background(), s, 1, b)
		if err != nil || got.Ending == "" || got.Turns < 1 || got.Turns > 12 || len(got.Did) != len(got.Replies) {
			t.Fatalf("%+v %v", got, err)
		}
	})
}

func TestTell_CountsScriptsByAllTheirRuns(t *testing.T) {
	t.Parallel()
	scripts := []customers.Script{{ID: "a", Tags: []string{"x"}}, {ID: "b", Tags: []string{"x", "y"}}}
	stories := []customers.Story{
		{Script: "a", Pass: true, Turns: 1, Ending: "answered"},
		{Script: "a", Pass: true, Turns: 3, Ending: "answered"},
		{Script: "b", Pass: true, Turns: 2, Ending: "answered"},
		{Script: "b", Why: "ended left", Ending: "left", Loops: 2},
	}
	r := customers.Tell(scripts, stories, 2)
	if r.PassK != .5 || r.Pass.Value != .75 || r.Turns != 2 || r.Loops != 2 || r.Endings["left"] != 1 || len(r.ByTag) != 2 || r.ByTag[0].Stories != 4 || fmt.Sprint(r.Failing) != "[{b 1 [ended left]}]" {
		t.Errorf("%+v", r)
	}
}

func TestRead_NamesFileLineAndRemedy(t *testing.T) {
	t.Parallel()
	const good = "  - {id: a, goal: {person: true}, says: [x]}\n"
	for name, c := range map[string]struct{ in, want string }{
		"no YAML":          {"customers: [", "a.yaml: "},
		"an empty file":    {"", "there are no customers"},
		"an unknown list":  {"people: []\n", "people"},
		"an unknown field": {"customers:\n" + good + "  - {id: b, moods: calm}\n", "a.yaml:3: "},
		"no id":            {"customers:\n  - {goal: {person: true}, says: [x]}\n", "a.yaml:2: customer : needs an id"},
		"one id twice":     {"customers:\n" + good + good, "a.yaml:3: customer a: this id is taken by a.yaml:2"},
		"no words":         {"customers:\n  - {id: a, goal: {person: true}}\n", "says nothing"},
		"no goal":          {"customers:\n  - {id: a, says: [x]}\n", "has no goal"},
		"another mood":     {"customers:\n  - {id: a, goal: {person: true}, says: [x], mood: sunny}\n", `not "sunny"`},
		"another end":      {"customers:\n  - {id: a, goal: {person: true}, says: [x], ends: [married]}\n", `not "married"`},
		"another then":     {"customers:\n  - {id: a, goal: {person: true}, says: [x], then: shout}\n", `not "shout"`},
		"no patience":      {"customers:\n  - {id: a, goal: {person: true}, says: [x], patience: 99}\n", "from 0 to 12"},
		"all wrong":        {"customers:\n  - {id: a, goal: {person: true}, says: [x], typing: 7}\n", "from 0 to 1"},
		"nothing to tell":  {"customers:\n  - {id: a, goal: {person: true}, says: [x], tells: [{say: y}]}\n", "needs asked and say"},
	} {
		_, err := customers.Read(fstest.MapFS{"a.yaml": {Data: []byte(c.in)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestCheck_GoalsThatThereAreNot(t *testing.T) {
	t.Parallel()
	list := []customers.Script{{ID: "a", File: "a.yaml", Line: 3, Goal: customers.Goal{Articles: cases.List{"away", "inner", "returns"}, Facts: cases.List{"45 days", "60 days"}}}}
	err := customers.Check(list, []cases.Article{{ID: "inner"}, {ID: "returns", Public: true, Text: "within 45 days"}})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{`a.yaml:3: customer a: there is no article "away"`, "article inner is for agents only", `"60 days" stands in none`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "45") {
		t.Error(err)
	}
}

func TestShopCustomers_AreThirtyAndMore(t *testing.T) {
	t.Parallel()
	list, err := customers.Read(os.DirFS("shop"))
	if err != nil || len(list) < 30 {
		t.Fatal(len(list), err)
	}
	said := map[string]string{}
	for _, s := range list {
		for _, w := range s.Says {
			if first := said[w]; first != "" {
				t.Errorf("%s says what %s says: %q", s.ID, first, w)
			}
			said[w] = s.ID
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("customers:\n  - {id: a, goal: {person: true}, says: [x]}\n")
	f.Add("customers: [&a {id: *a}]")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := customers.Read(fstest.MapFS{"a.yaml": {Data: []byte(s)}})
		if err == nil && len(list) == 0 {
			t.Error("no customers and no error")
		}
	})
}
