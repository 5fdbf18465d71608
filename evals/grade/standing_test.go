package grade_test

import (
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

func TestOf_WhatHoldsOfEveryReply(t *testing.T) {
	t.Parallel()
	answer, handed, relay := grade.Reply{Action: "answer"}, grade.Reply{Action: "handoff"}, grade.Reply{Action: "relay"}
	for name, c := range map[string]struct {
		replies []grade.Reply
		kind    string // of the one check; empty: there is none
	}{
		"nothing is wrong":                  {[]grade.Reply{answer, answer}, ""},
		"a quote that stands nowhere":       {[]grade.Reply{{Action: "answer", Unfounded: []string{"x"}}}, grade.Grounded},
		"a card number that is kept":        {[]grade.Reply{{Action: "none", Exposed: []string{"x"}}}, grade.Masked},
		"first words that were not said":    {[]grade.Reply{{Action: "handoff", Unsaid: "unplug it"}}, grade.First},
		"steps in one line":                 {[]grade.Reply{{Action: "answer", Garbled: []string{"1. a 2. b"}}}, grade.Readable},
		"the bot beside a person":           {[]grade.Reply{handed, relay, answer}, grade.Silent},
		"silent beside a person":            {[]grade.Reply{handed, relay, {Action: "ack"}}, ""},
		"speaking when people are done":     {[]grade.Reply{handed, {Action: grade.Closed}, answer}, ""},
		"a second case, and speaking again": {[]grade.Reply{handed, {Action: grade.Closed}, handed, answer}, grade.Silent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := grade.Of(cases.Case{ID: "x", Turns: make([]cases.Turn, len(c.replies))}, grade.Output{Replies: c.replies})
			switch {
			case c.kind == "" && len(g.Checks) > 0, c.kind != "" && (len(g.Checks) != 1 || g.Checks[0].Kind != c.kind || g.Pass):
				t.Errorf("%+v", g)
			}
		})
	}
}
