package grade_test

import (
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

func TestOf_EachExpectation(t *testing.T) {
	t.Parallel()
	answer := grade.Reply{
		Action: "answer", Text: "Within 30 days.", Desk: "service", Topic: "refunds", Reason: "",
		Citations: []grade.Citation{{Article: "returns", Title: "Returns", Quote: "Within 30 days."}},
	}
	offered := grade.Reply{Action: "clarify", Choices: []grade.Choice{{Article: "a", Title: "A"}, {Article: "returns", Title: "Returns", Quote: "30 days"}}}
	handed := grade.Reply{Action: "handoff", Queue: "service", Reason: "asked", Packet: []grade.Fact{{"order_number", "KW-204 417"}}}
	for name, c := range map[string]struct {
		expect cases.Expect
		reply  grade.Reply
		kind   string // of the one check; empty: there is none
		ok     bool
	}{
		"the action":                         {cases.Expect{Action: cases.List{"none", "answer"}}, answer, grade.Action, true},
		"another action":                     {cases.Expect{Action: cases.List{"none"}}, answer, grade.Action, false},
		"the desk":                           {cases.Expect{Desk: cases.List{"service"}}, answer, grade.Desk, true},
		"another desk":                       {cases.Expect{Desk: cases.List{"support"}}, answer, grade.Desk, false},
		"no desk of what a person has":       {cases.Expect{Desk: cases.List{"support"}}, grade.Reply{Action: "relay"}, "", true},
		"the topic":                          {cases.Expect{Topic: cases.List{"refunds"}}, answer, grade.Topic, true},
		"an article quoted":                  {cases.Expect{Articles: cases.List{"x", "returns"}}, answer, grade.Articles, true},
		"an article offered":                 {cases.Expect{Articles: cases.List{"returns"}}, offered, grade.Articles, true},
		"no right article":                   {cases.Expect{Articles: cases.List{"x"}}, offered, grade.Articles, false},
		"an article, and nothing is shown":   {cases.Expect{Articles: cases.List{"x"}}, handed, grade.Articles, false},
		"the action is judged in its place":  {cases.Expect{Articles: cases.List{"x"}, Action: cases.List{"handoff"}}, handed, grade.Action, true},
		"the first article":                  {cases.Expect{Top: cases.List{"a"}}, offered, grade.Top, true},
		"another first":                      {cases.Expect{Top: cases.List{"returns"}}, offered, grade.Top, false},
		"facts":                              {cases.Expect{Facts: cases.List{"30 days", "Within"}}, answer, grade.Facts, true},
		"a fact that lacks":                  {cases.Expect{Facts: cases.List{"30 days", "31"}}, answer, grade.Facts, false},
		"facts of choices are not judged":    {cases.Expect{Facts: cases.List{"31"}}, offered, "", true},
		"nothing forbidden":                  {cases.Expect{Forbid: cases.List{"guarantee"}}, answer, grade.Forbid, true},
		"forbidden, in other case":           {cases.Expect{Forbid: cases.List{"WITHIN"}}, answer, grade.Forbid, false},
		"forbidden in the line of a choice":  {cases.Expect{Forbid: cases.List{"30 d"}}, offered, grade.Forbid, false},
		"forbidden in the title of a choice": {cases.Expect{Forbid: cases.List{"returns"}}, offered, grade.Forbid, false},
		"the reason":                         {cases.Expect{Reason: cases.List{"asked"}}, handed, grade.Reason, true},
		"another queue":                      {cases.Expect{Queue: cases.List{"support"}}, handed, grade.Queue, false},
		"a fact of the packet":               {cases.Expect{Packet: map[string]string{"order": "KW-204417"}}, handed, grade.Packet, true},
		"one that lacks":                     {cases.Expect{Packet: map[string]string{"order": "KW-1"}}, handed, grade.Packet, false},
		"nothing to answer with":             {cases.Expect{Missing: true}, offered, grade.Missing, true},
		"answered all the same":              {cases.Expect{Missing: true}, answer, grade.Missing, false},
		"small talk answers nothing":         {cases.Expect{Missing: true}, grade.Reply{Action: "answer", Reason: "smalltalk"}, grade.Missing, true},
		"must":                               {cases.Expect{Handoff: "must"}, handed, grade.Handoff, true},
		"must and did not":                   {cases.Expect{Handoff: "must"}, answer, grade.Handoff, false},
		"must not":                           {cases.Expect{Handoff: "must_not"}, answer, grade.Handoff, true},
		"must not and did":                   {cases.Expect{Handoff: "must_not"}, handed, grade.Handoff, false},
		"no more than it may cost":           {cases.Expect{Cost: &cases.Cost{Searches: new(1), Trips: new(3)}}, grade.Reply{Action: "answer", Spent: &grade.Spent{Searches: 1, Trips: 3}}, grade.Cost, true},
		"a search too many":                  {cases.Expect{Cost: &cases.Cost{Searches: new(0)}}, grade.Reply{Action: "handoff", Spent: &grade.Spent{Searches: 1, Trips: 3}}, grade.Cost, false},
		"a trip too many":                    {cases.Expect{Cost: &cases.Cost{Searches: new(9), Trips: new(2)}}, grade.Reply{Action: "handoff", Spent: &grade.Spent{Trips: 3}}, grade.Cost, false},
		"a cost that was not counted":        {cases.Expect{Cost: &cases.Cost{Searches: new(9)}}, answer, grade.Cost, false},
		"latency is never judged":            {cases.Expect{Latency: "instant", Missing: true}, offered, grade.Missing, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := grade.Of(cases.Case{ID: "x", Turns: []cases.Turn{{Say: "x", Expect: c.expect}}}, grade.Output{Replies: []grade.Reply{c.reply}})
			switch {
			case c.kind == "" && len(g.Checks) > 0, c.kind != "" && (len(g.Checks) != 1 || g.Checks[0].Kind != c.kind):
				t.Fatalf("%+v", g.Checks)
			case g.Pass != c.ok:
				t.Errorf("%+v", g.Checks)
			}
		})
	}
}

func TestOf_AnInventedFactFails(t *testing.T) {
	t.Parallel()
	c := cases.Case{ID: "x", Turns: []cases.Turn{{Say: "x", Expect: cases.Expect{Packet: map[string]string{"order": "KW-1234"}}}}}
	r := grade.Reply{Action: "handoff", Packet: []grade.Fact{{"order_number", "KW-1234"}}}
	if !grade.Of(c, grade.Output{Replies: []grade.Reply{r}}).Pass {
		t.Error("it has what it should")
	}
	if r.Invented = []string{"order_number KW-9"}; grade.Of(c, grade.Output{Replies: []grade.Reply{r}}).Pass {
		t.Error("an invented fact passes")
	}
}

func TestOf_ByATurn(t *testing.T) {
	t.Parallel()
	say := func(e cases.Expect) cases.Turn { return cases.Turn{Say: "x", Expect: e} }
	c := cases.Case{ID: "x", Turns: []cases.Turn{say(cases.Expect{}), say(cases.Expect{}), say(cases.Expect{Handoff: "by:2"})}}
	for name, w := range map[string]struct {
		actions []string
		ok      bool
	}{
		"in time":        {[]string{"answer", "handoff", "relay"}, true},
		"before":         {[]string{"handoff", "relay", "relay"}, true},
		"too late":       {[]string{"answer", "answer", "handoff"}, false},
		"never":          {[]string{"answer", "answer", "answer"}, false},
		"never reached":  {[]string{"answer", "answer"}, false},
		"nothing at all": {nil, false},
	} {
		var o grade.Output
		for _, a := range w.actions {
			o.Replies = append(o.Replies, grade.Reply{Action: a})
		}
		if g := grade.Of(c, o); g.Pass != w.ok {
			t.Errorf("%s: %+v", name, g.Checks)
		}
	}
}
