package stages_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/stages"
	"frontdesk/retrieval"
)

// world is an engine as far as a locator sees it: from a stage on it is right.
type world struct {
	repairedAt stages.Stage // with gold in place up to here; empty: never
	found      []string     // among the candidates of the first turn
	broken     *grade.Reply // before; nil: wrong
	asked      []stages.Stage
}

func (w *world) replay(_ context.Context, c cases.Case, upto stages.Stage) (stages.Played, error) {
	w.asked = append(w.asked, upto)
	order := stages.All()
	r := wrong()
	if w.broken != nil {
		r = *w.broken
	}
	if w.repairedAt != "" && slices.Index(order, upto) >= slices.Index(order, w.repairedAt) {
		r = right()
	}
	return stages.Played{Output: grade.Output{Case: c.ID, Replies: []grade.Reply{r}}, Found: [][]string{w.found}, First: []string{"other"}}, nil
}

func published(_ context.Context, id string) ([]retrieval.Passage, error) {
	switch id {
	case "gold":
		return []retrieval.Passage{{ArticleID: "gold", Text: "Within 45 days.", To: 15}}, nil
	case "broken":
		return nil, errors.New("the database is away")
	}
	return nil, nil
}

func right() grade.Reply {
	return grade.Reply{Action: "answer", Desk: "service", Queue: "service", Hits: []string{"gold"}, P: 0.9, Sure: 0.7, Citations: []grade.Citation{{Article: "gold", Quote: "Within 45 days."}}}
}

// wrong quotes another article and has another desk.
func wrong() grade.Reply {
	return grade.Reply{Action: "answer", Desk: "support", Queue: "support", Hits: []string{"other", "gold"}, P: 0.8, Sure: 0.7, Citations: []grade.Citation{{Article: "other", Quote: "Never."}}}
}

func with(r grade.Reply, change func(*grade.Reply)) *grade.Reply {
	change(&r)
	return &r
}

func TestLocate_NamesTheStage(t *testing.T) {
	t.Parallel()
	asks := cases.Expect{Action: cases.List{"answer"}, Articles: cases.List{"gold"}, Facts: cases.List{"45 days"}}
	for name, c := range map[string]struct {
		expect cases.Expect
		reply  *grade.Reply // nil: wrong
		was    *grade.Reply
		w      world
		want   stages.Stage
		never  stages.Stage // a rung that is not worth playing
	}{
		"its article is not published":    {expect: cases.Expect{Articles: cases.List{"gone"}}, want: stages.Knowledge},
		"its article does not say it":     {expect: cases.Expect{Articles: cases.List{"gold"}, Facts: cases.List{"46 days"}}, want: stages.Knowledge},
		"found behind another":            {expect: asks, w: world{repairedAt: stages.Ranking, found: []string{"other", "gold"}}, want: stages.Ranking},
		"not found":                       {expect: asks, w: world{repairedAt: stages.Ranking, found: []string{"other"}}, want: stages.Retrieval},
		"other words are quoted":          {expect: cases.Expect{Articles: cases.List{"gold"}, Facts: cases.List{"45 days"}}, reply: with(right(), func(r *grade.Reply) { r.Citations[0].Quote = "Never." }), w: world{repairedAt: stages.Span}, want: stages.Span, never: stages.Ranking},
		"below the threshold":             {expect: cases.Expect{Action: cases.List{"answer"}, Articles: cases.List{"gold"}}, reply: with(right(), func(r *grade.Reply) { r.Action, r.P = "clarify", 0.5 }), w: world{repairedAt: stages.Threshold}, want: stages.Threshold, never: stages.Ranking},
		"less speaks for it than before":  {expect: cases.Expect{Action: cases.List{"answer"}}, reply: with(right(), func(r *grade.Reply) { r.Action, r.P = "clarify", 0.5 }), was: with(right(), func(*grade.Reply) {}), w: world{repairedAt: stages.Threshold}, want: stages.Threshold},
		"another threshold than before":   {expect: cases.Expect{Action: cases.List{"answer"}}, reply: with(right(), func(r *grade.Reply) { r.Action, r.Sure = "clarify", 0.95 }), was: with(right(), func(*grade.Reply) {}), w: world{repairedAt: stages.Threshold}, want: stages.Threshold},
		"another desk":                    {expect: cases.Expect{Desk: cases.List{"service"}}, w: world{repairedAt: stages.Triage}, want: stages.Triage, never: stages.Threshold},
		"as it was, and done otherwise":   {expect: asks, reply: with(right(), func(r *grade.Reply) { r.Action = "none" }), was: with(right(), func(*grade.Reply) {}), want: stages.Policy, never: stages.Threshold},
		"other words were answered":       {expect: cases.Expect{Desk: cases.List{"service"}}, reply: with(wrong(), func(r *grade.Reply) { r.Messages, r.Heard = 1, "long" }), was: with(right(), func(r *grade.Reply) { r.Messages = 1 }), w: world{repairedAt: stages.Triage}, want: stages.Policy, never: stages.Triage},
		"words were hidden":               {expect: asks, reply: with(wrong(), func(r *grade.Reply) { r.Messages, r.Heard = 1, "it is •••• 0159" }), was: with(right(), func(r *grade.Reply) { r.Messages = 1 }), want: stages.Triage},
		"words were hidden no longer":     {expect: asks, reply: with(wrong(), func(r *grade.Reply) { r.Messages = 1 }), was: with(right(), func(r *grade.Reply) { r.Messages, r.Heard = 1, "card •••• 1111" }), want: stages.Safety},
		"taken for another language":      {expect: asks, reply: with(wrong(), func(r *grade.Reply) { r.Messages, r.Lang = 1, "de" }), was: with(right(), func(r *grade.Reply) { r.Messages, r.Lang = 1, "en" }), want: stages.Triage},
		"the last message was not said":   {expect: asks, reply: with(wrong(), func(r *grade.Reply) { r.Messages, r.Text = 1, "Yes." }), was: with(right(), func(r *grade.Reply) { r.Messages, r.Text = 2, "Yes. And no." }), want: stages.Policy},
		"what was not kept tells nothing": {expect: cases.Expect{Desk: cases.List{"service"}}, reply: with(wrong(), func(r *grade.Reply) { r.Messages, r.Heard = 1, "long" }), was: with(right(), func(*grade.Reply) {}), w: world{repairedAt: stages.Triage}, want: stages.Triage},
		"one of three is less probable":   {expect: cases.Expect{Action: cases.List{"answer"}}, reply: with(right(), func(r *grade.Reply) { r.Action, r.Near = "none", 0.3 }), was: with(right(), func(r *grade.Reply) { r.Near = 0.8 }), w: world{repairedAt: stages.Threshold}, want: stages.Threshold},
		"other personal data":             {expect: cases.Expect{Personal: cases.List{"jo@post.example"}}, reply: with(right(), func(r *grade.Reply) { r.Personal = []string{"o@post.exampl"} }), want: stages.Triage},
		"another queue":                   {expect: cases.Expect{Queue: cases.List{"service"}}, reply: with(wrong(), func(r *grade.Reply) { r.Action = "handoff" }), want: stages.Routing},
		"a fact that lacks in the packet": {expect: cases.Expect{Packet: map[string]string{"order": "KW-1"}}, reply: with(wrong(), func(r *grade.Reply) { r.Action = "handoff" }), want: stages.Packet},
		"a place in line":                 {expect: cases.Expect{Packet: map[string]string{grade.Priority: "high"}}, reply: with(wrong(), func(r *grade.Reply) { r.Action = "handoff" }), want: stages.Routing},
		"forbidden words of its own":      {expect: cases.Expect{Forbid: cases.List{"refund"}}, reply: with(wrong(), func(r *grade.Reply) { r.Text = "We refund everything." }), want: stages.Wording},
		"a quote from nowhere":            {expect: asks, reply: with(right(), func(r *grade.Reply) { r.Unfounded = []string{"x " + stages.NotItsWords} }), want: stages.Span},
		"a page that is not published":    {expect: asks, reply: with(right(), func(r *grade.Reply) { r.Unfounded = []string{"x " + stages.NotPublished} }), want: stages.Safety},
		"a card number":                   {expect: asks, reply: with(right(), func(r *grade.Reply) { r.Exposed = []string{"x"} }), want: stages.Safety},
		"the conversation ended before":   {expect: asks, reply: with(right(), func(*grade.Reply) {}), want: ""},
		"more was asked for than needed":  {expect: cases.Expect{Cost: &cases.Cost{Searches: new(1)}}, reply: with(right(), func(r *grade.Reply) { r.Spent = &grade.Spent{Searches: 2} }), want: stages.Policy, never: stages.Triage},
		"never repaired, whatever is put": {expect: cases.Expect{Action: cases.List{"answer"}}, reply: with(wrong(), func(r *grade.Reply) { r.Action = "none" }), want: stages.Policy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply := wrong()
			if c.reply != nil {
				reply, c.w.broken = *c.reply, c.reply
			}
			var was *grade.Output
			if c.was != nil {
				was = &grade.Output{Replies: []grade.Reply{*c.was}}
			}
			l := stages.Locator{Replay: c.w.replay, Published: published}
			got, ok, err := l.Locate(t.Context(), cases.Case{ID: "x", Turns: []cases.Turn{{Say: "how long", Expect: c.expect}}}, grade.Output{Replies: []grade.Reply{reply}}, was)
			if err != nil || ok != (c.want != "") || got.Stage != c.want || ok && (got.Why == "" || got.Case != "x") {
				t.Errorf("%+v %v %v, want %s", got, ok, err, c.want)
			}
			if c.never != "" && slices.Contains(c.w.asked, c.never) {
				t.Errorf("played with gold at %s: %v", c.never, c.w.asked)
			}
		})
	}
}

func TestLocate_OfAConversationPlaysOnlyAsFarAsItFailed(t *testing.T) {
	t.Parallel()
	var longest int
	l := stages.Locator{Published: published, Replay: func(_ context.Context, c cases.Case, _ stages.Stage) (stages.Played, error) {
		longest = max(longest, len(c.Turns))
		return stages.Played{Output: grade.Output{Replies: []grade.Reply{right(), right()}}}, nil
	}}
	c := cases.Case{ID: "x", Turns: []cases.Turn{
		{Say: "a", Expect: cases.Expect{Desk: cases.List{"service"}}}, {Say: "b", Expect: cases.Expect{Desk: cases.List{"service"}}}, {Say: "c", Expect: cases.Expect{Desk: cases.List{"service"}}},
	}}
	got, ok, err := l.Locate(t.Context(), c, grade.Output{Replies: []grade.Reply{right(), wrong(), wrong()}}, nil)
	if err != nil || !ok || got.Stage != stages.Triage || longest != 2 {
		t.Errorf("%+v %v %v, %d turns", got, ok, err, longest)
	}
}

func TestLocate_SaysWhichCaseItCouldNotPlay(t *testing.T) {
	t.Parallel()
	l := stages.Locator{Published: published, Replay: (&world{}).replay}
	c := cases.Case{ID: "case-7", Turns: []cases.Turn{{Say: "a", Expect: cases.Expect{Articles: cases.List{"broken"}}}}}
	if _, _, err := l.Locate(t.Context(), c, grade.Output{Replies: []grade.Reply{wrong()}}, nil); err == nil || !strings.Contains(err.Error(), "case-7") {
		t.Error(err)
	}
}
