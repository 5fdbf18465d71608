package shadow_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/evals/shadow"
)

func TestCompare_NamesEachKindOfChange(t *testing.T) {
	t.Parallel()
	answer := shadow.Decision{Action: "answer", Articles: []string{"a"}, Text: "x"}
	clarify := shadow.Decision{Action: "clarify", Articles: []string{"a", "b"}}
	handoff := shadow.Decision{Action: "handoff", Reason: "asked", Queue: "service"}
	with := func(d shadow.Decision, f func(*shadow.Decision)) shadow.Decision { f(&d); return d }
	for want, pair := range map[string][2]shadow.Decision{
		"answer → clarify":  {answer, clarify},
		shadow.OtherArticle: {answer, with(answer, func(d *shadow.Decision) { d.Articles = []string{"b"} })},
		shadow.OtherWords:   {answer, with(answer, func(d *shadow.Decision) { d.Text = "y" })},
		shadow.OtherChoices: {clarify, with(clarify, func(d *shadow.Decision) { d.Articles = []string{"b", "a"} })},
		shadow.OtherQueue:   {handoff, with(handoff, func(d *shadow.Decision) { d.Queue = "support" })},
		shadow.OtherReason:  {handoff, with(handoff, func(d *shadow.Decision) { d.Reason = "angry" })},
		shadow.OtherDesk:    {handoff, with(handoff, func(d *shadow.Decision) { d.Desk = "support" })},
		shadow.OtherTopic:   {handoff, with(handoff, func(d *shadow.Decision) { d.Topic = "faults" })},
		"":                  {answer, with(answer, func(d *shadow.Decision) { d.P = .3 })},
	} {
		turns := []shadow.Turn{{Conversation: "c", Turn: 1, Now: pair[0], Then: pair[1]}}
		if shadow.Compare(turns, 0); turns[0].Change != want {
			t.Errorf("%q, want %q", turns[0].Change, want)
		}
	}
}

func TestCompare_CountsAndKeepsItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		actions := []string{"answer", "clarify", "none", "handoff"}
		var turns []shadow.Turn
		for i := range rapid.IntRange(1, 60).Draw(t, "turns") {
			turns = append(turns, shadow.Turn{
				Conversation: fmt.Sprint(i / 3), Turn: 1 + i%3,
				Now:  shadow.Decision{Action: rapid.SampledFrom(actions).Draw(t, "now")},
				Then: shadow.Decision{Action: rapid.SampledFrom(actions).Draw(t, "then")},
			})
		}
		r := shadow.Compare(turns, 0)
		sum := 0
		for _, k := range r.Kinds {
			sum += k.Turns
			if k.Share.Low > k.Share.Value || k.Share.Value > k.Share.High || k.Share.Low < 0 || k.Share.High > 1 {
				t.Fatalf("%+v", k)
			}
		}
		now, then := 0, 0
		for _, a := range r.Actions {
			now, then = now+a.Now, then+a.Then
		}
		if sum != r.Changed.Turns || sum != len(r.List) || now != len(turns) || then != len(turns) {
			t.Fatalf("%+v", r)
		}
	})
}

func TestCompare_DriftIsOfNowAndStored(t *testing.T) {
	t.Parallel()
	answer := shadow.Decision{Action: "answer", Articles: []string{"a"}}
	turns := []shadow.Turn{
		{Conversation: "a", Stored: answer, Now: shadow.Decision{Action: "answer", Articles: []string{"a"}}, Then: answer},
		{Conversation: "b", Stored: answer, Now: shadow.Decision{Action: "none"}, Then: shadow.Decision{Action: "none"}},
	}
	if r := shadow.Compare(turns, 3); r.Drifted.Turns != 1 || r.LeftOut != 3 || turns[0].Drifted {
		t.Errorf("%+v %+v", r, turns)
	}
}
