package chatapi

import (
	"strings"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// A few words after choices are first taken as saying more about what was asked;
// where that finds nothing they may be a question of their own.
func TestFollowUp_AFewWordsAfterChoicesMayBeASubjectOfTheirOwn(t *testing.T) {
	t.Parallel()
	nothing := retrieval.Evidence{Generation: 1, P: .01, Near: .01, Lang: "en"}
	for name, c := range map[string]struct {
		joined, alone retrieval.Evidence
		outcome       convo.Outcome
		searches      int
		follows       bool // in the trace
	}{
		"narrowed":       {offers(.9, 1), nothing, convo.Answer, 1, true},
		"a new subject":  {nothing, offers(.9, 1), convo.Answer, 2, false},
		"with choices":   {nothing, offers(.4, 1), convo.Clarify, 2, false},
		"neither of two": {nothing, nothing, convo.None, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
			v, _ := asked(t, b)
			before := len(b.finder.questions())
			b.finder.set(nil, func(q retrieval.Query) (retrieval.Evidence, error) {
				if strings.Contains(q.Text, "\n") {
					return c.joined, nil
				}
				return c.alone, nil
			})
			m := v.say(t, "vouchers")
			if m.Outcome != c.outcome || len(m.Messages) != 1 {
				t.Fatalf("got %+v", m)
			}
			if got := b.finder.questions()[before:]; len(got) != c.searches || !strings.HasSuffix(got[0], "\nvouchers") {
				t.Errorf("searched for %q", got)
			}
			if n := b.count(t, "SELECT count(*) FROM turns WHERE turn_id = $1 AND trace->'follow' IS NOT NULL", m.Turn); (n == 1) != c.follows {
				t.Errorf("%d traces say that it goes on about something", n)
			}
		})
	}
}

// A choice's line may stand in another section than the one that was found.
func TestFollowUp_AfterAFailureNoChoiceComesInTheSameWordsAgain(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	found := offers(.9, 1)
	found.Hits = found.Hits[:2]
	found.Hits[1].Line = &retrieval.Line{Text: feeder[:20], To: 20}
	found.Hits[1].Text = "Another section of it."
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return found, nil })
	v := b.visitor(t, nil)
	v.say(t, "How do I return it within the days?")
	first := v.say(t, "that didn't work")
	if first.Outcome != convo.Clarify || len(first.Messages[0].Choices) != 1 || first.Messages[0].Choices[0].Quote != feeder[:20] {
		t.Fatalf("got %+v", first)
	}
	again := v.say(t, "still nothing")
	if again.Outcome != convo.None || len(again.Messages[0].Choices) > 0 || !again.Messages[0].OfferPerson {
		t.Errorf("got %+v", again)
	}
}
